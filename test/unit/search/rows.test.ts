import { describe, expect, it } from 'vitest';
import {
  decodeRows,
  decodeWholeRows,
  encodeRows,
  joinRows,
  type Row,
  rowsOf,
  type WholeRows,
} from '../../../src/search/rows.ts';

const row = (change: Partial<Row>): Row => ({
  ...{ look: 7, track: 1, from: 0, to: 1000, at: 500, share: 0.1 },
  ...change,
});
const listOf = ({ looks, look, track, from, to, at, share }: WholeRows) =>
  Array.from(look, (place, i) => [looks[place], track[i], from[i], to[i], at[i], share[i]]);
const joined = (...parts: readonly (readonly Partial<Row>[])[]) =>
  listOf(joinRows(parts.map((rows) => rowsOf(rows.map(row)))));
const share = Math.fround(0.1);

describe('rows', () => {
  const rows = rowsOf([
    row({ from: 900, to: 2000, at: 1000 }),
    row({ look: 900_000, track: -3, share: 1 }),
    row({ look: 3, from: 4_000_000_000, to: 4_100_000_000, at: 4_000_000_001 }),
  ]);

  it('come by time, and come back from bytes as they were', () => {
    expect(listOf(rows)).toEqual([
      [900_000, -3, 0, 1000, 500, 1],
      [7, 1, 900, 2000, 1000, share],
      [3, 1, 4_000_000_000, 4_100_000_000, 4_000_000_001, share],
    ]);
    expect(decodeWholeRows(encodeRows(rows))).toEqual(rows);
    const { track: _, at: __, ...times } = rows;
    expect(decodeRows(encodeRows(rows))).toEqual(times);
    expect(listOf(decodeWholeRows(encodeRows(rowsOf([]))))).toEqual([]);
  });

  it('are joined where they go on', () => {
    const next = { from: 1000, to: 2000, at: 1600 };
    const whole = [7, 1, 0, 2000, 500, share];
    expect(joined([{}], [next])).toEqual([whole]);
    expect(joined([next], [{}])).toEqual([whole]);
    expect(joined([{}], [{ ...next, share: 0.11 }])).toEqual([[7, 1, 0, 2000, 1600, Math.fround(0.11)]]);
    expect(joined([{}, { from: 200, to: 800, at: 300 }])).toEqual([[7, 1, 0, 1000, 500, share]]);
  });

  it('are joined over less than a second, and no more', () => {
    expect(joined([{}], [{ from: 1999, to: 3000, at: 2000 }])).toHaveLength(1);
    expect(joined([{}], [{ from: 2000, to: 3000, at: 2000 }])).toHaveLength(2);
  });

  it('are not joined where they are of another track, look or octave', () => {
    const next = { from: 1000, to: 2000, at: 1600 };
    for (const change of [{ track: 2 }, { look: 8 }, { share: 0.3 }])
      expect(joined([{}], [{ ...next, ...change }])).toHaveLength(2);
  });
});
