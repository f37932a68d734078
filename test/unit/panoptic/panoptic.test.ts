import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSpreader } from '../../../src/analysis/spread.ts';
import type { Segment } from '../../../src/core/frame.ts';
import { createPointer } from '../../../src/panoptic/look.ts';
import { openPanoptic } from '../../../src/panoptic/reader.ts';
import { type FilmFrame, inputOf, randomOf, reading, video, write } from './films.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-panoptic-'));
});
afterAll(async () => {
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  await rm(folder, { recursive: true });
});

const input = inputOf(161, 121);
const { width, height } = input.points;

/** A road below a sky, and cars that drive, stand, come and go. */
function* street(count: number, step: (i: number) => number, seed = 1): Generator<FilmFrame> {
  const random = randomOf(seed);
  let pts = -512;
  let pieces = new Uint16Array(0);
  for (let i = 0; i < count; i++, pts += step(i)) {
    const cars = [0, 1, 2, 3].filter((car) => (i + 37 * car) % 150 < 100);
    const segments: Segment[] = [
      { name: 0, track: 0x40000005, identified: true, confidence: random() },
      { name: 1, track: 0x40000006, identified: false, confidence: random() },
      { name: 2, track: 0x40000007, confidence: random() },
      ...cars.map((car) => ({
        name: 1,
        track: car === 0 ? 42 + 2 ** 32 : car + 1,
        identified: true,
        confidence: random(),
      })),
    ];
    // Every third frame shows what the one before it shows.
    if (i % 3 !== 2 || cars.length !== new Set(pieces).size - 2) {
      pieces = Uint16Array.from({ length: width * height }, (_, at) => {
        const [x, y] = [at % width, Math.floor(at / width)];
        const car = cars.findIndex((one) => Math.hypot(x - ((i + 9 * one) % width), y - 8 - 5 * one) < 3);
        return car >= 0 ? 3 + car : y > height / 3 ? 0 : 2;
      });
    }
    yield { pts, segments, pieces };
  }
}

describe('what was written is read again', () => {
  it.each([
    ['of even frames', 130, () => 512],
    ['of uneven frames', 200, (i: number) => [1, 512, 300, 40_000][i % 4]!],
    ['of one frame', 1, () => 512],
  ] as const)('%s', async (name, count, step) => {
    const path = join(folder, name);
    const film = [...street(count, step)];
    await write(path, film);
    const { read } = await reading(path);
    const panoptic = await openPanoptic(read);
    const { index } = panoptic;
    expect(index.frames).toBe(count);
    expect(index.chunks.reduce((sum, { frames }) => sum + frames, 0)).toBe(count);
    const spread = createSpreader(input.points, input.geometry, video.width, video.height, 0x10000);
    const pointer = createPointer(index);
    let number = 0;
    for (const [place, chunk] of index.chunks.entries()) {
      expect(chunk.frame).toBe(number);
      expect(chunk.frames).toBeLessThanOrEqual(64);
      const frames = await panoptic.frames(place);
      expect(chunk.from).toBe(frames[0]!.pts);
      for (const frame of frames) {
        const { pts, segments, pieces } = film[number]!;
        expect([frame.index, frame.pts]).toEqual([number++, pts]);
        const { labels } = spread(pieces);
        const places = Array.from({ length: 300 }, (_, i) => [
          (i * 7919) % video.width,
          (i * 31) % video.height,
        ]);
        expect(
          places.filter(([x, y]) => {
            const wanted = segments[labels[y! * video.width + x!]!]!;
            const { name, track, identified, score } = pointer(frame, x!, y!)!;
            const same = name === wanted.name && track === wanted.track;
            const identity = identified === (wanted.identified ?? true);
            return !same || !identity || Math.abs(score - wanted.confidence) > 0.002;
          }),
        ).toEqual([]);
        // What is not in the picture has no score.
        const shown = new Set(frame.map);
        expect([...frame.sure].flatMap((byte, row) => (byte > 0 === shown.has(row) ? [] : [row]))).toEqual(
          [],
        );
      }
    }
  });
});
