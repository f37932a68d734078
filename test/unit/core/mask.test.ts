import { describe, expect, it } from 'vitest';
import { readMasksFile } from '../../../src/analysis/masks-file.ts';
import {
  areaOf,
  boxOf,
  createMaskBuilder,
  decodeCounts,
  encodeCounts,
  fillMask,
  iouOf,
  masksOf,
} from '../../../src/core/mask.ts';

describe('masks', () => {
  it('writes run lengths as COCO does', () => {
    // Small runs are one character (48 + run); from 16 on the sign bit asks for a second.
    expect(encodeCounts([0, 1, 15])).toBe('01?');
    expect(encodeCounts([16, 5])).toBe('`05');
    // The fourth run is written as the difference to the second.
    expect(encodeCounts([6, 1, 40, 4, 5, 4, 5, 4, 21])).toBe('61X13mN000`0');
    expect(decodeCounts('61X13mN000`0')).toEqual([6, 1, 40, 4, 5, 4, 5, 4, 21]);
    expect(decodeCounts(encodeCounts([0, 8294400]))).toEqual([0, 8294400]);
  });

  it('writes run lengths of any size so that they can be read', () => {
    const sizes = [0, 1, 15, 16, 17, 511, 512, 513, 16383, 16384, 524288, 33177600];
    // Each next to each: all signs and sizes of differences.
    const counts = sizes.flatMap((a) => sizes.flatMap((b) => [a, b, b, a]));
    expect(decodeCounts(encodeCounts(counts))).toEqual(counts);
    expect(encodeCounts([])).toBe('');
  });

  it('refuses damaged run lengths', () => {
    expect(() => decodeCounts('X')).toThrow(RangeError);
    expect(() => decodeCounts('\n')).toThrow(RangeError);
    expect(() => decodeCounts('000O')).toThrow(RangeError);
    expect(() => fillMask([2, 3], 1, new Uint8Array(4))).toThrow(RangeError);
  });

  it('agrees with masks that pycocotools made, byte for byte', async () => {
    const truth = await readMasksFile('test/fixtures/toytown/drive.truth.json.gz');
    let masks = 0;
    for (const { segmentations, areas, bboxes } of truth.annotations) {
      for (const [frame, mask] of segmentations.entries()) {
        if (!mask) continue;
        const counts = decodeCounts(mask.counts);
        if (encodeCounts(counts) !== mask.counts) throw new Error(`frame ${frame}: ${mask.counts}`);
        expect(counts.reduce((sum, run) => sum + run, 0)).toBe(mask.size[0] * mask.size[1]);
        if (areas) expect(areaOf(counts)).toBe(areas[frame]);
        if (bboxes) expect(boxOf(counts, mask.size[0])).toEqual(bboxes[frame]);
        masks++;
      }
    }
    expect(masks).toBeGreaterThan(1000);
  });

  it('finds boxes', () => {
    expect(boxOf([5, 3, 92], 10)).toEqual([0, 5, 1, 3]);
    expect(boxOf([8, 4, 88], 10)).toEqual([0, 0, 2, 10]);
    expect(boxOf([100], 10)).toEqual([0, 0, 0, 0]);
    expect(boxOf([0, 100], 10)).toEqual([0, 0, 10, 10]);
  });

  it('measures how far masks lie over each other', () => {
    expect(iouOf([2, 4, 4], [4, 4, 2])).toBeCloseTo(2 / 6);
    expect(iouOf([0, 10], [0, 10])).toBe(1);
    expect(iouOf([0, 2, 8], [2, 2, 6])).toBe(0);
    expect(iouOf([10], [10])).toBe(0);
  });

  it('takes the masks of a label map in one pass', () => {
    const width = 5;
    const height = 4;
    const labels = Uint8Array.from([3, 3, 0, 0, 9, 3, 0, 0, 0, 9, 3, 3, 9, 9, 9, 3, 3, 9, 9, 9]);
    const masks = masksOf({ width, height, labels });
    expect(masks.map(({ label }) => label)).toEqual([0, 3, 9]);
    for (const { label, rle, area, bbox } of masks) {
      const drawn = new Uint8Array(width * height);
      const counts = decodeCounts(rle.counts);
      fillMask(counts, 1, drawn);
      const expected = Array.from({ length: 20 }, (_, i) =>
        Number(labels[(i % height) * width + Math.floor(i / height)] === label),
      );
      expect([...drawn]).toEqual(expected);
      expect(area).toBe(expected.reduce((sum, one) => sum + one, 0));
      expect(bbox).toEqual(boxOf(counts, height));
      expect(rle.size).toEqual([height, width]);
    }
  });

  it.each([
    ['few names', 3, 40, 30],
    ['a name in every pixel, more than there is room for at first', 0x10000, 160, 90],
    ['one name', 1, 7, 5],
    ['columns of one pixel', 4, 50, 1],
    ['one column', 4, 1, 50],
    ['nothing', 1, 0, 0],
  ])('makes the masks of %s from their runs, as from their counts', (_, names, width, height) => {
    let state = 7;
    const labels = Uint16Array.from({ length: width * height }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * names);
    });
    const columns = Array.from({ length: labels.length }, (_, i) => {
      return labels[(i % height) * width + Math.floor(i / height)];
    });
    const expected = [...new Set(labels)]
      .sort((a, b) => a - b)
      .map((label) => {
        const counts = [0];
        for (const one of columns) {
          if (Number(one === label) !== (counts.length - 1) % 2) counts.push(0);
          counts[counts.length - 1]++;
        }
        const rle = { size: [height, width], counts: encodeCounts(counts) };
        return { label, rle, area: areaOf(counts), bbox: boxOf(counts, height) };
      });
    expect(masksOf({ width, height, labels })).toEqual(expected);
  });

  it('makes masks of frame after frame', () => {
    const builder = createMaskBuilder(2, 3);
    builder.begin(7, 0);
    builder.begin(65535, 2);
    builder.begin(65535, 4);
    expect(builder.finish()).toEqual(
      masksOf({ width: 2, height: 3, labels: Uint16Array.of(7, 65535, 7, 65535, 65535, 65535) }),
    );
    builder.begin(65535, 0);
    expect(builder.finish()).toEqual([
      { label: 65535, rle: { size: [3, 2], counts: encodeCounts([0, 6]) }, area: 6, bbox: [0, 0, 2, 3] },
    ]);
  });
});
