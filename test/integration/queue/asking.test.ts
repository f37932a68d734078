import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { ask, giveAnswer, sweepAsked } from '../../../src/queue/asking.ts';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { making } from '../../../src/queue/making.ts';
import { keyPrefix, openQueues, type Queues } from '../../../src/queue/queues.ts';
import { openFilesystem } from '../../../src/storage/filesystem.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { startRedis, type TestRedis } from '../../fixtures/redis.ts';

/** Questions that somebody waits for, through a real queue and a real folder. */

const prefix = keyPrefix('test');
let folder: string;
let server: TestRedis;
let redis: RedisClient;
let queues: Queues;
let storage: Storage;
const closing: (() => Promise<void>)[] = [];
let number = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-asking-'));
  storage = await openFilesystem({ root: folder });
  server = await startRedis();
  redis = connectRedis(parseRedisUrl(server.url), () => {});
  queues = openQueues(redis, { prefix, attempts: 3, keepSeconds: 60 });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  expect(await stored()).toEqual([]);
  await redis.flushall();
});
afterAll(async () => {
  await queues[Symbol.asyncDispose]();
  redis.disconnect();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function stored(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list('asked/')) keys.push(key);
  return keys;
}

type Doing = (question: unknown, signal: AbortSignal) => Promise<unknown>;

function work(doing: Doing): AbortController {
  const stopping = new AbortController();
  const connection = connectRedis(parseRedisUrl(server.url), () => {});
  const make = making('cameras', { stopping: stopping.signal, failed: () => {} }, ({ key }, stop) =>
    giveAnswer('cameras', key, storage, stop, doing),
  );
  const worker = new Worker('cameras', make, { connection, prefix, skipVersionCheck: true });
  closing.push(async () => {
    stopping.abort();
    await worker.close();
    connection.disconnect();
  });
  return stopping;
}

const question = (more: Partial<Parameters<typeof ask>[0]> = {}, signal = AbortSignal.timeout(20_000)) =>
  ask(
    {
      ...{ kind: 'cameras', key: `question${(number++).toString().padStart(4, '0')}`, question: { a: 1 } },
      ...{ submitter: 'me', begin: 5000, most: 5000, ...more },
    },
    { storage, queues },
    signal,
  );

it('an answer comes to whoever asked', async () => {
  work(async (asked) => ({ asked, b: 2 }));
  expect(JSON.parse(String(await question()))).toEqual({ asked: { a: 1 }, b: 2 });
  const many = await Promise.all([1, 2, 3].map((n) => question({ question: n })));
  expect(many.map((one) => JSON.parse(String(one)).asked)).toEqual([1, 2, 3]);
});

it('what a worker throws is thrown', async () => {
  let tries = 0;
  work(async () => {
    tries++;
    throw new SidestreamError('MODEL_MISSING', 'there is no such model');
  });
  await expect(question()).rejects.toMatchObject({
    code: 'MODEL_MISSING',
    message: 'there is no such model',
  });
  expect(tries).toBe(1);
});

it('nobody takes it up, or nobody comes to an end', async () => {
  await expect(question({ begin: 300 })).rejects.toMatchObject({ code: 'NO_WORKER' });
  let stopped = false;
  work(async (_, signal) => {
    await sleep(20_000, undefined, { signal }).catch(() => {
      stopped = true;
    });
    signal.throwIfAborted();
  });
  await expect(question({ most: 600 })).rejects.toThrow(/does not come to an end/);
  for (const end = Date.now() + 5000; !stopped && Date.now() < end; ) await sleep(20);
  expect(stopped).toBe(true);
});

it('a worker stops where nobody waits any more, and that is no failure', async () => {
  const told: string[] = [];
  work(async (_, signal) => {
    told.push('begun');
    await sleep(20_000, undefined, { signal }).catch(() => told.push('stopped'));
    signal.throwIfAborted();
  });
  const gone = new AbortController();
  const asked = question({}, gone.signal);
  asked.catch(() => {});
  for (const end = Date.now() + 5000; told.length === 0 && Date.now() < end; ) await sleep(20);
  gone.abort();
  await expect(asked).rejects.toThrow();
  for (const end = Date.now() + 5000; told.length < 2 && Date.now() < end; ) await sleep(20);
  expect(told).toEqual(['begun', 'stopped']);
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20))
    if ((await queues.counts('cameras')).active === 0) break;
  expect(await queues.counts('cameras')).toMatchObject({ active: 0, failed: 0, prioritized: 0 });
});

it('what Redis has lost is asked again', async () => {
  const asked = question({ begin: 10_000 });
  await sleep(300);
  await redis.flushall();
  work(async () => 'here');
  expect(String(await asked)).toBe('"here"');
});

it('a worker that is stopped leaves it to another one', async () => {
  let begun = 0;
  const first = work(async (_, signal) => {
    begun++;
    await sleep(20_000, undefined, { signal });
  });
  const asked = question({ begin: 10_000, most: 10_000 });
  for (const end = Date.now() + 5000; begun === 0 && Date.now() < end; ) await sleep(20);
  first.abort();
  await closing.splice(0)[0]?.();
  work(async () => 'by another one');
  expect(String(await asked)).toBe('"by another one"');
});

it('what a server has left behind goes after a while', async () => {
  await storage.put('asked/cameras/old/question.json', '"rtsp://me:sesame@camera"');
  await storage.put('asked/cameras/new/question.json', '{}');
  const old = new Date(Date.now() - 3_600_000);
  await utimes(join(folder, 'asked/cameras/old/question.json'), old, old);
  await sweepAsked(storage);
  expect(await stored()).toEqual(['asked/cameras/new/question.json']);
  await storage.removeAll('asked/');
});
