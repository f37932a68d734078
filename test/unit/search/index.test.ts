import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSearchIndex } from '../../../src/search/index.ts';
import type { Part } from '../../../src/search/parts.ts';
import { counts, EVERYTHING, expectAll, indexOf, NAMES, STREET, score, YARD } from './indexed.ts';
import { DIM, film, HOUR, MARCH, MODEL, spansOf } from './made.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidestream-index-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

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
    // One of the last that are removed, which shows the thing.
    const again = STREET.slice(70, 100).find(({ runs }) => runs.some((run) => score(run) > 0.5)) ?? STREET[0];
    const settled = Promise.allSettled([...changes, index.removeParts('street', gone), index.add(again)]);
    await index.close();
    const failed = (await settled).filter(({ status }) => status === 'rejected');
    expect(failed).toHaveLength(5);
    await expect(index.add(STREET[0])).rejects.toThrow(/closed/);
    const reopened = createSearchIndex(path);
    await expectAll(reopened, [again, ...STREET.slice(100)]);
    await reopened.close();
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
