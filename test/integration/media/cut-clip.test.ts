import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CutRequest, cutClip } from '../../../src/media/cut/cut-clip.ts';
import { parseConfiguration, parseSequence, pictureId } from '../../../src/media/cut/h264.ts';
import { makeNumbered } from '../../fixtures/live/numbered.ts';
import {
  EPOCH,
  HEIGHT,
  packetsOf,
  type Recording,
  readClip,
  record,
  streamOf,
  TICKS,
  WIDTH,
} from './cut-recordings.ts';
import { ffmpegsWith, never, PATHS } from './numbered.ts';

/** Clips of recorded segments: exactly the pictures that were asked for, each at its time, with as little coded anew as can be. */

const FPS = 25;
const STEP = TICKS / FPS;
const clip = { fps: FPS, width: WIDTH, height: HEIGHT, codec: 'h264', gop: 20 } as const;
/** Pictures of different lengths, up to 30 ms late. */
const late = (number: number) => (number * 7919) % 2700;
let folder: string;
let plain: Recording;
let reordered: Recording;
let uneven: Recording;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-cut-'));
  const at = (name: string) => join(folder, name);
  await makeNumbered(at('plain.mp4'), { ...clip, seconds: 6 });
  await makeNumbered(at('b.mp4'), { ...clip, seconds: 6, bframes: 3 });
  plain = await record(at('plain.mp4'), at('plain'), { seconds: 1.5 });
  reordered = await record(at('b.mp4'), at('b'), { seconds: 1.5 });
  uneven = await record(at('plain.mp4'), at('uneven'), { seconds: 1.5, late });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Cuts pictures `from` to `to`, by number, and reads them again. */
async function cut(
  { segments, pictures }: Recording,
  from: number,
  to: number,
  more: Partial<CutRequest> = {},
) {
  const output = join(folder, 'clip.mp4');
  const timeOf = (number: number) => pictures[number]?.time ?? pictures.at(-1)!.time + STEP;
  const about = {
    segments,
    from: timeOf(from),
    to: timeOf(to),
    output,
    tolerance: 0,
    audio: true,
    gapSeconds: 5,
  };
  const made = await cutClip({ ...about, ...more }, { paths: PATHS }, never);
  return {
    made,
    output,
    seen: await readClip(output),
    stored: await readClip(output, ['-ignore_editlist', '1']),
  };
}

/** What a clip of pictures `from` to `to` shows. */
function shown({ pictures }: Recording, from: number, to: number) {
  const zero = pictures[from]!.time;
  return pictures.slice(from, to).map(({ number, time }) => ({ number, time: time - zero }));
}

const fromZero = (seen: readonly { number: number | undefined; time: number }[]) =>
  seen.map(({ number, time }) => ({ number, time: time - seen[0]!.time }));

/** Whole numbers that look random and are the same each time. */
function* numbers(most: number): Generator<number> {
  for (let state = 1; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state % most;
  }
}

describe.each([
  ['in order', () => plain],
  ['out of order', () => reordered],
  ['at uneven times', () => uneven],
] as const)('a recording with pictures %s', (name, recording) => {
  const random = numbers(150);
  const pairs = Array.from({ length: 2 }, () => [random.next().value!, random.next().value!] as const);
  it.each([...pairs, [0, 150], [40, 41], [39, 121]] as const)(
    'is cut at pictures %i and %i',
    async (a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a + 1];
      const { made, seen, stored } = await cut(recording(), from, to);
      expect(seen).toEqual(shown(recording(), from, to));
      // Browsers do not hide what an edit list hides.
      expect(fromZero(stored)).toEqual(seen);
      const { pictures } = recording();
      const last = pictures[to - 1]!.time;
      expect(made).toMatchObject({
        frames: to - from,
        first: pictures[from]!.time,
        last,
        unreadable: [],
        gaps: [],
      });
      expect(made).toMatchObject({ width: WIDTH, height: HEIGHT, codec: 'h264' });
      expect(made.pieces).toEqual([{ from: made.first, to: made.first + made.duration * TICKS, at: 0 }]);
      expect(Math.abs(made.duration * TICKS - (last - made.first) - STEP)).toBeLessThan(STEP);
      // Up to the next key frame; and at the end what is shown before a picture that is left out.
      const head = Math.min(to, Math.ceil(from / 20) * 20) - from;
      if (name === 'out of order') {
        expect(made.encoded).toBeGreaterThanOrEqual(head);
        expect(made.encoded).toBeLessThanOrEqual(head === to - from ? head : head + 3);
      } else expect(made.encoded).toBe(head);
    },
  );
});

it('takes over what it does not code anew byte for byte', async () => {
  for (const recording of [plain, reordered]) {
    const { made, output } = await cut(recording, 27, 115);
    const packets = await packetsOf(output, folder);
    const recorded = new Set<string>();
    for (const { path } of recording.segments)
      for (const one of await packetsOf(path, folder)) recorded.add(one);
    const taken = packets.filter((packet) => recorded.has(packet));
    expect(packets).toHaveLength(made.frames);
    expect(taken).toHaveLength(made.frames - made.encoded);
    expect(taken.length).toBeGreaterThan(70);
  }
});

it('says beforehand what all of its pictures need, and codes those of its own like the others', async () => {
  for (const recording of [plain, reordered]) {
    const { output } = await cut(recording, 27, 115);
    const sets = parseConfiguration((await streamOf(output, folder)).specific)!;
    const [camera, own] = sets.sequence.map(parseSequence);
    expect(sets.sequence).toHaveLength(2);
    expect(own).toEqual({ ...camera, id: own!.id, constraints: own!.constraints, reorder: 0 });
    expect(own!.id).not.toBe(camera!.id);
    expect(sets.picture.map(pictureId)).toEqual([camera!.id, own!.id]);
  }
});

it('codes nothing anew where it may begin a little earlier', async () => {
  const { made, seen } = await cut(plain, 27, 115, { tolerance: 0.4 });
  expect(seen).toEqual(shown(plain, 20, 115));
  expect(made).toMatchObject({ frames: 95, encoded: 0, first: plain.pictures[20]!.time });
  const less = await cut(plain, 27, 115, { tolerance: 0.2 });
  expect(less.seen).toEqual(shown(plain, 27, 115));
});

it('takes each picture by its time, half-open', async () => {
  const [a, b] = [plain.pictures[33]!.time, plain.pictures[66]!.time];
  const { seen } = await cut(plain, 0, 0, { from: a + 1, to: b + 1 });
  expect(seen.map(({ number }) => number)).toEqual(shown(plain, 34, 67).map(({ number }) => number));
});

it('leaves nothing behind where it is stopped', async () => {
  const stopping = new AbortController();
  const output = join(folder, 'stopped.mp4');
  const about = { segments: plain.segments, from: EPOCH, to: EPOCH + 6 * TICKS, output, tolerance: 0 };
  const cutting = cutClip({ ...about, audio: true, gapSeconds: 5 }, { paths: PATHS }, stopping.signal);
  setTimeout(() => stopping.abort(new Error('stopped')), 150);
  await expect(cutting).rejects.toThrow('stopped');
  expect(await ffmpegsWith(folder)).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.includes('stopped'))).toEqual([]);
});

it('refuses a time without pictures, and leaves nothing', async () => {
  const nothing = cut(plain, 0, 0, {
    from: EPOCH - 10 * TICKS,
    to: EPOCH,
    output: join(folder, 'none', 'clip.mp4'),
  });
  await expect(nothing).rejects.toMatchObject({ code: 'NOT_RECORDED' });
});
