import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import type { Config } from '../src/config/load.ts';
import { createGuard } from '../src/net/address-guard.ts';
import { connectRedis, parseRedisUrl } from '../src/queue/connection.ts';
import { making } from '../src/queue/making.ts';
import { JOB_QUEUES, type QueueName } from '../src/queue/names.ts';
import { createNotices } from '../src/queue/notices.ts';
import { openShared } from '../src/queue/open.ts';
import { type ProcessingDeps, processing } from '../src/queue/processing.ts';
import { onceInAWhile } from '../src/queue/quiet.ts';
import { createStreamBoard } from '../src/queue/stream-board.ts';
import { createWorkerBoard } from '../src/queue/worker-board.ts';
import { openStorage } from '../src/storage/open.ts';
import { analyseWork } from './analyse.ts';
import { cameraWork } from './cameras.ts';
import { clipWork } from './clips.ts';
import type { WorkerDeps } from './deps.ts';
import { createDoing, noting } from './doing.ts';
import { jobWork } from './jobs.ts';
import { holdStreams } from './live.ts';
import { createModels } from './models.ts';
import { previewWork } from './previews.ts';
import { renderWork } from './render.ts';
import { openScratch } from './scratch.ts';
import { giveSigns } from './sign-of-life.ts';

export interface WorkersOptions {
  readonly queues: readonly QueueName[];
  /** Name and version of this program. */
  readonly program: string;
  readonly version: string;
  readonly log: Logger;
}

/**
 * Milliseconds: how long a lock lives that is not renewed, and how often locks of workers that are gone are looked for. The
 * same in all workers, or they would take each other's work away.
 */
const [LOCK, STALLED] = [15_000, 5000];
/** Workers that one and the same piece of work may end before it counts as the culprit. */
const MOST_STALLED = 6;
/** Milliseconds between two looks at the room on the disk. */
const ROOM_INTERVAL = 5000;
/** Milliseconds that those wait for Redis who have something better to do. */
const COMMAND_TIME = 4000;

/** The composition of a worker process: runs until `signal` is aborted, then hands back what is not finished. */
export async function runWorkers(
  config: Config,
  options: WorkersOptions,
  signal: AbortSignal,
): Promise<void> {
  const { log, program } = options;
  const said = onceInAWhile((error: Error) => log.warn({ err: error.message }, 'redis does not answer'));
  const address = parseRedisUrl(config.redis.url);
  const connections = [
    connectRedis(address, said),
    connectRedis(address, said),
    connectRedis(address, said, { commandTimeout: COMMAND_TIME }),
  ];
  const [redis, blocking, impatient] = connections;
  await using scratch = await openScratch(config.workers.scratch ?? tmpdir());
  await using storage = await openStorage(config, scratch.path);
  const { prefix, queues, board, counters, notices } = openShared(config, redis);
  await using models = createModels(config, {
    say: (line) => log.info(line),
    loaded: (part, seconds) => {
      log.info({ part, seconds }, 'model loaded');
      void counters.add({ [`loads:${part}`]: 1, [`load_seconds:${part}`]: seconds });
    },
  });
  const guard = createGuard({ allow: config.jobs.allow_addresses });
  const shared = { board, queues, counters, notices };
  const deps: WorkerDeps = { config, program, storage, ...shared, models, scratch, guard, log };
  const common: ProcessingDeps = {
    board,
    queues,
    stopping: signal,
    failed: (entry, error, final) => {
      const about = { queue: entry.queueName, entry: entry.id, job: entry.data.job, code: error.code };
      log[final ? 'error' : 'warn']({ ...about, err: error.cause ?? error }, error.message);
      void counters.add({ [`failures:${error.code}`]: 1 });
    },
  };
  const doing = createDoing();
  const processors = {
    jobs: processing(
      'jobs',
      common,
      ({ step }) => step,
      (work) => jobWork(work, deps),
    ),
    analyse: processing(
      'analyse',
      common,
      () => 'analyse',
      (work) => analyseWork(work, deps),
    ),
    render: processing(
      'render',
      common,
      () => 'render',
      (work) => renderWork(work, deps),
    ),
  };
  const limits = {
    jobs: 0,
    analyse: config.jobs.analyse_concurrency,
    render: config.jobs.render_concurrency,
  };
  const jobQueues = JOB_QUEUES.filter((name) => options.queues.includes(name));
  for (const name of jobQueues) {
    const queue = queues.queue(name);
    if (limits[name] > 0) await queue.setGlobalConcurrency(limits[name]);
    else await queue.removeGlobalConcurrency();
  }
  const locks = { lockDuration: LOCK, stalledInterval: STALLED, maxStalledCount: MOST_STALLED };
  const bull = { connection: blocking, prefix, ...locks, skipVersionCheck: true, autorun: false };
  const workers = jobQueues.map((name): Worker => {
    const worker = new Worker(name, noting(name, doing, processors[name]), { ...bull, concurrency: 1 });
    worker.on('failed', (entry, error) => {
      if (!entry || !/stalled more than/.test(error.message)) return;
      const message = `the work on ${name} ended ${MOST_STALLED} workers: see what ended them, memory most often`;
      void counters.add({ 'failures:WORKER_LOST': 1 });
      void board.finish(entry.data.job, { state: 'failed', error: { code: 'WORKER_LOST', message } });
    });
    return worker;
  });
  if (options.queues.includes('clips')) {
    // Words that somebody waits for are not held up by a clip that is being made.
    const make = making('clips', common, (payload, stop) => clipWork(payload, deps, stop));
    workers.push(new Worker('clips', noting('clips', doing, make), { ...bull, concurrency: 2 }) as Worker);
    const preview = making('previews', common, (payload, stop) => previewWork(payload, deps, stop));
    workers.push(
      new Worker('previews', noting('clips', doing, preview), { ...bull, concurrency: 2 }) as Worker,
    );
  }
  if (options.queues.includes('live')) {
    // Who is to hold a stream looks at its camera: nobody else need have a way to it.
    const look = making('cameras', common, (payload, stop) => cameraWork(payload, deps, stop));
    workers.push(new Worker('cameras', noting('live', doing, look), { ...bull, concurrency: 4 }) as Worker);
  }
  for (const worker of workers) {
    worker.on('error', said);
    worker.on('stalled', (entry) =>
      log.warn({ queue: worker.name, entry }, 'taken over from a worker that is gone'),
    );
  }

  const room = setInterval(() => void checkRoom(), ROOM_INTERVAL);
  let full = false;
  const checkRoom = async () => {
    const space = await storage.space().catch(() => undefined); // An unreachable storage is the work's own to meet.
    const short = space !== undefined && space.free < config.storage.reserve_bytes;
    if (short === full) return;
    full = short;
    log.warn(
      { free: space?.free },
      full ? 'the disk is nearly full: waiting' : 'there is room again: going on',
    );
    for (const worker of workers) {
      if (full) await worker.pause(true);
      else worker.resume();
    }
  };
  const over = new AbortController();
  let signs: Promise<void> | undefined;
  try {
    await checkRoom();
    const running = workers.map((worker) => worker.run());
    for (const run of running) run.catch(said);
    log.info({ queues: options.queues, pid: process.pid }, 'worker ready');
    const streams = createStreamBoard(impatient, { prefix });
    const live = {
      ...deps,
      streams,
      notices: createNotices(impatient, { prefix }),
      redis: impatient,
      prefix,
      doing,
      away: said,
    };
    const { version, queues: own } = options;
    const trouble = onceInAWhile((error: Error) => log.warn({ err: error.message }, 'no sign of life'));
    const about = { config, version, queues: own, doing, models, isFull: () => full, trouble };
    signs = giveSigns({ board: createWorkerBoard(impatient, { prefix }), ...about }, over.signal);
    const holding = options.queues.includes('live') ? holdStreams(live, signal) : undefined;
    if (!signal.aborted) await once(signal, 'abort');
    log.info('stopping: unfinished work goes back to the queue');
    await holding;
  } finally {
    clearInterval(room);
    await Promise.allSettled(workers.map((worker) => worker.close()));
    over.abort();
    await signs;
    await queues[Symbol.asyncDispose]();
    for (const connection of connections) connection.disconnect();
  }
}
