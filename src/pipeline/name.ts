import { nameRegions } from '../analysis/name.ts';
import { surenessOf } from '../analysis/steady.ts';
import { type AnalysedFrame, type FrameRegions, isUnseen, type Segment } from '../core/frame.ts';
import { type Pts, ptsToSeconds, type Rational } from '../core/time.ts';
import type { Classifier, Vocabulary } from '../core/vocabulary.ts';
import { isAnalysed, type SeenFrame } from './analyse.ts';
import { type DecidedFrame, decideNames } from './decide.ts';
import { createSegmenter, type Labelled, type Told } from './segments.ts';

/** A frame whose pixels have names. */
export interface NamedFrame {
  readonly index: number;
  readonly pts: Pts;
  /** Whether the model ran on this very frame. */
  readonly analysed: boolean;
  readonly naming: RegionNaming | PointNaming;
}

/** Names of regions, each frame for itself: what is published. */
export interface RegionNaming {
  readonly kind: 'regions';
  readonly regions: FrameRegions;
  /** float32, regions × names, each in [0, 1]. */
  readonly probabilities: Float32Array;
}

/** Names of points, decided over time. */
export interface PointNaming {
  readonly kind: 'points';
  readonly width: number;
  readonly height: number;
  /** height × width: index of a name. */
  readonly labels: Uint16Array;
  readonly segments: readonly Segment[];
  /** height × width: index into `segments`. */
  readonly pieces: Uint16Array;
}

/** Names the regions of every frame; frames that share their regions share their names. */
export async function* nameEach(
  frames: AsyncIterable<SeenFrame>,
  classifier: Classifier,
  names: number,
): AsyncGenerator<NamedFrame> {
  let last: RegionNaming | undefined;
  for await (const frame of frames) {
    const { index, pts, regions } = frame;
    if (last?.regions !== regions)
      last = { kind: 'regions', regions, probabilities: nameRegions(regions, classifier, names) };
    yield { index, pts, analysed: isAnalysed(frame), naming: last };
  }
}

/** Names the points of every frame over time, and tells things apart. */
export function nameSteadily(
  frames: AsyncIterable<AnalysedFrame>,
  classifier: Classifier,
  vocabulary: Vocabulary,
  timeBase: Rational,
): AsyncGenerator<NamedFrame> {
  return tellApart(decideNames(frames, classifier, vocabulary.length, timeBase), vocabulary, timeBase);
}

/**
 * Tells things of one name apart and follows them. What has no name is of the first name that is shown as other, which
 * must be there for frames of which nothing is known.
 */
export async function* tellApart(
  frames: AsyncIterable<DecidedFrame>,
  vocabulary: Vocabulary,
  timeBase: Rational,
): AsyncGenerator<NamedFrame> {
  type Waiting = DecidedFrame & Labelled;
  const segmenter = createSegmenter<Waiting>(vocabulary);
  const nameless = vocabulary.findIndex(({ other }) => other);
  const named = ({ frame: { frame, labels, candidates }, pieces, map }: Told<Waiting>): NamedFrame => {
    const { index, pts, analysed } = frame;
    const { width, height, codes } = frame.points;
    const { confidence, margin } = surenessOf(labels, map, pieces.length, codes, candidates);
    const segments = pieces.map(({ name, track, identified }, i) => {
      return { name, track, identified, confidence: confidence[i], margin: margin[i] };
    });
    return { index, pts, analysed, naming: { kind: 'points', width, height, labels, segments, pieces: map } };
  };
  for await (const decided of frames) {
    const { points, seeds, index, pts } = decided.frame;
    const seconds = ptsToSeconds(pts, timeBase);
    if (isUnseen(points)) {
      if (nameless < 0) throw new RangeError('no name is there for what has none');
      decided.labels.fill(nameless);
    }
    for (const told of segmenter.push({ ...decided, points, seeds, index, seconds })) yield named(told);
  }
  for (const told of segmenter.finish()) yield named(told);
}
