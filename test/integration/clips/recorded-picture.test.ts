import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isoOf, segmentKeys, TICKS } from '../../../src/clips/recording/card.ts';
import { createHoldings } from '../../../src/clips/recording/holdings.ts';
import { createSegments } from '../../../src/clips/recording/segments.ts';
import { createSearching, type SearchingDeps } from '../../../src/clips/searching.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { type Db, openDatabase } from '../../../src/jobs/database.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { Storage } from '../../../src/storage/storage.ts';

/** Pictures of a recording that a worker has made already. */

const STREAM = 'gate1';
/** Half a millisecond after a whole one. */
const BEGIN = Date.parse('2030-01-02T03:59:00.780Z') * 90 + 45;
let folder: string;
let storage: Storage;
let db: Db;
let picture: (time: number) => Promise<string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-picture-'));
  const { config } = loadConfig({ flags: { 'storage.directory': folder } });
  storage = await openStorage(config, join(folder, 'scratch'));
  db = openDatabase(':memory:');
  const segments = createSegments(db);
  const keys = segmentKeys(STREAM, BEGIN, 1);
  segments.add(
    keys.card,
    {
      ...{
        version: 1,
        stream: STREAM,
        token: 1,
        begin: BEGIN,
        end: BEGIN + 4 * TICKS,
        names: [],
        runs: null,
      },
      ...{ analysis: null, missing: [], events: [] },
      video: { frames: 100, bytes: 1000, codec: 'h264', width: 64, height: 36, audio: false },
    },
    0,
  );
  for (const ms of [0, 1000])
    await storage.put(`${keys.video.slice(0, -'.mp4'.length)}.${ms}.jpg`, `picture of ${ms}`);
  const streams = { get: () => undefined, list: () => [] };
  const holdings = createHoldings(segments, () => false);
  // What is made already needs neither words nor workers.
  const queues = { entryOf: () => 'picture' };
  const deps = { config, streams, holdings, storage, queues } as unknown as SearchingDeps;
  const { signal } = new AbortController();
  picture = async (time) => String(Buffer.from(await createSearching(deps).picture(STREAM, time, signal)));
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  db.close();
  await rm(folder, { recursive: true, force: true });
});

it('is there of the first moment as that is told, in whole milliseconds', async () => {
  const told = Date.parse(isoOf(BEGIN));
  expect(told * 90).toBeLessThan(BEGIN);
  expect(await picture(told)).toBe('picture of 0');
  expect(await picture(told + 1000)).toBe('picture of 1000');
});

it('is not there of a moment before', async () => {
  const told = Date.parse(isoOf(BEGIN));
  await expect(picture(told - 10)).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
});
