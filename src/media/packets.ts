import { type Pts, pts } from '../core/time.ts';
import { confinedOptions, ffmpegSource, inputOptions, type MediaProbe } from './probe.ts';
import { type FfmpegPaths, runShort } from './process.ts';

/** When the frames of a stream are shown, by its packets alone: nothing is decoded for it. */
export interface FrameTimes {
  /** Of every frame, rising, in ticks. */
  readonly frames: readonly Pts[];
  /** Of those that are key frames. */
  readonly keys: readonly Pts[];
}

/** Milliseconds that reading all of a file may take. */
const PATIENCE = 15 * 60_000;

/**
 * Reads the packets of the chosen video stream. Undefined where they do not tell exactly which frames there will be, and
 * at what times: damage, lacking or repeated times, a beginning without a key frame, addresses.
 */
export async function frameTimes(
  input: string,
  { video }: MediaProbe,
  paths: FfmpegPaths,
  signal: AbortSignal,
  { confined = false } = {},
): Promise<FrameTimes | undefined> {
  const { stdout, stderr, failed } = await runShort(
    paths.ffprobe,
    [
      ...['-v', 'error', '-of', 'csv=p=0', '-select_streams', String(video.index)],
      ...['-show_entries', 'packet=pts,dts,flags'],
      ...inputOptions(input),
      ...(confined ? confinedOptions : []),
      ...['-i', ffmpegSource(input)],
    ],
    { timeout: PATIENCE, signal },
  );
  if (failed || stderr.trim() !== '') return undefined;
  return parsePackets(stdout);
}

/** Reads lines of ffprobe: `pts,dts,flags`, in the order of the file. */
export function parsePackets(text: string): FrameTimes | undefined {
  const frames: number[] = [];
  const keys: number[] = [];
  let decoded = -Infinity;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [shown, order, flags = ''] = line.split(',');
    const [time, dts] = [Number(shown), order === 'N/A' ? Number.NaN : Number(order)];
    if (!Number.isSafeInteger(time) || flags.includes('C')) return undefined;
    // A clock that jumps back cannot be leapt into.
    if (dts < decoded) return undefined;
    if (!Number.isNaN(dts)) decoded = dts;
    const key = flags.includes('K');
    if (frames.length === 0 && keys.length === 0 && !key) return undefined;
    if (key) keys.push(time);
    // Outside of what an edit list shows: decoded, but never seen.
    if (!flags.includes('D')) frames.push(time);
  }
  frames.sort((a, b) => a - b);
  keys.sort((a, b) => a - b);
  const repeated = frames.some((time, i) => i > 0 && time === frames[i - 1]);
  if (frames.length === 0 || repeated) return undefined;
  return { frames: frames.map((time) => pts(time)), keys: keys.map((time) => pts(time)) };
}
