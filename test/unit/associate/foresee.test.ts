import { describe, expect, it } from 'vitest';
import { connectedParts } from '../../../src/associate/connected-parts.ts';
import { foresee, type PartsAt } from '../../../src/associate/foresee.ts';

const [WIDTH, HEIGHT, FPS] = [120, 60, 24];
const THINGS = Uint8Array.from([0, 1]);
type Box = [left: number, top: number, width: number, height: number];

function film(
  frames: number,
  boxes: (t: number) => Box[],
  seeds?: (t: number, labels: Uint8Array) => Int32Array,
): PartsAt[] {
  return Array.from({ length: frames }, (_, index) => {
    const labels = new Uint8Array(WIDTH * HEIGHT);
    for (const [left, top, width, height] of boxes(index).map((box) => box.map(Math.round) as Box)) {
      for (let y = top; y < top + height; y++) labels.fill(1, y * WIDTH + left, y * WIDTH + left + width);
    }
    const seedAt = () => seeds?.(index, labels) ?? new Int32Array(WIDTH * HEIGHT);
    return { ...connectedParts(labels, WIDTH, HEIGHT, THINGS, 4), index, seconds: index / FPS, seedAt };
  });
}

/** Two cars that come nearer and grow, side by side at first, and then apart. */
const coming = (t: number): Box[] => {
  const scale = 1 + t / 30;
  const gap = Math.max(0, t - 20) / 4;
  return [
    [50 - 14 * scale - gap, 20, 14 * scale, 10 * scale],
    [50 + gap, 20, 10 * scale, 10 * scale],
  ];
};

describe('foresight', () => {
  it('divides what will come apart, where it will come apart, from the beginning', () => {
    const frames = film(40, coming);
    expect(frames.slice(0, 20).map(({ parts }) => parts.length)).toEqual(Array(20).fill(1));
    const divided = foresee(frames, 20, WIDTH, HEIGHT);
    for (const [t, { parts, map }] of divided.entries()) {
      const [left, right] = coming(t);
      expect(parts, `frame ${t}`).toHaveLength(2);
      const cars = [...parts].sort((a, b) => a.x - b.x);
      // The border is found to a few points.
      expect(Math.abs(cars[0].area - left[2] * left[3]) / cars[0].area).toBeLessThan(0.3);
      expect(Math.abs(cars[1].x - (right[0] + right[2] / 2))).toBeLessThan(3);
      expect(cars[0].area + cars[1].area).toBe(frames[t].parts[0].area);
      // In order of first points, and as the map has them.
      expect(parts[0].runs[0]).toBeLessThan(parts[1].runs[0]);
      for (const [place, { runs }] of parts.entries()) expect(map[runs[0]]).toBe(place + 1);
    }
  });

  it('leaves alone what stays together, and what is already apart', () => {
    const together = film(40, () => [
      [20, 20, 20, 10],
      [40, 20, 20, 10],
    ]);
    for (const { parts } of foresee(together, 40, WIDTH, HEIGHT)) expect(parts).toHaveLength(1);
    const apart = film(10, (t) => [
      [10 + t, 20, 10, 10],
      [80 - t, 20, 10, 10],
    ]);
    for (const [t, { parts, map }] of foresee(apart, 10, WIDTH, HEIGHT).entries()) {
      expect(parts.map(({ box }) => box)).toEqual(apart[t].parts.map(({ box }) => box));
      expect(map).toEqual(apart[t].map);
    }
  });

  it('tells the seed that a thing will be, when it has long enough one of its own', () => {
    // One seed for both while they are together; then each has its own.
    const seeds = (t: number, labels: Uint8Array) =>
      Int32Array.from(labels, (label, point) => {
        if (label === 0) return 0;
        return t < 24 ? 1 : point % WIDTH < 50 ? 2 : 3;
      });
    const [first] = foresee(film(60, coming, seeds), 1, WIDTH, HEIGHT);
    const cars = [...first.parts].sort((a, b) => a.x - b.x);
    expect(cars.map(({ runs }) => first.seeds.get(runs[0]))).toEqual([2, 3]);
    const [strange] = foresee(film(10, coming), 1, WIDTH, HEIGHT);
    expect(strange.seeds.size).toBe(0);
  });

  it('does not change what it is given', () => {
    const frames = film(12, coming);
    const before = structuredClone(frames.map(({ parts, map }) => ({ parts, map })));
    foresee(frames, 12, WIDTH, HEIGHT);
    expect(frames.map(({ parts, map }) => ({ parts, map }))).toEqual(before);
  });
});
