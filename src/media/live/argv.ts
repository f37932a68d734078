import type { Rational } from '../../core/time.ts';
import { defaultEncoder } from '../encoder-argv.ts';
import type { Size } from '../geometry.ts';
import type { NutStream } from '../nut.ts';
import { codecOf } from '../rtsp/parameter-sets.ts';

/** Arguments of the processes of a live stream, and nothing but arguments. */

export interface LiveEncoder {
  /** ffmpeg's name; undefined: libx264. */
  readonly encoder: string | undefined;
  readonly crf: number;
  readonly preset: string;
  /** Seconds from one key frame to the next. */
  readonly keySeconds: number;
}

const ratio = ({ num, den }: Rational): string => `${num}/${den}`;

/** Every frame at its own time, at once. */
const exact = (timeBase: Rational, ffmpegMajor: number): string[] => [
  ...['-copyts', ffmpegMajor >= 5 ? '-fps_mode' : '-vsync', 'passthrough'],
  ...['-enc_time_base', ratio(timeBase), '-flush_packets', '1', '-f', 'nut'],
];

/** Pictures as rgb24 of `size`. */
export const decoderArguments = (size: Size, timeBase: Rational, ffmpegMajor: number): string[] => [
  ...['-map', '0:v:0', '-vf', `scale=${size.width}:${size.height}:flags=fast_bilinear,format=rgb24`],
  // ffmpeg would code raw pictures in threads, and hold one back for each.
  ...['-c:v', 'rawvideo', '-threads', '1', ...exact(timeBase, ffmpegMajor)],
];

/** Size of the pictures that are given out: even, as 4:2:0 wants it. */
export const shownSize = ({ width, height }: Size): Size => ({
  width: width + (width % 2),
  height: height + (height % 2),
});

/** The first stream with the second laid over it; of the first, those with even times alone. */
export function painterArguments(
  size: Size,
  encoder: LiveEncoder,
  timeBase: Rational,
  ffmpegMajor: number,
): string[] {
  const { width, height } = shownSize(size);
  const pad = width !== size.width || height !== size.height ? `pad=${width}:${height},` : '';
  const vaapi = encoder.encoder?.endsWith('_vaapi') ?? false;
  const graph = [
    `[0:v:0]select='not(mod(pts,2))',${pad}format=yuv420p[picture]`,
    `[0:v:1]scale=${width}:${height}:flags=fast_bilinear[paint]`,
    `[picture][paint]overlay=format=yuv420:shortest=1${vaapi ? ',format=nv12,hwupload' : ''}[out]`,
  ];
  return [
    ...(vaapi ? ['-vaapi_device', '/dev/dri/renderD128'] : []),
    ...['-filter_complex', graph.join(';'), '-map', '[out]'],
    ...encoderArguments(encoder),
    ...exact(timeBase, ffmpegMajor),
  ];
}

/** Coded at once: nothing is looked ahead at, and no frame waits for a later one. */
function encoderArguments({
  encoder = defaultEncoder('mp4'),
  crf,
  preset,
  keySeconds,
}: LiveEncoder): string[] {
  const quality = String(crf);
  const head = ['-c:v', encoder];
  const keys = [
    ...['-force_key_frames', `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${keySeconds}))`],
    ...(/_(nvenc|qsv)$|^lib(x264|x265)$/.test(encoder) ? ['-forced-idr', '1'] : []),
    ...['-g', '9999'],
  ];
  if (encoder === 'libx264' || encoder === 'libx265')
    return [...head, '-preset', preset, '-tune', 'zerolatency', '-crf', quality, ...keys];
  if (encoder.endsWith('_nvenc'))
    return [
      ...head,
      '-preset',
      'p4',
      '-tune',
      'ull',
      '-zerolatency',
      '1',
      '-cq',
      quality,
      '-b:v',
      '0',
      ...keys,
    ];
  if (encoder.endsWith('_qsv')) return [...head, '-async_depth', '1', '-global_quality', quality, ...keys];
  if (encoder.endsWith('_vaapi')) return [...head, '-async_depth', '1', '-qp', quality, ...keys];
  if (encoder.endsWith('_videotoolbox')) return [...head, '-realtime', '1', '-q:v', '60', ...keys];
  return [...head, ...keys];
}

/** Pictures as JPEG, one for one. `height`: scaled down to it. */
export const pictureArguments = (
  height: number | undefined,
  timeBase: Rational,
  ffmpegMajor: number,
): string[] => [
  ...['-map', '0:v:0', '-c:v', 'mjpeg', '-q:v', '4', '-threads', '1', '-strict', 'unofficial'],
  ...(height === undefined ? [] : ['-vf', `scale=-2:'min(ih,${height})'`]),
  ...exact(timeBase, ffmpegMajor),
];

/** Sound that MP4 has no name for, or players no ear, G.711 of cameras most often, becomes AAC; gaps are filled. */
function soundArguments(audio: NutStream | undefined): string[] {
  if (!audio || isForMp4(audio)) return ['-c:a', 'copy'];
  return ['-c:a', 'aac', '-b:a', '48k', '-af', 'aresample=async=1000'];
}

/** By NUT's names for sound: AAC, MP3, AC-3, Opus. */
export const isForMp4 = ({ fourcc }: NutStream): boolean =>
  /^(ff00|5500|0020)0000$/.test(Buffer.from(fourcc).toString('hex')) ||
  /^(mp4a|Opus)$/i.test(Buffer.from(fourcc).toString('latin1'));

/** Pictures as they are, as HLS in fragmented MP4; old segments go. `first`: number of the first segment. */
export const hlsArguments = (
  folder: string,
  {
    seconds,
    segments,
    first,
  }: { readonly seconds: number; readonly segments: number; readonly first: number },
  audio: NutStream | undefined,
): { options: string[]; output: string } => ({
  options: [
    ...['-map', '0', '-c:v', 'copy', ...soundArguments(audio), '-f', 'hls', '-hls_segment_type', 'fmp4'],
    ...['-hls_time', String(seconds), '-hls_list_size', String(segments), '-hls_delete_threshold', '3'],
    ...['-hls_flags', 'delete_segments+independent_segments+program_date_time'],
    ...['-start_number', String(first), '-hls_fmp4_init_filename', `init-${first}.mp4`],
    ...['-hls_segment_filename', `${folder}/%d.m4s`],
  ],
  output: `${folder}/index.m3u8`,
});

/** Everything as it is, published at an RTSP server. */
export const publishArguments = (ffmpegMajor: number): string[] => [
  ...['-map', '0', '-c', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp'],
  ...(ffmpegMajor >= 5 ? ['-timeout', '10000000'] : []),
];

/** To record nothing is urgent: ffmpeg looks ahead until it knows how pictures are ordered, for MP4 wants decoding times. */
export const RECORD_INPUT: readonly string[] = ['-f', 'nut', '-fpsprobesize', '0', '-threads', '1'];

/** Pictures as the camera has coded them, in an MP4 that begins at 0. */
export const recordOptions = ([video, audio]: readonly NutStream[]): string[] => [
  ...['-copyts', '-map', '0', '-c:v', 'copy', ...(codecOf(video) === 'hevc' ? ['-tag:v', 'hvc1'] : [])],
  ...soundArguments(audio),
  ...['-avoid_negative_ts', 'make_zero', '-video_track_timescale', '90000', '-f', 'mp4'],
];
