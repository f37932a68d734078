import { describe, expect, it } from 'vitest';
import { assign } from '../../../src/core/assignment.ts';

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The most pairs that can be made, and of those ways the least sum, by trying all. */
function bestOf(cost: Float64Array, rows: number, columns: number): { pairs: number; sum: number } {
  let best = { pairs: 0, sum: 0 };
  const visit = (row: number, taken: number, pairs: number, sum: number): void => {
    if (row === rows) {
      if (pairs > best.pairs || (pairs === best.pairs && sum < best.sum)) best = { pairs, sum };
      return;
    }
    visit(row + 1, taken, pairs, sum);
    for (let column = 0; column < columns; column++) {
      const value = cost[row * columns + column];
      if (taken & (1 << column) || value === Number.POSITIVE_INFINITY) continue;
      visit(row + 1, taken | (1 << column), pairs + 1, sum + value);
    }
  };
  visit(0, 0, 0, 0);
  return best;
}

function check(cost: Float64Array, rows: number, columns: number): { pairs: number; sum: number } {
  const result = assign(cost, rows, columns);
  expect(result).toHaveLength(rows);
  const used = [...result].filter((column) => column >= 0);
  expect(new Set(used).size).toBe(used.length);
  let sum = 0;
  for (const [row, column] of result.entries()) if (column >= 0) sum += cost[row * columns + column];
  expect(Number.isFinite(sum)).toBe(true);
  return { pairs: used.length, sum };
}

describe('assign', () => {
  it.each([
    ['any numbers', (next: () => number) => next() * 10 - 5],
    ['few numbers, so that many are equal', (next: () => number) => Math.floor(next() * 3)],
    ['pairs that are forbidden', (next: () => number) => (next() < 0.4 ? Number.POSITIVE_INFINITY : next())],
    [
      'nothing but forbidden pairs, or nearly',
      (next: () => number) => (next() < 0.9 ? Number.POSITIVE_INFINITY : -next()),
    ],
  ])('finds the best of all ways: %s', (_, value) => {
    const next = random(11);
    for (let round = 0; round < 400; round++) {
      const [rows, columns] = [Math.floor(next() * 6) + 1, Math.floor(next() * 6) + 1];
      const cost = Float64Array.from({ length: rows * columns }, () => value(next));
      const [got, want] = [check(cost, rows, columns), bestOf(cost, rows, columns)];
      expect(got.pairs).toBe(want.pairs);
      expect(got.sum).toBeCloseTo(want.sum, 9);
    }
  });

  it('has nothing to do where there is nothing', () => {
    expect([...assign(new Float64Array(0), 0, 5)]).toEqual([]);
    expect([...assign(new Float64Array(0), 3, 0)]).toEqual([-1, -1, -1]);
  });

  it('takes the first of equals', () => {
    expect([...assign(new Float64Array(9).fill(2), 3, 3)]).toEqual([0, 1, 2]);
    expect([...assign(new Float64Array(6).fill(2), 2, 3)]).toEqual([0, 1]);
  });

  it('does not change what it is given, and is right for hundreds', () => {
    const next = random(5);
    const size = 200;
    const cost = Float64Array.from({ length: size * size }, next);
    const before = cost.slice();
    // A diagonal that nothing beats.
    for (let i = 0; i < size; i++)
      before[i * size + ((i * 7) % size)] = cost[i * size + ((i * 7) % size)] = -1;
    expect([...assign(cost, size, size)]).toEqual(Array.from({ length: size }, (_, i) => (i * 7) % size));
    expect(cost).toEqual(before);
  });

  it('refuses what are no costs', () => {
    expect(() => assign(new Float64Array(5), 2, 3)).toThrow(RangeError);
    expect(() => assign(Float64Array.of(1, Number.NaN), 1, 2)).toThrow(RangeError);
    expect(() => assign(Float64Array.of(1, Number.NEGATIVE_INFINITY), 1, 2)).toThrow(RangeError);
  });
});
