import { mapOf, type Parts } from './connected-parts.ts';
import { noObjects } from './object-state.ts';
import { trackObjects } from './objects.ts';

/** The parts of a frame, when they were seen. */
export interface PartsAt extends Parts {
  readonly index: number;
  readonly seconds: number;
}

/**
 * Divides parts as they are going to come apart. Backward in time, what comes apart grows together; so the frames are
 * followed from the last to the first, and what was one part is divided between the things that it is later seen to be.
 * Each of these is one part of the result, also where something in front cuts it in two.
 * `frames`: in order, of one size. Returns the parts of the first `count` of them. Pure.
 */
export function foresee(frames: readonly PartsAt[], count: number, width: number, height: number): Parts[] {
  const divided: Parts[] = [];
  let state = noObjects;
  for (let i = frames.length - 1; i >= 0; i--) {
    const { parts, map, index, seconds } = frames[i];
    const backward = { index: frames[frames.length - 1].index - index, seconds: -seconds };
    const next = trackObjects(state, { ...backward, width, height, parts, map });
    state = next.state;
    if (i >= count) continue;
    // In order of first points, as `connectedParts` gives them.
    const found = [...next.objects].sort((a, b) => a.runs[0] - b.runs[0]);
    const shapes = found.map(({ runs }) => runs);
    divided.unshift({ parts: found, map: mapOf(shapes, width * height) });
  }
  return divided;
}
