import { connectedParts } from '../associate/connected-parts.ts';
import { type Foreseen, foresee, type PartsAt } from '../associate/foresee.ts';
import { noObjects, type ObjectState } from '../associate/object-state.ts';
import { SURE_AFTER, type TrackedObject, trackObjects } from '../associate/objects.ts';
import { seedMap } from '../associate/seeds.ts';
import { draw } from '../associate/shape.ts';
import type { AnalysedFrame } from '../core/frame.ts';
import { fnv1a } from '../core/hash.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import { createObjectIds, type IdMemory } from './object-ids.ts';

/** Points that a part of a thing must have to be an object; what is smaller has a name and no identity. */
const SMALLEST = 4;
/** Ids of stuff, which hang on the name alone, are in [STUFF, 2 × STUFF); seeds are numbered from 1 and stay below. */
const STUFF = 0x40000000;

/** A thing, or all that a frame shows of one kind of stuff. */
export interface Piece {
  /** Index of its name. */
  readonly name: number;
  readonly track: number;
  /** False for the points of a thing that are too few to tell one from another. */
  readonly identified: boolean;
  /** The number by which following knows a thing. */
  readonly object?: number;
}

export interface Pieces {
  /** Names first, each with all of its points that are in no object; then the frame's objects. */
  readonly pieces: readonly Piece[];
  /** height × width: index into `pieces` for each point. */
  readonly map: Uint16Array;
}

/** A frame whose points have names. */
export interface Labelled extends Pick<AnalysedFrame, 'points' | 'seeds' | 'index'> {
  readonly seconds: number;
  readonly labels: Uint16Array;
}

export interface Told<T> extends Pieces {
  readonly frame: T;
}

/** What telling apart remembers from frame to frame. */
export interface SegmenterMemory {
  readonly objects: ObjectState;
  /** Numbers of the objects that are no noise. */
  readonly sure: readonly number[];
  readonly ids: IdMemory;
}

export const noMemory: SegmenterMemory = { objects: noObjects, sure: [], ids: { ids: [], given: [] } };

/** Frames that are told apart together, and frames after them that are looked at for it. */
const [TOGETHER, AHEAD] = [24, 48];

/**
 * Tells things apart. Stuff has one piece a name; things are followed, and have the ids of their seeds. `push` gives the
 * frames that are told apart by then, in order; `finish` the others.
 * Up to three seconds are looked ahead: what will come apart is divided before, and what is seen for a moment alone is
 * nothing. `causal`: each frame is told at once. `from`: what another one remembered, to go on from.
 */
export function createSegmenter<T extends Labelled>(
  vocabulary: Vocabulary,
  causal = false,
  from: SegmenterMemory = noMemory,
) {
  const isThing = Uint8Array.from(vocabulary, ({ isthing, other }) => Number(isthing && !other));
  const stuff = stuffIds(vocabulary.map(({ name }) => name)).map((track, name): Piece => {
    return { name, track, identified: isThing[name] === 0 };
  });
  let state = from.objects;
  const waiting: (PartsAt & { readonly frame: T })[] = [];
  interface Held extends Pick<PartsAt, 'seedAt'>, Pick<Foreseen, 'seeds'> {
    readonly frame: T;
    readonly objects: readonly TrackedObject[];
  }
  const held: Held[] = [];
  /** Objects that are no noise. */
  const sure = new Set(from.sure);
  const ids = createObjectIds(from.ids);

  function follow(count: number): Told<T>[] {
    const { width, height } = waiting[0].frame.points;
    const foreseen = causal ? [{ ...waiting[0], seeds: new Map() }] : foresee(waiting, count, width, height);
    for (const [i, { frame, index, seconds, seedAt }] of waiting.splice(0, count).entries()) {
      const { parts, map, seeds } = foreseen[i];
      const tracked = trackObjects(state, { parts, map, index, seconds, width, height });
      state = tracked.state;
      for (const { id, tentative } of tracked.objects) if (!tentative) sure.add(id);
      held.push({ frame, objects: tracked.objects, seedAt, seeds });
    }
    // What is forgotten will not come again.
    const known = new Set(state.objects.map(({ id }) => id));
    const told = tell(causal ? held.length : held.length - (SURE_AFTER - 1));
    for (const { objects } of held) for (const { id } of objects) known.add(id);
    for (const id of sure) if (!known.has(id)) sure.delete(id);
    ids.keep(known);
    return told;
  }

  function tell(count: number): Told<T>[] {
    return held.splice(0, Math.max(0, count)).map(({ frame, objects, seedAt, seeds }) => {
      const lasting = objects.filter(({ id }) => sure.has(id));
      const map = frame.labels.slice();
      for (const [place, { runs }] of lasting.entries()) draw(runs, vocabulary.length + place, map);
      const tracks = ids.of(lasting, seedAt, seeds);
      const things = lasting.map(
        ({ name, id }, i): Piece => ({ name, track: tracks[i], identified: true, object: id }),
      );
      return { frame, pieces: [...stuff, ...things], map };
    });
  }

  return {
    push(frame: T): Told<T>[] {
      const { labels, index, seconds } = frame;
      const { width, height } = frame.points;
      const parts = connectedParts(labels, width, height, isThing, SMALLEST);
      let seedsThere: Int32Array | undefined;
      const seedAt = () => (seedsThere ??= seedMap(frame.points, frame.seeds));
      waiting.push({ ...parts, index, seconds, seedAt, frame });
      if (causal) return follow(1);
      return waiting.length < TOGETHER + AHEAD ? [] : follow(TOGETHER);
    },
    finish(): Told<T>[] {
      const told: Told<T>[] = [];
      while (waiting.length > 0) told.push(...follow(Math.min(TOGETHER, waiting.length)));
      return [...told, ...tell(held.length)];
    },
    memory: (): SegmenterMemory => ({ objects: state, sure: [...sure], ids: ids.memory() }),
  };
}

/** An id for each name that depends on no other name, but where two would have the same. */
function stuffIds(names: readonly string[]): number[] {
  const taken = new Set<number>();
  return names.map((name) => {
    let id = STUFF + ((fnv1a(name) >>> 2) % STUFF);
    while (taken.has(id)) id = id === 2 * STUFF - 1 ? STUFF : id + 1;
    taken.add(id);
    return id;
  });
}
