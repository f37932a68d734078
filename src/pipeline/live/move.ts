import type { PointNaming } from '../name.ts';

/** Lattice points a second, to the right and down, by the number of a segment. */
export type Motions = ReadonlyMap<number, { readonly vx: number; readonly vy: number }>;

/** Seconds over which things are believed to go on as they did. */
const FARTHEST = 0.5;

/**
 * A naming as it will look `seconds` later, if each thing goes on as it did. What it leaves behind is given to the stuff
 * beside it. The very same naming where nothing has moved by a point.
 */
export function moved(naming: PointNaming, motions: Motions, seconds: number): PointNaming {
  const { width, height, pieces, segments, labels } = naming;
  const ahead = Math.min(seconds, FARTHEST);
  const steps = new Map<number, readonly [number, number]>();
  for (const [segment, { vx, vy }] of motions) {
    const step = [Math.round(vx * ahead), Math.round(vy * ahead)] as const;
    if (step[0] !== 0 || step[1] !== 0) steps.set(segment, step);
  }
  if (steps.size === 0) return naming;
  const map = behind(pieces, width, steps);
  for (let y = 0, point = 0; y < height; y++) {
    for (let x = 0; x < width; x++, point++) {
      const step = steps.get(pieces[point]);
      if (!step) continue;
      const [toX, toY] = [x + step[0], y + step[1]];
      if (toX >= 0 && toX < width && toY >= 0 && toY < height) map[toY * width + toX] = pieces[point];
    }
  }
  const named = labels.slice();
  for (let point = 0; point < map.length; point++)
    if (map[point] !== pieces[point]) named[point] = segments[map[point]].name;
  return { ...naming, pieces: map, labels: named };
}

/** The map without the things that move: their points are those of the nearest other piece of the row. */
function behind(pieces: Uint16Array, width: number, moving: ReadonlyMap<number, unknown>): Uint16Array {
  const map = pieces.slice();
  for (let row = 0; row < map.length; row += width) {
    for (let x = 0; x < width; ) {
      if (!moving.has(pieces[row + x])) {
        x++;
        continue;
      }
      let end = x;
      while (end < width && moving.has(pieces[row + end])) end++;
      const [left, right] = [
        x > 0 ? pieces[row + x - 1] : undefined,
        end < width ? pieces[row + end] : undefined,
      ];
      const middle = left === undefined ? x : right === undefined ? end : (x + end) >> 1;
      if (left !== undefined) map.fill(left, row + x, row + middle);
      if (right !== undefined) map.fill(right, row + middle, row + end);
      x = end;
    }
  }
  return map;
}
