import { noRegions } from '../associate/region-state.ts';
import { associate as follow } from '../associate/tracker.ts';
import type { FrameRegions } from '../core/frame.ts';
import { ptsToSeconds, type Rational } from '../core/time.ts';
import type { SeenFrame } from './analyse.ts';

/** A frame whose regions are known from the frames before it. */
export interface TrackedFrame extends SeenFrame {
  /** int32: the track of each region, from 1; −1 for a region that is nowhere. */
  readonly tracks: Int32Array;
}

/** Follows regions from frame to frame. Frames that share their regions share their tracks; `count` them. */
export async function* associate(
  frames: AsyncIterable<SeenFrame>,
  timeBase: Rational,
  count: { tracks: number },
): AsyncGenerator<TrackedFrame> {
  let state = noRegions;
  let last: { regions: FrameRegions; tracks: Int32Array } | undefined;
  for await (const frame of frames) {
    const { index, pts, regions } = frame;
    if (last?.regions !== regions) {
      const { gridWidth, gridHeight } = regions.geometry;
      const seconds = ptsToSeconds(pts, timeBase);
      const next = follow(state, { ...regions, index, seconds, gridWidth, gridHeight });
      state = next.state;
      count.tracks = state.nextId - 1;
      last = { regions, tracks: next.tracks };
    }
    yield { ...frame, tracks: last.tracks };
  }
}
