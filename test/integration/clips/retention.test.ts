import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Card, segmentKeys } from '../../../src/clips/recording/card.ts';
import { reconcile } from '../../../src/clips/recording/indexing.ts';
import { retain } from '../../../src/clips/recording/retention.ts';
import { createSegments } from '../../../src/clips/recording/segments.ts';
import { createClipRecords } from '../../../src/clips/records.ts';
import { type Config, loadConfig } from '../../../src/config/load.ts';
import { openDatabase } from '../../../src/jobs/database.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { clipView } from '../../fixtures/clip-view.ts';

/** What goes, and what stays, of recordings in a real folder. */

const S = 90_000;
const START = Date.now() - 3_600_000;
const at = (seconds: number) => Math.round((START + seconds * 1000) * 90);
const BYTES = 1000;
let folder: string;
let storage: Storage;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-retention-'));
  said = [];
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function make(settings: Record<string, unknown>, count = 20) {
  const loaded = loadConfig({
    flags: { 'storage.directory': folder, 'storage.reserve_bytes': 0, ...settings },
  });
  const { config }: { config: Config } = await loaded;
  storage = await openStorage(config, join(folder, 'scratch'));
  const db = openDatabase(':memory:');
  const [segments, clips] = [createSegments(db), createClipRecords(db)];
  for (let i = 0; i < count; i++) {
    const [begin, end] = [at(i * 6), at(i * 6 + 6)];
    const keys = segmentKeys('gate1', begin, 1);
    const card: Card = {
      ...{
        version: 1,
        stream: 'gate1',
        token: 1,
        begin,
        end,
        names: [],
        runs: null,
        missing: [],
        events: [],
      },
      video: { frames: 150, bytes: BYTES, codec: 'h264', width: 640, height: 360, audio: false },
      analysis: null,
    };
    await storage.put(keys.video, Buffer.alloc(BYTES));
    await storage.put(keys.card, JSON.stringify(card));
    segments.add(keys.card, card, 0);
  }
  const log = pino({}, { write: (line: string) => said.push(line) });
  const gone: string[] = [];
  const about = { segments, storage, log, gone: async (keys: readonly string[]) => void gone.push(...keys) };
  return { config, clips, streams: { get: () => undefined }, ...about, removed: gone };
}

/** Numbers of the segments that are left, by the index and by the storage. */
async function left({ segments }: Awaited<ReturnType<typeof make>>) {
  const numbers = (keys: readonly string[]) =>
    [...new Set(keys.map((key) => Math.round((Number(/(\d+)-1\./.exec(key)?.[1]) - at(0)) / (6 * S))))].sort(
      (a, b) => a - b,
    );
  const files = (await readdir(join(folder, 'recordings'), { recursive: true })).filter((name) =>
    /\.\w+$/.test(name),
  );
  const found = numbers(files);
  expect(numbers(segments.keysBelow('recordings/'))).toEqual(found);
  expect(files).toHaveLength(2 * found.length);
  return found;
}

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

function waitFor(seconds: readonly [number, number], { clips }: Awaited<ReturnType<typeof make>>): void {
  const iso = (second: number) => new Date(START + second * 1000).toISOString();
  const view = clipView('clip0', {
    ...{ stream: 'gate1', state: 'waiting', from: iso(seconds[0]), to: iso(seconds[1]) },
  });
  clips.add({ view, submitter: 'me', bytes: 0 });
}

describe('recordings', () => {
  it('go by age', async () => {
    const deps = await make({ 'record.days': (3600 - 60) / 86_400 });
    await retain(deps);
    expect(await left(deps)).toEqual(from(10, 19));
    expect(deps.removed).toHaveLength(10);
  });

  it('go by size, the oldest first, and the log says why', async () => {
    const deps = await make({ 'record.max_bytes': 5 * BYTES });
    await retain(deps);
    expect(await left(deps)).toEqual(from(15, 19));
    expect(said.join('')).toMatch(/recordings removed: all have more than record.max_bytes/);
  });

  it('go by the size of their stream', async () => {
    const deps = await make({ 'record.stream_bytes': 12 * BYTES });
    await retain(deps);
    expect(await left(deps)).toEqual(from(8, 19));
  });

  it('go where the disk is nearly full, as many as are needed', async () => {
    const deps = await make({});
    const { free } = (await storage.space())!;
    const config = { ...deps.config, storage: { ...deps.config.storage, reserve_bytes: free + 3 * BYTES } };
    const space = async () => ({ free, total: free * 2 });
    await retain({ ...deps, config, storage: { ...storage, space } });
    expect(await left(deps)).toEqual(from(3, 19));
    expect(said.join('')).toMatch(/the disk is nearly full/);
  });

  it('stay as long as a clip is to be cut of them', async () => {
    const deps = await make({ 'record.max_bytes': BYTES });
    waitFor([13, 29], deps);
    await retain(deps);
    expect(await left(deps)).toEqual([2, 3, 4]);
    deps.clips.update(clipView('clip0', { stream: 'gate1', state: 'done' }), 0);
    await retain(deps);
    expect(await left(deps)).toEqual([4]);
  });

  it('are found again where the index has lost them, and forgotten where they are gone', async () => {
    const deps = await make({}, 6);
    const keys = deps.segments.keysBelow('recordings/');
    deps.segments.remove(keys.slice(0, 3));
    await storage.remove(keys[4]);
    const notices = { tell: async () => {}, read: async () => [], done: async () => {} };
    await reconcile('recordings/', { ...deps, notices, indexed: async () => {} });
    expect([...deps.segments.keysBelow('recordings/')].sort()).toEqual([...keys.slice(0, 4), keys[5]].sort());
    expect(deps.removed).toEqual([keys[4]]);
  });
});
