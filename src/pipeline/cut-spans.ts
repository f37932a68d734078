import { mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { openAnalysis } from '../analysis/file/reader.ts';
import type { Hit } from '../analysis/search.ts';
import { cutFile } from '../media/cut/cut-file.ts';
import type { EncoderSettings } from '../media/encoder-argv.ts';
import { checkOutput } from '../media/output.ts';
import { probe } from '../media/probe.ts';
import type { FfmpegPaths } from '../media/process.ts';
import { checkVideo } from './label.ts';

/** Cuts what was found by words out of the video that it was found in. */

export interface CutSpansRequest {
  readonly analysis: string;
  /** The video that was analysed. */
  readonly video: string;
  readonly hits: readonly Pick<Hit, 'start' | 'end' | 'score'>[];
  /** Seconds before and after each. */
  readonly padding: number;
  /** Made where it is not there. */
  readonly folder: string;
  /** For the names of files. */
  readonly words: string;
  readonly force: boolean;
  readonly encoder: EncoderSettings;
}

export interface CutSpansDeps {
  readonly paths: FfmpegPaths;
  /** Told which span is cut next, from 0, and of how many. */
  readonly progress: (span: Span, number: number, total: number) => void;
  /** Told of each clip when it is whole. */
  readonly made: (clip: SpanClip) => void;
}

/** A part of the video, in seconds from its start; half-open. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** The best of all that was found in it. */
  readonly score: number;
}

export interface SpanClip extends Span {
  readonly path: string;
  readonly frames: number;
}

/** In the order of time. Throws ANALYSIS_INVALID, OUTPUT_EXISTS and what `cutFile` throws. */
export async function cutSpans(
  request: CutSpansRequest,
  { paths, progress, made }: CutSpansDeps,
  signal: AbortSignal,
): Promise<SpanClip[]> {
  const { video, folder, words, force, encoder } = request;
  const probed = await probe(video, paths, signal);
  {
    await using analysis = await openAnalysis(request.analysis);
    await checkVideo(analysis, video, probed);
  }
  const spans = mergedSpans(request.hits, request.padding, probed.duration);
  await mkdir(folder, { recursive: true });
  const planned = spans.map((span) => ({ ...span, path: join(folder, clipName(video, span.start, words)) }));
  for (const { path } of planned) await checkOutput(path, [video, request.analysis], force);
  const clips: SpanClip[] = [];
  for (const [number, { path, ...span }] of planned.entries()) {
    progress(span, number, planned.length);
    const asked = { input: video, start: span.start, end: span.end, output: path, encoder };
    const { frames } = await cutFile(asked, { paths, probed }, signal);
    const clip = { path, ...span, frames };
    clips.push(clip);
    made(clip);
  }
  return clips;
}

/** With `padding` before and after; what then overlaps is one. `duration`: of the video; undefined: not known. */
export function mergedSpans(
  hits: readonly Pick<Hit, 'start' | 'end' | 'score'>[],
  padding: number,
  duration: number | undefined,
): Span[] {
  const padded = hits
    .map(({ start, end, score }) => ({
      start: Math.max(0, start - padding),
      end: Math.min(duration ?? Number.POSITIVE_INFINITY, end + padding),
      score,
    }))
    .filter(({ start, end }) => end > start)
    .sort((a, b) => a.start - b.start);
  const merged: Span[] = [];
  for (const span of padded) {
    const last = merged.at(-1);
    if (!last || span.start > last.end) merged.push(span);
    else {
      const [end, score] = [Math.max(last.end, span.end), Math.max(last.score, span.score)];
      merged[merged.length - 1] = { ...last, end, score };
    }
  }
  return merged;
}

/** Letters of the words in names of files, at most. */
const MOST_LETTERS = 40;

/** `drive-00-01-02.345-red-umbrella.mp4`: the video's name, where the clip begins, and the words. Safe on all systems. */
export function clipName(video: string, start: number, words: string): string {
  const stem = basename(video, extname(video))
    .replaceAll(/[^\p{L}\p{N}._ -]+/gu, '_')
    .replace(/^[.\s-]+/, '');
  const milliseconds = Math.round(start * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const whole = Math.floor(milliseconds / 1000);
  const time = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(two).join('-');
  const said = [...words.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-')]
    .slice(0, MOST_LETTERS)
    .join('')
    .replaceAll(/^-+|-+$/g, '');
  const part = String(milliseconds % 1000).padStart(3, '0');
  return `${[stem || 'clip', `${time}.${part}`, said].filter((text) => text !== '').join('-')}.mp4`;
}
