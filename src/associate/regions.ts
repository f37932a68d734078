/** The regions of one frame, as the model gives them. Nothing here is written to. */
export interface RegionFrame {
  /** The frame's number in the video; grows from call to call. */
  readonly index: number;
  /** Presentation time. */
  readonly seconds: number;
  readonly count: number;
  readonly gridWidth: number;
  readonly gridHeight: number;
  /** float32, count × gridHeight × gridWidth: logits; a point above 0 belongs to the mask. */
  readonly maskLogits: Float32Array;
  /** float32, count × dim, rows of unit length. */
  readonly embeddings: Float32Array;
  /** float32, count × width, of any length; undefined where they were not kept. */
  readonly queries: Float32Array | undefined;
}

/** One vector after the other, made to be compared. Rows that are all zero are like nothing. */
export interface Vectors {
  readonly count: number;
  readonly dim: number;
  readonly values: Float32Array;
  /** 1 ÷ length of each row; 0 for a row of zeros. */
  readonly scales: Float64Array;
  /** Signs, 32 a word: rows that point the same way differ in few of them. */
  readonly signs: Uint32Array;
}

/** Masks at logit > 0, 32 points a word. */
export interface Masks {
  readonly count: number;
  /** Words of a mask. */
  readonly words: number;
  readonly bits: Uint32Array;
  /** Points of each. */
  readonly areas: Int32Array;
}

export function vectorsOf(values: Float32Array, count: number): Vectors {
  const dim = count === 0 ? 0 : values.length / count;
  const words = Math.ceil(dim / 32);
  const scales = new Float64Array(count);
  const signs = new Uint32Array(count * words);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let i = 0, at = row * dim; i < dim; i++, at++) {
      sum += values[at] * values[at];
      if (values[at] > 0) signs[row * words + (i >>> 5)] |= 1 << (i & 31);
    }
    scales[row] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  }
  return { count, dim, values, scales, signs };
}

export function masksOf(logits: Float32Array, count: number): Masks {
  const cells = count === 0 ? 0 : logits.length / count;
  const words = Math.ceil(cells / 32);
  const bits = new Uint32Array(count * words);
  const areas = new Int32Array(count);
  for (let row = 0, at = 0; row < count; row++) {
    for (let i = 0; i < cells; i++, at++) {
      if (!(logits[at] > 0)) continue;
      bits[row * words + (i >>> 5)] |= 1 << (i & 31);
      areas[row]++;
    }
  }
  return { count, words, bits, areas };
}

/** Masks from the bits that `masksOf` made. */
export function masksFrom(bits: Uint32Array, count: number): Masks {
  const words = count === 0 ? 0 : bits.length / count;
  const areas = new Int32Array(count);
  for (let i = 0; i < bits.length; i++) areas[Math.floor(i / words)] += ones(bits[i]);
  return { count, words, bits, areas };
}

/** Cosine of two rows; 0 where one has no direction. */
export function cosine(a: Vectors, row: number, b: Vectors, other: number): number {
  const { dim, values } = a;
  const others = b.values;
  let i = row * dim;
  let j = other * dim;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const end = i + dim;
  for (; i + 3 < end; i += 4, j += 4) {
    s0 += values[i] * others[j];
    s1 += values[i + 1] * others[j + 1];
    s2 += values[i + 2] * others[j + 2];
    s3 += values[i + 3] * others[j + 3];
  }
  for (; i < end; i++, j++) s0 += values[i] * others[j];
  return (s0 + s1 + (s2 + s3)) * a.scales[row] * b.scales[other];
}

/** Intersection over union of two masks; 1 where both are empty, as nothing speaks against them. */
export function overlapOf(a: Masks, row: number, b: Masks, other: number): number {
  if (a.areas[row] === 0 && b.areas[other] === 0) return 1;
  const both = shared(a.bits, row * a.words, b.bits, other * b.words, a.words);
  return both / (a.areas[row] + b.areas[other] - both);
}

/** Signs in which two rows differ. */
export function differingSigns(a: Vectors, row: number, b: Vectors, other: number): number {
  const words = Math.ceil(a.dim / 32);
  let sum = 0;
  for (let i = 0; i < words; i++) sum += ones(a.signs[row * words + i] ^ b.signs[other * words + i]);
  return sum;
}

function shared(a: Uint32Array, atA: number, b: Uint32Array, atB: number, words: number): number {
  let sum = 0;
  for (let i = 0; i < words; i++) {
    const word = a[atA + i] & b[atB + i];
    if (word !== 0) sum += ones(word);
  }
  return sum;
}

/** Bits set in a word of 32. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
