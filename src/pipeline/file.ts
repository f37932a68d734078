import { SidestreamError } from '../core/errors.ts';
import type { Frame, FrameRegions } from '../core/frame.ts';
import type { Warning } from '../media/decode.ts';
import { probe } from '../media/probe.ts';
import { buildClassifier } from '../rsan/classifier.ts';
import { type Model, maskGeometry } from '../rsan/model.ts';
import type { Tokenizer } from '../rsan/tokenizer.ts';
import { analyse } from './analyse.ts';
import { type NamedFrame, nameEach, nameSteadily } from './name.ts';
import { type Report, writeReport } from './report.ts';
import {
  type Association,
  associated,
  decoded,
  frameRateOf,
  openSource,
  regionsOf,
  type SeeDeps,
  type SeeRequest,
  seenSize,
  totalFrames,
} from './see.ts';
import {
  checkResults,
  openSinks,
  planWriting,
  type ResultsRequest,
  vocabularyOf,
  type WordsRequest,
} from './show.ts';
import { createStopwatch } from './stopwatch.ts';

export interface SegmentRequest extends SeeRequest, WordsRequest, ResultsRequest {
  readonly association: Association;
}

export interface SegmentDeps extends SeeDeps {
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
  const { model, paths, pack } = deps;

  // What can be wrong is found out before any work is done.
  const { output, masks, maskVideo, panoptic, report: reportPath } = request;
  if (panoptic !== undefined && request.association === 'none')
    throw new SidestreamError(
      'USAGE',
      '--panoptic is made of regions that are followed: give --association online or clustered',
    );
  await checkResults([output, masks, maskVideo, panoptic, reportPath], [request.input], request.force);
  const vocabulary = vocabularyOf(request, request, pack);
  const source = await openSource(request, paths, signal);
  const { writing, warnings } = await planWriting(request, source.reading, paths, signal);
  const warn = (warning: Warning) => warnings.push(warning);
  const words = { model, tokenizer: deps.tokenizer, prompts: pack.prompts, cache: deps.wordCache };
  const classifier = await buildClassifier(vocabulary, words, signal);
  const size = seenSize(source.probe, request, pack);
  const geometry = maskGeometry(model.architecture, size.width, size.height);
  const { ffmpegMajor } = source.reading;
  await using sinks = await openSinks(
    { request, source: source.probe, writing, ffmpegMajor, vocabulary, geometry, paths },
    signal,
  );

  const counts = { decoded: 0, analysed: 0, written: 0, tracks: 0 };
  const frames = decoded(source, size, { ...deps, warn }, counts, watch, signal);
  const { timeBase } = source.probe.video;
  let named: AsyncIterable<NamedFrame>;
  if (request.association === 'none') {
    const seen = watch.each('analyse', analyse(frames, request.every, eachAlone(model), signal));
    named = nameEach(watch.each('associate', seen), classifier, vocabulary.length);
  } else {
    const regions = regionsOf(frames, request, model, watch, signal);
    const analysed = associated(regions, request.association, timeBase, counts, watch);
    named = nameSteadily(analysed, classifier, vocabulary, timeBase);
  }
  const total = totalFrames(source.probe, request.span);
  const frameRate = frameRateOf(source.probe.video);
  for await (const frame of named) {
    if (frame.analysed) counts.analysed++;
    await watch.time('render', () => sinks.write(frame));
    deps.progress({ frames: ++counts.written, total, frameRate });
  }
  const emitted = (await watch.time('encode', () => sinks.finish())).frames;

  const { seconds } = watch;
  const report: Report = {
    input: source.probe,
    ...(output === undefined ? {} : { output: await probe(output, paths, signal) }),
    model: model.name,
    provider: model.provider,
    precision: model.precision,
    vocabulary,
    frames: {
      decoded: counts.decoded,
      analysed: counts.analysed,
      emitted,
      dropped: emitted === counts.decoded ? [] : [{ reason: 'ENCODER', count: counts.decoded - emitted }],
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
    regions: counts.analysed * model.architecture.side.queries,
    tracks: counts.tracks,
    warnings,
  };
  if (reportPath !== undefined) await writeReport(reportPath, report);
  return report;
}

/** What the model sees in a frame, as it is published. */
const eachAlone = (model: Model) => ({
  concurrency: model.lanes + 1,
  analyse: (frame: Frame, signal: AbortSignal): Promise<FrameRegions> =>
    model.analyse(frame, { refined: false }, signal),
});
