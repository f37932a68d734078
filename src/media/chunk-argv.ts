import type { Rational } from '../core/time.ts';
import {
  audioArguments,
  codingArguments,
  colorArguments,
  containerArguments,
  lastFrameDuration,
  PTS_SHIFT,
  paintedArguments,
  readArguments,
  ticksPerSecond,
  type WriteOptions,
} from './argv.ts';
import { forcedKeyFrames } from './encoder-argv.ts';
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

/**
 * The frames of `options.excerpt` with painted pictures laid over them, as coded video alone, in NUT. `keys`: numbers of
 * its frames, from 0, that are key frames; empty: where time says so, as within the whole.
 */
export function pieceArguments(
  options: WriteOptions,
  keys: readonly number[],
): { input: FfmpegInput; output: string[] } {
  const numbered = (encoder: string) => forcedKeyFrames(keys.map((key) => `eq(n,${key})`).join('+'), encoder);
  const output = [
    ...paintedArguments(options),
    ...codingArguments(options, keys.length === 0 ? undefined : numbered),
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
  const { probe, container } = options;
  const output = [
    ...['-map', '0:v', '-c:v', 'copy', '-bsf:v', setBack(options, decodingTimes)],
    // The source is the second input here.
    ...audioArguments(probe, container, 1).args,
    ...colorArguments(probe.video),
    '-copyts',
    ...containerArguments(options, 1),
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
  const { timeBase, averageFrameRate: rate } = options.probe.video;
  const perSecond = ticksPerSecond(options);
  const shift = timeBase.num * 2 ** 20 * perSecond;
  // Where nothing tells how long the last frame lasts, it lasts as long as the others do.
  const usual = rate && rate.num > 0 ? String(Math.round((perSecond * rate.den) / rate.num)) : undefined;
  const duration = lastFrameDuration(options, `(PTS-${shift})`) ?? usual;
  const ticks = (time: number) => Math.round((time * timeBase.num * perSecond) / timeBase.den);
  const decoding = decodingTimes.reduceRight(
    (rest, time, i) => `if(eq(N\\,${i})\\,${ticks(time)}\\,${rest})`,
    `DTS-${shift}`,
  );
  return `setts=pts=PTS-${shift}:dts=${decoding}${duration ? `:duration=${duration}` : ''}`;
}
