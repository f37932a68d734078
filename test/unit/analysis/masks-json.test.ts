import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMasksFile } from '../../../src/analysis/masks-file.ts';
import { createMasksWriter } from '../../../src/analysis/masks-json.ts';
import { decodeCounts, fillMask } from '../../../src/core/mask.ts';
import { seconds } from '../../../src/core/time.ts';

const entry = (name: string, isthing: boolean, other = false) => ({ name, synonyms: [name], other, isthing });
const vocabulary = [entry('road', false), entry('car', true), entry('tree', false, true), entry('cat', true)];

/** A segment for each name. */
const segments = (sure: readonly number[]) =>
  sure.map((confidence, name) => ({ name, track: name + 1, confidence }));

describe('masks JSON', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masks-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const writer = () =>
    createMasksWriter({
      path: join(folder, 'masks.json'),
      fileName: 'street.mp4',
      width: 3,
      height: 2,
      frameRate: 25,
      vocabulary,
    });

  it('writes one annotation a name, null where it is absent', async () => {
    const masks = await writer();
    const labels = new Uint8Array(6);
    const frames = [
      [2, 2, 2, 0, 0, 1],
      [2, 2, 2, 2, 2, 2],
      [0, 2, 2, 0, 0, 0],
    ];
    for (const [i, frame] of frames.entries()) {
      labels.set(frame);
      const added = masks.add(
        { width: 3, height: 2, labels },
        seconds(i / 25),
        segments([0.5 + i / 4, 0.25, 1, 1]),
      );
      labels.fill(9);
      await added;
    }
    await masks.finish();
    await masks.abort();
    expect(await readdir(folder)).toEqual(['masks.json']);
    const written = JSON.parse(await readFile(join(folder, 'masks.json'), 'utf8'));
    expect(written.videos).toEqual([
      {
        id: 1,
        file_name: 'street.mp4',
        width: 3,
        height: 2,
        length: 3,
        frame_rate: 25,
        pts_s: [0, 0.04, 0.08],
      },
    ]);
    expect(written.categories).toEqual([
      { id: 1, name: 'road', isthing: 0 },
      { id: 2, name: 'car', isthing: 1 },
      { id: 4, name: 'cat', isthing: 1 },
    ]);
    const [road, car] = written.annotations;
    expect(written.annotations.length).toBe(2);
    expect(road).toMatchObject({ id: 1, video_id: 1, category_id: 1, track_id: 1 });
    expect(road.areas).toEqual([2, null, 4]);
    expect(road.bboxes).toEqual([[0, 1, 2, 1], null, [0, 0, 3, 2]]);
    expect(road.score).toBeCloseTo((2 * 0.5 + 4 * 1) / 6, 3);
    expect(car.areas).toEqual([1, null, null]);
    expect(car.segmentations[1]).toBeNull();
    for (const [frame, mask] of road.segmentations.entries()) {
      if (!mask) continue;
      const drawn = new Uint8Array(6);
      fillMask(decodeCounts(mask.counts), 1, drawn);
      expect([0, 1, 2, 3, 4, 5].map((i) => drawn[(i % 3) * 2 + Math.floor(i / 3)])).toEqual(
        frames[frame].map((label) => Number(label === 0)),
      );
    }
    await expect(readMasksFile(join(folder, 'masks.json'))).resolves.toBeDefined();
  });

  it('spills long videos to disk', async () => {
    const masks = await writer();
    const labels = Uint8Array.of(0, 0, 1, 1, 0, 0);
    for (let i = 0; i < 2000; i++)
      await masks.add({ width: 3, height: 2, labels }, seconds(i), segments([1, 1, 1, 1]));
    const [hidden] = await readdir(folder);
    expect((await readdir(join(folder, hidden))).sort()).toEqual(['1', '2']);
    await masks.finish();
    const file = await readMasksFile(join(folder, 'masks.json'));
    expect(file.annotations.map(({ segmentations }) => segmentations.length)).toEqual([2000, 2000]);
    expect(new Set(file.annotations[0].segmentations.map((mask) => mask?.counts)).size).toBe(1);
  });

  it('is valid without frames, and leaves nothing when given up', async () => {
    const empty = await writer();
    await empty.finish();
    expect((await readMasksFile(join(folder, 'masks.json'))).annotations).toEqual([]);
    await rm(join(folder, 'masks.json'));
    const masks = await writer();
    await masks.add({ width: 3, height: 2, labels: new Uint8Array(6) }, seconds(0), segments([1, 1, 1, 1]));
    await masks.abort();
    expect(await readdir(folder)).toEqual([]);
  });
});
