import { mixturesOf } from '../analysis/mixtures.ts';
import { createVocabulary, type Expansion } from '../analysis/vocabulary.ts';
import { SidestreamError } from '../core/errors.ts';
import type { Frame, FrameRegions } from '../core/frame.ts';
import { rationalToNumber } from '../core/time.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { EncoderSettings, ReadOptions, Span, WriteOptions } from '../media/argv.ts';
import { outputSize } from '../media/argv.ts';
import { decode, type Warning } from '../media/decode.ts';
import { checkEncoding, ffmpegVersion, openIndexVideo, openOverlay } from '../media/encode.ts';
import { modelSize, paintSize } from '../media/geometry.ts';
import { checkOutput, containerOf } from '../media/output.ts';
import { type MediaProbe, probe } from '../media/probe.ts';
import type { FfmpegPaths } from '../media/process.ts';
import { createOverlay, type OverlayOptions } from '../overlay/overlay.ts';
import { buildClassifier } from '../rsan/classifier.ts';
import { type Model, maskGeometry } from '../rsan/model.ts';
import type { PackManifest } from '../rsan/packs/pack.ts';
import type { Tokenizer } from '../rsan/tokenizer.ts';
import { analyse } from './analyse.ts';
import { associate } from './associate.ts';
import { createNameMaps, createSegmentMaps } from './labels.ts';
import { nameEach, nameSteadily } from './name.ts';
import { type Report, writeReport } from './report.ts';
import { type FrameSink, indexVideoSink, masksSink, overlaySink, together } from './sinks.ts';
import { createStopwatch } from './stopwatch.ts';

export interface SegmentRequest {
  /** A path or an address. */
  readonly input: string;
  /** The overlaid video; the container is told by its extension. */
  readonly output: string;
  /** Names with their synonyms; empty: what the expansion has. */
  readonly names: readonly (readonly string[])[];
  readonly expand: Expansion;
  readonly things: readonly string[];
  readonly stuff: readonly string[];
  /** Pixels of the shorter side of what the model sees; undefined: what the pack says. */
  readonly shortSide: number | undefined;
  /** `none`: each frame for itself, as published; `online`: regions followed from frame to frame, names that stay. */
  readonly association: 'none' | 'online';
  /** Only each n-th frame goes through the model; the others show its masks. */
  readonly every: number;
  readonly span: Span;
  readonly deinterlace: boolean;
  readonly encoder: EncoderSettings;
  readonly style: Pick<OverlayOptions, 'opacity' | 'outline' | 'labels'> &
    Partial<Pick<OverlayOptions, 'colours'>>;
  /** Pixels of the longer side of the painted picture. */
  readonly paintSide: number;
  /** Masks JSON, index video and report; undefined: not written. */
  readonly masks: string | undefined;
  readonly maskVideo: string | undefined;
  readonly report: string | undefined;
  readonly force: boolean;
}

export interface SegmentDeps {
  readonly paths: FfmpegPaths;
  readonly model: Model;
  readonly pack: PackManifest;
  readonly tokenizer: Tokenizer;
  /** Folder for embeddings of words. */
  readonly wordCache: string | undefined;
  readonly progress: (progress: Progress) => void;
}

export interface Progress {
  /** Frames that are done. */
  readonly frames: number;
  /** Frames in all, as far as the container tells; an estimate. */
  readonly total: number | undefined;
  /** Frames a second of the source, where it is known. */
  readonly frameRate: number | undefined;
}

/** A file or an address to an overlaid video, in one pass: the way of a frame, top to bottom. */
export async function segment(
  request: SegmentRequest,
  deps: SegmentDeps,
  signal: AbortSignal,
): Promise<Report> {
  const watch = createStopwatch(['decode', 'analyse', 'associate', 'render', 'encode']);
  const warnings: Warning[] = [];
  const { model, paths } = deps;

  // What can be wrong is found out before any work is done.
  const container = containerOf(request.output);
  const results = [request.output, request.masks, request.maskVideo, request.report].filter(
    (path) => path !== undefined,
  );
  for (const path of results) await checkOutput(path, [request.input], request.force);
  if (new Set(results).size < results.length)
    throw new SidestreamError('USAGE', 'two results have the same name');
  const source = await probe(request.input, paths, signal);
  const { major: ffmpegMajor } = await ffmpegVersion(paths, signal);
  const { input, span, deinterlace } = request;
  const reading: ReadOptions = { input, probe: source, span, deinterlace, ffmpegMajor };
  const writing: WriteOptions = { ...reading, container, settings: request.encoder };
  warnings.push(...(await checkEncoding(writing, { paths }, signal)));

  const vocabulary = vocabularyOf(request, deps.pack);
  const classifier = await buildClassifier(
    vocabulary,
    { model, tokenizer: deps.tokenizer, prompts: deps.pack.prompts, cache: deps.wordCache },
    signal,
  );
  const seenSize = modelSize(source.video, request.shortSide ?? deps.pack.short_side);
  await using sinks = await openSinks(request, deps, writing, vocabulary, seenSize, signal);

  const frames = { decoded: 0, analysed: 0, written: 0, tracks: 0 };
  const decoded = decode(reading, seenSize, { paths, warn: (warning) => warnings.push(warning) }, signal);
  const counted = countInto(frames, watch.each('decode', decoded));
  const steady = request.association !== 'none';
  const lanes = { analyse: seeing(model, steady), concurrency: model.lanes + 1 };
  const seen = watch.each('analyse', analyse(counted, request.every, lanes, signal));
  const tracked = watch.each('associate', associate(seen, source.video.timeBase, frames));
  const total = totalFrames(source, span);
  const frameRate = source.video.averageFrameRate && rationalToNumber(source.video.averageFrameRate);
  const named = steady
    ? nameSteadily(tracked, classifier, vocabulary, source.video.timeBase)
    : nameEach(tracked, classifier, vocabulary.length);
  for await (const frame of named) {
    if (frame.analysed) frames.analysed++;
    await watch.time('render', () => sinks.write(frame));
    deps.progress({ frames: ++frames.written, total, frameRate });
  }
  const emitted = (await watch.time('encode', () => sinks.finish())).frames;

  const { seconds } = watch;
  const report: Report = {
    input: source,
    output: await probe(request.output, paths, signal),
    model: model.name,
    provider: model.provider,
    precision: model.precision,
    vocabulary: vocabulary.map(({ name, synonyms, other, isthing }) => ({ name, synonyms, other, isthing })),
    frames: {
      decoded: frames.decoded,
      analysed: frames.analysed,
      emitted,
      dropped: emitted === frames.decoded ? [] : [{ reason: 'ENCODER', count: frames.decoded - emitted }],
    },
    timing: {
      wall_s: watch.wall(),
      decode_s: seconds.decode,
      // Each stage waits for the one before it: its own time is the difference.
      analyse_s: seconds.analyse - seconds.decode,
      associate_s: seconds.associate - seconds.analyse,
      render_s: seconds.render,
      encode_s: seconds.encode,
    },
    regions: frames.analysed * model.architecture.side.queries,
    tracks: frames.tracks,
    warnings,
  };
  if (request.report !== undefined) await writeReport(request.report, report);
  return report;
}

/** What the model sees in a frame; with `points`, also where exactly its regions end. */
function seeing(model: Model, points: boolean) {
  return async (frame: Frame, signal: AbortSignal): Promise<FrameRegions> => {
    const { refined, ...regions } = await model.analyse(frame, { refined: points }, signal);
    return refined
      ? { ...regions, points: mixturesOf(refined.levels, refined.width, refined.height, regions.count) }
      : regions;
  };
}

function vocabularyOf(request: SegmentRequest, pack: PackManifest): Vocabulary {
  const { names, expand, things, stuff } = request;
  const modelNames = pack.names ?? [];
  const vocabulary = createVocabulary(names, { expand, modelNames, things, stuff });
  if (vocabulary.length === 0) {
    throw new SidestreamError(
      'USAGE',
      `there is nothing to name: give --vocabulary, or --expand other than ${expand}`,
    );
  }
  return vocabulary;
}

async function openSinks(
  request: SegmentRequest,
  { model, paths }: SegmentDeps,
  writing: WriteOptions,
  vocabulary: Vocabulary,
  seenSize: { width: number; height: number },
  signal: AbortSignal,
): Promise<FrameSink> {
  const { video } = writing.probe;
  const { timeBase } = video;
  const geometry = maskGeometry(model.architecture, seenSize.width, seenSize.height);
  const size = outputSize(video);
  const painted = paintSize(video, request.paintSide);
  const space = {
    matrix: /2020/.test(video.colorSpace ?? '') ? 'bt2020' : video.colorSpace === 'bt709' ? 'bt709' : 'bt601',
    range: video.colorRange ?? 'tv',
  } as const;
  const overlay = createOverlay({ ...request.style, ...painted, vocabulary, space });
  const opened: FrameSink[] = [];
  try {
    if (request.masks !== undefined) {
      const rate = video.averageFrameRate ? rationalToNumber(video.averageFrameRate) : 0;
      const options = {
        path: request.masks,
        fileName: writing.probe.name,
        size,
        frameRate: rate,
        timeBase,
        vocabulary,
      };
      opened.push(await masksSink(createSegmentMaps(geometry, size), options));
    }
    if (request.maskVideo !== undefined) {
      const pictures = openIndexVideo(
        request.maskVideo,
        { ...size, timeBase },
        writing.ffmpegMajor,
        { paths },
        signal,
      );
      const names = createNameMaps(geometry, size, vocabulary.length, false);
      opened.push(indexVideoSink(names, vocabulary, pictures));
    }
    const pictures = openOverlay(
      request.output,
      writing,
      { ...painted, layout: 'yuva420p' },
      { paths },
      signal,
    );
    const names = createNameMaps(geometry, painted, vocabulary.length, true);
    return together([overlaySink(overlay, names, timeBase, pictures), ...opened]);
  } catch (error) {
    await together(opened)[Symbol.asyncDispose]();
    throw error;
  }
}

async function* countInto<T>(frames: { decoded: number }, items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    frames.decoded++;
    yield item;
  }
}

/** Frames to come, as far as the container tells. */
function totalFrames({ duration, video }: MediaProbe, span: Span): number | undefined {
  const rate = video.averageFrameRate ? rationalToNumber(video.averageFrameRate) : undefined;
  if (span.start === undefined && span.duration === undefined && video.frames !== undefined)
    return video.frames;
  if (duration === undefined || rate === undefined) return undefined;
  const left = Math.max(0, duration - (span.start ?? 0));
  return Math.max(1, Math.round(Math.min(left, span.duration ?? left) * rate));
}
