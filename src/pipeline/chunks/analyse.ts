import type { AnalysisHeader } from '../../analysis/file/format.ts';
import type { Frame } from '../../core/frame.ts';
import type { ReadOptions } from '../../media/argv.ts';
import type { Warning } from '../../media/decode.ts';
import { ffmpegVersion } from '../../media/encode.ts';
import type { FfmpegPaths } from '../../media/process.ts';
import { analysePart } from '../parts.ts';
import { decoded, type SeeDeps } from '../see.ts';
import { createStopwatch } from '../stopwatch.ts';
import type { AnalyseChunk, VideoPlan } from './plan.ts';

export interface AnalyseChunkRequest {
  readonly input: string;
  readonly confined: boolean;
  readonly plan: VideoPlan;
  readonly chunk: AnalyseChunk;
  readonly header: AnalysisHeader;
  readonly deinterlace: boolean;
  readonly every: number;
  readonly association: 'online' | 'clustered';
  /** The analysis of this part. */
  readonly output: string;
}

export interface AnalyseChunkReport {
  /** False: the chunk had not the frames that were planned, and the video must not be cut. Nothing was written then. */
  readonly fits: boolean;
  readonly decoded: number;
  readonly decode_s: number;
  readonly analyse_s: number;
  readonly warnings: readonly Warning[];
}

/** How a worker reads a video of which it does a part. */
export async function readingOf(
  {
    input,
    confined,
    plan,
    deinterlace,
  }: Pick<AnalyseChunkRequest, 'input' | 'confined' | 'plan' | 'deinterlace'>,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<ReadOptions> {
  const { major: ffmpegMajor } = await ffmpegVersion(paths, signal);
  return { input, probe: plan.probe, span: {}, deinterlace, ffmpegMajor, confined };
}

/** decode → analyse, for a part of a video. */
export async function analyseChunk(
  request: AnalyseChunkRequest,
  deps: SeeDeps & { readonly progress: (frames: number) => void },
  signal: AbortSignal,
): Promise<AnalyseChunkReport> {
  const { plan, chunk, header, output } = request;
  const reading = {
    ...(await readingOf(request, deps.paths, signal)),
    ...(chunk.excerpt && { excerpt: chunk.excerpt }),
  };
  const watch = createStopwatch(['decode', 'analyse', 'associate']);
  const counts = { decoded: 0, tracks: 0 };
  const warnings: Warning[] = [];
  const warn = (warning: Warning) => warnings.push(warning);
  const source = { probe: plan.probe, reading };
  const frames = decoded(source, header.preprocessing.input, { ...deps, warn }, counts, watch, signal);

  async function* numbered(): AsyncGenerator<Frame> {
    for await (const frame of frames) {
      const early = counts.decoded === 1 && chunk.excerpt && frame.pts !== chunk.excerpt.from;
      if (early || counts.decoded > chunk.end - chunk.first) throw new Misfit();
      yield { ...frame, index: frame.index + chunk.first };
      deps.progress(counts.decoded);
    }
    if (plan.frames !== undefined && counts.decoded !== chunk.end - chunk.first) throw new Misfit();
  }
  let fits = true;
  try {
    await analysePart(output, chunk, numbered(), header, request, deps.model, signal, watch);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    fits = false;
  }
  const { decode, analyse } = watch.seconds;
  return { fits, decoded: counts.decoded, decode_s: decode, analyse_s: analyse - decode, warnings };
}

class Misfit extends Error {}
