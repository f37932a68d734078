import type { Line, Point, Zone } from './rules.ts';

/** Smallest area that counts, as a share of the picture. */
const LEAST_AREA = 1e-6;

/** More than 0 on the right of a directed line as one sees it on the picture, less on the left, 0 on it. */
export const sideOf = ([[ax, ay], [bx, by]]: Line, [x, y]: Point): number =>
  (bx - ax) * (y - ay) - (by - ay) * (x - ax);

/** Whether a point lies in a zone or on its edge. */
export function isInside(zone: Zone, point: Point): boolean {
  const [x, y] = point;
  let inside = false;
  for (let i = 0, j = zone.length - 1; i < zone.length; j = i++) {
    const [[ax, ay], [bx, by]] = [zone[j], zone[i]];
    if (isOn([zone[j], zone[i]], point)) return true;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Whether a point is on the way from the line's first point to its second. */
function isOn(line: Line, point: Point): boolean {
  const [[ax, ay], [bx, by]] = line;
  const [x, y] = point;
  if (sideOf(line, point) !== 0) return false;
  return x >= Math.min(ax, bx) && x <= Math.max(ax, bx) && y >= Math.min(ay, by) && y <= Math.max(ay, by);
}

/** Whether two ways meet, be it at their ends. */
export function meet(one: Line, other: Line): boolean {
  const [a, b] = [sideOf(other, one[0]), sideOf(other, one[1])];
  const [c, d] = [sideOf(one, other[0]), sideOf(one, other[1])];
  if (Math.sign(a) * Math.sign(b) < 0 && Math.sign(c) * Math.sign(d) < 0) return true;
  return (
    (a === 0 && isOn(other, one[0])) ||
    (b === 0 && isOn(other, one[1])) ||
    (c === 0 && isOn(one, other[0])) ||
    (d === 0 && isOn(one, other[1]))
  );
}

/** A zone without points that are repeated at once, and without the first one again at the end. */
export const tidyZone = (points: readonly Point[]): Zone =>
  points.filter(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length];
    return points.length === 1 || x !== nextX || y !== nextY;
  });

/** What is wrong with a tidy zone of at least three points. */
export function faultOfZone(zone: Zone): string | undefined {
  const sides = zone.map((point, i): Line => [point, zone[(i + 1) % zone.length]]);
  const twice = sides.reduce((sum, [[ax, ay], [bx, by]]) => sum + ax * by - bx * ay, 0);
  const crossed = sides.some((one, i) => sides.some((other, j) => j > i && cross(one, other, i, j)));
  if (Math.abs(twice) / 2 < LEAST_AREA && (zone.length === 3 || !crossed)) return 'has no area';
  return crossed ? 'crosses itself: give its corners in order, around it' : undefined;

  function cross(one: Line, other: Line, i: number, j: number): boolean {
    if (j === i + 1) return isBack(one[0], one[1], other[1]);
    if (i === 0 && j === sides.length - 1) return isBack(other[0], other[1], one[1]);
    return meet(one, other);
  }
}

/** Whether the way from `b` to `c` goes back over that from `a` to `b`. */
const isBack = (a: Point, b: Point, c: Point): boolean =>
  sideOf([a, b], c) === 0 && (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;
