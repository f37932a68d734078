import { rmSync, statSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Query } from '../src/analysis/search.ts';
import { scoreOf } from '../src/analysis/search.ts';
import { createSearchIndex } from '../src/search/index.ts';
import { openTables } from '../src/search/tables.ts';
import { decodeRows } from '../src/search/rows.ts';
import type { Run } from '../src/search/runs.ts';
import { toSteps, toUnit } from '../src/search/vectors.ts';

const SEGMENT = 6_000;
const DAY = 86_400_000;
const BEGIN = Date.UTC(2025, 2, 1);

/** The same numbers each time: mulberry32. */
function numbers(seed: number) {
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

function world(dim: number, names: number) {
  const gauss = () => toUnit(Float32Array.from({ length: dim }, normal));
  const mix = (...parts: (readonly [Float32Array, number])[]) => {
    const v = new Float32Array(dim);
    for (const [u, w] of parts) for (let i = 0; i < dim; i++) v[i] += u[i] * w;
    return toUnit(v);
  };
  const pool = Array.from({ length: 2048 }, gauss);
  const noise = () => pool[Math.floor(random() * pool.length)];
  const common = gauss();
  const thing = () => mix([common, 0.6], [noise(), 0.8]);
  const classes = Array.from({ length: 6 }, thing);
  const factors = Array.from({ length: 12 }, gauss);
  const statics = Array.from({ length: 15 }, () => ({
    day: thing(), night: noise(), share: 0.0006 * 2 ** (random() * 9), restless: random() < 0.3, level: 1, look: new Int8Array(dim),
  }));
  const words = [...classes, ...statics.map(({ day }) => day)].map((v) => mix([v, 1], [noise(), 0.4]));
  while (words.length < names) words.push(thing());
  return { mix, noise, classes, factors, statics, words, thing, common };
}
type World = ReturnType<typeof world>;

interface Passing { track: number; kind: number; look: Float32Array; from: number; to: number; peak: number }

const VAR = Number(process.env.VAR ?? 0.14), JIT = Number(process.env.JIT ?? 0.1);
function* segments(w: World, days: number): Generator<{ at: number; runs: Run[] }> {
  const { mix, noise, classes, factors, statics } = w;
  let track = 100;
  let next = BEGIN;
  let passing: Passing[] = [];
  for (let at = BEGIN; at < BEGIN + days * DAY; at += SEGMENT) {
    const end = at + SEGMENT;
    const runs: Run[] = [];
    const renew = (at - BEGIN) % 600_000 === 0;
    const phase = (1 - Math.cos((2 * Math.PI * (at - BEGIN)) / DAY)) / 2;
    statics.forEach((one, i) => {
      if (renew) one.look = toSteps(mix([one.day, 1], [one.night, 0.5 * phase], [noise(), 0.08]));
      if (one.restless && random() < 0.3) one.level = random() < 0.5 ? 1 : 0.45;
      runs.push({ track: i + 1, from: at, to: end, at, share: Math.min(1, one.share * one.level * (0.98 + 0.04 * random())), look: one.look });
    });
    // Night is quieter.
    const every = 3000 + 9000 * phase ** 4;
    while (next < end) {
      const kind = Math.floor(random() * classes.length);
      const look = mix([classes[kind], 1], ...factors.map((f): [Float32Array, number] => [f, VAR * normal()]), [noise(), VAR * 1.4]);
      passing.push({ track: track++, kind, look, from: next, to: next + 2000 + 6000 * random(), peak: 0.001 * 2 ** (random() * 6) });
      next += -Math.log(1 - random()) * every;
    }
    for (const { track, look, from, to, peak } of passing) {
      // Groups of a third of a second, by octaves.
      const levels = new Map<number, { from: number; to: number; at: number; share: number }>();
      for (let t = Math.max(at, Math.round(from)); t < Math.min(end, to); t += 333) {
        const share = peak * Math.sin((Math.PI * (t - from + 1)) / (to - from + 2)) ** 2;
        const level = Math.floor(Math.log2(share / 0.00025));
        if (level < 0) continue;
        const stop = Math.min(end, t + 333);
        const run = levels.get(level);
        if (run && t - run.to < 1000) {
          run.to = stop;
          if (share > run.share) { run.share = share; run.at = t; }
        } else levels.set(level, { from: t, to: stop, at: t, share });
      }
      for (const run of levels.values()) runs.push({ track, ...run, look: toSteps(mix([look, 1], [noise(), JIT])) });
    }
    passing = passing.filter(({ to }) => to > end);
    if (random() < 0.9) {
      const of = statics[Math.floor(random() * statics.length)];
      const from = at + Math.floor(random() * 4000);
      runs.push({ track: 50 + Math.floor(random() * 10), from, to: from + 700, at: from, share: 0.0004, look: toSteps(mix([toUnit(of.look), 1], [noise(), 0.15])) });
    }
    yield { at, runs };
  }
}

const ms = (x: number) => x.toFixed(1);
async function simulate(dim: number, days: number) {
  const w = world(dim, dim === 128 ? 27 : 171);
  const scale = dim === 128 ? 12.8 : 100;
  const background = w.mix([w.common, 0.6], [w.noise(), 0.8]);
  const queryOf = (word: Float32Array, without: number): Query => {
    const others = w.words.filter((_, i) => i !== without);
    const all = new Float32Array((others.length + 1) * dim);
    [...others, background].forEach((v, i) => all.set(v, i * dim));
    return { dim, words: word, others: all, scale };
  };
  const folder = mkdtempSync(join(tmpdir(), 'sidestream-search-'));
  const path = join(folder, 'index.db');
  let index = createSearchIndex(path);
  const model = { sum: 'simulated', dim };
  let count = 0, runsN = 0, spent = 0, worst = 0, making = performance.now();
  const sample: Run[] = [];
  const times: number[] = [];
  for (const { at, runs } of segments(w, days)) {
    if (count % 10 === 0) await new Promise((done) => setImmediate(done));
    const begun = performance.now();
    index.add({ source: 'street', key: `${at}.mp4`, model, from: at, to: at + SEGMENT, runs });
    const took = performance.now() - begun;
    times.push(took);
    spent += took; worst = Math.max(worst, took); count++; runsN += runs.length;
    if (random() < 0.2) sample.push({ key: `${at}.mp4`, run: runs[Math.floor(random() * runs.length)] } as any);
    if (count % 14400 === 0) console.log(`day ${count / 14400}: add ${ms(spent / count)} ms mean, worst ${ms(worst)}`);
  }
  times.sort((a, b) => a - b);
  console.log({ dim, days, count, runs: runsN, add: spent / count, p99: times[Math.floor(times.length * 0.99)], worst, wall: (performance.now() - making) / 1000 });
  index.close();
  console.log('size MB/day', statSync(path).size / 1e6 / days);
  const rss0 = process.memoryUsage();
  index = createSearchIndex(path);
  { const t = performance.now(); index.has('a', 'b'); console.log('has', ms(performance.now() - t)); const t2 = performance.now(); index.keys('street').length; console.log('keys', ms(performance.now() - t2)); }
  const cases: [string, Query][] = [
    ['object', queryOf(w.words[2], 2)], ['object again', queryOf(w.words[2], 2)], ['static', queryOf(w.words[8], 8)], ['absent', queryOf(w.thing(), -1)], ['attribute', queryOf(w.mix([w.classes[2], 1], [w.factors[0], 0.5]), -1)],
  ];
  for (const [what, query] of cases) {
    let block = 0, last = performance.now();
    const watch = setInterval(() => {}, 1000);
    let running = true;
    const tick = () => { const now = performance.now(); block = Math.max(block, now - last); last = now; if (running) setImmediate(tick); };
    setImmediate(tick);
    const begun = performance.now();
    const found = await index.search({ query, model: 'simulated', sources: ['street'], threshold: 0.5, share: 0.0005, limit: 50 });
    const took = performance.now() - begun;
    running = false; clearInterval(watch);
    console.log(what, ms(took), 'ms', found.total, found.hits[0]?.score, 'longest turn', ms(block));
  }
  const t0 = performance.now();
  const rows = new Float32Array((w.words.length + 1) * dim);
  [...w.words, background].forEach((v, i) => rows.set(v, i * dim));
  const names = { dim, weights: rows, rowEntry: Int32Array.from([...w.words.keys(), -1]) };
  await index.timeline({ source: 'street', model: 'simulated', from: BEGIN, to: BEGIN + days * DAY, step: 3_600_000, names, share: 0.0005 });
  console.log('timeline', ms(performance.now() - t0));
  const t1 = performance.now();
  await index.timeline({ source: 'street', model: 'simulated', from: BEGIN, to: BEGIN + days * DAY, step: 3_600_000, names, share: 0.0005 });
  console.log('timeline again', ms(performance.now() - t1));
  const m = process.memoryUsage();
  console.log('rss MB', (m.rss - rss0.rss) / 1e6, 'heap', (m.heapUsed - rss0.heapUsed) / 1e6, 'ab', (m.arrayBuffers - rss0.arrayBuffers) / 1e6);
  index.close();
  const T = openTables(path);
  const vec = new Map(T.all<any>('SELECT id, steps FROM looks').map((r) => [r.id, toUnit(new Int8Array(r.steps))]));
  const cos: number[] = []; const dl: number[] = []; let agree = [0, 0, 0, 0];
  for (const { key, run } of sample as any) {
    const r = T.get<any>('SELECT p.looks, p.rows, h.start FROM parts p JOIN hours h ON p.hour = h.id WHERE p.key = ?', key);
    const rows = decodeRows(r.looks, r.rows);
    const base = r.start;
    const i = rows.track.findIndex((t, i) => t === run.track && rows.from[i] + base === run.from && Math.abs(rows.share[i] - run.share) < 1e-7);
    const look = vec.get(rows.looks[rows.look[i]])!; const own = toUnit(run.look);
    let c = 0; for (let k = 0; k < dim; k++) c += look[k] * own[k]; cos.push(c);
    for (const [, query] of cases.slice(4, 5)) { const a = scoreOf(own, query), b = scoreOf(look, query); const la = Math.log(a / (1 - a)), lb = Math.log(b / (1 - b)); if (a>.02&&a<.98) dl.push(Math.abs(la - lb)); agree[(a >= 0.5 ? 2 : 0) + (b >= 0.5 ? 1 : 0)]++; }
  }
  const q = (x: number[], p: number) => x.sort((a, b) => a - b)[Math.floor(p * (x.length - 1))]?.toFixed(4);
  console.log('looks', vec.size, 'cos to look', [0, 0.01, 0.1, 0.5].map((p) => q(cos, p)), 'logit diff of own vs look', dl.length, [0.5, 0.9, 0.99].map((p) => q(dl, p)), 'neither/only look/only own/both', agree);
  T.close();
  return folder;
}
const { values } = parseArgs({ options: { days: { type: 'string', default: '1' }, dim: { type: 'string', default: '128' }, keep: { type: 'boolean' } } });
const folder = await simulate(Number(values.dim), Number(values.days));
if (!values.keep) rmSync(folder, { recursive: true });
else console.log(folder);
