import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Card, cardOf, segmentKeys } from '../../../src/clips/recording/card.ts';
import { createJobWalk, indexJobs } from '../../../src/clips/recording/job-indexing.ts';
import { indexLacking } from '../../../src/clips/recording/search-indexing.ts';
import { createSegments } from '../../../src/clips/recording/segments.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { openDatabase } from '../../../src/jobs/database.ts';
import { createRecords } from '../../../src/jobs/records.ts';
import { createSearchIndex } from '../../../src/search/index.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { jobView } from '../../fixtures/job-view.ts';

/** What the search has lost is indexed again from what lies in the storage. */

let folder: string;
let storage: Storage;
const said: string[] = [];
const log = pino({}, { write: (line: string) => said.push(line) });
const never = new AbortController().signal;

beforeEach(async () => {
  said.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'sidestream-lacking-'));
  const { config } = loadConfig({ environment: {}, flags: { 'storage.directory': folder } });
  storage = await openStorage(config, join(folder, 'scratch'));
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const START = Date.parse('2026-05-01T12:00:00Z') * 90;
function card(i: number, seen: boolean): Card {
  const model = { name: 'm', sum: 'sum', dim: 4 };
  return {
    ...{
      version: 1,
      stream: `gate${i % 2}`,
      token: 1,
      begin: START + i * 540_000,
      end: START + (i + 1) * 540_000,
    },
    video: { frames: 5, bytes: 10, codec: 'h264', width: 2, height: 2, audio: false },
    analysis: seen ? { bytes: 5, model } : null,
    ...{ names: [], runs: null, missing: [], events: [] },
  };
}

/** So many segments on record, with their cards in the storage; every fifth one the model has not seen. */
async function record(count: number) {
  const segments = createSegments(openDatabase(':memory:'));
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const one = card(i, i % 5 !== 0);
    const key = segmentKeys(one.stream, one.begin, 1).card;
    await storage.put(key, JSON.stringify(one));
    segments.add(key, one, 1);
    if (one.analysis) keys.push(key);
  }
  return { segments, keys };
}

function searchable() {
  const index = createSearchIndex(':memory:');
  const model = { sum: 'sum', dim: 4 };
  return {
    index,
    isSearchable: (stream: string, key: string) => index.has(stream, key),
    makeSearchable: async (key: string, { stream, begin }: Card) => {
      const look = Int8Array.of(127, 0, 0, 0);
      const from = begin / 90;
      const runs = [{ track: 1, from, to: from + 1000, at: from, share: 0.5, look }];
      await index.add({ source: stream, key, model, from, to: from + 6000, runs });
    },
    gone: async (keys: readonly string[]) => {
      for (const key of keys) await index.removeParts(cardOf(key)?.stream ?? '', [key]);
    },
  };
}
const keysIn = (index: ReturnType<typeof createSearchIndex>) =>
  index.sources().flatMap((source) => index.keys(source));

it('indexes all that the model saw, over more than one page, and says so', async () => {
  const { segments, keys } = await record(700);
  const { index, ...search } = searchable();
  await indexLacking({ segments, storage, log, ...search }, never);
  expect(keysIn(index).sort()).toEqual(keys.sort());
  expect(said.join('')).toMatch(/lacks segments.*"segments":560,.*indexed again/s);
  // Then there is nothing to do, and nothing to be said.
  said.length = 0;
  const reads: string[] = [];
  const watched = {
    read(key: string) {
      reads.push(key);
      return storage.read(key);
    },
  };
  await indexLacking({ segments, storage: watched, log, ...search }, never);
  expect([reads, said]).toEqual([[], []]);
  await index.close();
});

it('indexes what an older index lacks, and leaves the rest', async () => {
  const { segments, keys } = await record(20);
  const { index, ...search } = searchable();
  await indexLacking({ segments, storage, log, ...search }, never);
  await search.gone(keys.slice(3, 6));
  expect(keysIn(index)).toHaveLength(13);
  await indexLacking({ segments, storage, log, ...search }, never);
  expect(keysIn(index).sort()).toEqual(keys.sort());
  await index.close();
});

it('leaves nothing of what retention takes meanwhile, and passes over damaged cards', async () => {
  const { segments, keys } = await record(10);
  const { index, ...search } = searchable();
  const [gone, taken, damaged] = keys;
  await storage.remove(gone!);
  await storage.put(damaged!, '{');
  const makeSearchable: typeof search.makeSearchable = async (key, one) => {
    if (key === taken) segments.remove([key]);
    await search.makeSearchable(key, one);
  };
  await indexLacking({ segments, storage, log, ...search, makeSearchable }, never);
  expect(keysIn(index).sort()).toEqual(keys.slice(3).sort());
  await index.close();
});

it('stops when the server does', async () => {
  const { segments } = await record(30);
  const { index, ...search } = searchable();
  const stop = new AbortController();
  const makeSearchable: typeof search.makeSearchable = async (key, one) => {
    await search.makeSearchable(key, one);
    stop.abort();
  };
  await indexLacking({ segments, storage, log, ...search, makeSearchable }, stop.signal);
  expect(keysIn(index)).toHaveLength(1);
  await index.close();
});

it('looks through all jobs once, however many there are, and through the newest again and again', async () => {
  const db = openDatabase(':memory:');
  const jobs = createRecords(db);
  const idOf = (i: number) => `job${String(i).padStart(10, '0')}`;
  const add = (i: number) =>
    jobs.add({
      view: { ...jobView(idOf(i)), state: 'done' },
      ...{ submitter: 'local', upload: undefined, webhook: undefined, bytes: 0 },
    });
  for (let i = 0; i < 1200; i++) add(i);
  const index = createSearchIndex(':memory:');
  const walk = createJobWalk();
  const look = () => indexJobs({ index, jobs, storage, walk });
  // None of them has an analysis: all that were looked at are passed over.
  await look();
  expect(walk.passedOver.size).toBe(500);
  await look();
  await look();
  expect([walk.passedOver.size, walk.done]).toEqual([1200, true]);
  add(1200);
  await look();
  expect(walk.passedOver.has(idOf(1200))).toBe(true);
  await index.close();
  db.close();
});
