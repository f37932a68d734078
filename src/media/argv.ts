import type { Pts, Rational } from '../core/time.ts';
import {
  type Container,
  defaultEncoder,
  type EncoderSettings,
  encoderArguments,
  isMov,
  keyFrameArguments,
} from './encoder-argv.ts';
import type { Size } from './geometry.ts';
import { confinedOptions, ffmpegSource, inputOptions, type MediaProbe, type VideoProbe } from './probe.ts';
import type { FfmpegInput } from './process.ts';

/** Arguments of ffmpeg, and nothing but arguments: no I/O here. */

/** The part of the input that is asked for, in seconds from its beginning; the result then begins at 0. */
export interface Span {
  readonly start?: number;
  readonly duration?: number;
}

/** Seconds between key frames, at most, in what cameras and broadcasters send. */
const LONGEST_GROUP = 15;
/** Containers with an index, by which ffmpeg finds the key frame before an instant; in others it finds one after it. */
export const INDEXED = /mov|mp4|matroska|avi/;

/** When a part begins, on the input's own clock, in seconds; undefined where all is asked for. */
function beginning({ span, probe }: ReadOptions): number | undefined {
  if (span.start === undefined && span.duration === undefined) return undefined;
  return probe.start + (span.start ?? 0);
}

export interface ReadOptions {
  readonly input: string;
  readonly probe: MediaProbe;
  readonly span: Span;
  readonly deinterlace: boolean;
  /** ffmpeg's major version; decides between old and new names of options. */
  readonly ffmpegMajor: number;
  /** The frames that are wanted of it, exactly; all of `span` where absent. Not together with `span` or `deinterlace`. */
  readonly excerpt?: Excerpt;
  /** Set for files of strangers: what they refer to is not opened, see `confinedOptions`. */
  readonly confined?: boolean;
}

/** Frames from one time to another, on the input's own clock. */
export interface Excerpt {
  /** Seconds from the input's start to leap to; all before is not even read. Undefined: it is read from its start. */
  readonly seek: number | undefined;
  /** The first frame, in ticks. */
  readonly from: Pts;
  /** Behind the last frame, in ticks; undefined: to the end. */
  readonly to: Pts | undefined;
}

/**
 * NUT cannot carry negative timestamps, which edit lists and priming make: all of them travel this much later, in
 * ticks. Exact in doubles for every time base.
 */
export const PTS_SHIFT = 2 ** 40;

/** Reading the source, the same in both processes, so that they see the same frames. */
export function readArguments(reading: ReadOptions): FfmpegInput {
  const { input, probe, span, excerpt } = reading;
  const options = [
    ...inputOptions(input),
    ...(reading.confined ? confinedOptions : []),
    // A few broken frames are no reason to end; they are counted.
    '-max_error_rate',
    '1',
  ];
  // Only a leap to somewhere before the part: what is too early is dropped behind it, exactly.
  const leap = excerpt
    ? (excerpt.seek ?? 0)
    : (span.start ?? 0) - (INDEXED.test(probe.container) ? 0 : LONGEST_GROUP);
  if (leap > 0) options.push('-ss', String(leap));
  return { source: ffmpegSource(input), options };
}

const ratio = ({ num, den }: Rational): string => `${num}:${den}`;

/** Every frame once, at its own time. */
function exactTiming(timeBase: Rational, ffmpegMajor: number): string[] {
  const sync = ffmpegMajor >= 5 ? '-fps_mode' : '-vsync';
  return ['-copyts', sync, 'passthrough', '-enc_time_base:v', ratio(timeBase)];
}

const deinterlacer = (wanted: boolean): string[] =>
  wanted ? ['bwdif=mode=send_frame:deint=interlaced'] : [];

/** Frames as rgb24 of `size` in NUT on standard output. */
export function decodeArguments(options: ReadOptions, size: Size): { input: FfmpegInput; output: string[] } {
  const { video } = options.probe;
  const filters = [
    ...trimFilters(options),
    ...deinterlacer(options.deinterlace),
    `scale=${size.width}:${size.height}:flags=bicubic`,
    // Sizes first, then colours: swscale needs a third of the time for the two steps, 50 dB from the one.
    ...(/^(yuv|nv)/.test(video.pixelFormat) ? ['format=yuv444p', 'scale'] : []),
    'format=rgb24',
    `setpts=PTS+${PTS_SHIFT}`,
  ];
  const output = [
    ...['-map', `0:${video.index}`, '-vf', filters.join(',')],
    ...exactTiming(video.timeBase, options.ffmpegMajor),
    ...['-c:v', 'rawvideo', '-f', 'nut'],
  ];
  return { input: readArguments(options), output };
}

/** Drops what is not asked for. */
function trimFilters(options: ReadOptions): string[] {
  const { excerpt, span } = options;
  if (excerpt) {
    const { from, to } = excerpt;
    return [`trim=start_pts=${from}${to === undefined ? '' : `:end_pts=${to}`}`];
  }
  const begin = beginning(options);
  if (begin === undefined) return [];
  return [`trim=start=${begin}${span.duration === undefined ? '' : `:duration=${span.duration}`}`];
}

export const CONTAINERS: Readonly<Record<string, Container>> = {
  '.mp4': 'mp4',
  '.m4v': 'mp4',
  '.mov': 'mov',
  '.mkv': 'matroska',
  '.webm': 'webm',
};

/** Audio codecs that a container takes as they are. */
const COPIED: Readonly<Record<Container, RegExp>> = {
  mp4: /^(aac|mp3|mp2|ac3|eac3|opus|flac|alac)$/,
  mov: /^(aac|mp3|mp2|ac3|eac3|alac|pcm_(s16|s24|s32|f32|f64)(le|be)|pcm_[sum]8|pcm_(a|mu)law)$/,
  matroska: /./,
  webm: /^(opus|vorbis)$/,
};

/** Audio streams of ffmpeg's input number `input`: copied where the container takes their codec, else encoded. */
export function audioArguments(
  probe: MediaProbe,
  container: Container,
  input = 0,
): { args: string[]; encoded: string[] } {
  const encoded: string[] = [];
  const args = probe.audio.flatMap(({ index, codec }, position) => {
    const map = ['-map', `${input}:${index}`];
    if (COPIED[container].test(codec)) return [...map, `-c:a:${position}`, 'copy'];
    const [encoder, rate] = container === 'webm' ? ['libopus', '128k'] : ['aac', '192k'];
    encoded.push(`${codec} → ${encoder}`);
    return [...map, `-c:a:${position}`, encoder, `-b:a:${position}`, rate];
  });
  return { args, encoded };
}

const isRgb = ({ pixelFormat, colorSpace }: VideoProbe): boolean =>
  colorSpace === 'gbr' || /^(rgb|bgr|gbr|argb|abgr|0rgb|0bgr|x2|pal8)/.test(pixelFormat);

/** How the output's colours are coded: as the source's; RGB, which has no matrix, becomes BT.709 in studio range. */
export const outputColor = (
  video: VideoProbe,
): Pick<VideoProbe, 'colorRange' | 'colorSpace' | 'colorPrimaries' | 'colorTransfer'> =>
  isRgb(video) ? { ...video, colorRange: 'tv', colorSpace: 'bt709' } : video;

/** 8-bit 4:2:0 in the source's range, which every browser plays. */
const pixelFormat = (video: VideoProbe): string =>
  outputColor(video).colorRange === 'pc' ? 'yuvj420p' : 'yuv420p';

export function colorArguments(video: VideoProbe): string[] {
  const { colorRange, colorSpace, colorPrimaries, colorTransfer } = outputColor(video);
  return [
    ...(colorRange ? ['-color_range', colorRange] : []),
    ...(colorSpace ? ['-colorspace', colorSpace] : []),
    ...(colorPrimaries ? ['-color_primaries', colorPrimaries] : []),
    ...(colorTransfer ? ['-color_trc', colorTransfer] : []),
  ];
}

/** The source's picture, ready to be painted on: progressive where asked, even-sized, 8-bit 4:2:0. */
export function baseFilters(video: VideoProbe, deinterlace: boolean): string[] {
  const [right, bottom] = [video.width % 2, video.height % 2];
  const filters = deinterlacer(deinterlace);
  const format = pixelFormat(video);
  // 4:2:0 has no odd sides: the last column or line is there twice rather than lost.
  if (right || bottom) {
    filters.push(`pad=${video.width + right}:${video.height + bottom}`);
    filters.push(`fillborders=right=${right}:bottom=${bottom}:mode=smear`);
  }
  const simple = /^yuvj?420p$/.test(video.pixelFormat);
  // Ranges are named on both sides, so that nothing is stretched or squeezed on the way to 8 bits.
  const range = outputColor(video).colorRange ?? 'tv';
  if (!simple) {
    const from = isRgb(video) ? 'out_color_matrix=bt709' : `in_range=${range}`;
    filters.push(`scale=flags=bicubic+accurate_rnd+full_chroma_int:${from}:out_range=${range}`);
  }
  filters.push(`format=${format}`);
  return filters;
}

/** Size of the output's pictures. */
export const outputSize = ({ width, height }: VideoProbe): Size => ({
  width: width + (width % 2),
  height: height + (height % 2),
});

export interface WriteOptions extends ReadOptions {
  readonly container: Container;
  readonly settings: EncoderSettings;
}

/** Ticks of the container in a second, which are those that its packets' filters see. Matroska counts milliseconds. */
export const ticksPerSecond = ({ container, probe }: WriteOptions): number =>
  isMov(container) ? probe.video.timeBase.den : 1000;

/**
 * The last frame stays as long as in the source. Its time does not tell that, and ffmpeg's encoders forget it before 6.
 * Each packet is said to last to the end; muxers believe that of the last one, and look at the next one's time for all
 * others. MP4 refuses lengths beyond 31 bits. An expression of the filter setts; `time`: that of a packet's own time, in
 * the container's ticks (the filter's own TB is wrong). Undefined where ffmpeg is left to it.
 */
export function lastFrameDuration(options: WriteOptions, time: string): string | undefined {
  const { probe, ffmpegMajor } = options;
  const { end, timeBase } = probe.video;
  if (end === undefined || beginning(options) !== undefined || ffmpegMajor !== 5) return undefined;
  const left = `(${Math.round((end * timeBase.num * ticksPerSecond(options)) / timeBase.den)}-${time})`;
  return `${left}*between(${left}\\,0\\,${2 ** 31 - 1})`;
}

function lastFrameArguments(options: WriteOptions): string[] {
  const duration = lastFrameDuration(options, 'PTS');
  return duration === undefined ? [] : ['-bsf:v', `setts=pts=PTS:dts=DTS:duration=${duration}`];
}

/** How the picture is coded, but for its times. `keyFrames`: arguments that say where key frames are. */
export function codingArguments(options: WriteOptions, keyFrames = keyFrameArguments): string[] {
  const { probe, container, settings, deinterlace } = options;
  const { video } = probe;
  const encoder = settings.encoder ?? defaultEncoder(container);
  const interlaced = video.fieldOrder !== undefined && !deinterlace;
  return [
    ...encoderArguments(encoder, settings, interlaced),
    ...(interlaced ? ['-field_order', video.fieldOrder ?? 'progressive'] : []),
    ...keyFrames(encoder),
    ...colorArguments(video),
    ...exactTiming(video.timeBase, options.ffmpegMajor),
  ];
}

/** What the container is told. `source`: ffmpeg's input that metadata and chapters are of. */
export function containerArguments({ probe, container, ffmpegMajor }: WriteOptions, source = 0): string[] {
  const { video } = probe;
  const timescale = video.timeBase.den;
  const mov = isMov(container);
  return [
    ...['-map_metadata', String(source), '-map_chapters', String(source), '-max_muxing_queue_size', '9999'],
    ...(mov ? ['-movflags', '+faststart', '-video_track_timescale', String(timescale)] : []),
    // Empty edits, which hold a late start, are counted in the movie's own ticks.
    ...(mov && ffmpegMajor >= 5 ? ['-movie_timescale', String(Math.max(timescale, 1000))] : []),
    // Sound whose first samples only prime the decoder begins below 0, which is no reason to move the picture.
    ...(mov || video.start < 0 || probe.start < -30 ? [] : ['-avoid_negative_ts', 'disabled']),
    ...['-f', container],
  ];
}

/** Everything of the output but its picture's filters. */
function writeArguments(options: WriteOptions): string[] {
  const { probe, container, span } = options;
  const begin = beginning(options);
  return [
    ...audioArguments(probe, container).args,
    ...codingArguments(options),
    ...lastFrameArguments(options),
    // Drops what is earlier and makes this the new 0, for sound as well; a whole film keeps the times that it has.
    ...(begin === undefined ? [] : ['-ss', String(begin)]),
    ...(span.duration === undefined ? [] : ['-t', String(span.duration)]),
    ...containerArguments(options),
  ];
}

/** The source with painted pictures laid over it; they come as NUT on standard input, shifted by PTS_SHIFT. */
export function paintedArguments(options: WriteOptions): string[] {
  const { video } = options.probe;
  const { width, height } = outputSize(video);
  const vaapi = options.settings.encoder?.endsWith('_vaapi') ?? false;
  // A part in seconds is cut behind the encoder, sound and all; exact frames before.
  const trim = options.excerpt ? trimFilters(options) : [];
  const picture = [...trim, ...baseFilters(video, options.deinterlace)].join(',');
  const graph = [
    `[0:${video.index}]${picture}[picture]`,
    `[1:v]setpts=PTS-${PTS_SHIFT},scale=${width}:${height}:flags=fast_bilinear[paint]`,
    `[picture][paint]overlay=format=yuv420:shortest=1${vaapi ? ',format=nv12,hwupload' : ''}[out]`,
  ];
  return [
    ...(vaapi ? ['-vaapi_device', '/dev/dri/renderD128'] : []),
    ...['-filter_complex', graph.join(';'), '-map', '[out]'],
  ];
}

/** The source, painted, with its sound, as the whole result. */
export function overlayArguments(options: WriteOptions): { input: FfmpegInput; output: string[] } {
  return {
    input: readArguments(options),
    output: [...paintedArguments(options), ...writeArguments(options)],
  };
}

/** The same encoding without anything painted: what the overlay's cost is measured against. */
export function transcodeArguments(options: WriteOptions): { input: FfmpegInput; output: string[] } {
  const { video } = options.probe;
  const filters = baseFilters(video, options.deinterlace).join(',');
  return {
    input: readArguments(options),
    output: ['-map', `0:${video.index}`, '-vf', filters, ...writeArguments(options)],
  };
}

/** Painted pictures that ffmpeg reads from standard input. */
export const PAINT_INPUT: readonly string[] = ['-f', 'nut', '-analyzeduration', '0', '-fpsprobesize', '0'];

/** A lossless video of the gray pictures on standard input alone: FFV1, which keeps every value, in Matroska. */
export function indexVideoArguments(timeBase: Rational, ffmpegMajor: number): string[] {
  return [
    ...['-map', '0:v', '-vf', `setpts=PTS-${PTS_SHIFT},format=gray`],
    ...exactTiming(timeBase, ffmpegMajor),
    ...['-c:v', 'ffv1', '-level', '3', '-f', 'matroska'],
  ];
}
