import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Query, scoreOf } from '../src/analysis/search.ts';
import { openSqlite } from '../src/jobs/database.ts';
import { createArena } from '../src/search/arena.ts';
import { createSearchIndex } from '../src/search/index.ts';
import { decodeWholeRows, type WholeRowBytes } from '../src/search/rows.ts';
import type { Run } from '../src/search/runs.ts';
import { openTables } from '../src/search/tables.ts';
import { toUnit } from '../src/search/vectors.ts';
import { BEGIN, below, createScene, DAY, type Kind, MODELS, random, segmentsOf } from './simulated-camera.ts';

/**
 * `npx tsx bench/search.ts [--days 30] [--model small|large] [--rows 100000]`: the search index with so many days of a
 * simulated camera, and what else could have been done; prints the tables of docs/search.md.
 */

/** The processor's milliseconds. */
const took = async (work: () => unknown): Promise<number> => {
  const begun = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
};
/** The processor's milliseconds, whatever else it has to do, with the longest that nothing else here could run. */
async function timed<T>(work: () => Promise<T>): Promise<{ result: T; time: number; longest: number }> {
  let [longest, last, going] = [0, performance.now(), true];
  const watching = (async () => {
    for (; going; last = performance.now()) {
      await setImmediate();
      longest = Math.max(longest, performance.now() - last);
    }
  })();
  const begun = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(begun);
  going = false;
  await watching;
  return { result, time: (user + system) / 1000, longest };
}
const row = (...cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);
const ms = (time: number) => `${time.toFixed(time < 10 ? 1 : 0)} ms`;
const MODEL = 'simulated';

async function indexBench(kind: Kind, days: number, folder: string) {
  const { dim, scale } = kind;
  const scene = createScene(kind);
  const path = join(folder, 'index.db');
  const writing = createSearchIndex(path);
  const times: number[] = [];
  const sample: { readonly key: string; readonly run: Run }[] = [];
  let runCount = 0;
  for (const { from, to, runs } of segmentsOf(scene, days)) {
    if (times.length % 10 === 0) await setImmediate();
    const part = { source: 'street', key: `${from}.mp4`, model: { sum: MODEL, dim }, from, to, runs };
    times.push(await took(() => writing.add(part)));
    runCount += runs.length;
    if (random() < 0.2) sample.push({ key: part.key, run: runs[below(runs.length)] });
  }
  await writing.close();
  times.sort((a, b) => a - b);
  const at = (part: number) => ms(times[Math.floor(part * (times.length - 1))]);
  const tables = openTables(path);
  const looks = new Map(
    tables
      .all<{ id: number; steps: ArrayBuffer }>('SELECT id, steps FROM looks')
      .map(({ id, steps }) => [id, toUnit(new Int8Array(steps))]),
  );
  const joined = tables.get<{ n: number }>('SELECT sum(length(rows)) / 14 AS n FROM hours')?.n ?? 0;
  row(`segments, runs, joined runs, looks`, [times.length, runCount, joined, looks.size].join(', '));
  row('adding a segment: median, 99 %, longest', [at(0.5), at(0.99), at(1)].join(', '));
  row('file, a day', `${(statSync(path).size / 1e6 / days).toFixed(1)} MB`);

  const background = scene.something();
  const queryOf = (word: Float32Array, name = -1): Query => {
    const others = [...scene.words.filter((_, i) => i !== name), background];
    const all = new Float32Array(others.length * dim);
    for (const [i, other] of others.entries()) all.set(other, i * dim);
    return { dim, words: word, others: all, scale };
  };
  const trait = queryOf(scene.mix([scene.kinds[2], 1], [scene.traits[0], 3.5 * kind.spread]));
  const own = sample.map(({ run }) => scoreOf(toUnit(run.look), trait) >= 0.5);
  const byLook = sample.map(({ key, run }) => {
    const sql =
      "SELECT parts.looks, parts.rows, parts.moments, hours.start FROM parts JOIN hours ON hour = hours.id WHERE parts.source = 'street' AND key = ?";
    const part = tables.get<WholeRowBytes & { readonly start: number }>(sql, key);
    if (!part) return false;
    const rows = decodeWholeRows(part);
    const place = rows.track.findIndex((t, i) => t === run.track && rows.at[i] + part.start === run.at);
    return scoreOf(looks.get(rows.looks[rows.look[place]]) ?? new Float32Array(dim), trait) >= 0.5;
  });
  const both = own.filter((yes, i) => yes && byLook[i]).length;
  const share = (of: readonly boolean[]) => `${both} of ${of.filter(Boolean).length}`;
  row('a rare trait: of runs found, right; of right ones, found', `${share(byLook)}; ${share(own)}`);
  tables.close();
  // What is measured next has nothing of this to tidy up.
  sample.length = 0;

  const before = process.memoryUsage().rss;
  let index = createSearchIndex(path);
  row(
    'opening',
    ms(
      await took(async () => {
        await index.close();
        index = createSearchIndex(path);
      }),
    ),
  );
  const queries: readonly (readonly [string, Query])[] = [
    ['things that pass', queryOf(scene.words[2], 2)],
    ['a rare trait of them', trait],
    ['a region that stays', queryOf(scene.words[8], 8)],
    ['what is not there', queryOf(scene.something())],
  ];
  const request = { model: MODEL, sources: ['street'], threshold: 0.5, share: 0.0005, limit: 50 };
  for (const [what, query] of queries) {
    const first = await timed(async () => (await index.search({ ...request, query })).total);
    const again = [first];
    for (let i = 0; i < 5; i++)
      again.push(await timed(async () => (await index.search({ ...request, query })).total));
    const best = again.toSorted((a, b) => a.time - b.time)[0];
    const turn = Math.min(...again.map(({ longest }) => longest));
    row(what, `${ms(first.time)}, then ${ms(best.time)}; ${ms(turn)} at once; ${first.result} spans`);
  }
  row('memory, more than before', `${((process.memoryUsage().rss - before) / 1e6).toFixed(0)} MB`);
  const names = queryOf(scene.words[0], 0).others;
  const rowEntry = Int32Array.from({ length: names.length / dim }, (_, i) => i);
  const hours = { source: 'street', model: MODEL, from: BEGIN, to: BEGIN + days * DAY, step: 3_600_000 };
  const classifier = { dim, weights: names, rowEntry };
  const timeline = () => index.timeline({ ...hours, names: classifier, share: 0.0005 });
  row(
    'timeline of all names by the hour, and again',
    `${ms(await took(timeline))}, ${ms(Math.min(await took(timeline), await took(timeline)))}`,
  );
  await index.close();
  return { scene, query: queryOf(scene.words[2], 2), joined };
}

/** The same rows, each with an embedding of its own. */
async function otherWays(
  kind: Kind,
  { scene, query, joined }: Awaited<ReturnType<typeof indexBench>>,
  rows: number,
  folder: string,
) {
  const { dim } = kind;
  const steps = new Int8Array(rows * dim);
  for (let i = 0; i < rows; i++) steps.set(scene.again(scene.thing(below(scene.kinds.length))), i * dim);
  const all = (time: number) => ms((time / rows) * joined);
  const inJs = await took(() => {
    let found = 0;
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let k = 0, at = i * dim; k < dim; k++) sum += steps[at + k] * query.words[k];
      if (sum > 0) found++;
    }
    return found;
  });
  const arena = createArena(dim);
  const places = Array.from({ length: rows }, (_, i) =>
    arena.take(toUnit(steps.subarray(i * dim, (i + 1) * dim))),
  );
  const word = arena.take(query.words);
  const inWasm = await took(() => places.filter((place) => arena.dot(place, word) > 0.9).length);
  row('scan of int8 rows in JavaScript, one word, none of the other names', all(inJs));
  row(
    'scan of float32 rows in WebAssembly, the same, all in memory',
    `${all(inWasm)}, ${((joined * dim * 4) / 1e9).toFixed(1)} GB`,
  );
  const few = Math.min(rows, 5000);
  const path = join(folder, 'vectors.db');
  const db = openSqlite(
    path,
    [
      `CREATE TABLE rows (id INTEGER PRIMARY KEY, look F8_BLOB(${dim}));
      CREATE INDEX looks ON rows (libsql_vector_idx(look, 'metric=cosine', 'compress_neighbors=float8', 'max_neighbors=20'));`,
    ],
    'NORMAL',
  );
  const text = (vector: ArrayLike<number>) => `[${Array.from(vector, (value) => value.toFixed(4)).join()}]`;
  const insert = db.prepare('INSERT INTO rows (look) VALUES (vector8(?))');
  db.exec('BEGIN');
  const adding = await took(() => {
    for (let i = 0; i < few; i++) insert.run(text(toUnit(steps.subarray(i * dim, (i + 1) * dim))));
  });
  db.exec('COMMIT');
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const nearest = db.prepare("SELECT id FROM vector_top_k('looks', vector8(?), 100)");
  const asking = await took(() => nearest.all(text(query.words)));
  const size = statSync(path).size / few;
  row(
    `libsql's vector index of ${few} rows: adding one, its bytes, the nearest 100`,
    `${ms(adding / few)}, ${(size / 1000).toFixed(1)} kB, ${ms(asking)}`,
  );
  row(
    'the same for all rows, without growing slower: adding them, their bytes',
    `${((adding / few / 3.6e6) * joined).toFixed(1)} h, ${((size * joined) / 1e9).toFixed(0)} GB`,
  );
  db.close();
}

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    model: { type: 'string', default: 'small' },
    rows: { type: 'string', default: '100000' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sidestream-search-'));
try {
  const kind = values.model === 'large' ? MODELS.large : MODELS.small;
  row(`${values.days} days, ${kind.dim} numbers`, '');
  console.log('|---|---|');
  await otherWays(kind, await indexBench(kind, Number(values.days), folder), Number(values.rows), folder);
} finally {
  rmSync(folder, { recursive: true });
}
