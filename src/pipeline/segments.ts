import { connectedParts } from '../associate/connected-parts.ts';
import { noObjects } from '../associate/object-state.ts';
import { trackObjects } from '../associate/objects.ts';
import type { Segment } from '../core/frame.ts';
import type { Vocabulary } from '../core/vocabulary.ts';

/** Points that a part of a thing must have to be an object; what is smaller has a name and no identity. */
const SMALLEST = 4;
/** Tracks of stuff are numbered below, those of objects above. */
const OBJECTS_FROM = 0x10000;

export interface Segments {
  /** Names first, each with all of its points that are in no object; then the frame's objects. */
  readonly segments: readonly Segment[];
  /** height × width: index into `segments` for each point. */
  readonly pieces: Uint16Array;
}

/** Stuff has one segment a name; things are told apart and followed. `confidence`: one per name. */
export function createSegmenter(vocabulary: Vocabulary) {
  const isThing = Uint8Array.from(vocabulary, ({ isthing, other }) => Number(isthing && !other));
  let state = noObjects;
  return (
    labels: Uint16Array,
    { width, height }: { readonly width: number; readonly height: number },
    confidence: ArrayLike<number>,
    { index, seconds }: { readonly index: number; readonly seconds: number },
  ): Segments => {
    const parts = connectedParts(labels, width, height, isThing, SMALLEST);
    const tracked = trackObjects(state, { ...parts, index, seconds, width, height });
    state = tracked.state;
    const { objects, map } = tracked.objects;
    const pieces = labels.slice();
    for (let point = 0; point < map.length; point++)
      if (map[point] > 0) pieces[point] = vocabulary.length + map[point] - 1;
    const stuff = vocabulary.map((_, name) => ({ name, track: name + 1, confidence: confidence[name] }));
    const things = objects.map(({ id, name }) => {
      return { name, track: OBJECTS_FROM + id, confidence: confidence[name] };
    });
    return { segments: [...stuff, ...things], pieces };
  };
}
