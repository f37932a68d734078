import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Query, scoreOf } from '../src/analysis/search.ts';
import { openSqlite } from '../src/jobs/database.ts';
import { createArena } from '../src/search/arena.ts';
import { createSearchIndex } from '../src/search/index.ts';
import { levelOf } from '../src/search/levels.ts';
import { decodeRows } from '../src/search/rows.ts';
import type { Run } from '../src/search/runs.ts';
import { openTables } from '../src/search/tables.ts';
import { toSteps, toUnit } from '../src/search/vectors.ts';

/**
 * `npx tsx bench/search.ts [--days 30] [--model small|large] [--rows 100000]`: the search index with so many days of a
 * simulated camera, and what else could have been done; prints the tables of docs/search.md.
 *
 * The camera: fifteen regions that stay, and look otherwise by night; things that pass every three seconds by day and every
 * twelve by night, of six kinds, each thing unlike the next; nearly every segment also something that is not there.
 */

const SEGMENT = 6000;
const DAY = 86_400_000;
const BEGIN = Date.UTC(2025, 2, 1);
const GROUP = 333;

/** `spread`: how things of a kind differ; `flicker`: how one thing differs from run to run. */
const MODELS = {
  small: { dim: 128, names: 27, scale: 12.8, spread: 0.03, flicker: 0.03 },
  large: { dim: 512, names: 171, scale: 100, spread: 0.14, flicker: 0.1 },
};
type Kind = (typeof MODELS)['small'];

/** The same numbers each time: mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = numbers(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
/** Of a process without memory, in the mean 1. */
const waiting = () => -Math.log(1 - random());
const below = (count: number) => Math.floor(random() * count);

type Mix = readonly (readonly [vector: Float32Array, weight: number])[];

function createScene({ dim, names, spread, flicker }: Kind) {
  const mix = (...parts: Mix) => {
    const sum = new Float32Array(dim);
    for (const [vector, weight] of parts) for (let i = 0; i < dim; i++) sum[i] += vector[i] * weight;
    return toUnit(sum);
  };
  const anywhere = () => toUnit(Float32Array.from({ length: dim }, normal));
  const pool = Array.from({ length: 2048 }, anywhere);
  const noise = () => pool[below(pool.length)];
  // What all embeddings of such models have in common.
  const common = anywhere();
  const something = () => mix([common, 0.6], [noise(), 0.8]);
  const kinds = Array.from({ length: 6 }, something);
  const traits = Array.from({ length: 12 }, anywhere);
  const regions = Array.from({ length: 15 }, () => ({
    day: something(),
    night: noise(),
    share: 0.0006 * 2 ** (random() * 9),
    restless: random() < 0.3,
  }));
  const words = [...kinds, ...regions.map(({ day }) => mix([day, 1], [noise(), 0.4]))];
  while (words.length < names) words.push(something());
  const thing = (kind: number) =>
    mix([kinds[kind], 1], ...traits.map((trait): Mix[number] => [trait, spread * normal()]), [
      noise(),
      spread,
    ]);
  const again = (look: Float32Array) => toSteps(mix([look, 1], [noise(), flicker]));
  return { mix, something, kinds, traits, regions, words, thing, again };
}
type Scene = ReturnType<typeof createScene>;

function* segmentsOf({ mix, regions, kinds, thing, again }: Scene, days: number) {
  const looks = regions.map(({ day }) => toSteps(day));
  const factors = regions.map(() => 1);
  let passing: { track: number; look: Float32Array; from: number; to: number; peak: number }[] = [];
  let next = BEGIN;
  let track = 100;
  for (let from = BEGIN; from < BEGIN + days * DAY; from += SEGMENT) {
    const to = from + SEGMENT;
    const night = (1 - Math.cos((2 * Math.PI * (from - BEGIN)) / DAY)) / 2;
    const runs: Run[] = [];
    for (const [i, { day, night: dark, share, restless }] of regions.entries()) {
      if ((from - BEGIN) % 600_000 === 0) looks[i] = again(mix([day, 1], [dark, 0.5 * night]));
      if (restless && random() < 0.3) factors[i] = random() < 0.5 ? 1 : 0.45;
      const shown = Math.min(1, share * factors[i] * (0.98 + 0.04 * random()));
      runs.push({ track: i + 1, from, to, at: from, share: shown, look: looks[i] });
    }
    for (; next < to; next += waiting() * (3000 + 9000 * night ** 4)) {
      const peak = 0.001 * 2 ** (random() * 6);
      const look = thing(below(kinds.length));
      passing.push({ track: track++, look, from: next, to: next + 2000 + 6000 * random(), peak });
    }
    for (const one of passing) runs.push(...runsOf(one, from, to, again));
    passing = passing.filter((one) => one.to > to);
    const begun = from + below(5000);
    if (random() < 0.9)
      runs.push({
        track: 50 + below(10),
        from: begun,
        to: begun + 700,
        share: 0.0004,
        at: begun,
        look: again(toUnit(looks[below(looks.length)])),
      });
    yield { from, to, runs };
  }
}

/** Something that comes nearer and goes away: a run for each octave, as `createRuns` makes them. */
function runsOf(
  {
    track,
    look,
    from,
    to,
    peak,
  }: { track: number; look: Float32Array; from: number; to: number; peak: number },
  begin: number,
  end: number,
  again: Scene['again'],
): Run[] {
  const runs = new Map<number, { from: number; to: number; at: number; share: number }>();
  for (let at = Math.max(begin, Math.round(from)); at < Math.min(end, to); at += GROUP) {
    const share = peak * Math.sin((Math.PI * (at - from + 1)) / (to - from + 2)) ** 2;
    const until = Math.min(end, at + GROUP);
    const run = runs.get(levelOf(share));
    if (run) Object.assign(run, { to: until }, share > run.share && { at, share });
    else if (levelOf(share) >= 0) runs.set(levelOf(share), { from: at, to: until, at, share });
  }
  return [...runs.values()].map((run) => ({ track, ...run, look: again(look) }));
}

const took = async (work: () => unknown): Promise<number> => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};
/** With the longest that nothing else could run. */
async function timed<T>(work: () => Promise<T>): Promise<{ result: T; time: number; longest: number }> {
  let [longest, last, going] = [0, performance.now(), true];
  const watching = (async () => {
    for (; going; last = performance.now()) {
      await setImmediate();
      longest = Math.max(longest, performance.now() - last);
    }
  })();
  const begun = performance.now();
  const result = await work();
  const time = performance.now() - begun;
  going = false;
  await watching;
  return { result, time, longest };
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
  const joined = tables.get<{ n: number }>('SELECT sum(length(rows)) / 22 AS n FROM hours')?.n ?? 0;
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
      "SELECT parts.looks, parts.rows, hours.start FROM parts JOIN hours ON hour = hours.id WHERE parts.source = 'street' AND key = ?";
    const part = tables.get<{ looks: ArrayBuffer; rows: ArrayBuffer; start: number }>(sql, key);
    if (!part) return false;
    const rows = decodeRows(part.looks, part.rows);
    const place = rows.track.findIndex((t, i) => t === run.track && rows.at[i] + part.start === run.at);
    return scoreOf(looks.get(rows.looks[rows.look[place]]) ?? new Float32Array(dim), trait) >= 0.5;
  });
  const both = own.filter((yes, i) => yes && byLook[i]).length;
  const share = (of: readonly boolean[]) => `${both} of ${of.filter(Boolean).length}`;
  row('a rare trait: of runs found, right; of right ones, found', `${share(byLook)}; ${share(own)}`);
  tables.close();

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
  const names = queryOf(scene.words[0], 0).others;
  const rowEntry = Int32Array.from({ length: names.length / dim }, (_, i) => i);
  const hours = { source: 'street', model: MODEL, from: BEGIN, to: BEGIN + days * DAY, step: 3_600_000 };
  const classifier = { dim, weights: names, rowEntry };
  const timeline = () => index.timeline({ ...hours, names: classifier, share: 0.0005 });
  row(
    'timeline of all names by the hour, and again',
    `${ms(await took(timeline))}, ${ms(Math.min(await took(timeline), await took(timeline)))}`,
  );
  row('memory, more than before', `${((process.memoryUsage().rss - before) / 1e6).toFixed(0)} MB`);
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
