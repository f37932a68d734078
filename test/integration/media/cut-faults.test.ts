import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CutRequest, cutClip } from '../../../src/media/cut/cut-clip.ts';
import { listEncoders } from '../../../src/media/encode.ts';
import { makeNumbered } from '../../fixtures/live/numbered.ts';
import { EPOCH, HEIGHT, type Recording, readClip, record, spoil, TICKS, WIDTH } from './cut-recordings.ts';
import { never, PATHS } from './numbered.ts';

/** Clips of recordings that have gaps, that change, or that are damaged. */

const FPS = 25;
const STEP = TICKS / FPS;
const clip = { fps: FPS, width: WIDTH, height: HEIGHT, codec: 'h264', gop: 20 } as const;
const withHevc = (await listEncoders(PATHS, never)).has('libx265');
let folder: string;
let plain: Recording;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-cut-'));
  await makeNumbered(at('plain.mp4'), { ...clip, seconds: 6 });
  plain = await record(at('plain.mp4'), at('plain'), { seconds: 1.5 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function cut(request: Partial<CutRequest>) {
  const output = at('clip.mp4');
  const about = { segments: plain.segments, from: EPOCH, to: EPOCH + 6 * TICKS, output, tolerance: 0 };
  const made = await cutClip({ ...about, audio: true, gapSeconds: 2, ...request }, { paths: PATHS }, never);
  return { made, output, seen: await readClip(output, [], [made.width, made.height]) };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const numbersOf = (seen: readonly { number: number | undefined }[]) => seen.map(({ number }) => number);
/** Ticks of a picture of the plain recording. */
const timeOf = (number: number) => EPOCH + number * STEP;

describe('gaps', () => {
  // Segments have 40 pictures each.
  const without = (...missing: number[]) => plain.segments.filter((_, i) => !missing.includes(i));
  it.each([
    ['as long as they are', 5, 1.6],
    ['no longer than is asked for', 0.5, 0.5],
    ['not at all', 0, 0],
  ])('are shown %s', async (_, gapSeconds, shown) => {
    const { made, seen, output } = await cut({ segments: without(1), from: timeOf(30), gapSeconds });
    expect(numbersOf(seen)).toEqual([...range(30, 40), ...range(80, 150)]);
    const [gap] = made.gaps;
    expect(made.gaps).toEqual([{ from: timeOf(40), to: timeOf(80), at: 0.4, shown }]);
    expect(seen[10]!.time).toBe(Math.round((gap!.at + gap!.shown) * TICKS));
    expect(made.pieces).toEqual([
      { from: timeOf(30), to: timeOf(40), at: 0 },
      { from: timeOf(80), to: timeOf(150), at: seen[10]!.time },
    ]);
    expect(made.duration).toBeCloseTo(3.2 + shown, 6);
    const { stdout } = await promisify(execFile)('ffprobe', [
      ...['-v', 'error', '-show_entries', 'chapter=start_time:chapter_tags=title', '-of', 'csv=p=0', output],
    ]);
    expect(stdout).toContain('0.400000,gap: 1.6 s');
    expect(stdout).toContain('0.000000,2026-01-31T12:00:01.200Z');
  });

  it('have what is recorded around them coded anew only where it must be', async () => {
    const { made } = await cut({ segments: without(1), from: timeOf(30) });
    expect(made.encoded).toBe(10);
  });

  it('need not be in the clip', async () => {
    const { made, seen } = await cut({ segments: without(0, 3), to: timeOf(200) });
    expect(numbersOf(seen)).toEqual(range(40, 120));
    expect(made.gaps).toEqual([]);
    expect(made).toMatchObject({ first: timeOf(40), last: timeOf(119) });
  });
});

it('takes the later one of two that overlap from its beginning on', async () => {
  // The same pictures with other numbers, recorded from 2.4 s on.
  await makeNumbered(at('other.mp4'), { ...clip, seconds: 2, bframes: 2, first: 1000 });
  const begin = timeOf(60) + 700;
  const other = await record(at('other.mp4'), at('other'), { seconds: 10, begin, first: 1000 });
  const segments = [...plain.segments.slice(0, 2), ...other.segments];
  const { made, seen } = await cut({ segments, from: timeOf(50), to: timeOf(80) });
  expect(numbersOf(seen)).toEqual([...range(50, 61), ...range(1000, 1020)]);
  expect(seen[11]!.time).toBe(begin - timeOf(50));
  expect(made.gaps).toEqual([]);
});

describe('damage', () => {
  it('of a segment that is missing, or nothing that can be read, is a gap', async () => {
    const [a, b, c, d] = plain.segments;
    const bytes = await readFile(b!.path);
    await spoil(at('no-index.mp4'), bytes.subarray(0, bytes.length - 4000), 0.5, 0.5);
    for (const path of [at('nowhere.mp4'), at('no-index.mp4')]) {
      const { made, seen } = await cut({ segments: [a!, { ...b!, path }, c!, d!] });
      expect(numbersOf(seen)).toEqual([...range(0, 40), ...range(80, 150)]);
      expect(made.unreadable).toEqual([path]);
      expect(made.gaps).toMatchObject([{ from: timeOf(40), to: timeOf(80), shown: 1.6 }]);
    }
  });

  it('within a segment loses what cannot be decoded, and nothing else', async () => {
    const [a, b, c] = plain.segments;
    const path = at('spoiled.mp4');
    await spoil(path, await readFile(b!.path), 0.15, 0.2);
    const { made, seen } = await cut({ segments: [a!, { ...b!, path }, c!], to: timeOf(100) });
    const numbers = numbersOf(seen);
    expect(numbers.slice(0, 40)).toEqual(range(0, 40));
    expect(numbers.slice(-40)).toEqual(range(60, 100));
    expect(numbers.length).toBeLessThan(100);
    expect(made.unreadable).toEqual([path]);
    expect(made.gaps).toHaveLength(1);
    expect(made.gaps[0]!.to).toBe(timeOf(60));
    // Each picture is where the pieces say.
    for (const { number, time } of seen) {
      const piece = made.pieces.find(({ from, to }) => timeOf(number!) >= from && timeOf(number!) < to)!;
      expect(time).toBe(piece.at + timeOf(number!) - piece.from);
    }
  });
});

describe('what changes', () => {
  it('in size is coded anew, in the size of the first', async () => {
    await makeNumbered(at('large.mp4'), { ...clip, width: 480, height: 360, seconds: 1.6, first: 1000 });
    const large = await record(at('large.mp4'), at('large'), { seconds: 10, begin: timeOf(40), first: 1000 });
    const segments = [plain.segments[0]!, ...large.segments, ...plain.segments.slice(2)];
    const { made, seen, output } = await cut({ segments, from: timeOf(30), to: timeOf(90) });
    expect(made).toMatchObject({ width: WIDTH, height: HEIGHT, frames: 60, encoded: 60, unreadable: [] });
    expect(made.why).toMatch(/size/);
    expect(seen.map(({ time }) => time)).toEqual(range(0, 60).map((i) => i * STEP));
    const numbers = numbersOf(seen);
    expect(numbers.slice(0, 10)).toEqual(range(30, 40));
    expect(numbers.slice(50)).toEqual(range(80, 90));
    // Between bars at the sides: 240 of 320 pixels.
    const inner = await promisify(execFile)('ffmpeg', [
      ...['-v', 'error', '-i', output, '-vf', 'crop=240:180'],
      ...['-c:v', 'libx264', '-qp', '0', '-y', at('inner.mp4')],
    ]).then(() => readClip(at('inner.mp4'), [], [240, HEIGHT]));
    expect(numbersOf(inner).slice(10, 50)).toEqual(range(1000, 1040));
  });

  it('in its coding is coded anew', async () => {
    await makeNumbered(at('jpeg.mkv'), { ...clip, codec: 'mjpeg', seconds: 1.6, first: 40 });
    const jpeg = await record(at('jpeg.mkv'), at('jpeg'), { seconds: 10, begin: timeOf(40), first: 40 });
    const segments = [plain.segments[0]!, ...jpeg.segments, ...plain.segments.slice(2)];
    const { made, seen } = await cut({ segments, from: timeOf(30), to: timeOf(90) });
    expect(numbersOf(seen)).toEqual(range(30, 90));
    expect(made).toMatchObject({ encoded: 60, why: 'it is coded as mjpeg', unreadable: [] });
  });

  it('in its profile alone is taken over', async () => {
    const baseline = [
      '-profile:v',
      'baseline',
      '-preset',
      'veryfast',
      '-g',
      '20',
      '-x264-params',
      'scenecut=0:sps-id=3',
    ];
    await promisify(execFile)('ffmpeg', [
      ...['-v', 'error', '-y', '-i', at('plain.mp4'), '-c:v', 'libx264', ...baseline, at('baseline.mp4')],
    ]);
    const other = await record(at('baseline.mp4'), at('baseline'), { seconds: 1.5 });
    const segments = [...plain.segments.slice(0, 2), ...other.segments.slice(2)];
    const { made, seen } = await cut({ segments, from: timeOf(35), to: timeOf(130) });
    expect(numbersOf(seen)).toEqual(range(35, 130));
    expect(made).toMatchObject({ encoded: 5, why: undefined });
  });
});

it.runIf(withHevc)('codes HEVC anew, with pictures out of order (where ffmpeg has libx265)', async () => {
  await makeNumbered(at('hevc.mp4'), { ...clip, codec: 'hevc', seconds: 3, bframes: 2 });
  const hevc = await record(at('hevc.mp4'), at('hevc'), { seconds: 1 });
  const { made, seen } = await cut({ segments: hevc.segments, from: timeOf(23), to: timeOf(52) });
  expect(seen).toEqual(range(23, 52).map((number) => ({ number, time: (number - 23) * STEP })));
  expect(made).toMatchObject({ codec: 'h264', encoded: 29, why: 'it is coded as hevc', unreadable: [] });
});
