import { describe, expect, it } from 'vitest';
import { CANDIDATES, candidatesOf, NO_NAME } from '../../../src/analysis/candidates.ts';
import { mixturesOf } from '../../../src/analysis/mixtures.ts';
import { INSIDE, type Mixtures } from '../../../src/core/frame.ts';

/** Levels by point and region, in the order of the graph: blocks of 2×2 points. */
function blocks(
  width: number,
  height: number,
  count: number,
  level: (x: number, y: number, q: number) => number,
) {
  const levels = new Uint8Array(width * height * count);
  const block = (width / 2) * (height / 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = ((y % 2) * 2 + (x % 2)) * block + Math.floor(y / 2) * (width / 2) + Math.floor(x / 2);
      for (let q = 0; q < count; q++) levels[place * count + q] = level(x, y, q);
    }
  }
  return levels;
}

/** The levels that a point is given, by region. */
function levelsAt({ codes, starts, regions, levels, width }: Mixtures, x: number, y: number, count: number) {
  const result = new Array<number>(count).fill(0);
  const code = codes[y * width + x];
  for (let part = starts[code]; part < starts[code + 1]; part++) result[regions[part]] = levels[part];
  return result;
}

/** Numbers of chance, the same in each run. */
function chance(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('what is left out', () => {
  it('are regions beyond the sixteen that a mixture lies furthest inside, the first of equal ones', () => {
    const level = (_x: number, _y: number, q: number) => (q < 5 ? 2 + q : q < 20 ? 9 : 3);
    const { regions, levels } = mixturesOf(blocks(2, 2, 24, level), 2, 2, 24);
    expect([...regions]).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect([...levels]).toEqual([6, ...Array(15).fill(9)]);
  });

  it('is as much as a frame may not hold: masks of noise are told more coarsely', () => {
    const random = chance(3);
    const noise = blocks(120, 80, 40, () => Math.floor(random() * 16));
    const { regions, starts, levels } = mixturesOf(noise, 120, 80, 40);
    expect(regions.length).toBeLessThanOrEqual(64_000);
    expect(regions.length).toBeGreaterThan(50_000);
    expect(starts.length - 1).toBeGreaterThan(9000);
    expect(Math.min(...levels)).toBeGreaterThan(7);
  });

  it('is no region that could win a point, whatever the words', () => {
    const random = chance(5);
    // Of twelve regions the odd ones show nowhere: at most at a level that leaves no trace.
    const level = (x: number, y: number, q: number) =>
      q % 2 === 1 ? Number(random() < 0.3) : Math.max(0, INSIDE - Math.abs(x - q * 3) - Math.abs(y - 8));
    const shape = { width: 40, height: 16, count: 12 };
    const all = blocks(shape.width, shape.height, shape.count, level);
    const mixtures = mixturesOf(all, shape.width, shape.height, shape.count);
    const kept = new Set(mixtures.regions);
    expect([...kept].sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8, 10]);
    for (let words = 0; words < 500; words++) {
      const names = 2 + Math.floor(random() * 6);
      const probabilities = Float32Array.from({ length: shape.count * names }, random);
      const before = candidatesOf(mixtures, probabilities, names);
      // Anything at all may be said of the regions that were left out.
      for (let q = 1; q < shape.count; q += 2)
        for (let name = 0; name < names; name++) probabilities[q * names + name] = random();
      expect(candidatesOf(mixtures, probabilities, names)).toEqual(before);
    }
  });
});

describe('mixtures', () => {
  it.each([4, 5])(
    'give every point what it has, to two levels, faint regions left out (%i regions)',
    (count) => {
      const level = (x: number, y: number, q: number) => (x * 3 + y * (q + 1) + q * 7) % (INSIDE + 1);
      const mixtures = mixturesOf(blocks(12, 8, count, level), 12, 8, count);
      expect([mixtures.width, mixtures.height, mixtures.codes.length]).toEqual([12, 8, 96]);
      for (let y = 0; y < 8; y++) {
        for (let x = 0; x < 12; x++) {
          for (const [q, got] of levelsAt(mixtures, x, y, count).entries()) {
            const apart = Math.abs(got - level(x, y, q));
            expect(apart, `${x} ${y} ${q}`).toBeLessThanOrEqual(got === 0 ? 3 : 2);
          }
        }
      }
    },
  );

  it('are few where points are alike', () => {
    const halves = mixturesOf(
      blocks(40, 20, 8, (x, _, q) => (q === (x < 20 ? 1 : 6) ? INSIDE : 0)),
      40,
      20,
      8,
    );
    expect(halves.starts.length - 1).toBe(2);
    expect([...halves.regions]).toEqual([1, 6]);
    expect(new Set(halves.codes.subarray(0, 20))).toEqual(new Set([0]));
    expect(new Set(halves.codes.subarray(20, 40))).toEqual(new Set([1]));
    // The same again elsewhere is no new mixture.
    const stripes = mixturesOf(
      blocks(40, 20, 8, (x, _, q) => (q === Math.floor(x / 4) % 2 ? INSIDE : 0)),
      40,
      20,
      8,
    );
    expect(stripes.starts.length - 1).toBe(2);
  });

  it('bear more mixtures than they can number', () => {
    const side = 300;
    const mixtures = mixturesOf(
      blocks(side, side, 4, (x, y, q) => [x % 16, (x >> 4) + (y & 15), y % 16, (y >> 4) % 16][q] & 15),
      side,
      side,
      4,
    );
    expect(mixtures.starts.length - 1).toBeLessThanOrEqual(0x10000);
    expect(Math.max(...new Set(mixtures.codes))).toBeLessThan(mixtures.starts.length - 1);
  });

  it('refuse what is no frame', () => {
    expect(() => mixturesOf(new Uint8Array(10), 2, 2, 4)).toThrow(RangeError);
  });
});

describe('candidates', () => {
  const two = mixturesOf(
    blocks(2, 2, 4, (x, _, q) => (x === 0 ? [INSIDE, 5, 0, 0] : [0, 0, 10, 15])[q]),
    2,
    2,
    4,
  );

  it('are names by their part of all scores', () => {
    // Region by name; regions 2 and 3 show no name at all.
    const probabilities = Float32Array.of(0.6, 0.2, 0, 0, 0.3, 0.6, 0, 0, 0, 0, 0, 0);
    const { names, scores } = candidatesOf(two, probabilities, 3);
    // Name 0: 0.6; name 1: 0.2 + 0.3 / 3; name 2: 0.6 / 3.
    expect([...names.subarray(0, CANDIDATES)]).toEqual([0, 1, 2, NO_NAME]);
    expect(scores[0]).toBeCloseTo(0.6 / 1.1);
    expect(scores[1]).toBeCloseTo(0.3 / 1.1);
    expect(scores[2]).toBeCloseTo(0.2 / 1.1);
    expect([...names.subarray(CANDIDATES)]).toEqual([0, NO_NAME, NO_NAME, NO_NAME]);
    expect(scores[CANDIDATES]).toBe(0);
  });

  it('are the likeliest of many, the first of equals', () => {
    const many = 9;
    const probabilities = new Float32Array(4 * many);
    probabilities.set([0.05, 0.1, 0.2, 0.1, 0.1, 0.02, 0.3, 0.1, 0.01]);
    const { names } = candidatesOf(two, probabilities, many);
    expect([...names.subarray(0, CANDIDATES)]).toEqual([6, 2, 1, 3]);
  });
});
