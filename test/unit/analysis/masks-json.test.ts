import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMasksFile } from '../../../src/analysis/masks-file.ts';
import { createMasksWriter } from '../../../src/analysis/masks-json.ts';
import { decodeCounts, fillMask, type LabelMask, masksOf } from '../../../src/core/mask.ts';
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

  it('marks crowds, and makes two annotations of one id where a track changes its name', async () => {
    const masks = await writer();
    const found = masksOf({ width: 3, height: 2, labels: Uint8Array.of(0, 1, 2, 0, 1, 2) });
    const things = [
      { name: 1, track: 7, confidence: 0.5, identified: true },
      { name: 3, track: 7, confidence: 0.25, identified: true },
      { name: 1, track: 99, confidence: 1, identified: false },
    ];
    await masks.add(found, seconds(0), things);
    await masks.finish();
    const { annotations } = JSON.parse(await readFile(join(folder, 'masks.json'), 'utf8'));
    const told = annotations.map((one: { track_id: number; category_id: number; iscrowd: number }) => [
      one.track_id,
      one.category_id,
      one.iscrowd,
    ]);
    expect(told).toEqual([
      [7, 2, 0],
      [7, 4, 0],
      [99, 2, 1],
    ]);
  });

  it('writes one annotation a name, null where it is absent', async () => {
    const masks = await writer();
    const frames = [
      [2, 2, 2, 0, 0, 1],
      [2, 2, 2, 2, 2, 2],
      [0, 2, 2, 0, 0, 0],
    ];
    for (const [i, frame] of frames.entries()) {
      const found = masksOf({ width: 3, height: 2, labels: Uint8Array.from(frame) });
      await masks.add(found, seconds(i / 25), segments([0.5 + i / 4, 0.25, 1, 1]));
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
    expect(Object.keys(road)).not.toContain('margin');
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

  it('tells how far names lead, over the frames that know', async () => {
    const masks = await writer();
    const margins = [0.5, undefined, 0.1];
    for (const [i, margin] of margins.entries()) {
      // One pixel of the road, then two, then three.
      const labels = Uint8Array.from({ length: 6 }, (_, pixel) => Number(pixel > i));
      const [road, car] = segments([1, 1]);
      const found = masksOf({ width: 3, height: 2, labels });
      await masks.add(found, seconds(i), [margin === undefined ? road : { ...road, margin }, car]);
    }
    await masks.finish();
    const { annotations } = JSON.parse(await readFile(join(folder, 'masks.json'), 'utf8'));
    expect(annotations[0].margin).toBeCloseTo((0.5 * 1 + 0.1 * 3) / 4, 4);
    expect(Object.keys(annotations[1])).not.toContain('margin');
  });

  it('spills long videos to disk', async () => {
    const masks = await writer();
    // Backslashes are among COCO's characters, and take two in JSON.
    const maskAt = (frame: number, label: number): LabelMask => ({
      label,
      rle: { size: [2, 3], counts: `${frame}\\`.repeat(800 + 400 * label) },
      area: 1 + (frame % 5),
      bbox: [label, 0, 1, 1],
    });
    const shown = (frame: number, label: number) => (label === 0 ? frame % 2 === 0 : frame > 700);
    const length = 2000;
    for (let frame = 0; frame < length; frame++) {
      const found = [0, 1].filter((label) => shown(frame, label)).map((label) => maskAt(frame, label));
      await masks.add(found, seconds(frame), segments([1, 1, 1, 1]));
    }
    const [hidden] = await readdir(folder);
    expect((await stat(join(folder, hidden, 'spill'))).size).toBeGreaterThan(1e6);
    await masks.finish();
    expect(await readdir(folder)).toEqual(['masks.json']);
    const { annotations } = await readMasksFile(join(folder, 'masks.json'));
    for (const label of [0, 1]) {
      const expected = Array.from({ length }, (_, frame) =>
        shown(frame, label) ? maskAt(frame, label) : undefined,
      );
      const { segmentations, bboxes, areas } = annotations[label];
      expect(segmentations).toEqual(expected.map((mask) => mask?.rle ?? null));
      expect(bboxes).toEqual(expected.map((mask) => mask?.bbox ?? null));
      expect(areas).toEqual(expected.map((mask) => mask?.area ?? null));
    }
  });

  it('is valid without frames, and leaves nothing when given up', async () => {
    const empty = await writer();
    await empty.finish();
    expect((await readMasksFile(join(folder, 'masks.json'))).annotations).toEqual([]);
    await rm(join(folder, 'masks.json'));
    const masks = await writer();
    const found = masksOf({ width: 3, height: 2, labels: new Uint8Array(6) });
    await masks.add(found, seconds(0), segments([1, 1, 1, 1]));
    await masks.abort();
    expect(await readdir(folder)).toEqual([]);
  });
});
