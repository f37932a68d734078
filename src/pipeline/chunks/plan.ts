import { SidestreamError } from '../../core/errors.ts';
import { type Pts, rationalToNumber } from '../../core/time.ts';
import { type Excerpt, INDEXED } from '../../media/argv.ts';
import { stretchOf } from '../../media/encoder-argv.ts';
import { type FrameTimes, frameTimes } from '../../media/packets.ts';
import { type MediaProbe, probe } from '../../media/probe.ts';
import type { FfmpegPaths } from '../../media/process.ts';
import type { WindowSize } from '../cluster.ts';
import { type Part, planParts } from '../parts.ts';
import { type Association, totalFrames } from '../see.ts';

/** How one video is cut so that many can work on it and nothing of the result tells that they did. Plain data. */
export interface VideoPlan {
  readonly probe: MediaProbe;
  /** Frames that there will be; undefined where only decoding tells: then there is one chunk. */
  readonly frames: number | undefined;
  /** Frames that there will be, as far as can be told; for progress alone. */
  readonly expected: number | undefined;
  readonly analyse: readonly AnalyseChunk[];
  readonly render: readonly RenderChunk[];
}

export interface AnalyseChunk extends Part {
  /** Undefined where all of the video is decoded. */
  readonly excerpt: Excerpt | undefined;
}

export interface RenderChunk {
  /** Its own frames: `from` ≤ index < `to`, and their times. Undefined: to the end. */
  readonly from: number;
  readonly to: number | undefined;
  readonly start: Pts | undefined;
  readonly stop: Pts | undefined;
  /** What is decoded and encoded for it: its own frames and some behind them. */
  readonly end: number | undefined;
  readonly excerpt: Excerpt | undefined;
  /** Which of its frames are key frames, by their numbers in the video. */
  readonly keys: readonly number[];
}

export interface PlanRequest {
  readonly input: string;
  readonly confined: boolean;
  readonly every: number;
  readonly association: Exclude<Association, 'none'>;
  readonly deinterlace: boolean;
  /** Seconds of video in a chunk, at most, about. */
  readonly chunkSeconds: number;
  /** Frames behind a piece that its encoder is shown, see `runOut`. */
  readonly runOut: number;
  /** Width × height at most. */
  readonly maxPixels: number;
  /** True: not to be cut, whatever its packets tell. */
  readonly whole: boolean;
}

/** Chunks that keep a few machines busy to the end, and the shortest that are worth their beginning, in seconds. */
const [ENOUGH_CHUNKS, LEAST_SECONDS] = [12, 4];
/** Chunks of a kind, at most: each is a job of its own. */
const MOST_CHUNKS = 500;

/** Looks into a video and cuts it. Throws what `probe` throws; INPUT_TOO_LARGE. */
export async function planVideo(
  request: PlanRequest,
  { paths, window }: { readonly paths: FfmpegPaths; readonly window: (source: MediaProbe) => WindowSize },
  signal: AbortSignal,
): Promise<VideoPlan> {
  const { input, confined } = request;
  const source = await probe(input, paths, signal, { confined });
  const { width, height } = source.video;
  if (width * height > request.maxPixels) {
    const message = `${source.name} has ${width}×${height} pixels, more than jobs.max_pixels allows`;
    throw new SidestreamError('INPUT_TOO_LARGE', message);
  }
  // A deinterlacer looks at the frames around each one: it is not started in the middle.
  const cut = !request.whole && !request.deinterlace;
  const times = cut ? await frameTimes(input, source, paths, signal, { confined }) : undefined;
  return cutVideo(source, times, request, window(source));
}

/** Cuts a video whose frames are known; one whose frames are not is one chunk. */
export function cutVideo(
  source: MediaProbe,
  times: FrameTimes | undefined,
  request: Omit<PlanRequest, 'input' | 'confined' | 'maxPixels' | 'whole'>,
  window: WindowSize,
): VideoPlan {
  const { every, association, chunkSeconds, runOut } = request;
  if (!times) return oneChunk(source);
  const { frames } = times;
  const count = frames.length;
  const length = (frames[count - 1] - frames[0]) * rationalToNumber(source.video.timeBase);
  // Short videos are cut finer, so that there is something to do for many.
  const each = Math.min(chunkSeconds, Math.max(LEAST_SECONDS, length / ENOUGH_CHUNKS));
  const parts = Math.min(MOST_CHUNKS, Math.max(1, Math.round(length / each)));
  const seek = seeker(source, times);
  const excerpt = (first: number, end: number): Excerpt | undefined =>
    first === 0 && end >= count ? undefined : { seek: seek(first), from: frames[first], to: frames[end] };
  const analyse = planParts(count, parts, { every, association }, window).map((part) => ({
    ...part,
    excerpt: excerpt(part.first, part.end),
  }));
  const keys = keyFrames(source, frames);
  const stride = Math.max(1, Math.ceil(keys.length / MOST_CHUNKS));
  const starts = keys.filter((_, i) => i % stride === 0);
  const render = starts.map((from, i): RenderChunk => {
    const to = starts[i + 1] ?? count;
    const end = Math.min(count, to + runOut);
    return {
      from,
      to,
      start: frames[from],
      stop: frames[to],
      end,
      excerpt: excerpt(from, end),
      keys: keys.filter((key) => key >= from && key < end),
    };
  });
  return { probe: source, frames: count, expected: count, analyse, render };
}

function oneChunk(source: MediaProbe): VideoPlan {
  const end = Number.MAX_SAFE_INTEGER; // Infinity does not survive JSON.
  const all = { from: 0, to: end, first: 0, end, excerpt: undefined };
  const piece = { from: 0, to: undefined, start: undefined, stop: undefined, end: undefined };
  return {
    probe: source,
    frames: undefined,
    expected: totalFrames(source, {}),
    analyse: [all],
    render: [{ ...piece, excerpt: undefined, keys: [] }],
  };
}

/** The frames that `segment` makes key frames of. */
function keyFrames({ video }: MediaProbe, frames: readonly Pts[]): number[] {
  const stretches = frames.map((time) => stretchOf(time, frames[0], video.timeBase));
  return [...frames.keys()].filter((i) => i === 0 || stretches[i] > stretches[i - 1]);
}

/**
 * Where to leap for a frame: to a key frame one earlier than it needs, because the first frames shown after a key frame
 * may look back over it (open GOP). Without an index ffmpeg may end up behind the time that it is told: it is told an
 * earlier one.
 */
function seeker(source: MediaProbe, { frames, keys }: FrameTimes): (frame: number) => number | undefined {
  const margin = INDEXED.test(source.container) ? 0 : 1;
  const timeBase = rationalToNumber(source.video.timeBase);
  return (frame) => {
    const at = lastAtOrBefore(keys, frames[frame]) - 1;
    if (at < 1) return undefined;
    return Math.max(0, keys[at] * timeBase - source.start - margin);
  };
}

function lastAtOrBefore(times: readonly Pts[], time: Pts): number {
  let [low, high] = [-1, times.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle] <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}
