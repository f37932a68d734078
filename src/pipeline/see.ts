import type { AnalysisHeader } from '../analysis/file/format.ts';
import type { AnalysedFrame, Frame } from '../core/frame.ts';
import { type Rational, rationalToNumber } from '../core/time.ts';
import type { ReadOptions, Span } from '../media/argv.ts';
import { decode, type Warning } from '../media/decode.ts';
import { ffmpegVersion } from '../media/encode.ts';
import { modelSize, type Size } from '../media/geometry.ts';
import { type MediaProbe, probe } from '../media/probe.ts';
import type { FfmpegPaths } from '../media/process.ts';
import type { Model } from '../rsan/model.ts';
import type { PackManifest } from '../rsan/packs/pack.ts';
import { analyse } from './analyse.ts';
import { follow, gather, type RegionsAt, settle } from './associate.ts';
import { chain, cluster, featuresOf, type Range } from './cluster.ts';
import { pointRegions } from './point-regions.ts';
import type { Stopwatch } from './stopwatch.ts';

/** From a video to what is seen in it: decode → analyse → associate. No word is used here. */

/**
 * `none`: each frame for itself, as published for pictures; `online`: regions followed from frame to frame; `clustered`:
 * regions shared by the frames of a window, as published for videos.
 */
export type Association = 'none' | 'online' | 'clustered';

export interface SeeRequest {
  /** A path or an address. */
  readonly input: string;
  /** Pixels of the shorter side of what the model sees; undefined: what the pack says. */
  readonly shortSide: number | undefined;
  /** Only each n-th frame goes through the model; the others show its masks. */
  readonly every: number;
  readonly span: Span;
  readonly deinterlace: boolean;
}

export interface SeeDeps {
  readonly paths: FfmpegPaths;
  readonly model: Model;
  readonly pack: PackManifest;
}

/** A video that was looked into. */
export interface Source {
  readonly probe: MediaProbe;
  readonly reading: ReadOptions;
}

/** Probes the input. Throws what `probe` throws. */
export async function openSource(
  { input, span, deinterlace }: Pick<SeeRequest, 'input' | 'span' | 'deinterlace'>,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<Source> {
  const source = await probe(input, paths, signal);
  const { major: ffmpegMajor } = await ffmpegVersion(paths, signal);
  return { probe: source, reading: { input, probe: source, span, deinterlace, ffmpegMajor } };
}

/** What is fed to the model. */
export const seenSize = (source: MediaProbe, request: SeeRequest, pack: PackManifest): Size =>
  modelSize(source.video, request.shortSide ?? pack.short_side);

export interface Counts {
  decoded: number;
  tracks: number;
}

type Watch = Stopwatch<'decode' | 'analyse' | 'associate'>;

/** The frames of a source as they are, at the model's size. */
export async function* decoded(
  { reading }: Source,
  size: Size,
  deps: SeeDeps & { readonly warn: (warning: Warning) => void },
  counts: Counts,
  watch: Watch,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  const { paths, warn } = deps;
  for await (const frame of watch.each('decode', decode(reading, size, { paths, warn }, signal))) {
    counts.decoded++;
    yield frame;
  }
}

/** The regions of every frame, or of those in `range`, point by point. */
export async function* regionsOf(
  frames: AsyncIterable<Frame>,
  { every, association }: { readonly every: number; readonly association: Association },
  model: Model,
  watch: Watch,
  signal: AbortSignal,
  range: Range = { from: 0, to: Infinity },
): AsyncGenerator<RegionsAt> {
  const concurrency = model.lanes + 1;
  if (association === 'clustered') {
    const lanes = { concurrency, analyse: (frame: Frame) => featuresOf(frame, model, signal) };
    const seen = analyse(frames, every, lanes, signal);
    yield* watch.each('analyse', cluster(seen, range, model, signal));
  } else {
    const lanes = {
      concurrency,
      analyse: async (frame: Frame) => ({
        index: frame.index,
        ...(await pointRegions(frame, model, signal)),
      }),
    };
    yield* watch.each('analyse', analyse(frames, every, lanes, signal));
  }
}

/** Regions as tracks. */
export function associated(
  regions: AsyncIterable<RegionsAt>,
  association: Association,
  timeBase: Rational,
  counts: Counts,
  watch: Watch,
): AsyncGenerator<AnalysedFrame> {
  const settled = settle(regions);
  const followed = association === 'clustered' ? chain(settled) : follow(settled, timeBase);
  return watch.each('associate', gather(followed, timeBase, counts));
}

/** Frames to come, as far as the container tells. */
export function totalFrames({ duration, video }: MediaProbe, span: Span): number | undefined {
  const rate = frameRateOf(video);
  if (span.start === undefined && span.duration === undefined && video.frames !== undefined)
    return video.frames;
  if (duration === undefined || rate === undefined) return undefined;
  const left = Math.max(0, duration - (span.start ?? 0));
  return Math.max(1, Math.round(Math.min(left, span.duration ?? left) * rate));
}

/** The probe that an analysis keeps: `headerOf` wrote it. */
export const probeOf = ({ source }: AnalysisHeader): MediaProbe => source.probe as unknown as MediaProbe;

/** Frames a second, where the container tells. */
export const frameRateOf = ({ averageFrameRate }: MediaProbe['video']): number | undefined =>
  averageFrameRate && rationalToNumber(averageFrameRate);
