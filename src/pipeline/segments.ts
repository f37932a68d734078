import { connectedParts, type Parts } from '../associate/connected-parts.ts';
import { noObjects, type ObjectState } from '../associate/object-state.ts';
import { trackObjects } from '../associate/objects.ts';
import { seedMap } from '../associate/seeds.ts';
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

/** Stuff has one piece a name; things are told apart and followed, and have the ids of their seeds. */
export function createSegmenter(vocabulary: Vocabulary) {
  const isThing = Uint8Array.from(vocabulary, ({ isthing, other }) => Number(isthing && !other));
  const stuff = stuffIds(vocabulary.map(({ name }) => name)).map((track, name): Piece => {
    return { name, track, identified: isThing[name] === 0 };
  });
  let state = noObjects;
  return (
    labels: Uint16Array,
    { points, seeds, index }: Pick<AnalysedFrame, 'points' | 'seeds' | 'index'>,
    seconds: number,
  ): Pieces => {
    const { width, height } = points;
    const parts = connectedParts(labels, width, height, isThing, SMALLEST);
    const birth = births(parts, state, () => seedMap(points, seeds), index * width * height);
    const tracked = trackObjects(state, { ...parts, index, seconds, width, height, birth });
    state = tracked.state;
    const { objects, map } = tracked.objects;
    const pieces = labels.slice();
    for (let point = 0; point < map.length; point++)
      if (map[point] > 0) pieces[point] = vocabulary.length + map[point] - 1;
    const things = objects.map(({ id, name }): Piece => ({ name, track: id, identified: true }));
    return { pieces: [...stuff, ...things], map: pieces };
  };
}

/**
 * Ids for objects that begin in a frame: that of the seed which has most of the part, unless an object has it already, so
 * that a thing keeps its id whatever it is called.
 */
function births({ parts, map }: Parts, state: ObjectState, seeds: () => Int32Array, first: number) {
  let taken: Set<number> | undefined;
  let seedAt: Int32Array | undefined;
  return (part: number): number => {
    taken ??= new Set(state.objects.map(({ id }) => id));
    seedAt ??= seeds();
    const areas = new Map<number, number>();
    for (let point = 0; point < map.length; point++) {
      if (map[point] !== part || seedAt[point] === 0) continue;
      areas.set(seedAt[point], (areas.get(seedAt[point]) ?? 0) + 1);
    }
    let [id, most] = [SEEDLESS + first + parts[part - 1].first, 0];
    for (const [seed, area] of areas) {
      // Of equals the older one.
      if (taken.has(seed) || area < most || (area === most && seed > id)) continue;
      [id, most] = [seed, area];
    }
    taken.add(id);
    return id;
  };
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
