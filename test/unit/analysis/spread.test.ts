import { expect, it } from 'vitest';
import { createSpreader, heaviest } from '../../../src/analysis/spread.ts';
import { type MaskGeometry, POINT_STEP } from '../../../src/core/frame.ts';

const geometry = (width: number, height: number): MaskGeometry => ({
  gridWidth: 4,
  gridHeight: 4,
  paddedWidth: 64,
  paddedHeight: 64,
  width,
  height,
});

/** The rule, pixel by pixel: bilinear weights of the four points around, summed by label. */
function plain(
  labels: Uint16Array,
  points: number,
  rows: number,
  covered: MaskGeometry,
  w: number,
  h: number,
) {
  const place = (pixel: number, side: number, pixels: number, count: number) => {
    const last = Math.min(count, Math.ceil(side / POINT_STEP)) - 1;
    const at = Math.min(Math.max(((pixel + 0.5) * side) / pixels / POINT_STEP - 0.5, 0), last);
    const first = Math.min(Math.floor(at), last - 1);
    return [first, at - first];
  };
  return Array.from({ length: w * h }, (_, i) => {
    const [x, u] = place(i % w, covered.width, w, points);
    const [y, v] = place(Math.floor(i / w), covered.height, h, rows);
    const votes = new Map<number, number>();
    for (const [dx, dy, weight] of [
      [0, 0, (1 - u) * (1 - v)],
      [1, 0, u * (1 - v)],
      [0, 1, (1 - u) * v],
      [1, 1, u * v],
    ]) {
      const label = labels[(y + dy) * points + x + dx];
      votes.set(label, (votes.get(label) ?? 0) + weight);
    }
    return votes;
  });
}

it.each([
  [61, 53, 16, 14, 61, 53],
  [61, 53, 16, 14, 200, 31],
  [61, 53, 16, 14, 17, 90],
  [64, 64, 16, 16, 64, 64],
])(
  'labels of a %i × %i picture at %i × %i points go to %i × %i pixels by weight',
  (w, h, points, rows, width, height) => {
    const covered = geometry(w, h);
    let state = 5;
    const labels = Uint16Array.from({ length: points * rows }, (_, i) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((i % points) / 5) + 3 * Number(state % 7 === 0);
    });
    const { labels: got } = createSpreader(
      { width: points, height: rows },
      covered,
      width,
      height,
      9,
    )(labels);
    const votes = plain(labels, points, rows, covered, width, height);
    for (const [i, label] of got.entries()) {
      const most = Math.max(...votes[i].values());
      expect(votes[i].get(label) ?? 0, `pixel ${i}`).toBeGreaterThan(most - 1e-5);
    }
  },
);

it('numbers beyond a byte stay whole', () => {
  const labels = new Uint16Array(16 * 16).fill(4999);
  const { labels: got } = createSpreader({ width: 16, height: 16 }, geometry(64, 64), 10, 10, 5000)(labels);
  expect(new Set(got)).toEqual(new Set([4999]));
});

it('of labels of equal weight the first wins', () => {
  expect(heaviest(4, 3, 2, 1, 0.5, 0.5)).toBe(4);
  expect(heaviest(4, 3, 2, 1, 0.75, 0.5)).toBe(3);
  expect(heaviest(4, 3, 2, 1, 0.25, 0.75)).toBe(2);
  expect(heaviest(4, 3, 3, 4, 0.5, 0.5)).toBe(4);
  expect(heaviest(4, 3, 3, 1, 0.5, 0.5)).toBe(3);
});
