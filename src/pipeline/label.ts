import { invalidAnalysis } from '../analysis/file/format.ts';
import { type AnalysisFile, openAnalysis } from '../analysis/file/reader.ts';
import { sumOfFile } from '../analysis/file/source-sum.ts';
import { SidestreamError } from '../core/errors.ts';
import { type Pts, pts, type Rational } from '../core/time.ts';
import { type Vocabulary, withOther } from '../core/vocabulary.ts';
import type { Span } from '../media/argv.ts';
import type { Warning } from '../media/decode.ts';
import { ffmpegVersion } from '../media/encode.ts';
import { isAddress, type MediaProbe } from '../media/probe.ts';
import type { FfmpegPaths } from '../media/process.ts';
import { buildClassifier } from '../rsan/classifier.ts';
import { type Model, maskGeometry } from '../rsan/model.ts';
import type { PackManifest } from '../rsan/packs/pack.ts';
import type { Tokenizer } from '../rsan/tokenizer.ts';
import { decideApart } from './decide-apart.ts';
import type { Progress } from './file.ts';
import { tellApart } from './name.ts';
import { writeReport } from './report.ts';
import { frameRateOf, openSource, probeOf } from './see.ts';
import {
  checkResults,
  openSinks,
  planWriting,
  type ResultsRequest,
  vocabularyOf,
  type WordsRequest,
} from './show.ts';
import { createStopwatch } from './stopwatch.ts';

export interface LabelRequest extends WordsRequest, ResultsRequest {
  readonly analysis: string;
  /** The video that was analysed; needed for `output` alone. */
  readonly video: string | undefined;
  /** A part of the analysis, in seconds from the video's start. */
  readonly span: Span;
}

export interface LabelDeps {
  readonly paths: FfmpegPaths;
  readonly model: Model;
  readonly pack: PackManifest;
  /** The pack's checksum. */
  readonly identity: string;
  readonly tokenizer: Tokenizer;
  readonly wordCache: string | undefined;
  readonly progress: (progress: Progress) => void;
}

export interface LabelReport {
  readonly analysis: string;
  readonly model: string;
  readonly vocabulary: Vocabulary;
  readonly frames: { readonly labelled: number };
  readonly timing: { readonly wall_s: number; readonly name_s: number; readonly render_s: number };
  readonly warnings: readonly Warning[];
}

/** Seconds before and after a part that are looked at too, so that its frames are named as in the whole. */
const [RUN_UP, RUN_OUT] = [6, 4];

/** Names an analysis anew. Nothing of the model but its words is run. */
export async function label(
  request: LabelRequest,
  deps: LabelDeps,
  signal: AbortSignal,
): Promise<LabelReport> {
  const watch = createStopwatch(['name', 'render']);
  const { model, pack, paths } = deps;
  const { output, masks, maskVideo, panoptic, report: reportPath, video } = request;
  if (output !== undefined && video === undefined)
    throw new SidestreamError('USAGE', 'to paint over the video it must be given: --video FILE');
  const inputs = [request.analysis, ...(video === undefined ? [] : [video])];
  await checkResults([output, masks, maskVideo, panoptic, reportPath], inputs, request.force);
  await using analysis = await openAnalysis(request.analysis);
  const { header } = analysis;
  checkModel(analysis, deps.identity);
  const vocabulary = vocabularyOf(request, request, pack);
  const warnings: Warning[] = [];
  if (!analysis.whole) {
    const message = `${analysis.path} was cut off: it has ${analysis.frames} whole frames`;
    warnings.push({ code: 'ANALYSIS_CUT', message, count: 1 });
  }

  const probe = probeOf(header);
  const timeBase = header.time_base;
  const span = spanOf(header.source, request.span);
  const source =
    video === undefined
      ? undefined
      : await openSource(
          { input: video, span, deinterlace: header.preprocessing.deinterlace },
          paths,
          signal,
        );
  if (video !== undefined && source) await checkVideo(analysis, video, source.probe);
  const { writing, warnings: about } = source
    ? await planWriting(request, source.reading, paths, signal)
    : { writing: undefined, warnings: [] };
  warnings.push(...about);
  const words = { model, tokenizer: deps.tokenizer, prompts: pack.prompts, cache: deps.wordCache };
  const classifier = await buildClassifier(vocabulary, words, signal);
  const { width, height } = header.preprocessing.input;
  const geometry = maskGeometry(model.architecture, width, height);
  const ffmpegMajor = maskVideo === undefined ? 0 : (await ffmpegVersion(paths, signal)).major;
  // The model may have seen nothing of a clip's first pictures.
  const shown = header.live ? withOther(vocabulary) : vocabulary;
  await using sinks = await openSinks(
    { request, source: probe, writing, ffmpegMajor, vocabulary: shown, geometry, paths },
    signal,
  );

  const { start, duration } = span;
  const ticks = (seconds: number | undefined) => ticksAt(seconds, probe, timeBase);
  const from = ticks(start);
  const end = duration === undefined ? undefined : (start ?? 0) + duration;
  const to = ticks(end);
  const names = vocabulary.length;
  const looked = { from: ticks(start && start - RUN_UP), to: ticks(end && end + RUN_OUT) };
  const decided = decideApart({ path: request.analysis, ...looked, classifier, names }, signal);
  const frameRate = frameRateOf(probe.video);
  const total = from === undefined && to === undefined ? analysis.frames : undefined;
  let labelled = 0;
  for await (const frame of watch.each('name', tellApart(decided, shown, timeBase))) {
    if (from !== undefined && frame.pts < from) continue;
    if (to !== undefined && frame.pts >= to) break;
    await watch.time('render', () => sinks.write(frame));
    deps.progress({ frames: ++labelled, total, frameRate });
  }
  if (labelled === 0) throw invalidAnalysis(analysis.path, 'it has no frame in the part that was asked for');
  await watch.time('render', () => sinks.finish());
  const report: LabelReport = {
    analysis: analysis.path,
    model: header.model.name,
    vocabulary,
    frames: { labelled },
    timing: { wall_s: watch.wall(), name_s: watch.seconds.name, render_s: watch.seconds.render },
    warnings,
  };
  if (reportPath !== undefined) await writeReport(reportPath, report);
  return report;
}

/** Words are compared with embeddings of the model that made them, and of no other. */
export function checkModel({ path, header: { model } }: AnalysisFile, identity: string): void {
  if (model.sum === identity) return;
  throw invalidAnalysis(
    path,
    `it was made with other weights than this model's: give the model that made it (it was called ${model.name})`,
  );
}

/** Throws ANALYSIS_INVALID where the analysis is of another video. */
export async function checkVideo(
  analysis: AnalysisFile,
  video: string,
  { video: probe }: MediaProbe,
): Promise<void> {
  const { source, time_base } = analysis.header;
  const other = (why: string) =>
    invalidAnalysis(analysis.path, `it is of another video than ${video}: ${why}`);
  if (probe.timeBase.num * time_base.den !== probe.timeBase.den * time_base.num)
    throw other('their time bases differ');
  if (source.sum !== null && !isAddress(video) && source.sum !== (await sumOfFile(video)))
    throw other('their checksums differ');
}

/** The part of the video that both the analysis and the request are about. */
function spanOf(
  made: { readonly start: number | null; readonly duration: number | null },
  asked: Span,
): Span {
  const start = Math.max(made.start ?? 0, asked.start ?? 0);
  const ends = [
    ...(made.duration === null ? [] : [(made.start ?? 0) + made.duration]),
    ...(asked.duration === undefined ? [] : [(asked.start ?? 0) + asked.duration]),
  ];
  const whole = made.start === null && asked.start === undefined;
  return {
    ...(whole ? {} : { start }),
    ...(ends.length === 0 ? {} : { duration: Math.max(0, Math.min(...ends) - start) }),
  };
}

/** The first tick at or after a time that counts from the video's start. */
function ticksAt(seconds: number | undefined, probe: MediaProbe, timeBase: Rational): Pts | undefined {
  if (seconds === undefined) return undefined;
  // A hair less, so that rounding does not lose the frame that begins just then.
  return pts(Math.ceil(((probe.start + seconds) * timeBase.den) / timeBase.num - 1e-6));
}
