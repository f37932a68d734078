import { type Candidates, candidatesOf, NO_NAME } from '../analysis/candidates.ts';
import { nameRegions } from '../analysis/name.ts';
import { createSteadyNamer } from '../analysis/steady.ts';
import { type AnalysedFrame, isUnseen, type TrackTable } from '../core/frame.ts';
import { ptsToSeconds, type Rational } from '../core/time.ts';
import type { Classifier } from '../core/vocabulary.ts';

/** A frame whose points have names. */
export interface DecidedFrame {
  readonly frame: Omit<AnalysedFrame, 'tracks'>;
  /** Index of a name for each point. */
  readonly labels: Uint16Array;
  /** What the points might have been. */
  readonly candidates: Candidates;
}

/**
 * Names the points of every frame so that names change where they must: a track by its table, and points over time. Some
 * frames are looked ahead. Points of a frame of which nothing is known are NO_NAME. `names`: how many there are.
 */
export async function* decideNames(
  frames: AsyncIterable<AnalysedFrame>,
  classifier: Classifier,
  names: number,
  timeBase: Rational,
): AsyncGenerator<DecidedFrame> {
  type Held = Omit<DecidedFrame, 'labels'>;
  type Named = ReturnType<ReturnType<typeof createSteadyNamer<Held>>['finish']>;
  const decided = (named: Named = []) => named.map(({ frame, labels }) => ({ ...frame, labels }));
  let namer: ReturnType<typeof createSteadyNamer<Held>> | undefined;
  let known: { tracks: TrackTable; probabilities: Float32Array } | undefined;
  let last: Held | undefined;
  for await (const { tracks, ...frame } of frames) {
    const { points, pts } = frame;
    if (isUnseen(points)) {
      // What lies before it and what comes behind it know nothing of each other.
      yield* decided(namer?.finish());
      namer = undefined;
      last = undefined;
      const labels = new Uint16Array(points.codes.length).fill(NO_NAME);
      yield { frame, labels, candidates: candidatesOf(points, new Float32Array(0), names) };
      continue;
    }
    if (known?.tracks !== tracks) {
      const regions = { count: tracks.ids.length, embeddings: tracks.embeddings };
      known = { tracks, probabilities: nameRegions(regions, classifier, names) };
    }
    const { probabilities } = known;
    const same = last?.frame.points === points;
    last = { frame, candidates: same ? last!.candidates : candidatesOf(points, probabilities, names) };
    namer ??= createSteadyNamer<Held>(points.codes.length);
    const seconds = ptsToSeconds(pts, timeBase);
    yield* decided(namer.push(last, points.codes, last.candidates, seconds));
  }
  yield* decided(namer?.finish());
}
