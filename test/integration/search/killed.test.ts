import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scoreOf } from '../../../src/analysis/search.ts';
import { createSearchIndex } from '../../../src/search/index.ts';
import { decodeWholeRows, joinRows, type WholeRowBytes } from '../../../src/search/rows.ts';
import { openTables } from '../../../src/search/tables.ts';
import { toUnit } from '../../../src/search/vectors.ts';
import { DIM, directions, MODEL, minute, rowsOf, spansOf } from '../../unit/search/made.ts';

const NAMES = directions(9, 42);
const KEPT = 150;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-killed-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Adds a minute after the other, twice each, forgets what is old, and says how far it is. */
const writer = (path: string, first: number) => `
  import { createSearchIndex } from ${JSON.stringify(new URL('../../../src/search/index.ts', import.meta.url))};
  import { minute } from ${JSON.stringify(new URL('../../unit/search/made.ts', import.meta.url))};
  import { writeSync } from 'node:fs';
  const index = createSearchIndex(${JSON.stringify(path)});
  for (let i = ${first}; ; i++) {
    await index.add({ ...minute(i + 7), key: minute(i).key, from: minute(i).from });
    await index.add(minute(i));
    writeSync(1, i + ' ');
    // The one before may have been killed before it came to this.
    if (i > ${KEPT}) await index.removeParts('street', [i - ${KEPT} - 1, i - ${KEPT}].map((i) => minute(i).key));
  }`;

it('an index whose writer is killed at any time has every part that it was told of, all of it', async () => {
  const path = join(folder, 'index.db');
  let first = 0;
  for (let round = 0; round < 4 || first <= KEPT; round++) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', writer(path, first)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    await once(child.stdout, 'data');
    await sleep(300 * Math.random() ** 2);
    child.kill('SIGKILL');
    await once(child, 'close');
    // The last number may be cut off.
    const told = Number(said.split(' ').at(-2) ?? first);

    const index = createSearchIndex(path);
    const keys = index.keys('street');
    const present = new Map(Array.from({ length: told + 2 }, (_, i) => [minute(i).key, i]));
    const numbers = keys.map((key) => present.get(key) ?? -1).sort((a, b) => a - b);
    expect(numbers.at(-1)).toBeGreaterThanOrEqual(told);
    expect(numbers).toEqual(Array.from(numbers, (_, i) => numbers[0] + i));
    expect(numbers.length).toBeLessThanOrEqual(KEPT + 2);
    expect(told).toBeGreaterThanOrEqual(first);
    checkTables(path);

    // The newest may be what it was before it was replaced.
    await index.add(minute(numbers.at(-1) ?? 0));
    const query = {
      dim: DIM,
      words: rowsOf(NAMES.slice(0, 1)),
      others: rowsOf(NAMES.slice(1)),
      scale: 10,
    };
    const limits = { threshold: 0.5, share: 0.0005 };
    const { hits } = await index.search({ query, model: MODEL.sum, limit: 1000, ...limits });
    const every = spansOf(numbers.map(minute), (run) => scoreOf(toUnit(run.look), query), limits);
    const times = (spans: readonly { from: number; to: number }[]) =>
      spans.map(({ from, to }) => [from, to]).sort(([a], [b]) => a - b);
    expect(times(hits)).toEqual(times(every));
    await index.close();
    first = (numbers.at(-1) ?? 0) + 1;
  }
});

/** What is counted and what is joined is as the parts have it. */
function checkTables(path: string): void {
  const tables = openTables(path);
  interface Bytes extends WholeRowBytes {
    readonly hour: number;
  }
  expect(tables.get('PRAGMA integrity_check')).toMatchObject({ integrity_check: 'ok' });
  const parts = tables.all<Bytes>('SELECT hour, looks, rows, moments FROM parts ORDER BY start');
  const counts = new Map<number, number>();
  for (const hour of new Set(parts.map((part) => part.hour))) {
    const own = parts.filter((part) => part.hour === hour);
    for (const look of new Set(own.flatMap(({ looks }) => [...new Uint32Array(looks)])))
      counts.set(look, (counts.get(look) ?? 0) + 1);
  }
  const kept = tables.all<{ id: number; hours: number }>('SELECT id, hours FROM looks');
  expect(new Map(kept.map((look) => [look.id, look.hours]))).toEqual(counts);
  const hours = tables.all<Bytes>('SELECT id AS hour, looks, rows, moments FROM hours');
  expect(new Set(hours.map(({ hour }) => hour))).toEqual(new Set(parts.map(({ hour }) => hour)));
  for (const joined of hours) {
    const { hour, looks } = joined;
    const own = parts.filter((part) => part.hour === hour);
    const all = new Set(own.flatMap((part) => [...new Uint32Array(part.looks)]));
    expect(new Set(new Uint32Array(looks))).toEqual(all);
    if (joined.rows) expect(decodeWholeRows(joined)).toEqual(joinRows(own.map(decodeWholeRows)));
  }
  tables.close();
}
