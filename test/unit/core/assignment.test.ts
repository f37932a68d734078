import { describe, expect, it } from 'vitest';
import { assign } from '../../../src/core/assignment.ts';

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/** Most pairs, then least sum, by trying everything. */
function bruteForce(cost: Float64Array, rows: number, columns: number) {
  let best = { pairs: 0, sum: 0 };
  const taken = new Set<number>();
  const go = (row: number, pairs: number, sum: number) => {
    if (row === rows) {
      if (pairs > best.pairs || (pairs === best.pairs && sum < best.sum)) best = { pairs, sum };
      return;
    }
    go(row + 1, pairs, sum);
    for (let column = 0; column < columns; column++) {
      const value = cost[row * columns + column];
      if (value === Infinity || taken.has(column)) continue;
      taken.add(column);
      go(row + 1, pairs + 1, sum + value);
      taken.delete(column);
    }
  };
  go(0, 0, 0);
  return best;
}

function outcome(cost: Float64Array, rows: number, columns: number) {
  const pairs = [...assign(cost, rows, columns)].flatMap((column, row) =>
    column < 0 ? [] : [[row, column]],
  );
  expect(new Set(pairs.map(([, column]) => column)).size).toBe(pairs.length);
  return {
    pairs: pairs.length,
    sum: pairs.reduce((sum, [row, column]) => sum + cost[row * columns + column], 0),
  };
}

describe('assignment', () => {
  it.each([
    ['any costs', (random: () => number) => random() * 10 - 5],
    ['many ties', (random: () => number) => Math.floor(random() * 3)],
    ['half forbidden', (random: () => number) => (random() < 0.5 ? Infinity : random())],
    [
      'most forbidden, ties, negative',
      (random: () => number) => (random() < 0.7 ? Infinity : Math.floor(random() * 3) - 1),
    ],
  ])('is as cheap as the best of all: %s', (_, draw) => {
    const random = randomFrom(7);
    for (let rows = 1; rows <= 6; rows++) {
      for (let columns = 1; columns <= 6; columns++) {
        for (let time = 0; time < (rows * columns > 25 ? 4 : 20); time++) {
          const cost = Float64Array.from({ length: rows * columns }, () => draw(random));
          const best = bruteForce(cost, rows, columns);
          const found = outcome(cost, rows, columns);
          expect(found.pairs).toBe(best.pairs);
          expect(found.sum).toBeCloseTo(best.sum, 9);
        }
      }
    }
  });

  it('leaves alone the row that saves most, not the last to come', () => {
    // One column for two rows.
    expect([...assign(Float64Array.of(5, 1), 2, 1)]).toEqual([-1, 0]);
    // Row 2 may only have column 0, for which row 0 has to move on to column 1, and row 1 out.
    expect([...assign(Float64Array.of(1, 1, Infinity, 9, 1, Infinity), 3, 2)]).toEqual([1, -1, 0]);
  });

  it('never makes a forbidden pair', () => {
    expect([...assign(new Float64Array(6).fill(Infinity), 2, 3)]).toEqual([-1, -1]);
    expect([...assign(Float64Array.of(Number.NaN, 3), 1, 2)]).toEqual([1]);
  });

  it('makes one pair more even where it is dear', () => {
    expect([...assign(Float64Array.of(0, 1000, 0, Infinity), 2, 2)]).toEqual([1, 0]);
  });

  it('takes lower indices first at ties', () => {
    expect([...assign(new Float64Array(9), 3, 3)]).toEqual([0, 1, 2]);
    expect([...assign(new Float64Array(6).fill(2), 3, 2)]).toEqual([0, 1, -1]);
    expect([...assign(new Float64Array(6).fill(2), 2, 3)]).toEqual([0, 1]);
  });

  it('takes nothing at all, and refuses sizes that do not fit', () => {
    expect([...assign(new Float64Array(0), 0, 5)]).toEqual([]);
    expect([...assign(new Float64Array(0), 2, 0)]).toEqual([-1, -1]);
    expect(() => assign(new Float64Array(5), 2, 3)).toThrow(RangeError);
  });

  it('does 300 × 300 at once', () => {
    const random = randomFrom(1);
    const cost = Float64Array.from({ length: 300 * 300 }, random);
    const before = performance.now();
    expect(outcome(cost, 300, 300).pairs).toBe(300);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
