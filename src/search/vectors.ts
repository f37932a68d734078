/** Embeddings as directions: of looks only where they point counts. */

/** int8 without −128: scaled symmetrically. */
const STEPS = 127;

/** A direction in int8 steps, the longest side 127. All 0 for a vector without direction. */
export function toSteps(vector: ArrayLike<number>): Int8Array<ArrayBuffer> {
  let largest = 0;
  for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]));
  const steps = new Int8Array(vector.length);
  if (!(largest > 0 && largest < Infinity)) return steps;
  for (let i = 0; i < vector.length; i++) steps[i] = Math.round((vector[i] / largest) * STEPS);
  return steps;
}

/** The unit vector of a direction. All 0 where it has none. */
export function toUnit(vector: ArrayLike<number>): Float32Array<ArrayBuffer> {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  const unit = new Float32Array(vector.length);
  if (!(sum > 0 && sum < Infinity)) return unit;
  const scale = 1 / Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) unit[i] = vector[i] * scale;
  return unit;
}

/** The product of `dim` numbers from `at` and `bAt` on. */
export function dot(a: Float32Array, at: number, b: Float32Array, bAt: number, dim: number): number {
  // Four sums apart: the adder's latency, not its width, is the limit of one.
  let s = 0;
  let t = 0;
  let u = 0;
  let v = 0;
  let i = 0;
  for (; i + 3 < dim; i += 4) {
    s += a[at + i] * b[bAt + i];
    t += a[at + i + 1] * b[bAt + i + 1];
    u += a[at + i + 2] * b[bAt + i + 2];
    v += a[at + i + 3] * b[bAt + i + 3];
  }
  for (; i < dim; i++) s += a[at + i] * b[bAt + i];
  return s + t + (u + v);
}
