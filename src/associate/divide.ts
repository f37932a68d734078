import type { Expected } from './object-motion.ts';
import { draw, joined, type Shape, shapeOf } from './shape.ts';

/** Share of its size below which a piece is too small to be the object. */
const LEAST_SHARE = 0.1;
/**
 * How fast two things must pass each other, in distances between them a second and in square roots of the smaller one's
 * size a second, to go different ways. What comes nearer spreads out, but by less.
 */
const [CROSSING, FAST] = [4.5, 2];

/** What an object gets of a part. */
export interface Share {
  readonly owner: Expected;
  readonly runs: Int32Array;
}

/**
 * Divides a part between the objects that grew together in it. What they were together in the last frame has become the
 * part: it may have moved, and grown or shrunk as things do that come or go; so each point goes to the object that was at
 * its place, seen from the middle of the whole; or, where they pass each other, to the one that is expected there. Where
 * objects lay over each other, to the one that reaches farthest down, as what stands on the ground hides what stands
 * behind it; a point that was in none goes where its nearest neighbours inside the part went. An object of which less
 * than a tenth is left is hidden, and gets nothing.
 * `claims`: at least two. `number`: the part's in `map`. Returns what is given to each; undefined where fewer than two are
 * left.
 */
export function divide(
  claims: readonly Expected[],
  part: Shape,
  number: number,
  map: Uint16Array,
  width: number,
): Share[] | undefined {
  const before = new Uint16Array(map.length);
  const cover = new Uint16Array(map.length);
  let left = claims;
  while (left.length > 1) {
    const covered = lay(left, part, before, cover, width);
    // What only lies nearest does not count: a rim left by a growing thing in front is no sign of one behind it.
    let weakest = -1;
    let least = LEAST_SHARE;
    for (const [i, { object }] of left.entries()) {
      const share = covered[i] / object.size;
      if (share < least) [weakest, least] = [i, share];
    }
    if (weakest < 0) {
      flood(cover, part, number, map, width);
      return left.flatMap((owner, i) => {
        const runs = runsOf(cover, i + 1, part);
        return runs.length > 0 ? [{ owner, runs }] : [];
      });
    }
    left = left.filter((_, i) => i !== weakest);
  }
  return undefined;
}

/** Writes each point's owner, by its place plus one, into `cover`; 0 where it was in none. Returns the points of each. */
function lay(
  owners: readonly Expected[],
  part: Shape,
  before: Uint16Array,
  cover: Uint16Array,
  width: number,
): Float64Array {
  const crossing = areCrossing(owners);
  const shapes = owners.map(({ object, runs }) => (crossing ? runs : object.runs));
  const bottom = shapes.map((runs) => Math.floor((runs.at(-2) ?? 0) / width));
  const byDepth = owners.map((_, i) => i).sort((a, b) => bottom[a] - bottom[b] || b - a);
  before.fill(0);
  for (const i of byDepth) draw(shapes[i], i + 1, before);
  const was = crossing ? part : shapeOf(joined(shapes), width);
  const scale = Math.sqrt(was.area / part.area);
  const covered = new Float64Array(owners.length);
  for (let i = 0; i < part.runs.length; i += 2) {
    const row = Math.floor(part.runs[i] / width);
    const y = Math.floor((row - part.y) * scale + was.y + 0.5);
    for (let at = part.runs[i]; at < part.runs[i] + part.runs[i + 1]; at++) {
      const x = Math.floor((at - row * width - part.x) * scale + was.x + 0.5);
      const inside = x >= 0 && x < width && y >= 0 && y * width < before.length;
      cover[at] = inside ? before[y * width + x] : 0;
      if (cover[at] !== 0) covered[cover[at] - 1]++;
    }
  }
  return covered;
}

/** True where things go different ways, as when one passes another: then each is where it should be, not where all are. */
function areCrossing(owners: readonly Expected[]): boolean {
  return owners.some(({ object: a, x, y }, i) =>
    owners.slice(i + 1).some(({ object: b, x: otherX, y: otherY }) => {
      const [across, down] = [a.vx - b.vx, a.vy - b.vy];
      const [dx, dy] = [x - otherX, y - otherY];
      const speed = across * across + down * down;
      return (
        speed > CROSSING * CROSSING * (dx * dx + dy * dy) && speed > FAST * FAST * Math.min(a.size, b.size)
      );
    }),
  );
}

/** Gives points without an owner that of the nearest point with one, in breadth-first order. */
function flood(cover: Uint16Array, part: Shape, number: number, map: Uint16Array, width: number): void {
  const queue = new Int32Array(part.area);
  let end = 0;
  for (let i = 0; i < part.runs.length; i += 2) {
    for (let at = part.runs[i]; at < part.runs[i] + part.runs[i + 1]; at++)
      if (cover[at] !== 0) queue[end++] = at;
  }
  const reach = (at: number, owner: number): void => {
    if (map[at] !== number || cover[at] !== 0) return;
    cover[at] = owner;
    queue[end++] = at;
  };
  for (let next = 0; next < end && end < part.area; next++) {
    const at = queue[next];
    const owner = cover[at];
    const column = at % width;
    if (column > 0) reach(at - 1, owner);
    if (column < width - 1) reach(at + 1, owner);
    reach(at - width, owner);
    reach(at + width, owner);
  }
}

/** The runs of the part's points that have this owner. */
function runsOf(cover: Uint16Array, owner: number, part: Shape): Int32Array {
  const runs: number[] = [];
  for (let i = 0; i < part.runs.length; i += 2) {
    const end = part.runs[i] + part.runs[i + 1];
    for (let at = part.runs[i]; at < end; ) {
      const start = at;
      while (at < end && cover[at] === owner) at++;
      if (at > start) runs.push(start, at - start);
      else at++;
    }
  }
  return Int32Array.from(runs);
}
