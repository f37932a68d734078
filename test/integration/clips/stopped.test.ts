import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Card, parseCard, segmentKeys } from '../../../src/clips/recording/card.ts';
import { createHoldings } from '../../../src/clips/recording/holdings.ts';
import { createSegments } from '../../../src/clips/recording/segments.ts';
import { noteStopped, type StoppedDeps } from '../../../src/clips/recording/stopped.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { openDatabase } from '../../../src/jobs/database.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { connectRedis, parseRedisUrl } from '../../../src/queue/connection.ts';
import { keyPrefix, openQueues } from '../../../src/queue/queues.ts';
import { createStreamBoard, type StreamBoard } from '../../../src/queue/stream-board.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { createStreamRecords } from '../../../src/streams/records.ts';
import { streamRequestSchema } from '../../../src/streams/request.ts';
import { createStreamService } from '../../../src/streams/service.ts';
import type { Streams } from '../../../src/streams/streams.ts';
import { startRedis } from '../../fixtures/redis.ts';

/** A recorded stream that is stopped, with a real Redis and a real folder; whoever held it is not there any more. */

const S = 90_000;
const cleanups: (() => unknown)[] = [];
let storage: Storage;
let board: StreamBoard;
let streams: Streams;
let deps: StoppedDeps;
let gaps: (id: string, from: number) => string[];

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sidestream-stopped-'));
  cleanups.unshift(() => rm(folder, { recursive: true }));
  const server = await startRedis();
  cleanups.unshift(() => server[Symbol.asyncDispose]());
  const redis = connectRedis(parseRedisUrl(server.url), () => {}, { commandTimeout: 300 });
  cleanups.unshift(() => redis.disconnect());
  const db = openDatabase(':memory:');
  cleanups.unshift(() => db.close());
  const { config } = loadConfig({ environment: { SIDESTREAM_DATA__DIRECTORY: folder, HOME: folder } });
  const prefix = keyPrefix('test');
  storage = await openStorage(config, folder);
  const queues = openQueues(redis, { prefix, attempts: 2, keepSeconds: 60 });
  cleanups.unshift(() => queues[Symbol.asyncDispose]());
  board = createStreamBoard(redis, { prefix });
  const records = createStreamRecords(db);
  const guard = createGuard({ allow: ['private'] });
  const log = pino({ level: 'silent' });
  streams = createStreamService({ records, storage, board, queues, config, guard });
  const segments = createSegments(db);
  const holdings = createHoldings(segments, (id) => records.get(id)?.wish === 'running');
  deps = { streams: records, segments, holdings, board, storage, log };
  gaps = (id, from) => holdings.gaps(id, from, Date.now() * 90 + 60 * S).map(({ reason }) => reason);
});
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

/** A stream of which ten seconds were recorded, up to `ago` seconds ago. */
async function record(ago: number): Promise<{ id: string; begin: number }> {
  const wanted = streamRequestSchema.parse({ url: 'rtsp://127.0.0.1/ch1', vocabulary: 'road', record: {} });
  const { id } = await streams.create(wanted, { id: 'me' });
  const end = Date.now() * 90 - ago * S;
  const begin = end - 10 * S;
  const card: Card = {
    ...{ version: 1, stream: id, token: 1, begin, end, analysis: null, names: [], runs: null },
    ...{ missing: [], events: [] },
    video: { frames: 250, bytes: 1000, codec: 'h264', width: 64, height: 64, audio: false },
  };
  deps.segments.add(segmentKeys(id, begin, 1).card, card, 10);
  return { id, begin };
}

it('has a gap with its reason from then on, once, and what lay before it was a fault', async () => {
  const { id, begin } = await record(20);
  const { token } = (await board.take(id, 'w1'))!;
  const report = { state: 'live', reason: undefined, applied: 1, stats: undefined } as const;
  await board.report(id, token, { ...report, gate: { url: 'http://127.0.0.1:1', word: 'sesame' } });
  await noteStopped(deps);
  await streams.change(id, { state: 'stopped' });
  // Whoever holds it will say so itself.
  await noteStopped(deps);
  expect(gaps(id, begin)).toEqual([]);

  await board.release(id, token);
  await noteStopped(deps);
  await noteStopped(deps);
  expect(gaps(id, begin)).toEqual(['WORKER_LOST', 'STOPPED']);
  const keys: string[] = [];
  for await (const { key } of storage.list(`recordings/${id}/`)) keys.push(key);
  // Found again where the index is lost.
  expect(keys).toHaveLength(1);
  expect(parseCard(await storage.read(keys[0]))).toMatchObject({ stream: id, video: null });
});

it('says nothing of streams that run, or are gone, or of which nothing was recorded', async () => {
  const [{ id, begin }, gone] = [await record(20), await record(20)];
  await streams.remove(gone.id);
  await noteStopped(deps);
  expect([gaps(id, begin), gaps(gone.id, gone.begin)]).toEqual([[], []]);
});
