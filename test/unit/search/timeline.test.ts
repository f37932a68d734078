import { describe, expect, it } from 'vitest';
import type { Classifier } from '../../../src/core/vocabulary.ts';
import { createSearchIndex } from '../../../src/search/index.ts';
import { levelOf, shareOf } from '../../../src/search/levels.ts';
import type { Part } from '../../../src/search/parts.ts';
import { GAP, type Run } from '../../../src/search/runs.ts';
import { toUnit } from '../../../src/search/vectors.ts';
import { DIM, directions, film, HOUR, MARCH, MODEL, product, rowsOf } from './made.ts';

const NAMES = directions(8, 42);
/** Two entries of two words, two of one, and two rows that are background. */
const names: Classifier = {
  dim: DIM,
  weights: rowsOf(NAMES).map((value) => value * 10),
  rowEntry: Int32Array.of(0, 0, 1, -1, 2, 1, 3, -1),
};
const STREET = film({ parts: 150, length: 60_000, looks: NAMES, seed: 3 });

async function indexOf(parts: readonly Part[]) {
  const index = createSearchIndex(':memory:');
  for (const part of parts) await index.add(part);
  return index;
}

function entryOf(run: Run): number {
  const products = NAMES.map((name) => product(toUnit(run.look), name));
  return names.rowEntry[products.indexOf(Math.max(...products))];
}

/** Second by second would be too coarse: millisecond by millisecond, in a bucket after the other. */
function every(parts: readonly Part[], from: number, to: number, step: number, share: number) {
  return Array.from({ length: 4 }, (_, entry) => {
    const runs = parts
      .flatMap((part) => part.runs)
      .filter((run) => entryOf(run) === entry && run.share >= share && run.from < to && run.to > from)
      .map((run) => ({ ...run, from: Math.max(from, run.from), to: Math.min(to, run.to) }))
      .sort((a, b) => a.from - b.from);
    const seen = new Uint8Array(to - from);
    let last = -Infinity;
    for (const run of runs) {
      seen.fill(1, (run.from - last < GAP ? last : run.from) - from, run.to - from);
      last = Math.max(last, run.to);
    }
    const buckets = Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => {
      const [begin, end] = [from + i * step, from + (i + 1) * step];
      const inside = runs.filter((run) => run.from < end && run.to > begin);
      return {
        seen: seen.subarray(begin - from, end - from).reduce((sum, one) => sum + one, 0),
        share: Math.max(0, ...inside.map((run) => shareOf(levelOf(run.share)))),
        tracks: new Set(inside.map(({ track }) => track)).size,
      };
    });
    return {
      seen: buckets.map((bucket) => bucket.seen),
      share: buckets.map((bucket) => bucket.share),
      tracks: buckets.map((bucket) => bucket.tracks),
    };
  });
}

describe('a timeline', () => {
  const request = { source: 'street', model: MODEL.sum, names, share: 0.001 };

  it('is what counting every run gives', async () => {
    const index = await indexOf(STREET);
    for (const [from, to, step] of [
      [MARCH, MARCH + 2.5 * HOUR, 600_000],
      [MARCH - 5000, MARCH + HOUR, 7000],
      [MARCH + 1.5 * HOUR + 1234, MARCH + 1.6 * HOUR, 1000],
      [MARCH + 10 * HOUR, MARCH + 11 * HOUR, HOUR],
    ]) {
      const timeline = await index.timeline({ ...request, from, to, step });
      expect(timeline.names).toEqual(every(STREET, from, to, step, 0.001));
    }
  });

  it('is of the time before its end alone', async () => {
    const [from, to] = [MARCH, MARCH + 90_000];
    const { names: lines } = await (await indexOf(STREET)).timeline({ ...request, from, to, step: 60_000 });
    expect(lines).toEqual(every(STREET, from, to, 60_000, 0.001));
    expect(Math.max(...lines.map(({ seen }) => seen[1]))).toBeLessThanOrEqual(30_000);
  });

  it('follows what is added and removed', async () => {
    const index = await indexOf(STREET);
    const span = { from: MARCH, to: MARCH + HOUR, step: 600_000 };
    await index.timeline({ ...request, ...span });
    await index.removeParts(
      'street',
      STREET.slice(0, 25).map(({ key }) => key),
    );
    const { names: lines } = await index.timeline({ ...request, ...span });
    expect(lines).toEqual(every(STREET.slice(25), span.from, span.to, span.step, 0.001));
  });

  it('is empty of what is not known, and refuses buckets that are none', async () => {
    const index = await indexOf(STREET);
    const span = { from: MARCH, to: MARCH + 3000, step: 1000 };
    const none = { seen: [0, 0, 0], share: [0, 0, 0], tracks: [0, 0, 0] };
    for (const change of [{ source: 'yard' }, { model: 'other' }])
      expect((await index.timeline({ ...request, ...span, ...change })).names).toEqual(Array(4).fill(none));
    for (const change of [{ step: 999 }, { to: MARCH }, { to: MARCH + 1e9 }])
      await expect(index.timeline({ ...request, ...span, ...change })).rejects.toThrow(RangeError);
  });
});
