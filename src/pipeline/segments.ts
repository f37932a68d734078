import { connectedParts, type Parts } from '../associate/connected-parts.ts';
import { foresee, type PartsAt } from '../associate/foresee.ts';
import { noObjects, type ObjectState } from '../associate/object-state.ts';
import { type TrackedObject, trackObjects } from '../associate/objects.ts';
import { seedMap } from '../associate/seeds.ts';
import { draw } from '../associate/shape.ts';
import type { AnalysedFrame } from '../core/frame.ts';
import type { Vocabulary } from '../core/vocabulary.ts';

/** Points that a part of a thing must have to be an object; what is smaller has a name and no identity. */
const SMALLEST = 4;
/** Ids of stuff, which hang on the name alone, are in [STUFF, 2 × STUFF); seeds are numbered from 1 and stay below. */
const STUFF = 0x40000000;
/** Objects that begin where another has the seed already are numbered from here, by when and where they begin. */
const SEEDLESS = 2 ** 32;

/** A thing, or all that a frame shows of one kind of stuff. */
export interface Piece {
  /** Index of its name. */
  readonly name: number;
  readonly track: number;
  /** False for the points of a thing that are too few to tell one from another. */
  readonly identified: boolean;
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

/** Frames that are told apart together, and frames after them that are looked at for it. */
const [TOGETHER, AHEAD] = [24, 48];
/** An object is seen in so many frames, or it is noise. */
const LEAST_FRAMES = 3;

/**
 * Tells things apart. Stuff has one piece a name; things are followed, and have the ids of their seeds. `push` gives the
 * frames that are told apart by then, in order; `finish` the others.
 * Up to three seconds are looked ahead: what will come apart is divided before, and what is seen for a moment alone is
 * nothing. `causal`: each frame is told at once.
 */
export function createSegmenter<T extends Labelled>(vocabulary: Vocabulary, causal = false) {
  const isThing = Uint8Array.from(vocabulary, ({ isthing, other }) => Number(isthing && !other));
  const stuff = stuffIds(vocabulary.map(({ name }) => name)).map((track, name): Piece => {
    return { name, track, identified: isThing[name] === 0 };
  });
  let state = noObjects;
  const waiting: (PartsAt & { readonly frame: T })[] = [];
  const held: { readonly frame: T; readonly objects: readonly TrackedObject[] }[] = [];
  /** Frames in which each object was seen. */
  const seen = new Map<number, number>();

  function follow(count: number): Told<T>[] {
    const { width, height } = waiting[0].frame.points;
    const divided = causal ? [...waiting] : foresee(waiting, count, width, height);
    for (const [i, { frame, index, seconds }] of waiting.splice(0, count).entries()) {
      const parts = divided[i];
      const birth = births(parts, state, frame);
      const tracked = trackObjects(state, { ...parts, index, seconds, width, height, birth });
      state = tracked.state;
      for (const { id } of tracked.objects) seen.set(id, (seen.get(id) ?? 0) + 1);
      held.push({ frame, objects: tracked.objects });
    }
    // What is forgotten will not come again.
    const known = new Set(state.objects.map(({ id }) => id));
    const told = tell(causal ? held.length : held.length - (LEAST_FRAMES - 1));
    for (const { objects } of held) for (const { id } of objects) known.add(id);
    for (const id of seen.keys()) if (!known.has(id)) seen.delete(id);
    return told;
  }

  function tell(count: number): Told<T>[] {
    return held.splice(0, Math.max(0, count)).map(({ frame, objects }) => {
      const sure = objects.filter(({ id }) => seen.get(id)! >= LEAST_FRAMES);
      const map = frame.labels.slice();
      for (const [place, { runs }] of sure.entries()) draw(runs, vocabulary.length + place, map);
      const things = sure.map(({ id, name }): Piece => ({ name, track: id, identified: true }));
      return { frame, pieces: [...stuff, ...things], map };
    });
  }

  return {
    push(frame: T): Told<T>[] {
      const { labels, index, seconds } = frame;
      const { width, height } = frame.points;
      const parts = connectedParts(labels, width, height, isThing, SMALLEST);
      waiting.push({ ...parts, index, seconds, frame });
      if (causal) return follow(1);
      return waiting.length < TOGETHER + AHEAD ? [] : follow(TOGETHER);
    },
    finish(): Told<T>[] {
      const told: Told<T>[] = [];
      while (waiting.length > 0) told.push(...follow(Math.min(TOGETHER, waiting.length)));
      return [...told, ...tell(held.length)];
    },
  };
}

/** Of a seed and of a part so much must be in both for them to be the same thing. */
const SAME = 0.3;

/**
 * Ids for objects that begin in a frame: that of the seed which they are, unless an object has it already, so that a thing
 * keeps its id whatever it is called.
 */
function births({ parts }: Parts, state: ObjectState, { points, seeds, index }: Labelled) {
  let taken: Set<number> | undefined;
  let seedAt: Int32Array | undefined;
  let sizes: Map<number, number> | undefined;
  return (number: number): number => {
    taken ??= new Set(state.objects.map(({ id }) => id));
    seedAt ??= seedMap(points, seeds);
    sizes ??= countsOf(seedAt);
    const { area, runs } = parts[number - 1];
    const shared = new Map<number, number>();
    for (let i = 0; i < runs.length; i += 2) {
      for (let point = runs[i]; point < runs[i] + runs[i + 1]; point++) {
        if (seedAt[point] !== 0) shared.set(seedAt[point], (shared.get(seedAt[point]) ?? 0) + 1);
      }
    }
    let [id, most] = [SEEDLESS + index * seedAt.length + runs[0], 0];
    for (const [seed, both] of shared) {
      if (taken.has(seed) || both < SAME * Math.max(area, sizes.get(seed)!)) continue;
      // Of equals the older one.
      if (both > most || (both === most && seed < id)) [id, most] = [seed, both];
    }
    taken.add(id);
    return id;
  };
}

function countsOf(values: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (let at = 0; at < values.length; ) {
    const value = values[at];
    const start = at++;
    while (at < values.length && values[at] === value) at++;
    counts.set(value, (counts.get(value) ?? 0) + at - start);
  }
  return counts;
}

/** An id for each name that depends on no other name, but where two would have the same. */
function stuffIds(names: readonly string[]): number[] {
  const taken = new Set<number>();
  return names.map((name) => {
    // FNV-1a, as for names of tensors.
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
    let id = STUFF + ((hash >>> 2) % STUFF);
    while (taken.has(id)) id = id === 2 * STUFF - 1 ? STUFF : id + 1;
    taken.add(id);
    return id;
  });
}
