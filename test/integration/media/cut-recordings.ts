import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CutSegment } from '../../../src/media/cut/cut-clip.ts';
import type { FedPacket } from '../../../src/media/live/fed.ts';
import { openRecorder } from '../../../src/media/live/record.ts';
import type { NutStream } from '../../../src/media/nut.ts';
import { type NutFrame, readNut } from '../../../src/media/nut-read.ts';
import { readNumber } from '../../fixtures/live/numbered.ts';
import { never, PATHS } from './numbered.ts';

/** Clips whose pictures have numbers burnt in, recorded in segments as a camera's pictures are; and what reads them again. */

export const TICKS = 90_000;
/** Ticks of the first picture of recordings: a time in 2026. */
export const EPOCH = 1_769_860_800 * TICKS;
export const [WIDTH, HEIGHT] = [320, 180];

const run = promisify(execFile);
const quiet = ['-v', 'error', '-nostdin', '-y'];

/** A recorded picture. */
export interface Recorded {
  readonly number: number;
  /** Ticks. */
  readonly time: number;
}

export interface Recording {
  readonly segments: CutSegment[];
  /** All pictures, in the order of showing. */
  readonly pictures: readonly Recorded[];
}

export interface RecordOptions {
  /** Of a segment, at least. */
  readonly seconds: number;
  /** Ticks of the first picture. */
  readonly begin?: number;
  /** Ticks by which a picture comes late, by its number. */
  readonly late?: (number: number) => number;
  /** The number of the first picture. */
  readonly first?: number;
}

/** Records a clip by the recorder of live streams, as if a camera had sent it. */
export async function record(clip: string, folder: string, options: RecordOptions): Promise<Recording> {
  const { seconds, begin = EPOCH, late = () => 0, first = 0 } = options;
  await mkdir(folder, { recursive: true });
  const nut = join(folder, 'camera.nut');
  const { stdout } = await run('ffprobe', [
    ...[
      '-v',
      'error',
      '-select_streams',
      'v:0',
      '-show_entries',
      'stream=codec_name',
      '-of',
      'csv=p=0',
      clip,
    ],
  ]);
  const codec = stdout.trim();
  // As RTP has it: parameter sets stand between start codes.
  const filter = codec === 'mjpeg' ? [] : ['-bsf:v', `${codec}_mp4toannexb`];
  await run('ffmpeg', [
    ...quiet,
    '-i',
    clip,
    '-map',
    '0',
    '-c',
    'copy',
    ...filter,
    '-copyts',
    '-f',
    'nut',
    nut,
  ]);
  const packets: FedPacket[] = [];
  for await (const { stream, key, pts, data } of readNut(createReadStream(nut), 1 << 28)) {
    const { num, den } = stream.timeBase;
    packets.push({ stream, key, data, pts: Math.round((pts * num * TICKS) / den) });
  }
  const video = packets.filter(({ stream }) => stream.kind === 'video');
  const shown = video.map(({ pts }) => pts).sort((a, b) => a - b);
  const zero = shown[0]!;
  const numbers = new Map(shown.map((pts, i) => [pts, first + i]));
  const timeOf = (pts: number) => begin + pts - zero + late(numbers.get(pts) ?? 0);

  const segments: CutSegment[] = [];
  const times: number[] = [];
  const ends = new Map<number, number>();
  const waiting = new Map<number, () => void>();
  let kept: Promise<unknown> = Promise.resolve();
  const recorder = await openRecorder(
    { folder, seconds },
    {
      paths: PATHS,
      tell: (error) => {
        if (error !== undefined) throw error;
      },
      films: {
        begun: (from) => {
          times.length = 0;
          kept = Promise.all([kept, new Promise<void>((resolve) => waiting.set(from, resolve))]);
        },
        picture: (time) => times.push(time),
        ended: (from, next) => {
          ends.set(from, next ?? Math.max(...times) + TICKS / 25);
        },
        kept: (from, path, error) => {
          if (!path) throw new Error(`not recorded: ${error}`);
          segments.push({ path, begin: from, end: ends.get(from)! });
          waiting.get(from)!();
        },
      },
    },
    never,
  );
  // Sound begins with the first segment.
  const heard = packets.find(({ stream }) => stream.kind === 'audio');
  if (heard) recorder.take({ ...heard, pts: timeOf(heard.pts) });
  for (const packet of packets) {
    const before = kept;
    recorder.take({ ...packet, pts: timeOf(packet.pts) });
    // The recorder waits for nobody; here nothing is to be left out.
    if (kept !== before) await before;
  }
  await recorder.close();
  await kept;
  segments.sort((a, b) => a.begin - b.begin);
  return { segments, pictures: shown.map((pts) => ({ number: numbers.get(pts)!, time: timeOf(pts) })) };
}

/** Pictures of a clip: the numbers in them, and their times in ticks. `input`: arguments before `-i`. */
export async function readClip(
  path: string,
  input: readonly string[] = [],
  [width, height]: readonly [number, number] = [WIDTH, HEIGHT],
): Promise<{ number: number | undefined; time: number }[]> {
  const nut = `${path}.nut`;
  const times = [
    '-copyts',
    '-output_ts_offset',
    '100',
    '-fps_mode',
    'passthrough',
    '-enc_time_base',
    '1:90000',
  ];
  const picture = ['-map', '0:v:0', '-vf', `scale=${width}:${height},format=gray`, '-c:v', 'rawvideo'];
  const { stderr } = await run('ffmpeg', [
    ...quiet,
    ...input,
    '-i',
    path,
    ...picture,
    ...times,
    '-f',
    'nut',
    nut,
  ]);
  if (stderr !== '') throw new Error(`ffmpeg says of ${path}: ${stderr}`);
  const seen: { number: number | undefined; time: number }[] = [];
  for await (const { pts, data, stream } of readNut(createReadStream(nut), width * height)) {
    const time = Math.round((pts * stream.timeBase.num * TICKS) / stream.timeBase.den) - 100 * TICKS;
    seen.push({ number: readNumber(data, width, height), time });
  }
  await rm(nut);
  return seen;
}

/** Packets of a track of a file, that of its pictures if it is not told, in the order of decoding. */
async function* read(path: string, folder: string, track = '0:v:0'): AsyncGenerator<NutFrame> {
  const nut = join(folder, 'packets.nut');
  const times = ['-copyts', '-copypriorss', '1', '-output_ts_offset', '100'];
  await run('ffmpeg', [...quiet, '-i', path, '-map', track, '-c', 'copy', ...times, '-f', 'nut', nut]);
  yield* readNut(createReadStream(nut), 1 << 28);
}

/** Packets of a track, by their bytes. */
export async function packetsOf(path: string, folder: string, track?: string): Promise<string[]> {
  const packets: string[] = [];
  for await (const { data } of read(path, folder, track)) packets.push(Buffer.from(data).toString('base64'));
  return packets;
}

/** What a file says of its pictures. */
export async function streamOf(path: string, folder: string): Promise<NutStream> {
  for await (const { stream } of read(path, folder)) return stream;
  throw new Error(`${path} has no packets`);
}

/** Loudness of a file's sound, in parts of the loudest that can be, for each `step` seconds. */
export async function loudness(path: string, step: number): Promise<number[]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      '-v',
      'error',
      '-nostdin',
      '-i',
      path,
      '-map',
      '0:a:0',
      '-af',
      'aresample=async=1:first_pts=0',
      '-ac',
      '1',
      '-ar',
      '8000',
      '-f',
      's16le',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 1 << 28 },
  );
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1);
  const size = Math.round(8000 * step);
  return Array.from({ length: Math.floor(samples.length / size) }, (_, i) => {
    const part = samples.subarray(i * size, (i + 1) * size);
    return Math.sqrt(part.reduce((sum, one) => sum + one * one, 0) / size) / 32768;
  });
}

/** Replaces a part of a file by zeros, as a disk does that has lost a block. */
export async function spoil(path: string, bytes: Buffer, from: number, to: number): Promise<void> {
  bytes.fill(0, Math.floor(bytes.length * from), Math.floor(bytes.length * to));
  await writeFile(path, bytes);
}
