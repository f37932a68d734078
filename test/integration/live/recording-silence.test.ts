import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnalysisHeader } from '../../../src/analysis/file/format.ts';
import type { FedPacket } from '../../../src/media/live/fed.ts';
import { readNut } from '../../../src/media/nut-read.ts';
import { type Missing, openRecording, type Segment } from '../../../src/pipeline/live/recording.ts';
import { never, PATHS } from '../media/numbered.ts';

/** A camera that is silent for a while, at any place of a segment: the silence is a gap. */

const [TICKS, FPS, GOP] = [90_000, 10, 10];
const PICTURE = TICKS / FPS;
const EPOCH = 1_769_860_800 * TICKS;
let folder: string;
/** A key picture each second. */
let packets: FedPacket[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-silence-'));
  const nut = join(folder, 'camera.nut');
  const clip = ['-f', 'lavfi', '-i', `testsrc=size=64x64:rate=${FPS}:duration=5`];
  const codec = ['-c:v', 'libx264', '-g', `${GOP}`, '-bf', '0', '-bsf:v', 'h264_mp4toannexb'];
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...clip, ...codec, '-f', 'nut', nut]);
  packets = [];
  for await (const { stream, key, data } of readNut(createReadStream(nut), 1 << 28))
    packets.push({ stream, key, data, pts: EPOCH + packets.length * PICTURE });
  expect(packets).toHaveLength(50);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * What is kept where all pictures from one on come later, and those between `without` and that one never; `every`: only
 * each so many of the pictures comes. Three files at most, which may be written at once.
 */
async function recorded(from: number, late: number, { seconds = 2, every = 1, without = from } = {}) {
  const own = await mkdtemp(join(folder, 'segments-'));
  const [segments, missing]: [Segment[], Missing[]] = [[], []];
  const recording = await openRecording(
    { folder: own, seconds, audio: false },
    {
      paths: PATHS,
      // Nothing is seen, so none is written.
      header: () => ({}) as AnalysisHeader,
      tell: (error) => {
        if (error !== undefined) throw error;
      },
      keep: (segment, before) => {
        missing.push(...before);
        if (segment) segments.push(segment);
      },
    },
    never,
  );
  for (const [i, packet] of packets.entries())
    if (i % every === 0 && (i < without || i >= from))
      recording.camera({ ...packet, pts: packet.pts + (i >= from ? late * TICKS : 0) });
  await recording.close('STOPPED');
  const inPast = missing.filter(
    (one) => one.from < one.to && one.from >= EPOCH && one.to < EPOCH + 60 * TICKS,
  );
  return { segments, silences: inPast.filter(({ reason }) => reason === 'CAMERA_SILENT'), inPast };
}

it.each([
  ['in the middle of a segment', 25, 0],
  ['where a segment is due', 40, 1],
  ['where none would be due without it', 30, 1],
])('is a gap %s', async (_where, from, boundary) => {
  const { segments, silences, inPast } = await recorded(from, 1.9, { seconds: boundary === 0 ? 20 : 2 });
  const begin = EPOCH + from * PICTURE;
  expect(silences).toEqual([{ from: begin, to: begin + 1.9 * TICKS, reason: 'CAMERA_SILENT' }]);
  expect(inPast).toEqual(silences);
  if (boundary === 0) return;
  const before = segments.filter(({ end }) => end <= begin);
  expect(before.at(-1)!.end).toBe(begin);
  expect(segments[before.length].begin).toBe(begin + 1.9 * TICKS);
});

it('is a gap behind the second picture of a segment', async () => {
  const { silences, inPast } = await recorded(30, 1.9, { without: 22 });
  const to = EPOCH + 30 * PICTURE + 1.9 * TICKS;
  expect(silences).toEqual([{ from: EPOCH + 22 * PICTURE, to, reason: 'CAMERA_SILENT' }]);
  expect(inPast).toEqual(silences);
});

it('is none of a camera that sends a picture now and then', async () => {
  const { segments, inPast } = await recorded(50, 0, { every: GOP });
  expect(segments).toHaveLength(3);
  expect(inPast).toEqual([]);
  for (const [i, { begin }] of segments.entries()) if (i > 0) expect(begin).toBe(segments[i - 1].end);
});
