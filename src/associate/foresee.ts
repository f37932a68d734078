import { mapOf, type Parts } from './connected-parts.ts';
import { noObjects } from './object-state.ts';
import { type TrackedObject, trackObjects } from './objects.ts';

/** The parts of a frame, when they were seen. */
export interface PartsAt extends Parts {
  readonly index: number;
  readonly seconds: number;
  /** int32, height × width: the seed at each point, 0 where there is none. */
  readonly seedAt: () => Int32Array;
}

export interface Foreseen extends Parts {
  /** By a part's first point, the seed that it is, or will be: the one that is most nearly the same, for the longest time. */
  readonly seeds: ReadonlyMap<number, number>;
}

/** Seeds are looked at in each so-manieth frame. */
const EACH = 4;
/** Intersection over union from which on a seed and a thing are the same. */
const SAME = 0.3;

/**
 * Divides parts as they are going to come apart. Backward in time, what comes apart grows together; so the frames are
 * followed from the last to the first, and what was one part is divided between the things that it is later seen to be.
 * Each of these is one part of the result, also where something in front cuts it in two.
 * `frames`: in order, of one size. Returns the parts of the first `count` of them. Pure.
 */
export function foresee(
  frames: readonly PartsAt[],
  count: number,
  width: number,
  height: number,
): Foreseen[] {
  const divided: Foreseen[] = [];
  let state = noObjects;
  const votes = new Map<number, Map<number, number>>();
  for (let i = frames.length - 1; i >= 0; i--) {
    const { parts, map, index, seconds, seedAt } = frames[i];
    const backward = { index: frames[frames.length - 1].index - index, seconds: -seconds };
    const next = trackObjects(state, { ...backward, width, height, parts, map });
    state = next.state;
    if (index % EACH === 0) compare(next.objects, seedAt(), votes);
    if (i >= count) continue;
    // In order of first points, as `connectedParts` gives them.
    const found = [...next.objects].sort((a, b) => a.runs[0] - b.runs[0]);
    const shapes = found.map(({ runs }) => runs);
    const seeds = new Map(
      found.flatMap(({ id, runs }) => (votes.has(id) ? [[runs[0], mostOf(votes.get(id)!)]] : [])),
    );
    divided.unshift({ parts: found, map: mapOf(shapes, width * height), seeds });
  }
  return divided;
}

/** Adds to each object's votes how nearly it is the same as seeds. */
function compare(
  objects: readonly TrackedObject[],
  seedAt: Int32Array,
  votes: Map<number, Map<number, number>>,
): void {
  const sizes = new Map<number, number>();
  for (let at = 0; at < seedAt.length; ) {
    const seed = seedAt[at];
    const start = at++;
    while (at < seedAt.length && seedAt[at] === seed) at++;
    sizes.set(seed, (sizes.get(seed) ?? 0) + at - start);
  }
  for (const { id, runs, area } of objects) {
    for (const [seed, both] of sharedWith(runs, seedAt)) {
      const iou = both / (area + sizes.get(seed)! - both);
      if (seed === 0 || iou < SAME) continue;
      const own = votes.get(id) ?? new Map<number, number>();
      votes.set(id, own.set(seed, (own.get(seed) ?? 0) + iou));
    }
  }
}

/** The one with most votes; of equals the older one. */
function mostOf(votes: ReadonlyMap<number, number>): number {
  return [...votes].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a))[0];
}

/** Points in each seed. */
export function sharedWith(runs: Int32Array, seedAt: Int32Array): Map<number, number> {
  const shared = new Map<number, number>();
  for (let i = 0; i < runs.length; i += 2) {
    for (let at = runs[i]; at < runs[i] + runs[i + 1]; ) {
      const seed = seedAt[at];
      const start = at++;
      while (at < runs[i] + runs[i + 1] && seedAt[at] === seed) at++;
      shared.set(seed, (shared.get(seed) ?? 0) + at - start);
    }
  }
  return shared;
}
