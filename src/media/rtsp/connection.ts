import { redactCamera } from '../../core/camera-address.ts';
import { SidestreamError } from '../../core/errors.ts';
import type { Pts } from '../../core/time.ts';
import type { NutStream } from '../nut.ts';
import { type NutFrame, readNut } from '../nut-read.ts';
import { FfmpegFailure, type FfmpegPaths, pipe, runFfmpeg } from '../process.ts';
import { createBackWatch, createCameraClock } from './clock.ts';
import { codecOf, parametersOf } from './parameter-sets.ts';
import { reasonOf } from './reasons.ts';
import {
  type CameraAddress,
  cameraInput,
  cameraOutput,
  kindOf,
  lacksTimes,
  sourceTicks,
  type Times,
} from './source.ts';
import { wallNow } from './wall.ts';

/** A packet of a camera: a coded picture, or sound. */
export interface CameraPacket {
  readonly stream: NutStream;
  readonly key: boolean;
  /** When it was taken, in ticks of LIVE_TIME_BASE. */
  readonly pts: Pts;
  /** When it came, in milliseconds since 1970. */
  readonly arrival: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface WatchOptions {
  /** Milliseconds to the first picture, and then from each to the next. */
  readonly firstFrame: number;
  readonly stall: number;
}

export interface ConnectionDeps {
  readonly paths: FfmpegPaths;
  readonly ffmpegMajor: number;
}

/** What is learned of a camera, for its next connections. */
export interface Habits {
  /** Its times are to be kept as they are: some are missing where pictures are out of order. */
  keepTimes?: boolean;
}

/** Larger than any coded picture. */
const LARGEST_PACKET = 1 << 26;

/**
 * Packets of a camera for as long as it sends, from a key frame on: what comes before can be decoded by nobody, and whoever
 * has decoded an earlier connection would take it for a part of that. Ends by throwing, whatever ffmpeg's exit says, since
 * a camera has no end: CAMERA_AWAY, CAMERA_REFUSED or CAMERA_SILENT, with the reason; or the reason of `signal`.
 *
 * ffmpeg's own limits come late or not at all where a peer stalls: a watch of ours ends it.
 */
export async function* connection(
  address: CameraAddress,
  watch: WatchOptions,
  deps: ConnectionDeps,
  signal: AbortSignal,
  habits: Habits = {},
): AsyncGenerator<CameraPacket> {
  const kind = kindOf(address.url);
  habits.keepTimes ??= kind === 'hls'; // Its pictures come late anyway.
  if (!habits.keepTimes) yield* read(address, watch, deps, signal, habits);
  yield* read(address, watch, deps, signal, habits);
}

/** Ends without throwing only where it turns out that times are to be kept, and then nothing has come. */
async function* read(
  address: CameraAddress,
  watch: WatchOptions,
  { paths, ffmpegMajor }: ConnectionDeps,
  signal: AbortSignal,
  habits: Habits,
): AsyncGenerator<CameraPacket> {
  const times: Times = habits.keepTimes ? 'kept' : 'prompt';
  const name = redactCamera(address.url);
  const byRtsp = kindOf(address.url) === 'rtsp';
  const byDatagrams = byRtsp && /^(udp|multicast)$/.test(address.transport);
  const stream = pipe();
  const run = runFfmpeg(
    {
      inputs: [cameraInput(address, ffmpegMajor)],
      outputOptions: cameraOutput(address, times),
      output: stream,
    },
    paths,
    signal,
  );
  // A process that never starts leaves its stream open.
  run.ended.then(
    () => stream.end(),
    () => stream.end(),
  );
  let silence: SidestreamError | undefined;
  let changed = false;
  let senseless = false;
  let begun = false;
  let unfit = false;
  const quiet = (seconds: number, what: string) => {
    const hint = begun || !byDatagrams ? '' : ': UDP may not get through, try tcp';
    silence = new SidestreamError('CAMERA_SILENT', `${name} sent no ${what} for ${seconds} s${hint}`);
    run.kill();
    stream.end(); // What a stopped process has not written will not come.
  };
  let timer = setTimeout(() => quiet(watch.firstFrame / 1000, 'picture'), watch.firstFrame);
  try {
    const follow = createFollower(address, times);
    for await (const frame of readNut(stream, LARGEST_PACKET)) {
      // The first picture by RTSP has no time where ffmpeg finds its parameters only then.
      unfit = times === 'prompt' && byRtsp && frame.stream.delay > 0;
      if (unfit) break;
      if (frame.stream.kind === 'video') {
        clearTimeout(timer);
        timer = setTimeout(() => quiet(watch.stall / 1000, 'further picture'), watch.stall);
        begun = true;
      }
      const packet = follow(frame);
      if (packet === 'changed') {
        changed = true;
        break;
      }
      if (packet) yield packet;
    }
  } catch (error) {
    // Cut in the middle of a packet, as connections are.
    if (!(error instanceof RangeError)) throw error;
    senseless = !stream.readableEnded;
  } finally {
    clearTimeout(timer);
    run.kill();
    stream.destroy();
    await run.ended.catch(() => {}); // What it says is looked at below, by whoever stays.
  }
  signal.throwIfAborted();
  if (unfit) {
    habits.keepTimes = true;
    return;
  }
  if (changed) throw new SidestreamError('CAMERA_AWAY', `${name} has changed its picture or its clock`);
  if (silence) throw silence;
  const end = await run.ended.catch((error: unknown) => {
    if (error instanceof FfmpegFailure) return error;
    throw error;
  });
  if (times === 'prompt' && end instanceof FfmpegFailure && lacksTimes(end.lines)) {
    habits.keepTimes = true;
    if (!begun) return;
  }
  const killedBy = end instanceof FfmpegFailure && !senseless ? end.killedBy : undefined;
  throw reasonOf({ lines: end.lines, killedBy }, name, begun);
}

/**
 * Gives packets the times of our clock; `changed`: it must be looked at anew; undefined: nothing can be made of it yet.
 */
function createFollower(
  address: CameraAddress,
  times: Times,
): (frame: NutFrame) => CameraPacket | 'changed' | undefined {
  // Series of JPEGs by HTTP come without times of their own, and ffmpeg makes some up.
  const made = (stream: NutStream) => kindOf(address.url) === 'http' && codecOf(stream) === 'mjpeg';
  let clock: ReturnType<typeof createCameraClock> | undefined;
  let parameters: string | undefined;
  const setBack = createBackWatch(times === 'prompt');
  let sound = false;
  return ({ stream, key, pts, data }) => {
    const arrival = Date.now();
    const wall = wallNow();
    const { num, den } = stream.timeBase;
    const ticks = made(stream) ? undefined : sourceTicks(address, pts, times);
    const source = ticks === undefined ? undefined : (ticks * 1000 * num) / den;
    if (!clock && (stream.kind === 'audio' || !key)) return undefined;
    clock ??= createCameraClock(stream.delay);
    if (stream.kind === 'audio') {
      sound = true;
      return { stream, key, pts: clock.along(source, wall), arrival, data };
    }
    if (key) {
      const now = parametersOf(stream, data);
      if (parameters !== undefined && now !== undefined && now !== parameters) return 'changed';
      parameters ??= now;
    }
    // Beside sound it would hold the packets up: ffmpeg sorts the two by their times. Of pictures out of order it would bend
    // the times for ever.
    if (source !== undefined && setBack(source)) {
      if (sound || (times === 'prompt' && stream.delay > 0)) return 'changed';
    }
    return { stream, key, pts: clock.stamp(source, wall), arrival, data };
  };
}
