import { expect } from 'vitest';
import { type Query, scoreOf } from '../../../src/analysis/search.ts';
import { createSearchIndex, type SearchIndex } from '../../../src/search/index.ts';
import { levelOf, shareOf } from '../../../src/search/levels.ts';
import type { Part } from '../../../src/search/parts.ts';
import type { Run } from '../../../src/search/runs.ts';
import type { SearchRequest } from '../../../src/search/search.ts';
import { openTables } from '../../../src/search/tables.ts';
import { toUnit } from '../../../src/search/vectors.ts';
import { DIM, directions, film, MODEL, rowsOf, spansOf } from './made.ts';

/** Indexes of a street and a yard, and all that is to be found in them. */

export const NAMES = directions(12, 42);
export const [THING] = NAMES;
export const queryFor = (words: readonly Float32Array[], scale = 10): Query => ({
  dim: DIM,
  words: rowsOf(words),
  others: rowsOf(NAMES.filter((name) => !words.includes(name))),
  scale,
});
export const query = queryFor([THING]);
export const score = (run: Run, asked = query) => scoreOf(toUnit(run.look), asked);
export const EVERYTHING = { query, model: MODEL.sum, threshold: 0.5, share: 0.0005, limit: 10_000 };

/** Four hours, a minute a part: the first three are joined. */
export const STREET = film({ parts: 240, length: 60_000, looks: NAMES, seed: 3 });
export const YARD = film({ source: 'yard', parts: 30, looks: NAMES, seed: 4 });

export async function indexOf(parts: readonly Part[], path = ':memory:'): Promise<SearchIndex> {
  const index = createSearchIndex(path);
  for (const part of parts) await index.add(part);
  return index;
}

/** To six digits: what a float32 product is off by does not matter. */
export const rounded = <T extends { readonly score: number }>(hits: readonly T[]) =>
  hits.map((hit) => ({ ...hit, score: Number(hit.score.toFixed(5)) }));

export async function expectAll(
  index: SearchIndex,
  parts: readonly Part[],
  change: Partial<SearchRequest> = {},
) {
  const request = { ...EVERYTHING, ...change };
  const { hits, total } = await index.search(request);
  const { threshold, share } = request;
  const floor = shareOf(levelOf(share));
  const every = spansOf(parts, (run) => score(run, request.query), { threshold, share, floor });
  expect(rounded(hits)).toEqual(rounded(every));
  expect(total).toBe(every.length);
  return every.length;
}

/** Numbers of rows. */
export function counts(path: string) {
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

export const film1 = (unit: Float32Array) => film({ parts: 1, looks: [unit], seed: 1 })[0].runs[0].look;
