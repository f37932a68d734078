import { openAnalysis } from '../analysis/file/reader.ts';
import { sumOfFile } from '../analysis/file/source-sum.ts';
import { type AnalysisWriter, createAnalysisWriter } from '../analysis/file/writer.ts';
import { asSidestreamError } from '../core/errors.ts';
import { unseenFrame } from '../core/frame.ts';
import { pts } from '../core/time.ts';
import { frameTimes } from '../media/packets.ts';
import { type MediaProbe, probe } from '../media/probe.ts';
import type { FfmpegPaths } from '../media/process.ts';
import { LIVE_TIME_BASE } from '../media/rtsp/clock.ts';

/** The analysis of a clip, from those of the segments that it was cut of. */
export interface ClipAnalysisRequest {
  /** Analyses of segments, in order; times are ticks of LIVE_TIME_BASE since 1970. */
  readonly analyses: readonly string[];
  /** The clip, as it was cut. */
  readonly video: string;
  /** Where pictures of [from, to) are shown in it, in ticks from its beginning. */
  readonly pieces: readonly { readonly from: number; readonly to: number; readonly at: number }[];
  readonly output: string;
}

/**
 * False where nothing of the clip was analysed. Segments of another model, or with pictures of another size, are left out:
 * one file has one of each. Every picture of the clip has its entry: where the model saw nothing yet, or what it saw is
 * lost, one that shows nothing.
 */
export async function writeClipAnalysis(
  { analyses, video, pieces, output }: ClipAnalysisRequest,
  { paths }: { readonly paths: FfmpegPaths },
  signal: AbortSignal,
): Promise<boolean> {
  const clip: MediaProbe = await probe(video, paths, signal);
  const { num, den } = clip.video.timeBase;
  const ticksOf = (time: number): number | undefined => {
    const piece = pieces.find(({ from, to }) => time >= from && time < to);
    if (!piece) return undefined;
    const ticks = piece.at + (time - piece.from);
    return clip.video.start + Math.round((ticks * den) / (num * LIVE_TIME_BASE.den));
  };
  const pictures = (await frameTimes(video, clip, paths, signal))?.frames ?? [];
  const state: { writer?: AnalysisWriter; unseen?: ReturnType<typeof unseenFrame> } = {};
  let alike: string | undefined;
  let [index, shown] = [0, 0];
  let last = Number.NEGATIVE_INFINITY;

  /** Pictures before that time of which nothing is known. */
  async function skipTo(time: number): Promise<void> {
    for (; pictures[shown] < time; shown++)
      if (pictures[shown] > last)
        await state.writer?.add({ ...state.unseen!, index: index++, pts: pictures[shown], analysed: false });
  }

  async function add(path: string): Promise<void> {
    await using analysis = await openAnalysis(path);
    const { header } = analysis;
    const kind = JSON.stringify([header.model.sum, header.lattice]);
    alike ??= kind;
    if (kind !== alike) return;
    for await (const frame of analysis.analysed()) {
      signal.throwIfAborted();
      const time = ticksOf(frame.pts);
      if (time === undefined || time <= last) continue;
      state.writer ??= await createAnalysisWriter(output, {
        ...header,
        time_base: clip.video.timeBase,
        source: { ...header.source, sum: await sumOfFile(video), probe: { ...clip } },
      });
      state.unseen ??= unseenFrame(header.lattice);
      await skipTo(time);
      await state.writer.add({ ...frame, index: index++, pts: pts(time) });
      last = time;
    }
  }

  try {
    for (const path of analyses) {
      await add(path).catch((error) => {
        // The rest of the clip is not lost with it.
        if (asSidestreamError(error).code !== 'ANALYSIS_INVALID') throw error;
      });
    }
    await skipTo(Number.POSITIVE_INFINITY);
    await state.writer?.finish();
    return state.writer !== undefined;
  } finally {
    await state.writer?.[Symbol.asyncDispose]();
  }
}
