import { createHash } from 'node:crypto';
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
  const probed = await ffprobe(path, ['-show_streams'], signal);
  const streams = probed.json.streams ?? [];
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
  const frames = json.frames ?? [];
  const times = frames.map((frame) =>
    Number(frame.pts_time ?? frame.best_effort_timestamp_time ?? Number.NaN),
  );
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  const mean =
    times.length > 1 ? (last - first) / (times.length - 1) : 1 / rational(video.avg_frame_rate, 25);
  const sounds = streams.filter(
    ({ codec_type, channels, sample_rate }) => codec_type === 'audio' && channels && Number(sample_rate) > 0,
  );
  const heard = await Promise.all(sounds.map((stream) => soundOf(path, stream, signal)));
  return {
    codec: video.codec_name ?? 'unknown',
    pixelFormat: video.pix_fmt ?? 'unknown',
    times,
    length: pictureLength(video, frames, first, last, mean),
    frame: mean,
    tick: rational(video.time_base, 1e-3),
    // A track that is announced and never comes is no sound.
    sounds: heard.filter(({ times }) => times.length > 0),
    complaint,
    startsAtOnce: await startsAtOnce(path),
  };
}

interface ProbedStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly pix_fmt?: string;
  readonly width?: number;
  readonly height?: number;
  readonly channels?: number;
  readonly sample_rate?: string;
  readonly time_base?: string;
  readonly avg_frame_rate?: string;
  readonly duration?: string;
  readonly nb_frames?: string;
  readonly disposition?: { readonly attached_pic?: number };
}

interface ProbedFrame {
  readonly pts_time?: string;
  readonly best_effort_timestamp_time?: string;
  /** ffmpeg before 6 and since. */
  readonly pkt_duration_time?: string;
  readonly duration_time?: string;
}

interface ProbedPacket {
  readonly pts_time?: string;
  readonly duration_time?: string;
  readonly data_hash?: string;
}

/** Parts of ffprobe's JSON; a part that was not asked for, or is not there, is undefined. */
interface Probed {
  readonly streams?: readonly ProbedStream[];
  readonly frames?: readonly ProbedFrame[];
  readonly packets?: readonly ProbedPacket[];
}

async function ffprobe(
  path: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ json: Probed; complaint: string }> {
  const { stdout, stderr } = await execa('ffprobe', ['-v', 'error', '-of', 'json', ...args, `file:${path}`], {
    reject: false,
    cancelSignal: signal,
    maxBuffer: 1 << 28,
  });
  signal.throwIfAborted();
  const json: Probed = JSON.parse(stdout || '{}');
  return { json, complaint: stderr.split('\n', 1)[0] };
}

/** The length that the container's index tells, which knows how long the last frame stays; else the frames' own. */
function pictureLength(
  { duration, nb_frames }: ProbedStream,
  frames: readonly ProbedFrame[],
  first: number,
  last: number,
  mean: number,
): number {
  if (duration !== undefined && nb_frames !== undefined) return Number(duration);
  const end = frames.at(-1);
  return last - first + Number(end?.pkt_duration_time ?? end?.duration_time ?? mean);
}

async function soundOf(
  path: string,
  { index, codec_name }: ProbedStream,
  signal: AbortSignal,
): Promise<Sound> {
  const select = ['-select_streams', String(index), '-show_data_hash', 'MD5'];
  const entries = ['-show_entries', 'packet=pts_time,duration_time,data_hash'];
  const { json } = await ffprobe(path, [...select, ...entries], signal);
  const packets = json.packets ?? [];
  const md5 = ['-map', `0:${index}`, '-c:a', 'pcm_s16le', '-f', 'md5', '-'];
  const decoded = await execa('ffmpeg', ['-v', 'quiet', '-nostdin', '-i', `file:${path}`, ...md5], {
    reject: false,
    cancelSignal: signal,
  });
  const sum = createHash('md5');
  for (const { data_hash } of packets) sum.update(data_hash ?? '');
  const seconds = packets.map(({ duration_time }) => Number(duration_time ?? 0));
  return {
    codec: codec_name ?? 'unknown',
    times: packets.map(({ pts_time }) => Number(pts_time ?? Number.NaN)).sort((a, b) => a - b),
    length: seconds.reduce((sum, length) => sum + length, 0),
    stored: sum.digest('hex'),
    heard: decoded.stdout,
  };
}

/** An MP4 or MOV begins at once where its index lies before its pictures; other containers need none. */
async function startsAtOnce(path: string): Promise<boolean> {
  if (!/^\.(mp4|m4v|mov)$/i.test(extname(path))) return true;
  await using file = await open(path);
  const header = Buffer.alloc(16);
  for (let at = 0; (await file.read(header, 0, 16, at)).bytesRead >= 8; ) {
    const kind = header.toString('latin1', 4, 8);
    if (kind === 'moov' || kind === 'mdat') return kind === 'moov';
    const size = header.readUInt32BE(0);
    at += size === 1 ? Number(header.readBigUInt64BE(8)) : size;
    if (size === 0) break;
  }
  return false;
}

function rational(text: string | undefined, otherwise: number): number {
  const [num, den] = (text ?? '').split('/').map(Number);
  return num > 0 && den > 0 ? num / den : otherwise;
}
