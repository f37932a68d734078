import type { Followed } from './object-state.ts';
import type { Shape } from './shape.ts';

/** Where an object should be in the next frame. */
export interface Expected {
  readonly object: Followed;
  /** Centroid, in lattice points. */
  readonly x: number;
  readonly y: number;
  /** int32 pairs (first point, length): its mask, moved by whole points and cut to the picture. */
  readonly runs: Int32Array;
  /** Points of that mask. */
  readonly visible: number;
  /** Points of that mask in each part it meets, by the part's number. */
  readonly overlaps: ReadonlyMap<number, number>;
}

/** How an object was seen. */
export interface SeenHow {
  /** Its border to another object is itself a prediction. */
  readonly shared: boolean;
  /** The parts it consists of. */
  readonly own: readonly number[];
}

/** Seconds over which a velocity and a size are believed; longer ones follow less and waver less. */
const VELOCITY_TIME = 0.25;
const SIZE_TIME = 1;
/** Shares of an object's size at which its centroid begins to tell something, and at which it tells all. */
const [HALF_SEEN, WELL_SEEN] = [0.75, 1];
/** What a centroid counts at least, so that a place that is only predicted does not run away. */
const LEAST_TRUST = 0.1;

/** The object moved on to `seconds` at its velocity. `map`: number of the part at each point. */
export function expectAt(
  object: Followed,
  seconds: number,
  map: Uint16Array,
  width: number,
  height: number,
): Expected {
  const elapsed = Math.max(0, seconds - object.seconds);
  const x = object.x + object.vx * elapsed;
  const y = object.y + object.vy * elapsed;
  const right = Math.floor(x - object.runsX + 0.5);
  const down = Math.floor(y - object.runsY + 0.5);
  const runs = new Int32Array(object.runs.length);
  const overlaps = new Map<number, number>();
  let used = 0;
  let visible = 0;
  for (let i = 0; i < object.runs.length; i += 2) {
    const first = object.runs[i];
    const row = Math.floor(first / width);
    if (row + down < 0 || row + down >= height) continue;
    const column = first - row * width + right;
    const x0 = Math.max(0, column);
    const x1 = Math.min(width, column + object.runs[i + 1]);
    if (x0 >= x1) continue;
    const at = (row + down) * width + x0;
    runs[used++] = at;
    runs[used++] = x1 - x0;
    visible += x1 - x0;
    for (let point = at; point < at + x1 - x0; ) {
      const part = map[point];
      const start = point++;
      while (point < at + x1 - x0 && map[point] === part) point++;
      if (part !== 0) overlaps.set(part, (overlaps.get(part) ?? 0) + point - start);
    }
  }
  return { object, x, y, runs: runs.subarray(0, used), visible, overlaps };
}

/** An object seen for the first time. */
export function born(id: number, name: number, seen: Shape, seconds: number): Followed {
  const { runs, area, x, y } = seen;
  return {
    id,
    name,
    runs,
    runsX: x,
    runsY: y,
    size: area,
    x,
    y,
    vx: 0,
    vy: 0,
    reach: reachOf(seen, x, y),
    seconds,
    frames: 1,
  };
}

/**
 * The object after it was seen again. Its place and velocity follow the centroid as far as this can be trusted: not where
 * most of it is hidden, as the centroid of what is left moves with the thing in front.
 */
export function followed(
  expected: Expected,
  seen: Shape,
  seconds: number,
  { shared, own }: SeenHow,
): Followed {
  const { object } = expected;
  const elapsed = Math.max(0, seconds - object.seconds);
  const fullness = (seen.area / object.size - HALF_SEEN) / (WELL_SEEN - HALF_SEEN);
  const trust = Math.max(LEAST_TRUST, Math.min(1, fullness)) * (shared ? 0.5 : 1);
  const missX = seen.x - expected.x;
  const missY = seen.y - expected.y;
  // The first few frames count fully: there is nothing yet to smooth with.
  const gain = Math.max(1 / object.frames, elapsed / (VELOCITY_TIME + elapsed));
  const turn = elapsed > 0 ? (gain * trust) / elapsed : 0;
  const x = expected.x + trust * missX;
  const y = expected.y + trust * missY;
  // What is smaller may be hidden in part, and is forgotten slowly. What is larger is believed where it is in one piece.
  const fade = elapsed / (SIZE_TIME + elapsed);
  const believe = (before: number, now: number) => {
    if (now > before) return own.length === 1 ? now : before;
    return before + (now - before) * fade;
  };
  return {
    id: object.id,
    name: object.name,
    runs: seen.runs,
    runsX: x,
    runsY: y,
    size: believe(object.size, seen.area),
    x,
    y,
    vx: object.vx + turn * missX,
    vy: object.vy + turn * missY,
    reach: reachOf(seen, x, y).map((now, side) => believe(object.reach[side], now)),
    seconds,
    frames: object.frames + 1,
  };
}

/** How far a mask's box reaches to the left, up, right and down of a place. */
function reachOf({ box }: Shape, x: number, y: number): Float64Array {
  return Float64Array.of(x - box[0], y - box[1], box[2] - x, box[3] - y);
}
