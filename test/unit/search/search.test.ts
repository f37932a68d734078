import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Found, Hit } from '../../../src/search/search.ts';
import { numbers } from '../associate/random.ts';
import {
  counts,
  EVERYTHING,
  expectAll,
  film1,
  indexOf,
  NAMES,
  query,
  queryFor,
  rounded,
  STREET,
  score,
  THING,
  YARD,
} from './indexed.ts';
import { DIM, film, HOUR, MARCH, MODEL, near, rowsOf, spansOf } from './made.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidestream-index-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a search', () => {
  it('finds what comparing every run finds, whether hours are joined or not', async () => {
    const path = join(folder, 'all.db');
    const parts = [...STREET, ...YARD];
    const index = await indexOf(parts, path);
    expect(counts(path)).toMatchObject({ hours: 5, joined: 3, parts: 270 });
    for (const name of NAMES)
      expect(await expectAll(index, parts, { query: queryFor([name]) })).toBeGreaterThan(10);
    await expectAll(index, parts, { query: queryFor([NAMES[3], NAMES[7], NAMES[8]]) });
    for (const threshold of [0, 0.1, 0.9, 0.999]) await expectAll(index, parts, { threshold });
    for (const share of [0, 0.0003, 0.002, 0.05, 0.13]) await expectAll(index, parts, { share });
    await index.close();
  });

  it('finds nothing where nothing is like the words', async () => {
    const absent = { ...query, words: rowsOf([THING.map((value) => -value)]) };
    expect(await (await indexOf(STREET)).search({ ...EVERYTHING, query: absent })).toEqual({
      hits: [],
      total: 0,
    });
  });

  it('is as exact as looks are alike, where runs differ from each other', async () => {
    const parts = film({ parts: 200, length: 60_000, looks: NAMES, far: 0.25, seed: 6 });
    // Some of the runs are as much the words as they are another name.
    const rival = near(THING, 0.9, numbers(2));
    const words = rowsOf([NAMES[1], near(THING, 0.9, numbers(3))]);
    const asked = { ...queryFor(NAMES, 2), words, others: rowsOf([rival, ...NAMES.slice(2)]) };
    const { hits } = await (await indexOf(parts)).search({ ...EVERYTHING, query: asked });
    // Unit vectors whose cosine is 0.98 are 0.2 apart, and so are, at most, their products with another: those with two.
    const within = (logit: number) => 1 / (1 + Math.exp(-logit));
    const tolerance = 2 * 2 * Math.sqrt(2 - 2 * 0.98);
    const limits = { threshold: within(tolerance), share: 0.0005 };
    const certain = spansOf(parts, (run) => score(run, asked), limits);
    const possible = spansOf(parts, (run) => score(run, asked), { ...limits, threshold: within(-tolerance) });
    const covers = (a: readonly Pick<Hit, 'from' | 'to'>[], b: readonly Pick<Hit, 'from' | 'to'>[]) =>
      b.every(({ from, to }) => a.some((one) => one.from <= from && one.to >= to));
    expect(certain.length).toBeGreaterThan(3);
    expect(covers(hits, certain)).toBe(true);
    expect(covers(possible, hits)).toBe(true);
    expect(covers(certain, hits)).toBe(false);
    for (const hit of hits) {
      const span = possible.find((one) => one.from <= hit.from && one.to >= hit.to);
      expect(Math.abs(Math.log(1 / hit.score - 1) - Math.log(1 / span!.score - 1))).toBeLessThan(tolerance);
    }
  });

  it('gives page after page, each hit once', async () => {
    const parts = [...STREET, ...YARD];
    const index = await indexOf(parts);
    const all = await index.search(EVERYTHING);
    const pages: Hit[] = [];
    for (let page: Found | undefined; page === undefined || page.hits.length > 0; pages.push(...page.hits)) {
      page = await index.search({ ...EVERYTHING, limit: 7, after: pages.at(-1) });
      expect(page.total).toBe(all.total);
      expect(page.hits.length).toBeLessThanOrEqual(7);
    }
    expect(all.total).toBeGreaterThan(30);
    expect(pages).toEqual(all.hits);
  });

  it('keeps to sources and times', async () => {
    const index = await indexOf([...STREET, ...YARD]);
    await expectAll(index, YARD, { sources: ['yard'] });
    await expectAll(index, [...STREET, ...YARD], { sources: ['yard', 'street', 'yard', 'nowhere'] });
    expect((await index.search({ ...EVERYTHING, sources: [] })).total).toBe(0);
    const [from, to] = [MARCH + 1.4 * HOUR, MARCH + 3.1 * HOUR];
    const cut = ({ from: begins, to: ends, score }: Hit) => ({
      from: Math.max(begins, from),
      to: Math.min(ends, to),
      score,
    });
    const clipped = STREET.map((part) => ({
      ...part,
      runs: part.runs
        .filter((run) => run.from < to && run.to > from)
        .map((run) => ({ ...run, ...cut({ ...run, score: 0 } as unknown as Hit) })),
    }));
    const byTime = (hits: readonly Hit[]) => rounded(hits.map(cut)).sort((a, b) => a.from - b.from);
    const { hits } = await index.search({ ...EVERYTHING, sources: ['street'], from, to });
    expect(byTime(hits)).toEqual(byTime(spansOf(clipped, score, EVERYTHING)));
    expect(hits.length).toBeGreaterThan(5);
    for (const { at, key } of hits) {
      expect(at >= from && at < to).toBe(true);
      const part = STREET.find((one) => one.from <= at && at < one.to);
      expect(key).toBe(part?.key);
    }
  });

  it('finds jobs, whose times begin with the video', async () => {
    const run = { track: 1, from: 100, to: 9 * HOUR, share: 0.25, at: 5 * HOUR, look: film1(THING) };
    const job = { source: 'job-1', key: 'job-1', model: MODEL, from: 0, to: 9 * HOUR, runs: [run] };
    const before = { ...job, source: 'job-2', key: 'job-2', from: -500, runs: [{ ...run, from: -400 }] };
    const index = await indexOf([job, before]);
    expect(await expectAll(index, [job, before])).toBe(2);
    const { hits } = await index.search({ ...EVERYTHING, from: 8 * HOUR, to: 8 * HOUR + 10 });
    expect(hits.map(({ source, from, to, at }) => [source, from, to, at])).toEqual([
      ['job-1', 8 * HOUR, 8 * HOUR + 10, 8 * HOUR],
      ['job-2', 8 * HOUR, 8 * HOUR + 10, 8 * HOUR],
    ]);
    const earlier = await index.search({ ...EVERYTHING, from: 10, to: 4 * HOUR });
    expect(earlier.hits.map(({ at }) => at)).toEqual([4 * HOUR - 1, 4 * HOUR - 1]);
  });

  it('finds what goes on for longer than its hour', async () => {
    const look = film1(THING);
    const lasting = (key: string, from: number, to: number) => ({
      ...{ source: 'street', key, model: MODEL, from, to },
      runs: [{ track: 1, from, to, share: 0.25, at: from, look }],
    });
    const parts = [
      lasting('short', MARCH, MARCH + 1000),
      lasting('long', MARCH + 5000, MARCH + 4 * HOUR),
      lasting('next', MARCH + 2 * HOUR, MARCH + 2 * HOUR + 1000),
    ];
    const index = await indexOf(parts);
    await expectAll(index, parts);
    const { hits } = await index.search({ ...EVERYTHING, from: MARCH + 3 * HOUR });
    expect(hits.map(({ from, to, key }) => [from, to, key])).toEqual([
      [MARCH + 3 * HOUR, MARCH + 4 * HOUR, 'long'],
    ]);
  });

  it('compares nothing with words of another model', async () => {
    const other = { sum: 'other', dim: DIM };
    const theirs = film({ source: 'yard', model: other, parts: 20, looks: NAMES, seed: 7 });
    const index = await indexOf([...STREET, ...theirs]);
    await expectAll(index, STREET);
    await expectAll(index, theirs, { model: 'other' });
    expect(await index.search({ ...EVERYTHING, model: 'unknown' })).toEqual({ hits: [], total: 0 });
    const short = { ...query, dim: 1 };
    await expect(index.search({ ...EVERYTHING, query: short })).rejects.toThrow(RangeError);
  });

  it('may be given up', async () => {
    const reason = new Error('enough');
    const index = await indexOf(STREET);
    const given = index.search({ ...EVERYTHING, threshold: 0 }, AbortSignal.abort(reason));
    await expect(given).rejects.toBe(reason);
  });

  it('goes on while parts come and go', async () => {
    const index = await indexOf(STREET);
    const searching = index.search({ ...EVERYTHING, threshold: 0 });
    await index.removeParts(
      'street',
      STREET.slice(0, 120).map(({ key }) => key),
    );
    for (const part of YARD) await index.add(part);
    const { hits } = await searching;
    expect(hits.length).toBeGreaterThan(0);
    await expectAll(index, [...STREET.slice(120), ...YARD]);
  });
});
