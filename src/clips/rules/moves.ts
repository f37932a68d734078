import { isInside, meet, sideOf } from './geometry.ts';
import type { Line, ObjectCondition, Point, Zone } from './rules.ts';

/** On which side of a zone's edge or of a line an object is. */
export interface Side {
  /** Of an edge 1 inside and −1 outside, of a line 1 right and −1 left; 0 as long as that is not known. */
  readonly side: number;
  /** Where it was last on that side. */
  readonly here: Point;
  /** Where and when it was seen on the other side; once more, and it has gone over. */
  readonly there: { readonly seconds: number; readonly point: Point } | null;
}

/** How a side is told, and which change of it is looked for. */
export interface Move {
  sideAt(point: Point): number;
  /** Whether that is the move that was asked for: from where to where, and to which side. */
  isIt(from: Point, to: Point, side: number): boolean;
}

export function moveOf(
  { enters, leaves, crosses, direction }: ObjectCondition,
  zones: ReadonlyMap<string, Zone>,
  lines: ReadonlyMap<string, Line>,
): Move | undefined {
  const zone = zones.get(enters ?? leaves ?? '');
  if (zone) {
    const wanted = enters === undefined ? -1 : 1;
    return {
      sideAt: (point) => (isInside(zone, point) ? 1 : -1),
      isIt: (_from, _to, side) => side === wanted,
    };
  }
  const line = lines.get(crosses ?? '');
  if (!line) return undefined;
  const sides = direction === undefined ? [1, -1] : [direction === 'right' ? 1 : -1];
  return {
    sideAt: (point) => Math.sign(sideOf(line, point)),
    isIt: (from, to, side) => sides.includes(side) && meet([from, to], line),
  };
}

/** The side after one more look, and when the object made the move where it has now been seen to. */
export function follow(
  move: Move,
  before: Side | undefined,
  point: Point,
  now: number,
): { readonly side: Side; readonly moved?: number } {
  const side = move.sideAt(point);
  if (!before || before.side === 0) return { side: { side, here: point, there: null } };
  if (side === before.side || side === 0) return { side: { ...before, here: point, there: null } };
  if (!before.there) return { side: { ...before, there: { seconds: now, point } } };
  const { seconds, point: first } = before.there;
  const after: Side = { side, here: point, there: null };
  return move.isIt(before.here, first, side) ? { side: after, moved: seconds } : { side: after };
}
