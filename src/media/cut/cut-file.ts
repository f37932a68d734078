import { SidestreamError } from '../../core/errors.ts';
import { rationalToNumber } from '../../core/time.ts';
import { audioArguments, INDEXED, type Span, transcodeArguments, type WriteOptions } from '../argv.ts';
import { draft } from '../draft.ts';
import { ffmpegVersion, requireEncoders } from '../encode.ts';
import { defaultEncoder, type EncoderSettings } from '../encoder-argv.ts';
import { explain } from '../failures.ts';
import { ffmpegSource, type MediaProbe, probe } from '../probe.ts';
import { type FfmpegPaths, runFfmpeg, runShort } from '../process.ts';

export interface FileCutRequest {
  readonly input: string;
  /** Seconds from the file's start: the clip has exactly the pictures with start ≤ time < end. */
  readonly start: number;
  readonly end: number;
  /** An MP4. What is there is overwritten. */
  readonly output: string;
  readonly encoder: EncoderSettings;
}

export interface FileCutDeps {
  readonly paths: FfmpegPaths;
  /** What `probe` says of the input, where that is known already. */
  readonly probed?: MediaProbe;
}

export interface FileCutResult {
  readonly frames: number;
  /** Seconds from the file's start to the first picture, which is at 0 in the clip. */
  readonly first: number;
}

/**
 * Cuts a part out of any video, exact at pictures, which are coded anew; sound that MP4 has a name for is taken over.
 * Throws what `probe` throws, INPUT_INVALID where there is no picture in that time, ENCODER_MISSING, FFMPEG_FAILED.
 */
export async function cutFile(
  { input, start, end, output, encoder }: FileCutRequest,
  { paths, probed }: FileCutDeps,
  signal: AbortSignal,
): Promise<FileCutResult> {
  const source = probed ?? (await probe(input, paths, signal));
  const tick = rationalToNumber(source.video.timeBase);
  const times = await pictureTimes({ input, start, end }, source, paths, signal);
  const found = picturesBetween(times, start + source.start, end + source.start, tick);
  if (!found) throw nothing(source, start, end);
  const options: WriteOptions = {
    ...{ input, probe: source, deinterlace: false, container: 'mp4', settings: encoder },
    ffmpegMajor: (await ffmpegVersion(paths, signal)).major,
    span: spanOf(found, end + source.start, source.start, tick),
  };
  const codec = encoder.encoder ?? defaultEncoder('mp4');
  const audio = audioArguments(source, 'mp4').encoded.map((change) => change.split(' → ')[1]);
  await requireEncoders([codec, ...audio], paths, signal);
  const { input: reading, output: writing } = transcodeArguments(options);
  const file = draft(output);
  try {
    const run = runFfmpeg({ inputs: [reading], outputOptions: writing, output: file.path }, paths, signal);
    const { frames } = await run.ended;
    signal.throwIfAborted();
    if (frames === 0) throw nothing(source, start, end);
    await file.commit();
    return { frames, first: found.first * tick - source.start };
  } catch (error) {
    await file.discard();
    signal.throwIfAborted();
    throw explain(error, source.name, output);
  }
}

const nothing = ({ name }: MediaProbe, start: number, end: number): SidestreamError =>
  new SidestreamError(
    'INPUT_INVALID',
    `${name} has no picture from ${start.toFixed(3)} to ${end.toFixed(3)} s: ask for another part`,
  );

/** Ticks of the first and the last picture of a part, and of the one behind it. */
export interface Found {
  readonly first: number;
  readonly last: number;
  readonly next: number | undefined;
}

/** Seconds in which two times are the same. */
const EXACT = 1e-7;

/** `times`: rising, in ticks of `tick` seconds. `from`, `to`: seconds. Undefined: there is none. */
export function picturesBetween(
  times: readonly number[],
  from: number,
  to: number,
  tick: number,
): Found | undefined {
  const isIn = (time: number) => time * tick >= from - EXACT && time * tick < to - EXACT;
  const [first, last] = [times.find(isIn), times.findLast(isIn)];
  if (first === undefined || last === undefined) return undefined;
  return { first, last, next: times.find((time) => time > last) };
}

/**
 * The part as ffmpeg is asked for it, which reads whole microseconds and rounds them to ticks: it begins just before the
 * first picture, and ends well between the last one and the next. `end`, `zero`: seconds; `zero`: the file's start.
 */
export function spanOf(
  { first, last, next }: Found,
  end: number,
  zero: number,
  tick: number,
): Required<Span> {
  const begin = Math.floor(first * tick * 1e6) / 1e6;
  const apart = next === undefined ? 1 : (next - last) * tick;
  const margin = Math.min(apart / 2, Math.max(2 * tick, 2e-6));
  const latest = next === undefined ? Number.POSITIVE_INFINITY : next * tick - margin;
  const over = Math.min(latest, Math.max(end, last * tick + margin));
  return { start: round(begin - zero), duration: round(over - begin) };
}
const round = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

/** Milliseconds that reading packets may take. */
const PATIENCE = 10 * 60_000;
/** Seconds before a part at which reading begins where nothing tells where key frames are. */
const LONGEST_GROUP = 15;
/** Seconds by which pictures may be shown later than they are decoded. */
const REORDERED = 5;

/** Times of the pictures of a part, and of some around it, in ticks, rising. Only the part is read. */
async function pictureTimes(
  { input, start, end }: Pick<FileCutRequest, 'input' | 'start' | 'end'>,
  { video, start: zero, container }: MediaProbe,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<number[]> {
  const leap = start - (INDEXED.test(container) ? 0 : LONGEST_GROUP);
  // At the very beginning nothing is leapt over: some files have no index to do so by.
  const interval = `${leap > 0 ? leap + zero : ''}%${end + zero + REORDERED}`;
  const { stdout, stderr, failed } = await runShort(
    paths.ffprobe,
    [
      ...['-v', 'error', '-of', 'csv=p=0', '-select_streams', String(video.index)],
      ...['-show_entries', 'packet=pts,flags', '-read_intervals', interval, '-i', ffmpegSource(input)],
    ],
    { timeout: PATIENCE, signal },
  );
  if (failed && stdout === '')
    throw new SidestreamError('INPUT_INVALID', `${input} cannot be read: ${stderr.trim().slice(0, 200)}`);
  return parseTimes(stdout);
}

/** Reads lines of ffprobe: `pts,flags`. What comes before a key frame cannot be decoded. */
export function parseTimes(text: string): number[] {
  const packets = text.split('\n').map((line) => line.split(','));
  const begin = packets.findIndex(([, flags = '']) => flags.includes('K'));
  return packets
    .slice(Math.max(0, begin))
    .filter(([time, flags = '']) => /^-?\d+$/.test(time) && !flags.includes('D'))
    .map(([time]) => Number(time))
    .sort((a, b) => a - b);
}
