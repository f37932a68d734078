import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { createBoard } from '../../../src/queue/board.ts';
import { connectRedis, parseRedisUrl, type RedisClient } from '../../../src/queue/connection.ts';
import { processing, type Work } from '../../../src/queue/processing.ts';
import { keyPrefix, openQueues, type Priority, type Queues } from '../../../src/queue/queues.ts';
import { startRedis, type TestRedis } from '../../fixtures/redis.ts';

let server: TestRedis;
let redis: RedisClient;
let queues: Queues;
let board: ReturnType<typeof createBoard>;
const prefix = keyPrefix('test');
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(parseRedisUrl(server.url), () => {});
  queues = openQueues(redis, { prefix, attempts: 3, keepSeconds: 60 });
  board = createBoard(redis, { prefix, keepSeconds: 60 });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await redis.flushall();
});
afterAll(async () => {
  await queues[Symbol.asyncDispose]();
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});

const stage = () => 'analyse' as const;

/** A worker on `analyse`; the function that stops it as a signal would. */
function work(done: (work: Work<'analyse'>) => Promise<unknown>, told: string[] = []): AbortController {
  const stopping = new AbortController();
  const failed = (_: unknown, error: SidestreamError, final: boolean) => told.push(`${error.code} ${final}`);
  const processor = processing('analyse', { board, queues, stopping: stopping.signal, failed }, stage, done);
  const connection = connectRedis(parseRedisUrl(server.url), () => {});
  const worker = new Worker('analyse', processor, {
    connection,
    prefix,
    skipVersionCheck: true,
    lockDuration: 5000,
  });
  closing.push(async () => {
    stopping.abort();
    await worker.close();
    connection.disconnect();
  });
  return stopping;
}

let last = 0;
async function add(count = 1, submitter = 'a', priority: Priority = 'normal'): Promise<string> {
  const job = `000000000job${(last++).toString(36)}`;
  await board.open(job);
  const parts = Array.from({ length: count }, (_, part) => ({ job, part, whole: false }));
  await queues.add('analyse', parts, { submitter, priority });
  return job;
}

async function until<T>(what: () => Promise<T | undefined | false>, milliseconds = 10_000): Promise<T> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(20)) {
    const found = await what();
    if (found) return found;
  }
  throw new Error('it did not come to pass');
}

const stateOf = async (id: string) => (await board.read([id]))[0];

describe('work on a queue', () => {
  it('reports progress that never falls, counting each frame once', async () => {
    const job = await add(2);
    work(async ({ payload, progress }) => {
      for (let frames = 1; frames <= 5; frames++) {
        progress({ stage: 'analyse', frames, total: 10, span: [0.1, 0.6] });
        await sleep(150);
      }
      await sleep(600);
      // The first part is done over again, as after a crash.
      if (payload.part === 0) progress({ stage: 'analyse', frames: 2, total: 10, span: [0.1, 0.6] });
      await sleep(600);
    });
    await until(async () => (await stateOf(job))?.done === 10);
    const events = await board.events(job, '0-0', 100);
    const values = events.map(({ progress }) => progress);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(events[0]).toMatchObject({ event: 'stage', stage: 'analyse', state: 'running' });
    expect((await stateOf(job))?.progress).toBeCloseTo(0.6);
  });

  it('ends within two seconds of being cancelled, and is not tried again', async () => {
    const job = await add();
    let [begun, aborted, tries] = [false, 0, 0];
    work(async ({ signal }) => {
      begun = true;
      tries++;
      await sleep(60_000, undefined, { signal }).catch(() => (aborted = Date.now()));
      signal.throwIfAborted();
    });
    await until(async () => begun);
    const asked = Date.now();
    await board.finish(job, { state: 'cancelled' });
    await until(async () => aborted > 0);
    expect(aborted - asked).toBeLessThan(2000);
    await sleep(1500);
    expect(tries).toBe(1);
    expect((await stateOf(job))?.state).toBe('cancelled');
  });

  it('is not begun for a job that was cancelled before', async () => {
    const job = await add(3);
    await board.finish(job, { state: 'cancelled' });
    let begun = 0;
    work(async () => begun++);
    await until(async () => (await queues.counts('analyse')).failed === 3);
    expect(begun).toBe(0);
  });

  it('goes back to the queue when the worker is to stop, and costs no try', async () => {
    const job = await add();
    let begun = false;
    const stopping = work(async ({ signal }) => {
      begun = true;
      await sleep(60_000, undefined, { signal });
    });
    await until(async () => begun);
    stopping.abort();
    await closing.splice(0)[0]();
    const entry = await queues.queue('analyse').getJob(`${job}-a0`);
    expect([await entry?.getState(), entry?.attemptsMade]).toEqual(['prioritized', 0]);
    let again = false;
    work(async () => (again = true));
    await until(async () => again);
  });

  it('is tried again with a pause where it may pass, and then fails with its code', async () => {
    const job = await add();
    const told: string[] = [];
    const times: number[] = [];
    work(async () => {
      times.push(Date.now());
      throw new SidestreamError('FFMPEG_FAILED', 'ffmpeg fell over: run again');
    }, told);
    await until(async () => (await stateOf(job))?.state === 'failed', 15_000);
    expect(told).toEqual(['FFMPEG_FAILED false', 'FFMPEG_FAILED false', 'FFMPEG_FAILED true']);
    expect(times[1] - times[0]).toBeGreaterThan(400);
    expect(await stateOf(job)).toMatchObject({
      code: 'FFMPEG_FAILED',
      message: 'ffmpeg fell over: run again',
    });
  });

  it('fails at once where it will not pass', async () => {
    const job = await add();
    let tries = 0;
    work(async () => {
      tries++;
      throw new SidestreamError('INPUT_INVALID', 'x is no video: give one');
    });
    await until(async () => (await stateOf(job))?.state === 'failed');
    expect(tries).toBe(1);
  });

  it('waits, and loses no try, while the disk is full', async () => {
    const job = await add();
    const told: string[] = [];
    work(async () => {
      throw new SidestreamError('DISK_FULL', 'no space is left');
    }, told);
    await until(async () => told.length > 0);
    const entry = await until(async () => {
      const found = await queues.queue('analyse').getJob(`${job}-a0`);
      return (await found?.getState()) === 'delayed' && found;
    });
    expect([told, entry.attemptsMade]).toEqual([['DISK_FULL false'], 0]);
    expect((await stateOf(job))?.state).toBe('running');
  });

  it('takes turns between submitters, whoever has more', async () => {
    await add(30, 'many');
    await add(3, 'few');
    await add(2, 'urgent', 'high');
    await add(2, 'patient', 'low');
    const order: string[] = [];
    const names = new Map<string, string>();
    for (const entry of await queues.queue('analyse').getJobs(['prioritized']))
      names.set(entry.data.job, entry.data.job);
    work(async ({ payload }) => {
      order.push(payload.job);
    });
    await until(async () => order.length === 37);
    const jobs = [...new Set([...names.keys()].sort())];
    const [many, few, urgent, patient] = jobs.map((job) =>
      order.flatMap((one, i) => (one === job ? [i] : [])),
    );
    expect(urgent).toEqual([0, 1]);
    // Three of the few within the first places behind, not behind thirty.
    expect(Math.max(...few)).toBeLessThan(2 + 8);
    expect(Math.min(...patient)).toBe(35);
    expect(many).toHaveLength(30);
  });

  it('lets who comes later wait for nobody that came with more', async () => {
    await add(200, 'many');
    const order: string[] = [];
    let late = '';
    work(async ({ payload }) => {
      order.push(payload.job);
      if (order.length === 20) late = await add(2, 'late');
      await sleep(2);
    });
    await until(async () => order.length === 202, 20_000);
    const places = order.flatMap((job, i) => (job === late ? [i] : []));
    expect(Math.max(...places)).toBeLessThan(30);
  });

  it('is in the queue once, however often it is added', async () => {
    const job = await add(3);
    await queues.add('analyse', [{ job, part: 1, whole: false }], { submitter: 'a', priority: 'normal' });
    let runs = 0;
    work(async () => runs++);
    await sleep(800);
    expect(runs).toBe(3);
  });
});
