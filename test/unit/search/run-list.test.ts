import { describe, expect, it } from 'vitest';
import { decodeRuns, encodeRuns, type RunList } from '../../../src/search/run-list.ts';
import { DIM, directions, film } from './made.ts';

const { runs } = film({ parts: 1, looks: directions(4, 1), far: 0.2, seed: 5 })[0];
const list = encodeRuns(runs, DIM);

describe('a list of runs', () => {
  it('comes back from JSON as it was', () => {
    expect(runs.length).toBeGreaterThan(2);
    expect(decodeRuns(JSON.parse(JSON.stringify(list)), 'it')).toEqual({ dim: DIM, runs });
    expect(decodeRuns(JSON.parse(JSON.stringify(encodeRuns([], 5))), 'it')).toEqual({ dim: 5, runs: [] });
  });

  it('says what is wrong with it', () => {
    const broken: readonly [Partial<Record<keyof RunList, unknown>>, RegExp][] = [
      [{ version: 2 }, /version/],
      [{ dim: 0 }, /dim/],
      [{ from: list.from.slice(1) }, /not of one length/],
      [{ to: list.from }, /ends before it begins/],
      [{ shares: list.shares.map(() => 1.5) }, /shares/],
      [{ looks: '%' }, /looks/],
      [{ looks: list.looks.slice(4) }, /steps do not make/],
      [{ tracks: undefined }, /tracks/],
    ];
    for (const [change, why] of broken) {
      expect(() => decodeRuns({ ...list, ...change }, 'runs.json')).toThrow(why);
      expect(() => decodeRuns({ ...list, ...change }, 'runs.json')).toThrow(
        expect.objectContaining({ code: 'ANALYSIS_INVALID', message: expect.stringMatching(/^runs\.json/) }),
      );
    }
    expect(() => decodeRuns(null, 'runs.json')).toThrow(/runs\.json is no list of runs/);
  });
});
