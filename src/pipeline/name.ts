import { type Candidates, candidatesOf } from '../analysis/candidates.ts';
import { nameRegions } from '../analysis/name.ts';
import { confidenceOf, createSteadyNamer } from '../analysis/steady.ts';
import type { FrameRegions, Segment } from '../core/frame.ts';
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
  frames: AsyncIterable<SeenFrame>,
  classifier: Classifier,
  vocabulary: Vocabulary,
  timeBase: Rational,
): AsyncGenerator<NamedFrame> {
  const names = vocabulary.length;
  const segment = createSegmenter(vocabulary);
  interface Held {
    readonly frame: Omit<NamedFrame, 'naming'>;
    readonly points: NonNullable<FrameRegions['points']>;
    readonly candidates: Candidates;
  }
  const named = ({ frame: { frame, points, candidates }, labels }: { frame: Held; labels: Uint16Array }) => {
    const { width, height, codes } = points;
    const confidence = confidenceOf(labels, codes, candidates, names);
    const time = { index: frame.index, seconds: ptsToSeconds(frame.pts, timeBase) };
    const segments = segment(labels, { width, height }, confidence, time);
    return { ...frame, naming: { kind: 'points', width, height, labels, ...segments } as const };
  };
  let namer: ReturnType<typeof createSteadyNamer<Held>> | undefined;
  let last: { regions: FrameRegions; held: Pick<Held, 'points' | 'candidates'> } | undefined;
  for await (const frame of frames) {
    const { index, pts, regions } = frame;
    const { points } = regions;
    if (!points) throw new TypeError('frames are named steadily by their points, which were not asked for');
    if (last?.regions !== regions) {
      const candidates = candidatesOf(points, nameRegions(regions, classifier, names), names);
      last = { regions, held: { points, candidates } };
    }
    namer ??= createSteadyNamer<Held>(points.codes.length);
    const held = { ...last.held, frame: { index, pts, analysed: isAnalysed(frame) } };
    for (const decided of namer.push(held, points.codes, held.candidates, ptsToSeconds(pts, timeBase)))
      yield named(decided);
  }
  for (const decided of namer?.finish() ?? []) yield named(decided);
}
