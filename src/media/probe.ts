import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { type Pts, parseRational, pts, type Rational, type Seconds, seconds } from '../core/time.ts';
import { type FfmpegPaths, runShort } from './process.ts';

export interface VideoProbe {
  /** Index among all streams of the container. */
  readonly index: number;
  readonly codec: string;
  /** Size as stored, in pixels. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** Size after rotation, in pixels, which is what ffmpeg's filters see. */
  readonly width: number;
  readonly height: number;
  /** Degrees, clockwise, that players turn the picture by: 0, 90, 180 or 270 for nearly all files. */
  readonly rotation: number;
  /** Width of a pixel ÷ its height, after rotation. */
  readonly sampleAspectRatio: Rational;
  readonly timeBase: Rational;
  /** Frames ÷ duration; undefined where the container does not tell. Never to be relied on for timing. */
  readonly averageFrameRate: Rational | undefined;
  /** Frames that the container claims to have; undefined where it does not tell. */
  readonly frames: number | undefined;
  /** Time of the first frame, in ticks. */
  readonly start: Pts;
  /**
   * When the last frame's time is over, in ticks; undefined where the container has no index of its frames to know it
   * from. The distance of the frames before it does not tell: a recording of a screen may end with a minute of one frame.
   */
  readonly end: Pts | undefined;
  readonly pixelFormat: string;
  readonly bitDepth: number;
  readonly colorRange: 'tv' | 'pc' | undefined;
  readonly colorSpace: string | undefined;
  readonly colorPrimaries: string | undefined;
  readonly colorTransfer: string | undefined;
  /** `tt`, `bb`, `tb`, `bt` for interlaced video, else undefined. */
  readonly fieldOrder: string | undefined;
}

export interface AudioProbe {
  readonly index: number;
  readonly codec: string;
  readonly channels: number;
  readonly sampleRate: number;
  readonly language: string | undefined;
}

/** What is in a file or behind an address. */
export interface MediaProbe {
  /** As it was given, without credentials. */
  readonly name: string;
  readonly container: string;
  readonly bytes: number | undefined;
  /** Undefined where the container does not tell. */
  readonly duration: Seconds | undefined;
  /** Time of the earliest timestamp. May be negative. */
  readonly start: Seconds;
  readonly video: VideoProbe;
  readonly audio: readonly AudioProbe[];
  readonly chapters: number;
  /** Streams that are left behind: further video, subtitles, data. */
  readonly others: readonly { readonly index: number; readonly type: string; readonly codec: string }[];
}

const streamSchema = z.object({
  index: z.number(),
  codec_type: z.string().default('data'),
  codec_name: z.string().default('unknown'),
  width: z.number().optional(),
  height: z.number().optional(),
  sample_aspect_ratio: z.string().optional(),
  time_base: z.string(),
  start_pts: z.number().optional(),
  duration_ts: z.number().optional(),
  avg_frame_rate: z.string().optional(),
  nb_frames: z.string().optional(),
  pix_fmt: z.string().optional(),
  bits_per_raw_sample: z.string().optional(),
  color_range: z.string().optional(),
  color_space: z.string().optional(),
  color_primaries: z.string().optional(),
  color_transfer: z.string().optional(),
  field_order: z.string().optional(),
  channels: z.number().optional(),
  sample_rate: z.string().optional(),
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).default([]),
});
type Stream = z.infer<typeof streamSchema>;

const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  chapters: z.array(z.unknown()).default([]),
  format: z
    .object({
      format_name: z.string(),
      duration: z.string().optional(),
      start_time: z.string().optional(),
      size: z.string().optional(),
    })
    .optional(),
});

/** Milliseconds that ffprobe gets: a file answers at once, a camera may take its time. */
const PATIENCE = 30_000;

/** True for addresses, as against paths. `C:\…` and names with a colon are paths. */
export const isAddress = (input: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(input);

/** How ffmpeg is told of an input: as a file whatever its name looks like, unless it is an address. */
export const ffmpegSource = (input: string): string => (isAddress(input) ? input : `file:${input}`);

/** Arguments before `-i` that an input needs. */
export function inputOptions(input: string): string[] {
  // Microseconds without an answer after which reading fails instead of hanging.
  if (/^https?:/i.test(input))
    return ['-rw_timeout', '15000000', '-reconnect', '1', '-reconnect_streamed', '1'];
  if (/^rtsps?:/i.test(input)) return ['-rtsp_transport', 'tcp', '-timeout', '10000000'];
  return [];
}

/**
 * Containers that hold all that they show. Playlists, lists of files and device formats open whatever they name: files
 * of strangers are read as one of these or not at all (ffmpeg: -format_whitelist, -protocol_whitelist).
 */
const CLOSED_FORMATS = [
  ...[
    'mov',
    'mp4',
    'm4a',
    '3gp',
    '3g2',
    'mj2',
    'matroska',
    'webm',
    'avi',
    'flv',
    'mpegts',
    'mpeg',
    'mpegvideo',
  ],
  ...[
    'ogg',
    'asf',
    'mxf',
    'nut',
    'wtv',
    'gif',
    'apng',
    'h264',
    'hevc',
    'm4v',
    'ivf',
    'dv',
    'mjpeg',
    'rm',
    'swf',
  ],
];

/** Arguments before `-i` for files of strangers. */
export const confinedOptions: readonly string[] = [
  ...['-protocol_whitelist', 'file'],
  ...['-format_whitelist', CLOSED_FORMATS.join(',')],
];

/** Looks into an input. Throws INPUT_NOT_FOUND, INPUT_UNREADABLE, INPUT_INVALID, INPUT_NO_VIDEO… in one line. */
export async function probe(
  input: string,
  paths: FfmpegPaths,
  signal: AbortSignal,
  { confined = false } = {},
): Promise<MediaProbe> {
  const name = redact(input);
  if (!isAddress(input)) await checkFile(input);
  const args = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', '-show_chapters'];
  const { stdout, stderr, failed, timedOut } = await runShort(
    paths.ffprobe,
    [
      ...args,
      ...inputOptions(input).slice(0, /^http/i.test(input) ? 2 : undefined),
      ...(confined ? confinedOptions : []),
      '-i',
      ffmpegSource(input),
    ],
    { timeout: PATIENCE, signal },
  );
  if (timedOut)
    throw new SidestreamError('INPUT_UNREACHABLE', `${name} does not answer within ${PATIENCE / 1000} s`);
  if (failed) throw unusable(input, stderr);
  const { streams, chapters, format } = probeSchema.parse(JSON.parse(stdout));
  if (!format) throw unusable(input, stderr);
  const chosen = chooseVideo(streams);
  if (!chosen) {
    const kinds = [...new Set(streams.map(({ codec_type }) => codec_type))].join(' and ') || 'nothing';
    throw new SidestreamError(
      'INPUT_NO_VIDEO',
      `${name} has no video stream, only ${kinds}: give a file with a picture`,
    );
  }
  return {
    name,
    container: format.format_name,
    bytes: format.size === undefined ? undefined : Number(format.size),
    duration: format.duration === undefined ? undefined : seconds(Number(format.duration)),
    start: seconds(Number(format.start_time ?? 0)),
    video: videoProbe(chosen),
    audio: streams.filter(isAudio).map((stream) => ({
      index: stream.index,
      codec: stream.codec_name,
      channels: stream.channels ?? 0,
      sampleRate: Number(stream.sample_rate ?? 0),
      language: stream.tags.language,
    })),
    chapters: chapters.length,
    others: streams
      .filter((stream) => stream !== chosen && !isAudio(stream))
      .map(({ index, codec_type, codec_name }) => ({ index, type: codec_type, codec: codec_name })),
  };
}

/** An audio stream that can be read: one without channels or rate has no content that could be kept. */
const isAudio = (stream: Stream): boolean =>
  stream.codec_type === 'audio' && (stream.channels ?? 0) > 0 && Number(stream.sample_rate ?? 0) > 0;

async function checkFile(path: string): Promise<void> {
  const info = await stat(path).catch((error) => {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) {
      throw new SidestreamError('INPUT_NOT_FOUND', `${path} does not exist: check the path`);
    }
    if (isErrno(error))
      throw new SidestreamError('INPUT_UNREADABLE', `${path} cannot be read: ${error.code}`);
    throw error;
  });
  if (info.isDirectory())
    throw new SidestreamError('INPUT_INVALID', `${path} is a folder: give a video file`);
  if (info.isFile() && info.size === 0) {
    throw new SidestreamError('INPUT_INVALID', `${path} is empty (0 bytes): copy or record it again`);
  }
}

/** ffprobe's complaint as one of ours. */
function unusable(input: string, stderr: string): SidestreamError {
  const name = redact(input);
  if (/Permission denied/i.test(stderr))
    return new SidestreamError('INPUT_UNREADABLE', `${name} may not be read: check its permissions`);
  if (isAddress(input) && /404|No such file/i.test(stderr))
    return new SidestreamError('INPUT_NOT_FOUND', `${name} does not exist`);
  if (isAddress(input) && !/Invalid data|moov atom/i.test(stderr)) {
    return new SidestreamError('INPUT_UNREACHABLE', `${name} cannot be reached: ${lastLine(stderr)}`);
  }
  if (/moov atom not found/i.test(stderr)) {
    return new SidestreamError(
      'INPUT_INVALID',
      `${name} is cut off: its index (moov) is missing; copy or record it again`,
    );
  }
  return new SidestreamError(
    'INPUT_INVALID',
    `${name} is no video that ffmpeg can read: ${lastLine(stderr)}`,
  );
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line.replace(/^\[[^\]]*\]\s*/, '').replace(/^file:.*: /, '') || 'it gave no reason';
}

/** As ffmpeg chooses: the largest picture; of equals the first. Cover art is no video. */
function chooseVideo(streams: readonly Stream[]): Stream | undefined {
  const videos = streams.filter(
    ({ codec_type, disposition, width, height }) =>
      codec_type === 'video' && !disposition.attached_pic && !disposition.timed_thumbnails && width && height,
  );
  const pixels = ({ width = 0, height = 0 }: Stream) => width * height;
  return videos.reduce<Stream | undefined>((best, stream) => {
    return best && pixels(best) >= pixels(stream) ? best : stream;
  }, undefined);
}

function videoProbe(stream: Stream): VideoProbe {
  const counterclockwise = stream.side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation;
  const rotation =
    (((counterclockwise === undefined ? Number(stream.tags.rotate ?? 0) : -counterclockwise) % 360) + 360) %
    360;
  const turned = Math.round(rotation / 90) % 2 === 1;
  const [codedWidth, codedHeight] = [stream.width ?? 0, stream.height ?? 0];
  const aspect = parseRational(stream.sample_aspect_ratio) ?? { num: 1, den: 1 };
  const known = (value: string | undefined) =>
    value && !/^(unknown|reserved)$/.test(value) ? value : undefined;
  return {
    index: stream.index,
    codec: stream.codec_name,
    codedWidth,
    codedHeight,
    width: turned ? codedHeight : codedWidth,
    height: turned ? codedWidth : codedHeight,
    rotation,
    sampleAspectRatio: turned ? { num: aspect.den, den: aspect.num } : aspect,
    timeBase: parseRational(stream.time_base) ?? { num: 1, den: 90_000 },
    averageFrameRate: parseRational(stream.avg_frame_rate),
    frames: Number(stream.nb_frames) || undefined,
    start: pts(stream.start_pts ?? 0),
    // A fragmented file knows neither its frames nor, whatever it claims, its end.
    end:
      stream.start_pts !== undefined && stream.duration_ts && Number(stream.nb_frames) > 0
        ? pts(stream.start_pts + stream.duration_ts)
        : undefined,
    pixelFormat: stream.pix_fmt ?? 'unknown',
    bitDepth: bitDepth(stream),
    colorRange:
      stream.color_range === 'pc' || /^yuvj/.test(stream.pix_fmt ?? '')
        ? 'pc'
        : stream.color_range === 'tv'
          ? 'tv'
          : undefined,
    colorSpace: known(stream.color_space),
    colorPrimaries: known(stream.color_primaries),
    colorTransfer: known(stream.color_transfer),
    fieldOrder: /^(tt|bb|tb|bt)$/.test(stream.field_order ?? '') ? stream.field_order : undefined,
  };
}

function bitDepth({ bits_per_raw_sample, pix_fmt = '' }: Stream): number {
  const named = /p(9|1[0-6])(le|be)?$/.exec(pix_fmt) ?? /^(?:p0|gray)(1[0-6])/.exec(pix_fmt);
  return named ? Number(named[1]) : Number(bits_per_raw_sample) || 8;
}
