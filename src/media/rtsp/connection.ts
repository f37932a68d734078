import { SidestreamError } from '../../core/errors.ts';
import { redact } from '../../core/redact.ts';
import type { Pts } from '../../core/time.ts';
import type { NutStream } from '../nut.ts';
import { type NutFrame, readNut } from '../nut-read.ts';
import { FfmpegFailure, type FfmpegPaths, pipe, runFfmpeg } from '../process.ts';
import { createCameraClock, ticksOfWall } from './clock.ts';
import { codecOf, parametersOf } from './parameter-sets.ts';
import { reasonOf } from './reasons.ts';
import { type CameraAddress, cameraInput, cameraOutput, SOURCE_SHIFT } from './source.ts';

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

/** Larger than any coded picture. */
const LARGEST_PACKET = 1 << 26;

/**
 * Packets of a camera for as long as it sends. Ends by throwing, whatever ffmpeg's exit says, since a camera has no end:
 * CAMERA_AWAY, CAMERA_REFUSED or CAMERA_SILENT, with the reason; or the reason of `signal`.
 *
 * ffmpeg's own limits come late or not at all where a peer stalls: a watch of ours ends it.
 */
export async function* connection(
  address: CameraAddress,
  watch: WatchOptions,
  { paths, ffmpegMajor }: ConnectionDeps,
  signal: AbortSignal,
): AsyncGenerator<CameraPacket> {
  const name = redact(address.url);
  const stream = pipe();
  const run = runFfmpeg(
    { inputs: [cameraInput(address, ffmpegMajor)], outputOptions: cameraOutput(address), output: stream },
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
  const quiet = (seconds: number, what: string) => {
    silence = new SidestreamError('CAMERA_SILENT', `${name} sent no ${what} for ${seconds} s`);
    run.kill();
    stream.end(); // What a stopped process has not written will not come.
  };
  let timer = setTimeout(() => quiet(watch.firstFrame / 1000, 'picture'), watch.firstFrame);
  try {
    const follow = createFollower();
    for await (const frame of readNut(stream, LARGEST_PACKET)) {
      const packet = follow(frame);
      if (packet === 'changed') {
        changed = true;
        break;
      }
      if (packet.stream.kind === 'video') {
        clearTimeout(timer);
        timer = setTimeout(() => quiet(watch.stall / 1000, 'further picture'), watch.stall);
      }
      yield packet;
    }
  } catch (error) {
    // Cut in the middle of a packet, as connections are.
    if (!(error instanceof RangeError)) throw error;
  } finally {
    clearTimeout(timer);
    run.kill();
    stream.destroy();
    await run.ended.catch(() => {}); // What it says is looked at below, by whoever stays.
  }
  signal.throwIfAborted();
  if (changed) throw new SidestreamError('CAMERA_AWAY', `${name} has changed its picture or its clock`);
  if (silence) throw silence;
  const end = await run.ended.catch((error: unknown) => {
    if (error instanceof FfmpegFailure) return error;
    throw error;
  });
  throw reasonOf(end.lines, name);
}

/** Gives packets the times of our clock; `changed`: it must be looked at anew. */
function createFollower(): (frame: NutFrame) => CameraPacket | 'changed' {
  let clock: ReturnType<typeof createCameraClock> | undefined;
  let parameters: string | undefined;
  let back = 0;
  let latest = Number.NEGATIVE_INFINITY;
  let sound = false;
  return ({ stream, key, pts, data }) => {
    const arrival = Date.now();
    const { num, den } = stream.timeBase;
    const source = pts < SOURCE_SHIFT / 2 ? undefined : ((pts - SOURCE_SHIFT) * 1000 * num) / den;
    if (stream.kind === 'audio') {
      sound = true;
      const time = clock?.along(source, arrival) ?? ticksOfWall(arrival);
      return { stream, key, pts: time, arrival, data };
    }
    clock ??= createCameraClock(stream.delay);
    if (key) {
      const now = parametersOf(codecOf(stream), data);
      if (parameters !== undefined && now !== undefined && now !== parameters) return 'changed';
      parameters ??= now;
    }
    // Beside sound, a clock that is set back would hold the packets up: ffmpeg sorts the two by their times.
    if (source !== undefined) {
      back = source < latest - 1000 ? back + 1 : 0;
      if (sound && back > 5) return 'changed';
      if (back === 0) latest = source;
    }
    return { stream, key, pts: clock.stamp(source, arrival), arrival, data };
  };
}
