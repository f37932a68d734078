import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { execa } from 'execa';

/**
 * What ffprobe and ffmpeg make of a file, and whether a result is true to its source. Looks at files alone and shares
 * no code with what made them.
 */

/** A sound track as it is stored and as it is heard. */
interface Sound {
  readonly codec: string;
  /** Times of its packets, in seconds, ascending. */
  readonly times: readonly number[];
  /** Length of its packets together, in seconds. */
  readonly length: number;
  /** MD5 of its packets as they are stored. */
  readonly stored: string;
  /** MD5 of its samples once decoded. */
  readonly heard: string;
}

export interface Content {
  readonly codec: string;
  readonly pixelFormat: string;
  /** Presentation times of the picture's frames, in seconds, in the order shown. */
  readonly times: readonly number[];
  /** Seconds from the first frame to the end of the last. */
  readonly length: number;
  /** Seconds that a frame lasts, on average. */
  readonly frame: number;
  /** Seconds that the container can tell apart. */
  readonly tick: number;
  readonly sounds: readonly Sound[];
  /** What the decoder complained of, first line only; empty where it did not. */
  readonly complaint: string;
  /** False where a player must fetch the end of the file before it can begin. */
  readonly startsAtOnce: boolean;
}

export interface Fidelity {
  /** All frames there, each at its time. */
  readonly pts: boolean;
  /** Seconds that the result's picture is longer. */
  readonly longer: number;
  readonly duration: boolean;
  /** `none`, `same` (the same samples), `encoded` (another codec, as long and as early), `differs`. */
  readonly audio: 'none' | 'same' | 'encoded' | 'differs';
  /** What a browser would stumble over; empty: nothing. */
  readonly unplayable: string;
}

/** Seconds by which sound that was encoded anew may be longer: an encoder's own frame and a bit. */
const SOUND_SLACK = 0.1;

export function compare(source: Content, result: Content): Fidelity {
  const { times } = source;
  // No closer than the container can tell, and ffprobe writes microseconds.
  const slack = result.tick / 2 + 2e-6;
  const longer = result.length - source.length;
  return {
    pts: times.length === result.times.length && times.every((t, i) => near(t, result.times[i], slack)),
    longer,
    duration: Math.abs(longer) <= source.frame + slack,
    audio: compareSounds(source.sounds, result.sounds, slack),
    unplayable: unplayable(result),
  };
}

const near = (a: number, b: number, slack: number): boolean => Math.abs(a - b) <= slack;

function compareSounds(
  sources: readonly Sound[],
  results: readonly Sound[],
  slack: number,
): Fidelity['audio'] {
  if (sources.length !== results.length) return 'differs';
  if (sources.length === 0) return 'none';
  const pairs = sources.map((source, i) => ({ source, result: results[i] }));
  const [first, last] = [0, -1];
  const at = ({ times }: Sound, i: number) => times.at(i) ?? 0;
  const same = pairs.every(
    ({ source, result }) =>
      (source.stored === result.stored || source.heard === result.heard) &&
      source.times.length === result.times.length &&
      // Sound has ticks of its own: those of its rate, or milliseconds.
      [first, last].every((i) => near(at(source, i), at(result, i), slack + 0.001)),
  );
  if (same) return 'same';
  const encoded = pairs.every(
    ({ source, result }) =>
      source.codec !== result.codec &&
      near(source.length, result.length, SOUND_SLACK) &&
      near(at(source, first), at(result, first), SOUND_SLACK),
  );
  return encoded ? 'encoded' : 'differs';
}

function unplayable({ codec, pixelFormat, complaint, startsAtOnce }: Content): string {
  if (!/^(h264|vp9)$/.test(codec)) return codec;
  if (!/^yuvj?420p$/.test(pixelFormat)) return pixelFormat;
  if (!startsAtOnce) return 'index at the end';
  return complaint;
}

/** Reads all of a file: every frame and sound is decoded. Undefined where it has no picture. */
export async function contentOf(path: string, signal: AbortSignal): Promise<Content | undefined> {
  const probed = await ffprobe(path, ['-show_streams', '-count_packets'], signal);
  const streams: ProbedStream[] = probed.json.streams ?? [];
  const videos = streams.filter(
    ({ codec_type, disposition, width }) => codec_type === 'video' && width && !disposition?.attached_pic,
  );
  if (videos.length === 0) return undefined;
  const area = ({ width = 0, height = 0 }: ProbedStream) => width * height;
  const video = videos.reduce((best, stream) => (area(stream) > area(best) ? stream : best));
  const entries = 'frame=pts_time,best_effort_timestamp_time,pkt_duration_time,duration_time';
  const { json, complaint } = await ffprobe(
    path,
    ['-select_streams', String(video.index), '-show_entries', entries],
    signal,
  );
  const frames: ProbedFrame[] = json.frames ?? [];
  const times = frames.map((frame) => Number(frame.pts_time ?? frame.best_effort_timestamp_time ?? Number.NaN));
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  const mean = times.length > 1 ? (last - first) / (times.length - 1) : 1 / rational(video.avg_frame_rate, 25);
  const sounds = streams.filter(
    ({ codec_type, channels, sample_rate }) => codec_type === 'audio' && channels && Number(sample_rate) > 0,
  );
  return {
    codec: video.codec_name ?? 'unknown',
    pixelFormat: video.pix_fmt ?? 'unknown',
    times,
    length: pictureLength(video, first, last, mean),
    frame: mean,
    tick: rational(video.time_base, 1e-3),
    sounds: await Promise.all(sounds.map((stream) => soundOf(path, stream, signal))),
    complaint,
    startsAtOnce: await startsAtOnce(path),
  };
}
