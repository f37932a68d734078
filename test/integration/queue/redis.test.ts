import { Worker } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { createBoard } from '../../../src/queue/board.ts';
import { answered, connectRedis, parseRedisUrl } from '../../../src/queue/connection.ts';
import { createCounters } from '../../../src/queue/counters.ts';
import { keyPrefix, openQueues } from '../../../src/queue/queues.ts';
import { freePort, startSpecialRedis } from '../../fixtures/redis.ts';

describe('Redis', () => {
  it.each(['password', 'tls', 'sentinel', 'cluster'] as const)('by its address: %s', async (kind) => {
    await using server = await startSpecialRedis(kind);
    const prefix = keyPrefix('test');
    const errors: string[] = [];
    const redis = connectRedis(parseRedisUrl(server.url), (error) => errors.push(error.message));
    await using queues = openQueues(redis, { prefix, attempts: 2, keepSeconds: 60 });
    const board = createBoard(redis, { prefix, keepSeconds: 60 });
    const counters = createCounters(redis, prefix);
    const job = '0000000000abc';
    await board.open(job);
    await queues.add('jobs', [{ job, step: 'plan', whole: false }], { submitter: 'a', priority: 'normal' });
    const seen = await new Promise((resolve) => {
      const blocking = connectRedis(parseRedisUrl(server.url), () => {});
      const worker: Worker = new Worker(
        'jobs',
        async (entry) => {
          setTimeout(() => {
            void worker.close().finally(() => blocking.disconnect());
            resolve(entry.data);
          });
        },
        { connection: blocking, prefix, skipVersionCheck: true },
      );
    });
    expect(seen).toEqual({ job, step: 'plan', whole: false });
    await counters.add({ 'frames:analyse': 2 });
    expect((await counters.read()).get('frames:analyse')).toBe(2);
    expect(await board.finish(job, { state: 'done' })).toBe('done');
    const keys =
      'nodes' in redis
        ? await Promise.all(redis.nodes('master').map((node) => node.keys('*')))
        : [await redis.keys('*')];
    // Redis Cluster keeps together what has the same word in braces.
    expect(keys.flat().every((key) => key.startsWith('{test}'))).toBe(true);
    expect(errors).toEqual([]);
    redis.disconnect();
  });

  it('that does not answer is told of in one line, in time', async () => {
    const port = await freePort();
    const said: string[] = [];
    const redis = connectRedis(
      parseRedisUrl(`redis://:secret@127.0.0.1:${port}`),
      (error) => said.push(error.message),
      {
        commandTimeout: 500,
      },
    );
    const begun = Date.now();
    await expect(answered(redis.ping())).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    expect(Date.now() - begun).toBeLessThan(3000);
    expect(said.join()).toContain('ECONNREFUSED');
    redis.disconnect();
  });
});
