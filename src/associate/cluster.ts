import { assign } from '../core/assignment.ts';

export interface Clusters {
  /** float32, k × dim: each the mean of its points, rounded once. */
  readonly centres: Float32Array;
  /** The nearest centre of each point; of equally near ones the first. */
  readonly assignment: Int32Array;
  /** Sum of the squared distances of all points to their centres. */
  readonly inertia: number;
}

const MOST_ROUNDS = 100;

/**
 * k-means: k-means++ with one start, then Lloyd's rounds until nothing moves or 100 of them are done. The published way to
 * share queries over a clip (R-SAN's video branch): all frames' queries are clustered into as many centres.
 * `points`: float32, count × dim. 1 ≤ k ≤ count. `seed`: uint32. The same result on every machine: only + − × ÷, in a
 * fixed order. A centre that loses all its points moves to the point farthest from its own; where there are fewer distinct
 * points than k, centres that repeat others remain without points.
 * Throws RangeError for sizes that do not fit and values that are not finite.
 */
export function kMeans(points: Float32Array, count: number, dim: number, k: number, seed = 0): Clusters {
  if (points.length !== count * dim || dim < 1)
    throw new RangeError(`${points.length} values are not ${count}×${dim}`);
  if (!(k >= 1 && k <= count)) throw new RangeError(`${count} points cannot make ${k} clusters`);
  if (!points.every(Number.isFinite)) throw new RangeError('a point has a value that is not finite');

  // In float64, products of float32 are exact, and the loops below convert nothing.
  const values = Float64Array.from(points);
  const norms = squaredNorms(values, count, dim);
  const centres = startingCentres(values, norms, count, dim, k, seed);
  const assignment = new Int32Array(count).fill(-1);
  const distances = new Float64Array(count);
  for (let round = 0; ; round++) {
    const moved = findNearest(values, norms, centres, dim, assignment, distances);
    if (!moved || round === MOST_ROUNDS) break;
    const sizes = new Int32Array(k);
    for (const centre of assignment) sizes[centre]++;
    fillEmpty(assignment, distances, sizes);
    moveToMeans(values, assignment, sizes, dim, centres);
  }
  let inertia = 0;
  for (let point = 0; point < count; point++) {
    inertia += squaredDistance(values, point * dim, centres, assignment[point] * dim, dim);
  }
  return { centres: Float32Array.from(centres), assignment, inertia };
}

/**
 * Which centre of the earlier window each centre of the later one continues, so that ids go on: −1 for one that is new.
 * `previous`, `next`: float32, rows × dim. Minimises the sum of squared distances; pairs farther apart than `limit`
 * (a squared distance) are not made.
 */
export function chainCentres(
  previous: Float32Array,
  next: Float32Array,
  dim: number,
  limit = Infinity,
): Int32Array {
  const [rows, columns] = [next.length / dim, previous.length / dim];
  if (!Number.isInteger(rows) || !Number.isInteger(columns))
    throw new RangeError(`centres are not of ${dim}`);
  const cost = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const distance = squaredDistance(next, row * dim, previous, column * dim, dim);
      cost[row * columns + column] = distance <= limit ? distance : Infinity;
    }
  }
  return rows > 0 && columns > 0 ? assign(cost, rows, columns) : new Int32Array(rows).fill(-1);
}

/** mulberry32: a small generator whose integers are the same everywhere. Returns numbers 0 ≤ x < 1 of 32 bits. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** k-means++: each next centre is a point drawn with the weight of its squared distance to the centres so far. */
function startingCentres(
  values: Float64Array,
  norms: Float64Array,
  count: number,
  dim: number,
  k: number,
  seed: number,
): Float64Array {
  const random = randomNumbers(seed);
  const centres = new Float64Array(k * dim);
  const nearest = new Float64Array(count).fill(Infinity);
  const taken = new Uint8Array(count);
  for (let centre = 0; centre < k; centre++) {
    let chosen = -1;
    if (centre === 0) {
      chosen = Math.floor(random() * count);
    } else {
      let total = 0;
      for (const distance of nearest) total += distance;
      let left = random() * total;
      for (let point = 0; point < count && total > 0; point++) {
        if (nearest[point] === 0) continue;
        // The last point with weight stays chosen where rounding leaves a rest.
        chosen = point;
        left -= nearest[point];
        if (left < 0) break;
      }
      // All points lie on centres: any that was not taken will do.
      if (chosen < 0) chosen = taken.indexOf(0);
    }
    taken[chosen] = 1;
    const from = chosen * dim;
    for (let i = 0; i < dim; i++) centres[centre * dim + i] = values[from + i];
    for (let point = 0; point < count; point++) {
      let dot = 0;
      const at = point * dim;
      for (let i = 0; i < dim; i++) dot += values[at + i] * values[from + i];
      nearest[point] = Math.min(nearest[point], Math.max(0, norms[point] + norms[chosen] - 2 * dot));
    }
  }
  return centres;
}

/** Sums in the same order as the products of `findNearest`, so that a point is at distance 0 of itself. */
function squaredNorms(values: Float64Array, count: number, dim: number): Float64Array {
  const norms = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let i = row * dim; i < (row + 1) * dim; i++) sum += values[i] * values[i];
    norms[row] = sum;
  }
  return norms;
}

/** Writes each point's nearest centre and squared distance; true when any has another centre than before. */
function findNearest(
  values: Float64Array,
  norms: Float64Array,
  centres: Float64Array,
  dim: number,
  assignment: Int32Array,
  distances: Float64Array,
): boolean {
  const k = centres.length / dim;
  // Copies of the last fill up to a multiple of four; being later, they never win.
  const padded = Math.ceil(k / 4) * 4;
  const rows = new Float64Array(padded * dim);
  rows.set(centres);
  for (let row = k; row < padded; row++) rows.copyWithin(row * dim, (k - 1) * dim, k * dim);
  const centreNorms = squaredNorms(rows, padded, dim);
  let moved = false;
  for (let point = 0; point < assignment.length; point++) {
    const start = point * dim;
    const end = start + dim;
    let best = Infinity;
    let winner = 0;
    // ‖a−b‖² = ‖a‖² + ‖b‖² − 2ab; ‖a‖² is the same for all centres and is added last.
    for (let centre = 0; centre < padded; centre += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      let row = centre * dim;
      for (let i = start; i < end; i++, row++) {
        const value = values[i];
        a += value * rows[row];
        b += value * rows[row + dim];
        c += value * rows[row + 2 * dim];
        d += value * rows[row + 3 * dim];
      }
      const da = centreNorms[centre] - 2 * a;
      const db = centreNorms[centre + 1] - 2 * b;
      const dc = centreNorms[centre + 2] - 2 * c;
      const dd = centreNorms[centre + 3] - 2 * d;
      if (da < best) [best, winner] = [da, centre];
      if (db < best) [best, winner] = [db, centre + 1];
      if (dc < best) [best, winner] = [dc, centre + 2];
      if (dd < best) [best, winner] = [dd, centre + 3];
    }
    distances[point] = Math.max(0, best + norms[point]);
    if (assignment[point] !== winner) moved = true;
    assignment[point] = winner;
  }
  return moved;
}

/** Gives each centre without points the one that is farthest from its own centre, unless that would empty another. */
function fillEmpty(assignment: Int32Array, distances: Float64Array, sizes: Int32Array): void {
  for (let centre = 0; centre < sizes.length; centre++) {
    if (sizes[centre] > 0) continue;
    let farthest = -1;
    for (let point = 0; point < assignment.length; point++) {
      if (sizes[assignment[point]] < 2 || distances[point] === 0) continue;
      if (farthest < 0 || distances[point] > distances[farthest]) farthest = point;
    }
    if (farthest < 0) return;
    sizes[assignment[farthest]]--;
    assignment[farthest] = centre;
    distances[farthest] = 0;
    sizes[centre] = 1;
  }
}

/** Each centre becomes the mean of its points, as float32 holds it; one without points stays where it is. */
function moveToMeans(
  values: Float64Array,
  assignment: Int32Array,
  sizes: Int32Array,
  dim: number,
  centres: Float64Array,
): void {
  const sums = new Float64Array(centres.length);
  for (let point = 0; point < assignment.length; point++) {
    const from = point * dim;
    const to = assignment[point] * dim;
    for (let i = 0; i < dim; i++) sums[to + i] += values[from + i];
  }
  for (let centre = 0; centre < sizes.length; centre++) {
    if (sizes[centre] === 0) continue;
    const from = centre * dim;
    for (let i = from; i < from + dim; i++) centres[i] = Math.fround(sums[i] / sizes[centre]);
  }
}

function squaredDistance(
  a: Float32Array | Float64Array,
  atA: number,
  b: Float32Array | Float64Array,
  atB: number,
  dim: number,
): number {
  let sum = 0;
  for (let i = 0; i < dim; i++) {
    const difference = a[atA + i] - b[atB + i];
    sum += difference * difference;
  }
  return sum;
}
