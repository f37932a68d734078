import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { redisFacts } from '../../../src/queue/redis-facts.ts';
import { createWorkerBoard, WORD_HOLDS, type WorkerReport } from '../../../src/queue/worker-board.ts';
import { startRedis, startSpecialRedis, type TestRedis } from '../../fixtures/redis.ts';

let server: TestRedis;
let redis: RedisClient;
beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(parseRedisUrl(server.url), () => {});
});
afterEach(async () => {
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});

const report = (pid: number): WorkerReport => ({
  ...{ host: 'box: "ä"', pid, version: '1', queues: ['live'], since: 5, working: 1, full: false },
  work: [{ queue: 'live', since: 6, stream: 'a:b' }],
  ...{ models: [], packs: [], gpus: [], rss: 1, cpu: 0, cores: 1, load: 0, memory: { total: 2, free: 1 } },
});

describe('the board of workers', () => {
  it('tells what each said last, and when', async () => {
    const board = createWorkerBoard(redis, { prefix: '{test}' });
    expect(await board.all()).toEqual([]);
    await board.say('b', report(2));
    await board.say('a', report(0));
    await board.say('a', report(1));
    const all = await board.all();
    expect(all.map(({ seen, ...rest }) => rest)).toEqual([
      { ...report(1), id: 'a' },
      { ...report(2), id: 'b' },
    ]);
    for (const { seen } of all) expect(Math.abs(Date.now() - seen)).toBeLessThan(1000);
    await board.leave('a');
    expect((await board.all()).map(({ id }) => id)).toEqual(['b']);
  });

  it('forgets whose word is too old, while others still speak', async () => {
    const board = createWorkerBoard(redis, { prefix: '{test}' });
    await board.say('old', report(1));
    await board.say('new', report(2));
    // As if it had been said so long ago.
    const said = String(await redis.hget('{test}:workers', 'old'));
    await redis.hset(
      '{test}:workers',
      'old',
      said.replace(/^\d+/, (until) => String(Number(until) - WORD_HOLDS)),
    );
    expect((await board.all()).map(({ id }) => id)).toEqual(['new']);
    expect(await redis.hkeys('{test}:workers')).toEqual(['new']);
  });

  it('leaves nothing in Redis when nobody speaks any more', async () => {
    await createWorkerBoard(redis, { prefix: '{test}' }).say('a', report(1));
    const left = await redis.pttl('{test}:workers');
    expect(left).toBeGreaterThan(WORD_HOLDS - 2000);
    expect(left).toBeLessThanOrEqual(WORD_HOLDS);
  });

  it('does not grow with workers that come and go while nobody looks', async () => {
    const board = createWorkerBoard(redis, { prefix: '{test}' });
    await board.say('first', report(1));
    const said = String(await redis.hget('{test}:workers', 'first'));
    await redis.hset('{test}:workers', { a: said.replace(/^\d+/, '1'), b: said.replace(/^\d+/, '2') });
    await board.say('new', report(2));
    expect((await redis.hkeys('{test}:workers')).sort()).toEqual(['first', 'new']);
  });

  it('tells of more workers than a script may return values one by one', async () => {
    const board = createWorkerBoard(redis, { prefix: '{test}' });
    await board.say('w', report(1));
    const said = String(await redis.hget('{test}:workers', 'w'));
    await redis.hset(
      '{test}:workers',
      Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`w${i}`, said])),
    );
    expect(await board.all()).toHaveLength(9001);
  });
});

describe('what Redis says of itself', () => {
  it('is version, memory and how long it takes', async () => {
    await redis.config('SET', 'maxmemory', '100mb');
    const facts = await redisFacts(redis);
    expect(facts).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      used: expect.any(Number),
      most: 100 * 2 ** 20,
      latency: expect.any(Number),
    });
    expect(facts.used).toBeGreaterThan(100_000);
    expect(facts.latency).toBeGreaterThan(0);
  });

  it('is told of a cluster as well', async () => {
    await using cluster = await startSpecialRedis('cluster');
    const client = connectRedis(parseRedisUrl(cluster.url), () => {});
    try {
      const board = createWorkerBoard(client, { prefix: '{test}' });
      await board.say('a', report(1));
      expect(await board.all()).toHaveLength(1);
      expect(await redisFacts(client)).toMatchObject({ version: expect.stringMatching(/^\d+\./), most: 0 });
    } finally {
      client.disconnect();
    }
  });
});
