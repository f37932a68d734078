import type { Rational } from '../core/time.ts';
import {
  audioArguments,
  baseFilters,
  colorArguments,
  exactTiming,
  lastFrameArguments,
  outputSize,
  PTS_SHIFT,
  readArguments,
  type WriteOptions,
} from './argv.ts';
import {
  defaultEncoder,
  encoderArguments,
  forcedKeyFrames,
  isMov,
  keyFrameArguments,
} from './encoder-argv.ts';
import type { FfmpegInput } from './process.ts';

/** Arguments of ffmpeg for one video that is painted in pieces, and put together again. */

/** Frames that an encoder looks ahead before it decides on one, at most, by libx264's presets. */
const LOOKAHEAD: Readonly<Record<string, number>> = {
  ultrafast: 0,
  superfast: 0,
  veryfast: 10,
  faster: 20,
  fast: 30,
  medium: 40,
  slow: 50,
  slower: 60,
  veryslow: 60,
};

/**
 * Frames behind a piece that are encoded with it and thrown away: with them, its last ones come out as they do within
 * the whole.
 */
export const runOut = ({ settings: { preset } }: Pick<WriteOptions, 'settings'>): number =>
  (LOOKAHEAD[preset] ?? 60) + 8;

const encoderOf = ({ settings, container }: WriteOptions): string =>
  settings.encoder ?? defaultEncoder(container);

/**
 * The frames of `options.excerpt` with painted pictures laid over them, as coded video alone, in NUT. `keys`: numbers of
 * its frames, from 0, that are key frames; empty: where time says so, as within the whole.
 */
export function pieceArguments(
  options: WriteOptions,
  keys: readonly number[],
): { input: FfmpegInput; output: string[] } {
  const { probe, settings, ffmpegMajor, excerpt } = options;
  const { video } = probe;
  const { width, height } = outputSize(video);
  const encoder = encoderOf(options);
  const interlaced = video.fieldOrder !== undefined && !options.deinterlace;
  const trim = excerpt
    ? [`trim=start_pts=${excerpt.from}${excerpt.to === undefined ? '' : `:end_pts=${excerpt.to}`}`]
    : [];
  const graph = [
    `[0:${video.index}]${[...trim, ...baseFilters(video, options.deinterlace)].join(',')}[picture]`,
    `[1:v]setpts=PTS-${PTS_SHIFT},scale=${width}:${height}:flags=fast_bilinear[paint]`,
    '[picture][paint]overlay=format=yuv420:shortest=1[out]',
  ];
  const output = [
    ...['-filter_complex', graph.join(';'), '-map', '[out]'],
    ...encoderArguments(encoder, settings, interlaced),
    ...(interlaced ? ['-field_order', video.fieldOrder ?? 'progressive'] : []),
    ...(keys.length === 0
      ? keyFrameArguments(encoder)
      : forcedKeyFrames(keys.map((key) => `eq(n,${key})`).join('+'), encoder)),
    ...colorArguments(video),
    ...exactTiming(video.timeBase, ffmpegMajor),
    ...['-bsf:v', `setts=pts=PTS+${PTS_SHIFT}:dts=DTS+${PTS_SHIFT}`],
    ...['-f', 'nut', '-write_index', '0'],
  ];
  return { input: readArguments(options), output };
}

/**
 * All pieces, which come as one NUT stream on standard input, with everything else that the result has from the source.
 * `decodingTimes`: of the first frames, in ticks.
 */
export function joinArguments(
  options: WriteOptions,
  decodingTimes: readonly number[],
): { source: FfmpegInput; output: string[] } {
  const { probe, container, ffmpegMajor } = options;
  const { video } = probe;
  const mov = isMov(container);
  const timescale = video.timeBase.den;
  const { args } = audioArguments(probe, container);
  const back = setBack(options, decodingTimes);
  const output = [
    ...['-map', '0:v', '-c:v', 'copy', '-bsf:v', back],
    // The source is the second input here.
    ...args.map((arg, i) => (args[i - 1] === '-map' ? arg.replace(/^0:/, '1:') : arg)),
    ...colorArguments(video),
    '-copyts',
    ...['-map_metadata', '1', '-map_chapters', '1', '-max_muxing_queue_size', '9999'],
    ...(mov ? ['-movflags', '+faststart', '-video_track_timescale', String(timescale)] : []),
    ...(mov && ffmpegMajor >= 5 ? ['-movie_timescale', String(Math.max(timescale, 1000))] : []),
    ...(mov || video.start < 0 || probe.start < -30 ? [] : ['-avoid_negative_ts', 'disabled']),
    ...['-f', container],
  ];
  return { source: readArguments(options), output };
}

/**
 * NUT cannot carry negative timestamps: all of them travel this much later to the join, in ticks. It is a whole number of
 * seconds, so that every container's ticks can take it away again exactly.
 */
export const joinShift = ({ den }: Rational): number => den * 2 ** 20;

/** Takes the shift away again, and says how long the last frame lasts. */
function setBack(options: WriteOptions, decodingTimes: readonly number[]): string {
  const { timeBase } = options.probe.video;
  // The filter sees the container's ticks: those of Matroska are milliseconds.
  const perSecond = isMov(options.container) ? timeBase.den : 1000;
  const shift = timeBase.num * 2 ** 20 * perSecond;
  const [, last] = lastFrameArguments(options);
  const rate = options.probe.video.averageFrameRate;
  // Where nothing tells how long the last frame lasts, it lasts as long as the others do.
  const usual = rate && rate.num > 0 ? String(Math.round((perSecond * rate.den) / rate.num)) : undefined;
  const duration = last?.replace(/^.*duration=/, '').replaceAll('PTS', `(PTS-${shift})`) ?? usual;
  const ticks = (time: number) => Math.round((time * timeBase.num * perSecond) / timeBase.den);
  const decoding = decodingTimes.reduceRight(
    (rest, time, i) => `if(eq(N\\,${i})\\,${ticks(time)}\\,${rest})`,
    `DTS-${shift}`,
  );
  return `setts=pts=PTS-${shift}:dts=${decoding}${duration ? `:duration=${duration}` : ''}`;
}
