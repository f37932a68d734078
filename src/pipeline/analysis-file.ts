import { type AnalysisHeader, FORMAT_VERSION } from '../analysis/file/format.ts';
import { sumOfFile } from '../analysis/file/source-sum.ts';
import { createAnalysisWriter } from '../analysis/file/writer.ts';
import { INSIDE, POINT_STEP } from '../core/frame.ts';
import type { Warning } from '../media/decode.ts';
import { isAddress, type MediaProbe } from '../media/probe.ts';
import { refinedSize } from '../rsan/refine.ts';
import type { Progress } from './file.ts';
import {
  type Association,
  associated,
  decoded,
  frameRateOf,
  openSource,
  regionsOf,
  type SeeDeps,
  type SeeRequest,
  type Source,
  seenSize,
  totalFrames,
} from './see.ts';
import { checkResults } from './show.ts';
import { createStopwatch } from './stopwatch.ts';

export interface AnalyseRequest extends SeeRequest {
  readonly association: Exclude<Association, 'none'>;
  /** The analysis. */
  readonly output: string;
  readonly force: boolean;
}

export interface AnalyseDeps extends SeeDeps {
  /** The pack's checksum. */
  readonly identity: string;
  /** Name and version of this program. */
  readonly program: string;
  readonly progress: (progress: Progress) => void;
}

export interface AnalyseReport {
  readonly input: MediaProbe;
  readonly model: string;
  readonly provider: string;
  readonly precision: string;
  readonly frames: { readonly decoded: number; readonly analysed: number; readonly written: number };
  readonly tracks: number;
  readonly timing: {
    readonly wall_s: number;
    readonly decode_s: number;
    readonly analyse_s: number;
    readonly associate_s: number;
  };
  readonly warnings: readonly Warning[];
}

/** A file or an address to an analysis: the model's part alone, before any word. */
export async function analyseFile(
  request: AnalyseRequest,
  deps: AnalyseDeps,
  signal: AbortSignal,
): Promise<AnalyseReport> {
  const watch = createStopwatch(['decode', 'analyse', 'associate']);
  const { model, paths, pack } = deps;
  await checkResults([request.output], [request.input], request.force);
  const source = await openSource(request, paths, signal);
  const size = seenSize(source.probe, request, pack);
  const warnings: Warning[] = [];
  const counts = { decoded: 0, tracks: 0, analysed: 0, written: 0 };
  const header = await headerOf(request, source, deps, request.association);
  await using writer = await createAnalysisWriter(request.output, header);

  const warn = (warning: Warning) => warnings.push(warning);
  const frames = decoded(source, size, { ...deps, warn }, counts, watch, signal);
  const regions = regionsOf(frames, request, model, watch, signal);
  const total = totalFrames(source.probe, request.span);
  const frameRate = frameRateOf(source.probe.video);
  for await (const frame of associated(
    regions,
    request.association,
    source.probe.video.timeBase,
    counts,
    watch,
  )) {
    await writer.add(frame);
    if (frame.analysed) counts.analysed++;
    deps.progress({ frames: ++counts.written, total, frameRate });
  }
  await writer.finish();
  const { seconds } = watch;
  return {
    input: source.probe,
    model: model.name,
    provider: model.provider,
    precision: model.precision,
    frames: { decoded: counts.decoded, analysed: counts.analysed, written: counts.written },
    tracks: counts.tracks,
    timing: {
      wall_s: watch.wall(),
      decode_s: seconds.decode,
      analyse_s: seconds.analyse - seconds.decode,
      associate_s: seconds.associate - seconds.analyse,
    },
    warnings,
  };
}

/** What an analysis of this video says of itself. */
export async function headerOf(
  request: SeeRequest,
  { probe: source }: Source,
  { model, pack, identity, program }: Pick<AnalyseDeps, 'model' | 'pack' | 'identity' | 'program'>,
  association: AnalysisHeader['association'],
): Promise<AnalysisHeader> {
  const input = seenSize(source, request, pack);
  const { mean, std } = pack.preprocessing;
  return {
    version: FORMAT_VERSION,
    program,
    model: {
      name: model.name,
      sum: identity,
      precision: model.precision,
      dim: model.architecture.clip.embed,
    },
    preprocessing: {
      short_side: request.shortSide ?? pack.short_side,
      input,
      mean: [...mean],
      std: [...std],
      every: request.every,
      deinterlace: request.deinterlace,
    },
    lattice: { ...refinedSize(input.width, input.height), step: POINT_STEP, levels: INSIDE },
    time_base: source.video.timeBase,
    source: {
      name: source.name,
      sum: isAddress(request.input) ? null : await sumOfFile(request.input),
      start: request.span.start ?? null,
      duration: request.span.duration ?? null,
      probe: { ...source },
    },
    association,
  };
}
