import type { Mixtures } from '../core/frame.ts';

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

  const starts = new Uint32Array(firsts.length + 1);
  let parts = 0;
  for (const [code, at] of firsts.entries()) {
    for (let i = 0; i < count; i++) if (levels[at + i] >= SHOWS) parts++;
    starts[code + 1] = parts;
  }
  const regions = new Uint16Array(parts);
  const amounts = new Uint8Array(parts);
  let part = 0;
  for (const at of firsts) {
    for (let i = 0; i < count; i++) {
      if (levels[at + i] < SHOWS) continue;
      regions[part] = i;
      amounts[part++] = levels[at + i];
    }
  }
  return { width, height, codes, starts, regions, levels: amounts };
}
