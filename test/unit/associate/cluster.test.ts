import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chainCentres, kMeans } from '../../../src/associate/cluster.ts';
import { floats, numbers } from './random.ts';

/** Squared distance of a point and a centre. */
function distance(points: Float32Array, point: number, centres: Float32Array, centre: number, dim: number) {
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += (points[point * dim + i] - centres[centre * dim + i]) ** 2;
  return sum;
}

/** The least inertia of all ways to part the points. */
function leastInertia(points: Float32Array, count: number, dim: number, k: number): number {
  let least = Infinity;
  for (let way = 0; way < k ** count; way++) {
    const groups = Array.from({ length: count }, (_, i) => Math.floor(way / k ** i) % k);
    let inertia = 0;
    for (let group = 0; group < k; group++) {
      const members = groups.flatMap((own, i) => (own === group ? [i] : []));
      for (let d = 0; d < dim; d++) {
        const values = members.map((i) => points[i * dim + d]);
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        for (const value of values) inertia += (value - mean) ** 2;
      }
    }
    least = Math.min(least, inertia);
  }
  return least;
}

/** Asserts that nothing can be gained by moving one point or one centre. */
function expectSettled(points: Float32Array, count: number, dim: number, k: number, seed: number) {
  const { centres, assignment, inertia } = kMeans(points, count, dim, k, seed);
  const sizes = new Array<number>(k).fill(0);
  const means = new Float64Array(k * dim);
  let sum = 0;
  for (let point = 0; point < count; point++) {
    const own = distance(points, point, centres, assignment[point], dim);
    sum += own;
    for (let centre = 0; centre < k; centre++) {
      expect(own).toBeLessThanOrEqual(distance(points, point, centres, centre, dim) + 1e-9);
    }
    sizes[assignment[point]]++;
    for (let d = 0; d < dim; d++) means[assignment[point] * dim + d] += points[point * dim + d];
  }
  for (let i = 0; i < means.length; i++) {
    const size = sizes[Math.floor(i / dim)];
    if (size > 0) expect(centres[i]).toBeCloseTo(means[i] / size, 6);
  }
  expect(inertia).toBeCloseTo(sum, 6);
  return { inertia, sizes };
}

describe('k-means', () => {
  it('finds the best of all ways to part few points, from one of a few starts', () => {
    const random = numbers(1);
    for (let round = 0; round < 20; round++) {
      const count = 4 + (round % 5);
      const k = 1 + (round % 3);
      const points = floats(count * 2, random);
      const least = leastInertia(points, count, 2, k);
      const found = Array.from({ length: 12 }, (_, seed) => expectSettled(points, count, 2, k, seed).inertia);
      for (const inertia of found) expect(inertia).toBeGreaterThanOrEqual(least - 1e-9);
      expect(Math.min(...found)).toBeCloseTo(least, 6);
    }
  });

  it('parts clear groups at the first start', () => {
    const random = numbers(2);
    const points = floats(90 * 7, random).map((value, i) => value * 0.1 + (Math.floor(i / 7) % 3) * 10);
    const { assignment } = kMeans(points, 90, 7, 3);
    for (let i = 3; i < 90; i++) expect(assignment[i]).toBe(assignment[i % 3]);
    expect(new Set(assignment).size).toBe(3);
  });

  it('settles: each point at its nearest centre, each centre the mean of its points', () => {
    const random = numbers(3);
    for (const [count, dim, k] of [
      [50, 3, 7],
      [200, 13, 20],
      [64, 1, 5],
      [30, 5, 30],
    ]) {
      expectSettled(floats(count * dim, random), count, dim, k, count);
    }
  });

  it('gives the same bytes everywhere', () => {
    const { centres, assignment, inertia } = kMeans(floats(300 * 24, numbers(4)), 300, 24, 16, 7);
    const sum = (bytes: ArrayBufferView) =>
      createHash('sha256').update(new Uint8Array(bytes.buffer)).digest('hex').slice(0, 16);
    expect([sum(centres), sum(assignment), inertia]).toEqual([
      '8375f13bc970ca75',
      'e16ff2e26d160118',
      1809.0698119166304,
    ]);
  });

  it('leaves centres without points where points repeat', () => {
    const points = Float32Array.from([1, 1, 2, 2, 1, 1, 2, 2, 1, 1]);
    const { sizes, inertia } = expectSettled(points, 5, 2, 4, 0);
    expect(inertia).toBe(0);
    expect(sizes.filter((size) => size > 0).sort()).toEqual([2, 3]);
    expect(kMeans(new Float32Array(6), 3, 2, 3).inertia).toBe(0);
  });

  it('gives each point a centre of its own where there are as many', () => {
    const points = floats(12 * 4, numbers(5));
    const { centres, assignment, inertia } = kMeans(points, 12, 4, 12);
    expect(inertia).toBe(0);
    expect(new Set(assignment).size).toBe(12);
    for (let i = 0; i < 12; i++) expect(distance(points, i, centres, assignment[i], 4)).toBe(0);
  });

  it('refuses what makes no sense', () => {
    expect(() => kMeans(new Float32Array(5), 3, 2, 1)).toThrow(RangeError);
    expect(() => kMeans(new Float32Array(6), 3, 2, 4)).toThrow(RangeError);
    expect(() => kMeans(new Float32Array(6), 3, 2, 0)).toThrow(RangeError);
    for (const bad of [NaN, Infinity]) {
      expect(() => kMeans(Float32Array.from([0, bad]), 1, 2, 1)).toThrow(RangeError);
    }
  });
});

describe('chained centres', () => {
  it('continues the nearest, whatever their order', () => {
    const previous = floats(6 * 5, numbers(6));
    const order = [3, 0, 5, 1, 4, 2];
    const next = Float32Array.from(
      { length: 30 },
      (_, i) => previous[order[Math.floor(i / 5)] * 5 + (i % 5)],
    );
    expect([...chainCentres(previous, next, 5)]).toEqual(order);
  });

  it('says which are new', () => {
    const previous = Float32Array.from([0, 10]);
    expect([...chainCentres(previous, Float32Array.from([9, 5, 1]), 1)]).toEqual([1, -1, 0]);
    expect([...chainCentres(previous, Float32Array.from([100, 1]), 1, 4)]).toEqual([-1, 0]);
    expect([...chainCentres(new Float32Array(0), previous, 1)]).toEqual([-1, -1]);
    expect(() => chainCentres(previous, new Float32Array(3), 2)).toThrow(RangeError);
  });
});
