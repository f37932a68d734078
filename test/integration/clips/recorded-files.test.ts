import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Card, segmentKeys } from '../../../src/clips/recording/card.ts';
import { createRecordedFiles } from '../../../src/clips/recording/files.ts';
import { createHoldings } from '../../../src/clips/recording/holdings.ts';
import { createSegments } from '../../../src/clips/recording/segments.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { SidestreamError } from '../../../src/core/errors.ts';
import { type Db, openDatabase } from '../../../src/jobs/database.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { Storage } from '../../../src/storage/storage.ts';

/** Segments of a recording as files, in a real folder. */

const START = Date.parse('2030-01-02T03:59:00.000Z');
const at = (seconds: number) => Math.round((START + seconds * 1000) * 90);
const iso = (seconds: number) => new Date(START + seconds * 1000).toISOString();
let folder: string;
let storage: Storage;
let db: Db;
let files: ReturnType<typeof createRecordedFiles>;
let add: (from: number, to: number, more?: { token?: number; missing?: Card['missing'] }) => Promise<string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-files-'));
  const { config } = loadConfig({ flags: { 'storage.directory': folder } });
  storage = await openStorage(config, join(folder, 'scratch'));
  db = openDatabase(':memory:');
  const segments = createSegments(db);
  const holdings = createHoldings(segments, () => false);
  files = createRecordedFiles({ streams: { get: () => undefined }, segments, holdings, storage });
  add = async (from, to, { token = 1, missing = [] } = {}) => {
    const keys = segmentKeys('gate1', at(from), token);
    const bytes = 1000 + Math.round(from);
    await storage.put(keys.video, randomBytes(bytes));
    segments.add(
      keys.card,
      {
        ...{ version: 1, stream: 'gate1', token, begin: at(from), end: at(to), names: [], runs: null },
        ...{ analysis: null, missing, events: [] },
        video: { frames: 25, bytes, codec: 'h264', width: 64, height: 36, audio: false },
      },
      0,
    );
    return keys.video;
  };
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  db.close();
  await rm(folder, { recursive: true, force: true });
});

const list = (from: number, to: number, limit = 1000) =>
  files.files('gate1', { from: iso(from), to: iso(to), limit });
const urlOf = (seconds: number, token = 1) => `/v1/streams/gate1/recordings/${at(seconds)}-${token}.mp4`;

describe('recorded files', () => {
  it('are those with anything of the time, with their true sizes, over the hour', async () => {
    for (const from of [0, 30, 60, 90]) await add(from, from + 30);
    const { files: found, next } = await list(40, 90);
    expect(next).toBeUndefined();
    expect(found).toEqual([
      { from: iso(30), to: iso(60), begin: iso(30), url: urlOf(30), bytes: 1030 },
      { from: iso(60), to: iso(90), begin: iso(60), url: urlOf(60), bytes: 1060 },
    ]);
  });

  it('come a page at a time, each once', async () => {
    // Ticks that are no whole milliseconds.
    for (let i = 0; i < 7; i++) await add(i * (10 + 1 / 3), (i + 1) * (10 + 1 / 3));
    const all = (await list(0, 100)).files.map(({ url }) => url);
    expect(all).toHaveLength(7);
    const paged: string[] = [];
    for (let from: string | undefined = iso(0); from !== undefined; ) {
      const page = await files.files('gate1', { from, to: iso(100), limit: 2 });
      paged.push(...page.files.map(({ url }) => url));
      from = page.next;
    }
    expect(paged).toEqual(all);
  });

  it('say what of them counts, and have a hole in them once', async () => {
    const hole = { from: at(4), to: at(6), reason: 'CAMERA_SILENT' };
    await add(0, 10, { missing: [hole] });
    // Another worker took over before the first one had heard of it.
    await add(10, 20);
    await add(15, 25, { token: 2 });
    const { files: found } = await list(0, 100);
    expect(found.map(({ from, to, url }) => [from, to, url])).toEqual([
      [iso(0), iso(10), urlOf(0)],
      [iso(10), iso(15), urlOf(10)],
      [iso(15), iso(25), urlOf(15, 2)],
    ]);
  });

  it('are not those that are removed, and of streams and times that there are', async () => {
    await storage.remove(await add(0, 10));
    await add(10, 20);
    expect((await list(0, 100)).files.map(({ url }) => url)).toEqual([urlOf(10)]);
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'none',
        (error) => (error instanceof SidestreamError ? error.code : error),
      );
    expect(await code(files.files('other', { from: 'now-1h', to: 'now', limit: 1 }))).toBe(
      'STREAM_NOT_FOUND',
    );
    expect(await code(list(10, 10))).toBe('USAGE');
    for (const name of [`${at(0)}-1.mp4`, '../gate1.mp4', `${at(10)}-1.json`, `${at(10)}-1.mp4.mp4`, ''])
      expect(await code(files.file('gate1', name)), name).toBe('NOT_RECORDED');
  });

  it('are whole, or not there, while they are removed', async () => {
    // As large as the board's clock makes them.
    const token = 1_795_665_426_831_576;
    const key = await add(0, 10, { token });
    const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const whole = sum(await storage.read(key));
    const name = `${at(0)}-${token}.mp4`;
    const object = await files.file('gate1', name);
    expect(object).toMatchObject({
      bytes: 1000,
      type: 'video/mp4',
      fileName: 'gate1-20300102T035900.000Z.mp4',
    });
    const stream = await object.open();
    await storage.remove(key);
    expect(sum(await buffer(stream))).toBe(whole);
    await expect(object.open()).rejects.toMatchObject({ code: 'NOT_RECORDED' });
    await expect(files.file('gate1', name)).rejects.toMatchObject({ code: 'NOT_RECORDED' });
  });
});
