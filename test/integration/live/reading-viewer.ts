import { type ChildProcess, execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { SidestreamError } from '../../../src/core/errors.ts';
import { decoderArguments } from '../../../src/media/live/argv.ts';
import { FED_TIME_BASE, openFed, ticksOf } from '../../../src/media/live/fed.ts';
import { camera } from '../../../src/media/rtsp/camera.ts';
import { wallOf } from '../../../src/media/rtsp/clock.ts';
import type { CameraPacket, WatchOptions } from '../../../src/media/rtsp/connection.ts';
import type { CameraAddress } from '../../../src/media/rtsp/source.ts';
import { readNumber } from '../../fixtures/live/numbered.ts';
import { until } from './rtsp-client.ts';

/** Looks at a camera for as long as a test wants to, and at how it is looked at. */

const paths = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const { stdout: version } = await promisify(execFile)('ffmpeg', ['-version']);
const ffmpegMajor = Number(/version n?(\d+)/.exec(version)?.[1] ?? 7);

export interface Viewer extends AsyncDisposable {
  readonly pictures: readonly CameraPacket[];
  readonly sound: readonly CameraPacket[];
  readonly away: readonly { readonly reason: SidestreamError; readonly wait: number; readonly at: number }[];
  /** Waits for so many further pictures; gives the milliseconds that they took. */
  more(count: number, seconds?: number): Promise<number>;
  /** Waits for the next time that the camera is away. */
  gone(seconds?: number): Promise<SidestreamError>;
  /** Process ids of the ffmpegs that read it. */
  readers(): number[];
  /** Ends it; gives the milliseconds that it took. */
  stop(): Promise<number>;
}

export function view(
  address: Partial<CameraAddress> & Pick<CameraAddress, 'url'>,
  watch: WatchOptions = { firstFrame: 6000, stall: 3000 },
): Viewer {
  const abort = new AbortController();
  const whole: CameraAddress = { transport: 'tcp', track: 0, audio: false, ...address };
  const pictures: CameraPacket[] = [];
  const sound: CameraPacket[] = [];
  const away: { reason: SidestreamError; wait: number; at: number }[] = [];
  let failure: unknown;
  const work = (async () => {
    for await (const event of camera(whole, watch, { paths, ffmpegMajor }, abort.signal)) {
      if (event.kind === 'away') away.push({ ...event, at: performance.now() });
      else (event.packet.stream.kind === 'video' ? pictures : sound).push(event.packet);
    }
  })().catch((error: unknown) => {
    failure = error;
  });
  const readers = () => ownFfmpegs(whole.url);
  const stop = async () => {
    const begun = performance.now();
    abort.abort();
    await work;
    const took = performance.now() - begun;
    expect(failure).toBe(abort.signal.reason);
    expect(readers()).toEqual([]);
    return took;
  };
  return {
    pictures,
    sound,
    away,
    readers,
    async more(count, seconds = 15) {
      const begun = performance.now();
      const wanted = pictures.length + count;
      const last = () => away.at(-1)?.reason.message ?? 'nothing';
      await until(() => pictures.length >= wanted || failure !== undefined, 'pictures', seconds).catch(
        (error) => {
          throw new Error(`${error.message}: ${last()}`);
        },
      );
      return performance.now() - begun;
    },
    async gone(seconds = 15) {
      const before = away.length;
      await until(() => away.length > before, 'the camera to be away', seconds);
      return away[before]!.reason;
    },
    stop,
    async [Symbol.asyncDispose]() {
      if (!abort.signal.aborted) await stop();
    },
  };
}

/** Children of this process that are ffmpeg and read `url`. */
function ownFfmpegs(url: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
        return (
          Number(parent) === process.pid &&
          [url, '-copyinkf'].every((word) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word))
        );
      } catch {
        return false; // It has gone.
      }
    })
    .map(Number);
}

/** Times grow, and are near to those of arrival. `slack`: milliseconds. */
export function expectGoodTimes({ pictures }: Pick<Viewer, 'pictures'>, slack = 2100): void {
  const times = pictures.map(({ pts }) => pts as number);
  const shown = [...times].sort((a, b) => a - b);
  if (pictures[0]?.stream.delay === 0) expect(times).toEqual(shown);
  expect(new Set(times).size).toBe(times.length);
  const off = pictures.map(({ pts, arrival }) => Math.abs(wallOf(pts) - arrival));
  expect(Math.max(...off)).toBeLessThan(slack);
}

const [WIDTH, HEIGHT] = [320, 176];

/** The numbers in the pictures, in the order in which a decoder shows them, with their times. */
export async function decoded(
  pictures: readonly CameraPacket[],
): Promise<{ number: number | undefined; pts: number }[]> {
  const options = decoderArguments({ width: WIDTH, height: HEIGHT }, FED_TIME_BASE, ffmpegMajor);
  const fed = openFed([pictures[0]!.stream], { options }, paths, AbortSignal.timeout(30_000));
  for (const packet of pictures) fed.write(packet, 0);
  fed.end();
  const shown: { number: number | undefined; pts: number }[] = [];
  for await (const frame of fed.frames()) {
    const gray = frame.data.filter((_, i) => i % 3 === 0);
    shown.push({ number: readNumber(gray, WIDTH, HEIGHT), pts: ticksOf(frame) });
  }
  await fed.ended;
  return shown;
}

/** An ffmpeg that gives something out; gone at the end. */
export function serve(...args: string[]): AsyncDisposable & { readonly said: () => string } {
  let said = '';
  let over = false;
  // One that listens serves a single viewer, and a busy machine may make that one ask again.
  const start = (): ChildProcess => {
    const begun = execFile('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], () => {
      if (!over) child = start();
    });
    begun.stderr?.on('data', (text) => {
      said += text;
    });
    return begun;
  };
  let child = start();
  return {
    said: () => said,
    async [Symbol.asyncDispose]() {
      over = true;
      child.kill('SIGKILL');
      for (let i = 0; i < 200 && child.exitCode === null && child.signalCode === null; i++) await sleep(10);
    },
  };
}
