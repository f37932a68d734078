import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Query, scoreOf } from '../../../src/analysis/search.ts';
import { createSearchIndex, type SearchIndex } from '../../../src/search/index.ts';
import { levelOf, shareOf } from '../../../src/search/levels.ts';
import type { Part } from '../../../src/search/parts.ts';
import type { Run } from '../../../src/search/runs.ts';
import type { Found, Hit, SearchRequest } from '../../../src/search/search.ts';
import { openTables } from '../../../src/search/tables.ts';
import { toUnit } from '../../../src/search/vectors.ts';
import { numbers } from '../associate/random.ts';
import { DIM, directions, film, HOUR, MARCH, MODEL, near, rowsOf, spansOf } from './made.ts';

const NAMES = directions(12, 42);
const [THING] = NAMES;
const queryFor = (words: readonly Float32Array[], scale = 10): Query => ({
  dim: DIM,
  words: rowsOf(words),
  others: rowsOf(NAMES.filter((name) => !words.includes(name))),
  scale,
});
const query = queryFor([THING]);
const score = (run: Run, asked = query) => scoreOf(toUnit(run.look), asked);
const EVERYTHING = { query, model: MODEL.sum, threshold: 0.5, share: 0.0005, limit: 10_000 };

/** Four hours, a minute a part: the first three are joined. */
const STREET = film({ parts: 240, length: 60_000, looks: NAMES, seed: 3 });
const YARD = film({ source: 'yard', parts: 30, looks: NAMES, seed: 4 });

async function indexOf(parts: readonly Part[], path = ':memory:'): Promise<SearchIndex> {
  const index = createSearchIndex(path);
  for (const part of parts) await index.add(part);
  return index;
}

/** To six digits: what a float32 product is off by does not matter. */
const rounded = <T extends { readonly score: number }>(hits: readonly T[]) =>
  hits.map((hit) => ({ ...hit, score: Number(hit.score.toFixed(5)) }));

async function expectAll(index: SearchIndex, parts: readonly Part[], change: Partial<SearchRequest> = {}) {
  const request = { ...EVERYTHING, ...change };
  const { hits, total } = await index.search(request);
  const { threshold, share } = request;
  const floor = shareOf(levelOf(share));
  const every = spansOf(parts, (run) => score(run, request.query), { threshold, share, floor });
  expect(rounded(hits)).toEqual(rounded(every));
  expect(total).toBe(every.length);
  return every.length;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidestream-index-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Numbers of rows. */
function counts(path: string) {
  const tables = openTables(path);
  const count = (sql: string) => tables.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)?.n;
  const result = {
    models: count('models'),
    kinds: count('kinds'),
    looks: count('looks'),
    hours: count('hours'),
    joined: count('hours WHERE rows IS NOT NULL'),
    parts: count('parts'),
  };
  tables.close();
  return result;
}

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

const film1 = (unit: Float32Array) => film({ parts: 1, looks: [unit], seed: 1 })[0].runs[0].look;

describe('the index', () => {
  it('is the same when it is opened again', async () => {
    const path = join(folder, 'again.db');
    const index = await indexOf(STREET.slice(0, 200), path);
    const before = await index.search(EVERYTHING);
    await index.close();
    const again = createSearchIndex(path);
    expect(await again.search(EVERYTHING)).toEqual(before);
    const { looks } = counts(path);
    for (const part of STREET.slice(200)) await again.add(part);
    await expectAll(again, STREET);
    expect(counts(path).looks).toBe(looks);
    await again.close();
  });

  it('is the same whatever order parts come in', async () => {
    const path = join(folder, 'order.db');
    const shuffled = STREET.map((part, i) => ({ part, place: (i * 97) % 240 })).sort(
      (a, b) => a.place - b.place,
    );
    const index = await indexOf(
      shuffled.map(({ part }) => part),
      path,
    );
    await expectAll(index, STREET);
    await index.add({ ...STREET[5], key: 'late', from: MARCH + 10 * HOUR, to: MARCH + 10 * HOUR, runs: [] });
    expect(counts(path).joined).toBeGreaterThan(0);
    await expectAll(index, STREET);
    await index.close();
  });

  it('forgets parts as if they had never been there, and looks that nothing has any more', async () => {
    const path = join(folder, 'retention.db');
    const index = await indexOf([...STREET, ...YARD], path);
    for (const gone of [1, 30, 100, 239]) {
      await index.removeParts(
        'street',
        STREET.slice(0, gone).map(({ key }) => key),
      );
      await expectAll(index, [...STREET.slice(gone), ...YARD]);
    }
    await index.removeParts('street', ['street-0', STREET[239].key]);
    await index.removeParts(
      'elsewhere',
      YARD.map(({ key }) => key),
    );
    await expectAll(index, YARD);
    const alone = join(folder, 'alone.db');
    await (await indexOf(YARD, alone)).close();
    expect(counts(path).looks).toBe(counts(alone).looks);
    await index.removeSource('yard');
    expect(counts(path)).toEqual({ models: 0, kinds: 0, looks: 0, hours: 0, joined: 0, parts: 0 });
    await index.add(YARD[0]);
    await expectAll(index, YARD.slice(0, 1));
    await index.close();
  });

  it('has the last of what was added under a key, and nothing of what it was', async () => {
    const path = join(folder, 'replaced.db');
    const index = await indexOf(STREET, path);
    const replaced = film({ parts: 240, length: 60_000, looks: NAMES.slice(0, 5), seed: 99 });
    const mixed = STREET.map((part, i) => (i % 3 === 0 ? replaced[i] : part));
    for (const [i, part] of mixed.entries()) if (i % 3 === 0) await index.add(part);
    await expectAll(index, mixed);
    // With other times, too.
    const moved = { ...YARD[0], source: 'street', key: STREET[9].key };
    await index.add(moved);
    await expectAll(index, [...mixed.filter(({ key }) => key !== moved.key), moved]);
    for (const part of replaced) await index.add(part);
    expect(counts(path)).toMatchObject({ looks: 5, hours: 4, parts: 240 });
    // And of another model.
    await index.removeParts(
      'street',
      replaced.slice(1).map(({ key }) => key),
    );
    await index.add({ ...replaced[0], model: { sum: 'other', dim: DIM } });
    expect(counts(path)).toMatchObject({ models: 1, hours: 1, parts: 1 });
    expect((await index.search(EVERYTHING)).total).toBe(0);
    await index.close();
  });

  it('takes late what belongs to an hour that is joined', async () => {
    const path = join(folder, 'late.db');
    const index = await indexOf([...STREET.slice(0, 30), ...STREET.slice(31)], path);
    const { looks, joined } = counts(path);
    await index.add(STREET[30]);
    expect(counts(path)).toMatchObject({ looks, joined: Number(joined) - 1 });
    await expectAll(index, STREET);
    await index.close();
  });

  it('makes changes in the order in which they are asked for, and all of them before it is closed', async () => {
    const path = join(folder, 'turns.db');
    const index = createSearchIndex(path);
    const wrong = { sum: MODEL.sum, dim: DIM + 1 };
    const look = new Int8Array(DIM + 1).fill(1);
    const changes = STREET.flatMap((part, i) => {
      const refused = {
        ...part,
        key: `wrong-${i}`,
        model: wrong,
        runs: part.runs.map((run) => ({ ...run, look })),
      };
      return [index.add(part), ...(i % 50 === 7 ? [index.add(refused)] : [])];
    });
    const gone = STREET.slice(0, 100).map(({ key }) => key);
    const settled = Promise.allSettled([
      ...changes,
      index.removeParts('street', gone),
      index.add(STREET[80]),
    ]);
    await index.close();
    const failed = (await settled).filter(({ status }) => status === 'rejected');
    expect(failed).toHaveLength(5);
    await expect(index.add(STREET[0])).rejects.toThrow(/closed/);
    const again = createSearchIndex(path);
    // Added after it was removed, while others still were.
    await expectAll(again, [STREET[80], ...STREET.slice(100)]);
    await again.close();
  });

  it('says what it has', async () => {
    const index = await indexOf([...STREET, ...YARD]);
    expect(index.sources()).toEqual(['street', 'yard']);
    expect(index.has('yard', YARD[3].key)).toBe(true);
    expect(index.has('street', YARD[3].key)).toBe(false);
    const keys = STREET.map(({ key }) => key);
    expect(index.keys('street')).toEqual(keys);
    expect(index.keys('street', STREET[10].from, STREET[90].from)).toEqual(keys.slice(10, 90));
    expect(index.keys('nowhere')).toEqual([]);
  });

  it('refuses what does not fit, and keeps nothing of it', async () => {
    const index = await indexOf(STREET);
    const [first] = YARD;
    const [run] = first.runs;
    const refused: readonly Partial<Part>[] = [
      { model: { sum: MODEL.sum, dim: DIM + 1 }, runs: [{ ...run, look: new Int8Array(DIM + 1) }] },
      { runs: [run, { ...run, look: new Int8Array(DIM - 1) }] },
      { runs: [run, { ...run, from: first.from - 1 }] },
      { runs: [run, { ...run, at: run.to }] },
      { from: Number.NaN },
      { to: first.from - 1 },
    ];
    for (const change of refused)
      await expect(index.add({ ...first, ...change })).rejects.toThrow(RangeError);
    expect(index.sources()).toEqual(['street']);
    await expectAll(index, STREET);
  });
});

describe('more looks than there is room for', () => {
  it('share the nearest of those that are there', async () => {
    const parts = film({ parts: 100, length: 60_000, looks: NAMES, far: 0.1, seed: 12 });
    const index = createSearchIndex(':memory:', { bytes: 14 * 4 * DIM, kinds: 4 });
    for (const part of parts) await index.add(part);
    const { total } = await index.search(EVERYTHING);
    const { length } = spansOf(parts, score, EVERYTHING);
    expect(Math.abs(total - length)).toBeLessThan(0.5 * length);
  });
});
