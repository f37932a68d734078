import type { Part } from './connected-parts.ts';
import { divide } from './divide.ts';
import { pairUp } from './match.ts';
import { born, type Expected, expectAt, followed } from './object-motion.ts';
import { noObjects, type ObjectState } from './object-state.ts';
import { joined, shapeOf } from './shape.ts';

export interface ObjectFrame {
  /** Presentation time. */
  readonly seconds: number;
  /** The frame's number in the video; grows from call to call. */
  readonly index: number;
  /** Of the lattice. */
  readonly width: number;
  readonly height: number;
  /** As `connectedParts` gives them. */
  readonly parts: readonly Part[];
  /** uint16, height × width, row-major: number of the part, from 1; 0 where there is none. */
  readonly map: Uint16Array;
  /**
   * The id for an object that begins with this part: a safe integer > 0 that no object of the state has. Asked once for
   * each, in the same order everywhere. By default one that says when and where it begins.
   */
  readonly birth?: (part: number) => number;
}

export interface TrackedObject extends Part {
  /** A safe integer > 0, the same in all frames of the object; never used again. */
  readonly id: number;
  /** Seen in fewer than three frames so far: it may be noise. */
  readonly tentative: boolean;
}

/** Seconds for which an object that is not seen is waited for. */
const MEMORY = 1;
/** An object that was seen in fewer frames may be noise. */
export const SURE_AFTER = 3;
/** What the masks, the places and the areas count in a pair's cost. They add up to 1. */
const [MASKS, PLACES, AREAS] = [0.6, 0.25, 0.15];
/** A pair that costs more is none. A lost object's mask is old and its place less sure, so it may cost more. */
const [DEAREST_SEEN, DEAREST_LOST] = [0.8, 0.9];
/** Share of an object's expected mask that must lie in a part for the object to claim a piece of it. */
const CLAIM = 0.5;
/** How much larger than all objects in it a part may be that is divided between them. */
const MOST_GROWTH = 1.25;
/** Share of a loose part's box that must lie where an object should reach for the part to be the object's. */
const BELONGS = 0.5;
/** How far it may lie outside, in square roots of its size, as places are not known better. */
const UNSURE = 0.1;
/** Gap between two parts of one object, in square roots of its size: a pole in front of a car. */
const WIDEST_GAP = 0.25;
/** Area of an object in pieces, against that in one piece. */
const MOST_GATHERED = 1.1;

/** Who has a part, or a piece of one, in this frame. */
interface Holder {
  readonly id: number;
  readonly name: number;
  /** Absent at its birth. */
  readonly expected: Expected | undefined;
  /** Has a piece of a part that was divided. */
  readonly shared: boolean;
  /** Numbers of the parts that are wholly its own. */
  readonly own: number[];
  /** Its points, piece by piece. */
  readonly pieces: Int32Array[];
}

interface Scene extends ObjectFrame {
  readonly birth: (part: number) => number;
  readonly holders: Holder[];
}

/**
 * Follows the connected parts of things: each becomes an object whose id stays while it moves, is hidden for up to a
 * second, touches others of its name, or is cut in two by something narrow in front. Of one that falls apart the largest
 * piece keeps the id.
 *
 * Names are followed apart from each other: what one does must not depend on which others are asked for. A lattice of
 * another size starts anew.
 *
 * Pure: `state` is not changed. The same on every machine: only + − × ÷ and square roots decide.
 * Throws RangeError where map and size do not fit or the frame's number does not grow.
 */
export function trackObjects(
  state: ObjectState,
  frame: ObjectFrame,
): { readonly state: ObjectState; readonly objects: readonly TrackedObject[] } {
  const { seconds, index, width, height, parts, map } = frame;
  if (map.length !== width * height) throw new RangeError(`the map is not ${width}×${height}`);
  if (!Number.isFinite(seconds)) throw new RangeError(`frame ${index} has no time`);
  if (!(index > state.index)) throw new RangeError(`frame ${index} comes after frame ${state.index}`);
  const before = state.width === width && state.height === height ? state : noObjects;
  const expected = before.objects
    .filter((object) => seconds - object.seconds <= MEMORY)
    .map((object) => expectAt(object, seconds, map, width, height));

  const scene: Scene = {
    birth: (part) => index * width * height + parts[part - 1].runs[0] + 1,
    ...frame,
    holders: [],
  };
  for (const name of new Set(parts.map((part) => part.name))) {
    const ours = expected.filter(({ object }) => object.name === name);
    followName(
      scene,
      name,
      ours.filter(({ object }) => object.seconds === before.seconds),
      ours.filter(({ object }) => object.seconds !== before.seconds),
    );
  }

  const holders = scene.holders.sort((a, b) => a.id - b.id);
  const seen = holders.map(({ pieces }) => shapeOf(joined(pieces), width));
  const objects = holders.map(({ id, name, expected, ...how }, i) =>
    expected ? followed(expected, seen[i], seconds, how) : born(id, name, seen[i], seconds),
  );
  const held = new Set(objects.map(({ id }) => id));
  // What is expected outside the picture has left it, and will not come back as itself.
  const lost = expected
    .filter(({ object, x, y }) => !held.has(object.id) && x >= 0 && y >= 0 && x < width && y < height)
    .map(({ object }) => object);
  return {
    state: { width, height, index, seconds, objects: [...objects, ...lost].sort((a, b) => a.id - b.id) },
    objects: objects.map(({ id, name, frames }, i) => ({
      id,
      name,
      ...seen[i],
      tentative: frames < SURE_AFTER,
    })),
  };
}

/** Finds holders for all parts of one name. `live`: seen in the frame before. */
function followName(scene: Scene, name: number, live: readonly Expected[], lost: readonly Expected[]): void {
  const { parts, map, width, birth, holders } = scene;
  const numbers = parts.flatMap((part, i) => (part.name === name ? [i + 1] : []));
  const hold = ({ id, expected, own }: Pick<Holder, 'id' | 'expected' | 'own'>, pieces: Int32Array[]) =>
    holders.push({ id, name, expected, shared: own.length === 0, own, pieces });
  const waiting = new Set(live);
  const loose = new Set(numbers);

  // Objects that grew together: each keeps its piece.
  for (const number of numbers) {
    const claims = live.filter(({ overlaps, visible }) => (overlaps.get(number) ?? 0) > CLAIM * visible);
    // What is much larger than all of them together is none of them grown together.
    const together = claims.reduce((sum, { object }) => sum + object.size, 0);
    if (claims.length < 2 || parts[number - 1].area > MOST_GROWTH * together) continue;
    const division = divide(claims, parts[number - 1], number, map, width);
    if (!division) continue;
    for (const { owner, runs } of division) {
      waiting.delete(owner);
      hold({ id: owner.object.id, expected: owner, own: [] }, [runs]);
    }
    loose.delete(number);
  }

  // One part for one object: first those just seen, then those that were hidden.
  for (const [candidates, dearest] of [
    [[...waiting], DEAREST_SEEN] as const,
    [lost, DEAREST_LOST] as const,
  ]) {
    const free = [...loose];
    const cost = Float64Array.from({ length: candidates.length * free.length }, (_, i) =>
      costOf(candidates[Math.floor(i / free.length)], free[i % free.length], scene),
    );
    for (const [i, column] of pairUp(cost, candidates.length, free.length, dearest).entries()) {
      if (column < 0) continue;
      const number = free[column];
      const expected = candidates[i];
      hold({ id: expected.object.id, expected, own: [number] }, [parts[number - 1].runs]);
      loose.delete(number);
    }
  }

  // A part cut off by something narrow in front remains with its object. What is left is new.
  for (const number of loose) {
    const { runs } = parts[number - 1];
    const owner = holders.find((holder) => holder.name === name && belongs(number, holder, parts));
    if (owner) {
      owner.own.push(number);
      owner.pieces.push(runs);
    } else hold({ id: birth(number), expected: undefined, own: [number] }, [runs]);
  }
}

/** What it costs to take a part for an object, from 0 to 1; Infinity where they are apart. */
function costOf({ object, overlaps, visible, x, y }: Expected, number: number, scene: Scene): number {
  const part = scene.parts[number - 1];
  const { area } = part;
  const overlap = overlaps.get(number) ?? 0;
  const across = part.x - x;
  const down = part.y - y;
  const place = Math.sqrt((across * across + down * down) / Math.max(area, object.size));
  if (overlap === 0 && place > 1) return Infinity;
  return (
    MASKS * (1 - overlap / (visible + area - overlap)) +
    PLACES * Math.min(1, place) +
    AREAS * (1 - Math.min(area, object.size) / Math.max(area, object.size))
  );
}

/**
 * True where a part without a holder is a piece of this one: most of it is where the object should reach, the gap is
 * narrow, and together they are not more than the object was in one piece, as they would be with something that comes out
 * from behind it.
 */
function belongs(number: number, { expected, own }: Holder, parts: readonly Part[]): boolean {
  const { area, box } = parts[number - 1];
  if (!expected) return false;
  const { x, y, object } = expected;
  const length = Math.sqrt(object.size);
  const [left, up, right, down] = object.reach.map((reach) => reach + UNSURE * length);
  const across = Math.min(box[2], x + right) - Math.max(box[0], x - left);
  const upright = Math.min(box[3], y + down) - Math.max(box[1], y - up);
  const inside = Math.max(0, across) * Math.max(0, upright);
  if (inside < BELONGS * (box[2] - box[0]) * (box[3] - box[1])) return false;
  let together = area;
  let gap = Infinity;
  for (const part of own.map((one) => parts[one - 1])) {
    together += part.area;
    const between = Math.max(box[0] - part.box[2], part.box[0] - box[2]);
    const below = Math.max(box[1] - part.box[3], part.box[1] - box[3]);
    gap = Math.min(gap, Math.max(between, below));
  }
  return together <= MOST_GATHERED * object.size && gap <= WIDEST_GAP * length;
}
