import { describe, expect, it } from 'vitest';
import { pts } from '../../../src/core/time.ts';
import { LEAST_SHARE, levelOf, shareOf } from '../../../src/search/levels.ts';
import { createRuns, type Run, runsOf } from '../../../src/search/runs.ts';
import { toUnit } from '../../../src/search/vectors.ts';
import { header } from '../analysis/file/made.ts';
import { numbers } from '../associate/random.ts';
import { direction, near, product } from './made.ts';

type Seen = readonly [track: number, share: number, look: readonly number[]];

/** A group every 500 ms. */
function runsIn(...groups: (readonly Seen[])[]): Run[] {
  const runs = createRuns(2);
  for (const [i, group] of groups.entries()) runs.add(table(group), i * 500, (i + 1) * 500);
  return runs.finish();
}

const table = (group: readonly Seen[]) => ({
  ids: Int32Array.from(group, ([id]) => id),
  shares: Float32Array.from(group, ([, share]) => share),
  embeddings: Float32Array.from(group.flatMap(([, , look]) => [...look])),
});

const [EAST, NORTH] = [
  [1, 0],
  [0, 0.9],
];
const times = (runs: readonly Run[]) => runs.map(({ track, from, to }) => [track, from, to]);

describe('runs', () => {
  it('are one for as long as a track looks alike', () => {
    const runs = runsIn([[7, 0.1, EAST]], [[7, 0.12, [0.9, 0.1]]], [[7, 0.11, EAST]]);
    expect(runs).toHaveLength(1);
    const [{ track, from, to, at, share, look }] = runs;
    expect([track, from, to, at]).toEqual([7, 0, 1500, 500]);
    expect(share).toBeCloseTo(0.12, 6);
    expect([...toUnit(look)].map((value) => Math.round(value * 100))).toEqual([100, 4]);
  });

  it('end where it looks otherwise, and where another track is', () => {
    const groups = [EAST, EAST, NORTH, NORTH, EAST].map((look): Seen[] => [[1, 0.1, look]]);
    expect(times(runsIn(...groups))).toEqual([
      // Less than a second later it is as before.
      [1, 0, 1000],
      [1, 1000, 2000],
      [1, 2000, 2500],
    ]);
    expect(times(runsIn([[1, 0.1, EAST]], [[2, 0.1, EAST]]))).toEqual([
      [1, 0, 500],
      [2, 500, 1000],
    ]);
  });

  it('last through less than a second out of sight, and no longer', () => {
    const seen: Seen[] = [[1, 0.1, EAST]];
    expect(times(runsIn(seen, [], seen))).toEqual([[1, 0, 1500]]);
    expect(times(runsIn(seen, [], [], seen))).toEqual([
      [1, 0, 500],
      [1, 1500, 2000],
    ]);
  });

  it('have shares of one octave', () => {
    const shares = [0.011, 0.015, 0.017, 0.03, 0.033, 0.06, 0.015, 0.014];
    const runs = runsIn(...shares.map((share): Seen[] => [[1, share, EAST]]));
    expect(times(runs)).toEqual([
      [1, 0, 1000],
      [1, 1000, 2000],
      [1, 2000, 3000],
      [1, 3000, 4000],
    ]);
    expect(runs.map(({ share }) => share.toFixed(3))).toEqual(['0.015', '0.030', '0.060', '0.015']);
  });

  it('flicker between octaves as two that last', () => {
    const groups = [0.015, 0.017, 0.015, 0.017, 0.015].map((share): Seen[] => [[1, share, EAST]]);
    expect(times(runsIn(...groups))).toEqual([
      [1, 0, 2500],
      [1, 500, 2000],
    ]);
  });

  it('leave out what is too small, has no share or no direction', () => {
    const nowhere = LEAST_SHARE * 0.99;
    expect(
      runsIn([
        [1, nowhere, EAST],
        [2, Number.NaN, EAST],
        [3, 0.1, [0, 0]],
        [4, 0.1, [Number.NaN, 1]],
        [5, 0, EAST],
      ]),
    ).toEqual([]);
    expect(runsIn([[1, LEAST_SHARE, EAST]])).toHaveLength(1);
  });

  it('have the mean of all that they are made of', () => {
    const random = numbers(3);
    const middle = direction(random);
    const runs = createRuns(middle.length);
    const sum = new Float64Array(middle.length);
    for (let i = 0; i < 50; i++) {
      const unit = near(middle, 0.15, random);
      for (const [at, value] of unit.entries()) sum[at] += value;
      // Of a mean of embeddings, only the direction counts.
      const length = 0.5 + random();
      const embeddings = unit.map((value) => value * length);
      runs.add({ ids: Int32Array.of(1), shares: Float32Array.of(0.1), embeddings }, i * 300, i * 300 + 300);
    }
    const found = runs.finish();
    expect(found).toHaveLength(1);
    expect(product(toUnit(found[0].look), toUnit(sum))).toBeGreaterThan(0.9998);
  });

  it('are of whole milliseconds and never empty', () => {
    const runs = createRuns(2);
    runs.add(table([[1, 0.1, EAST]]), 1000 / 3, 2000 / 3);
    runs.add(table([[1, 0.1, EAST]]), 2000 / 3, 2000 / 3);
    expect(times(runs.finish())).toEqual([[1, 333, 668]]);
  });

  it('want embeddings of their length', () => {
    expect(() => createRuns(3).add(table([[1, 0.1, EAST]]), 0, 1)).toThrow(RangeError);
  });

  it('are those of an analysis, in its times', async () => {
    const spans = async function* () {
      yield { tracks: table([[1, 0.1, EAST]]), from: pts(0), to: pts(25) };
      yield { tracks: table([[1, 0.1, EAST]]), from: pts(25), to: pts(50) };
    };
    const analysis = { header: { ...header, model: { ...header.model, dim: 2 } }, spans };
    expect(times(await runsOf(analysis, (at) => 7000 + at * 40))).toEqual([[1, 7000, 9000]]);
  });
});

it('levels are octaves', () => {
  expect([0.00024, 0.00025, 0.0005, 0.000999, 0.001, 1].map(levelOf)).toEqual([-1, 0, 1, 1, 2, 11]);
  for (let level = 0; level < 12; level++) expect(levelOf(shareOf(level))).toBe(level);
  expect(levelOf(0)).toBe(-Infinity);
  expect(shareOf(-Infinity)).toBe(0);
});
