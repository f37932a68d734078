import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { keyPrefix, openQueues } from '../../../src/queue/queues.ts';
import { createStreamBoard, type StreamBoard, type StreamReport } from '../../../src/queue/stream-board.ts';
import { startRedis, type TestRedis } from '../../fixtures/redis.ts';

let server: TestRedis;
let redis: RedisClient;
let board: StreamBoard;
const ID = '0000000000abc';
const PREFIX = keyPrefix('test');
beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(parseRedisUrl(server.url), () => {});
  board = createStreamBoard(redis, { prefix: PREFIX });
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis.flushall();
});

const report = (more: Partial<StreamReport> = {}): StreamReport => ({
  state: 'live',
  reason: undefined,
  applied: 1,
  stats: undefined,
  gate: { url: 'http://127.0.0.1:7070', word: 'sesame' },
  ...more,
});
const read = async () => (await board.read([ID]))[0];
/** The token of a new holder. */
const take = async (worker: string) => (await board.take(ID, worker))?.token ?? 0;

describe('what is asked of a stream', () => {
  it('is told to whoever takes it and reports on it, the newest revision', async () => {
    await board.want(ID, 1, 'running');
    const taken = await board.take(ID, 'w1');
    expect(taken).toEqual({ token: expect.any(Number), revision: 1, wish: 'running', state: undefined });
    await board.want(ID, 3, 'paused');
    await board.want(ID, 2, 'running');
    expect(await board.report(ID, taken!.token, report())).toEqual({ revision: 3, wish: 'paused' });
    expect(await read()).toEqual({
      revision: 3,
      wish: 'paused',
      token: taken!.token,
      worker: 'w1',
      report: JSON.parse(JSON.stringify(report())),
      reported: expect.any(Number),
      since: expect.any(Number),
      saved: undefined,
    });
  });

  it('has no board before it is asked for, and none after it was removed', async () => {
    expect(await board.take(ID, 'w1')).toBeUndefined();
    expect(await board.read([ID])).toEqual([undefined]);
    await board.want(ID, 1, 'running');
    const token = await take('w1');
    await board.remove(ID);
    expect(await board.report(ID, token, report())).toBeUndefined();
    expect(await board.saved(ID, token, 'key')).toBe(false);
    expect(await board.take(ID, 'w1')).toBeUndefined();
    await board.release(ID, token);
    expect(await redis.keys('*')).toEqual([]);
  });
});

describe('an older token', () => {
  it('is not heard', async () => {
    await board.want(ID, 1, 'running');
    const old = await take('w1');
    expect(await board.saved(ID, old, 'old')).toBe(true);
    const young = await board.take(ID, 'w2');
    expect(young!.token).toBeGreaterThan(old);
    expect(young!.state).toBe('old');
    expect(await board.report(ID, old, report())).toBeUndefined();
    expect(await board.saved(ID, old, 'older')).toBe(false);
    await board.release(ID, old);
    const { worker, saved, report: told } = (await read())!;
    expect([worker, saved, told]).toEqual(['w2', 'old', undefined]);
    expect(await board.report(ID, young!.token, report())).toEqual({ revision: 1, wish: 'running' });
  });

  it('stays old where Redis has forgotten it', async () => {
    await board.want(ID, 1, 'running');
    const old = await take('w1');
    await redis.flushall();
    await board.want(ID, 1, 'running');
    expect(await board.report(ID, old, report())).toBeUndefined();
    expect(await take('w2')).toBeGreaterThan(old);
    expect(await board.report(ID, old, report())).toBeUndefined();
  });

  it('counts no more once the stream was given back', async () => {
    await board.want(ID, 1, 'running');
    const token = await take('w1');
    await board.report(ID, token, report());
    await board.release(ID, token);
    expect(await board.report(ID, token, report())).toBeUndefined();
    expect(await read()).toMatchObject({ worker: undefined, report: undefined, reported: undefined, token });
  });
});

it('a state has its time, which other reports leave as it is', async () => {
  await board.want(ID, 1, 'running');
  const token = await take('w1');
  await board.report(ID, token, report());
  const first = (await read())!;
  await sleep(5);
  await board.report(ID, token, report({ applied: 2 }));
  const second = (await read())!;
  expect(second.since).toBe(first.since);
  expect(second.reported).toBeGreaterThan(first.reported!);
  expect(Math.abs(second.reported! - Date.now())).toBeLessThan(1000);
  await board.report(ID, token, report({ state: 'connecting' }));
  expect((await read())!.since).toBeGreaterThan(first.since!);
});

it('many are read at once, in their order', async () => {
  await board.want(ID, 7, 'running');
  const found = await board.read(['none0000000', ID, 'none0000001']);
  expect(found.map((one) => one?.revision)).toEqual([undefined, 7, undefined]);
  expect(await board.read([])).toEqual([]);
});

it('loads are told, and forgotten', async () => {
  await board.load('host:1', { streams: 2, most: 4 }, 60);
  await board.load('host:2', { streams: 0, most: 1 }, 0.05);
  expect(await board.loads()).toEqual(
    new Map([
      ['host:1', { streams: 2, most: 4 }],
      ['host:2', { streams: 0, most: 1 }],
    ]),
  );
  await sleep(60);
  expect([...(await board.loads()).keys()]).toEqual(['host:1']);
});

it('all keys are of one slot', async () => {
  await board.want(ID, 1, 'running');
  await board.load('w', { streams: 0, most: 1 }, 60);
  const keys = await redis.keys('*');
  expect(keys.length).toBe(2);
  expect(keys.every((key) => key.startsWith(PREFIX))).toBe(true);
});

it('an entry of `live` is there once, and leaves nothing behind', async () => {
  await using queues = openQueues(redis, { prefix: PREFIX, attempts: 2, keepSeconds: 60 });
  const how = { submitter: 'a', priority: 'normal' } as const;
  await queues.add('live', [{ stream: ID }], how);
  await queues.add('live', [{ stream: ID }], how);
  const [entry, ...others] = await queues.queue('live').getJobs();
  expect(others).toEqual([]);
  expect(entry.data).toEqual({ stream: ID });
  expect(entry.opts).toMatchObject({
    attempts: 1_000_000,
    backoff: { type: 'fixed', delay: 1000 },
    removeOnComplete: true,
    removeOnFail: true,
  });
  await queues.remove('live', ID);
  expect(await queues.stateOf('live', ID)).toBe('unknown');
});
