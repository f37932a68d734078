import type { Expected } from './object-motion.ts';

/** Share of its size below which a piece is too small to be the object. */
const LEAST_SHARE = 0.2;

/**
 * Divides a part between the objects that grew together in it. A point goes to the object whose expected mask covers it;
 * where several do, to the one that reaches farthest down, as what stands on the ground hides what stands behind it; one
 * that none covers goes where its nearest neighbours inside the part went. An object of which less than a fifth
 * is left is hidden, and gets nothing.
 * `claims`: at least two. `number`: the part's in `map`.
 * Returns those that got a share, and the place in that list of each point's owner, for the points of the part;
 * undefined where fewer than two are left.
 */
export function divide(
  claims: readonly Expected[],
  number: number,
  map: Uint16Array,
  width: number,
): { owners: readonly Expected[]; points: ReadonlyMap<number, number> } | undefined {
  let left = claims;
  while (left.length > 1) {
    const cover = coverOf(left, number, map, width);
    // What only lies nearest does not count: a rim left by a growing thing in front is no sign of one behind it.
    const covered = new Float64Array(left.length);
    for (const owner of cover) if (owner !== 0) covered[owner - 1]++;
    let weakest = -1;
    for (const [i, { object }] of left.entries()) {
      covered[i] /= object.size;
      if (covered[i] < LEAST_SHARE && (weakest < 0 || covered[i] < covered[weakest])) weakest = i;
    }
    if (weakest < 0) return { owners: left, points: flood(cover, number, map, width) };
    left = left.filter((_, i) => i !== weakest);
  }
  return undefined;
}

/** Place of the owner plus one for points of the part that an expected mask covers, else 0. */
function coverOf(claims: readonly Expected[], number: number, map: Uint16Array, width: number): Uint16Array {
  const cover = new Uint16Array(map.length);
  const bottom = claims.map(({ runs }) => Math.floor((runs.at(-2) ?? 0) / width));
  const byDepth = claims.map((_, i) => i).sort((a, b) => bottom[a] - bottom[b] || b - a);
  for (const i of byDepth) {
    const { runs } = claims[i];
    for (let run = 0; run < runs.length; run += 2) {
      for (let at = runs[run]; at < runs[run] + runs[run + 1]; at++)
        if (map[at] === number) cover[at] = i + 1;
    }
  }
  return cover;
}

/** Each point's owner, in breadth-first order from the points that an expected mask covers. */
function flood(cover: Uint16Array, number: number, map: Uint16Array, width: number): Map<number, number> {
  const points = new Map<number, number>();
  for (let at = 0; at < map.length; at++) {
    if (cover[at] !== 0) points.set(at, cover[at] - 1);
  }
  // A map is walked in the order of insertion, and what is added on the way is walked too: it is its own queue.
  for (const [at, owner] of points) {
    const column = at % width;
    if (column > 0) reach(at - 1, owner);
    if (column < width - 1) reach(at + 1, owner);
    reach(at - width, owner);
    reach(at + width, owner);
  }
  return points;

  function reach(at: number, owner: number): void {
    if (map[at] === number && !points.has(at)) points.set(at, owner);
  }
}
