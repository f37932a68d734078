import { type Candidates, candidatesOf } from '../analysis/candidates.ts';
import { nameRegions } from '../analysis/name.ts';
import { createSteadyNamer, surenessOf } from '../analysis/steady.ts';
import type { AnalysedFrame, FrameRegions, Segment, TrackTable } from '../core/frame.ts';
import { type Pts, ptsToSeconds, type Rational } from '../core/time.ts';
import type { Classifier, Vocabulary } from '../core/vocabulary.ts';
import { isAnalysed, type SeenFrame } from './analyse.ts';
import { createSegmenter } from './segments.ts';

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

/** Names the points of every frame so that names change where they must; some frames are looked ahead. */
export async function* nameSteadily(
  frames: AsyncIterable<AnalysedFrame>,
  classifier: Classifier,
  vocabulary: Vocabulary,
  timeBase: Rational,
): AsyncGenerator<NamedFrame> {
  const names = vocabulary.length;
  const segment = createSegmenter(vocabulary);
  interface Held {
    readonly frame: AnalysedFrame;
    readonly candidates: Candidates;
  }
  const named = ({
    frame: { frame, candidates },
    labels,
  }: {
    frame: Held;
    labels: Uint16Array;
  }): NamedFrame => {
    const { index, pts, analysed } = frame;
    const { width, height, codes } = frame.points;
    const { pieces, map } = segment(labels, frame, ptsToSeconds(pts, timeBase));
    const { confidence, margin } = surenessOf(labels, map, pieces.length, codes, candidates);
    const segments = pieces.map((piece, i) => ({ ...piece, confidence: confidence[i], margin: margin[i] }));
    return { index, pts, analysed, naming: { kind: 'points', width, height, labels, segments, pieces: map } };
  };
  let namer: ReturnType<typeof createSteadyNamer<Held>> | undefined;
  let known: { tracks: TrackTable; probabilities: Float32Array } | undefined;
  let last: Held | undefined;
  for await (const frame of frames) {
    const { points, tracks, pts } = frame;
    if (known?.tracks !== tracks)
      known = { tracks, probabilities: nameRegions(asRegions(tracks), classifier, names) };
    if (last?.frame.points !== points)
      last = { frame, candidates: candidatesOf(points, known.probabilities, names) };
    else last = { frame, candidates: last.candidates };
    namer ??= createSteadyNamer<Held>(points.codes.length);
    for (const decided of namer.push(last, points.codes, last.candidates, ptsToSeconds(pts, timeBase)))
      yield named(decided);
  }
  for (const decided of namer?.finish() ?? []) yield named(decided);
}

const asRegions = ({ ids, embeddings }: TrackTable) => ({ count: ids.length, embeddings });
