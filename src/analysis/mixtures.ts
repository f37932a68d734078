import { INSIDE, type Mixtures } from '../core/frame.ts';

/** A level below which a region leaves no trace at a point. */
const SHOWS = 2;
/** Levels that a point may differ by, in any region, from the mixture that it is given. */
const TOLERANCE = 2;

/**
 * Refined masks → mixtures. `levels`: uint8, 4 × height/2 × width/2 × count, as the graph gives them: blocks of 2×2
 * points, and for each of the four (row by row) all regions. A point takes the mixture of a neighbour before it that is
 * alike, else one that is equal, else a new one.
 */
export function mixturesOf(levels: Uint8Array, width: number, height: number, count: number): Mixtures {
  const points = width * height;
  if (levels.length !== points * count)
    throw new RangeError(`mixtures: ${levels.length} levels are not ${points} points × ${count} regions`);
  const codes = new Uint16Array(points);
  // Where the first point of each mixture has its levels.
  const firsts: number[] = [];
  const equal = new Map<number, number[]>();
  const half = width / 2;
  const block = half * (height / 2);
  const words =
    count % 4 === 0 && levels.byteOffset % 4 === 0
      ? new Uint32Array(levels.buffer, levels.byteOffset, levels.length / 4)
      : undefined;

  const alike = words
    ? (a: number, b: number, tolerance: number): boolean => {
        for (let i = 0; i < count; i += 4) {
          if (words[(a + i) >> 2] === words[(b + i) >> 2]) continue;
          for (let j = i; j < i + 4; j++) {
            const apart = levels[a + j] - levels[b + j];
            if (apart > tolerance || apart < -tolerance) return false;
          }
        }
        return true;
      }
    : (a: number, b: number, tolerance: number): boolean => {
        for (let i = 0; i < count; i++) {
          const apart = levels[a + i] - levels[b + i];
          if (apart > tolerance || apart < -tolerance) return false;
        }
        return true;
      };

  function codeOf(at: number): number {
    let hash = 0;
    for (let i = 0; i < count; i++) hash = Math.imul(hash ^ levels[at + i], 0x01000193);
    const bucket = equal.get(hash);
    const known = bucket?.find((code) => alike(at, firsts[code], 0));
    if (known !== undefined) return known;
    const code = firsts.length;
    // Nearly as many mixtures as points would be noise: the last ones are all one.
    if (code > 0xffff) return 0xffff;
    firsts.push(at);
    if (bucket) bucket.push(code);
    else equal.set(hash, [code]);
    return code;
  }

  for (let y = 0, point = 0; y < height; y++) {
    const row = ((y & 1) * 2 * block + (y >> 1) * half) * count;
    for (let x = 0; x < width; x++, point++) {
      const at = row + ((x & 1) * block + (x >> 1)) * count;
      if (x > 0 && alike(at, firsts[codes[point - 1]], TOLERANCE)) codes[point] = codes[point - 1];
      else if (y > 0 && alike(at, firsts[codes[point - width]], TOLERANCE))
        codes[point] = codes[point - width];
      else if (y > 0 && x + 1 < width && alike(at, firsts[codes[point - width + 1]], TOLERANCE))
        codes[point] = codes[point - width + 1];
      else codes[point] = codeOf(at);
    }
  }

  return { width, height, codes, ...partsOf(levels, firsts, count) };
}

/** Regions that a mixture keeps: those with the highest levels. More than these never decide. */
const MOST_REGIONS = 16;
/** Parts of all mixtures of a frame: masks that say nothing, as of a model that was not trained, are told more coarsely. */
const MOST_PARTS = 64_000;

/** The regions of each mixture with their levels, in order of region. `firsts`: where in `levels` each has its levels. */
function partsOf(
  levels: Uint8Array,
  firsts: readonly number[],
  count: number,
): Pick<Mixtures, 'starts' | 'regions' | 'levels'> {
  const most = mostRegions(levels, firsts, count);
  const starts = new Uint32Array(firsts.length + 1);
  const regions = new Uint16Array(firsts.length * most);
  const amounts = new Uint8Array(firsts.length * most);
  let part = 0;
  for (const [code, at] of firsts.entries()) {
    const { least, ties } = leastLevel(levels, at, count, most);
    // Of regions with the least level that is kept, the first ones.
    let left = ties;
    for (let i = 0; i < count; i++) {
      const level = levels[at + i];
      if (level < least || (level === least && left-- <= 0)) continue;
      regions[part] = i;
      amounts[part++] = level;
    }
    starts[code + 1] = part;
  }
  return { starts, regions: regions.slice(0, part), levels: amounts.slice(0, part) };
}

/** How many regions a mixture may keep so that a frame has no more than MOST_PARTS. */
function mostRegions(levels: Uint8Array, firsts: readonly number[], count: number): number {
  const sizes = new Uint32Array(count + 1);
  for (const at of firsts) {
    let size = 0;
    for (let i = 0; i < count; i++) if (levels[at + i] >= SHOWS) size++;
    sizes[size]++;
  }
  let parts = 0;
  // Mixtures of more regions than `most`: each has one part more for each further one.
  let more = firsts.length - sizes[0];
  for (let most = 1; most <= Math.min(MOST_REGIONS, count); most++) {
    parts += more;
    if (parts > MOST_PARTS) return Math.max(1, most - 1);
    more -= sizes[most];
  }
  return Math.min(MOST_REGIONS, count);
}

/** The least level that is kept of `most` regions, and of how many regions that have it. */
function leastLevel(levels: Uint8Array, at: number, count: number, most: number) {
  const have = new Uint16Array(INSIDE + 1);
  for (let i = 0; i < count; i++) have[levels[at + i]]++;
  let left = most;
  for (let level = INSIDE; level >= SHOWS; level--) {
    if (have[level] >= left) return { least: level, ties: left };
    left -= have[level];
  }
  return { least: SHOWS, ties: count };
}
