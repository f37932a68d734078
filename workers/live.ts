import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisOptions, Worker } from 'bullmq';
import { createGuard } from '../src/net/address-guard.ts';
import { answered, type RedisClient } from '../src/queue/connection.ts';
import { PAYLOADS } from '../src/queue/queues.ts';
import type { StreamBoard } from '../src/queue/stream-board.ts';
import type { WorkerDeps } from './deps.ts';
import type { Doing } from './doing.ts';
import { openGate } from './live/gate.ts';
import { type Held, type HoldDeps, hold, LOCK } from './live/hold.ts';
import { workerId } from './sign-of-life.ts';

/** Holds live streams: takes them from the queue `live` one by one, as many as its share is. */

export interface LiveWorkDeps extends Omit<WorkerDeps, 'board' | 'guard'> {
  readonly streams: StreamBoard;
  /** With a limit to how long a command may take: a stream does not stand still while Redis is away. */
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly doing: Doing;
  /** Told of what went wrong with Redis. */
  readonly away: (error: Error) => void;
}

/** Milliseconds between two looks at the queue, and for entries whose holder is gone: the same in all workers. */
const [LOOK, STALLED] = [500, 1000];
/** Seconds for which what a worker says of its load holds. */
const LOAD_HOLDS = 3;

/** Runs until `signal` is aborted, then gives all streams back. */
export async function holdStreams(deps: LiveWorkDeps, signal: AbortSignal): Promise<void> {
  const { streams: board, config, log, redis, prefix, away } = deps;
  const name = workerId();
  const held = new Map<string, Held>();
  await using gate = await openGate(config.live, (id) => held.get(id));
  const worker = new Worker('live', undefined, {
    connection: redis as unknown as RedisOptions,
    prefix,
    lockDuration: LOCK,
    stalledInterval: STALLED,
    // A stream is never given up, however many workers have gone.
    maxStalledCount: 1e9,
    skipVersionCheck: true,
    autorun: false,
  });
  worker.on('error', away);
  const guard = createGuard({ allow: config.live.allow_addresses });
  const holding: HoldDeps = { ...deps, board, guard, gate };

  /** True where no other worker that has room holds fewer. */
  async function isMyTurn(): Promise<boolean> {
    const own = { streams: held.size, most: config.live.streams };
    await answered(board.load(name, own, LOAD_HOLDS));
    if (own.streams >= own.most) return false;
    const loads = await answered(board.loads());
    return [...loads].every(
      ([other, { streams, most }]) => other === name || streams >= most || streams >= own.streams,
    );
  }

  async function take(): Promise<boolean> {
    const lock = randomUUID();
    const entry = await answered(worker.getNextJob(lock, { block: false }));
    if (!entry) return false;
    const { stream: id } = PAYLOADS.live.parse(entry.data);
    const taken = await answered(board.take(id, name));
    if (!taken || taken.wish === 'stopped') {
      await answered(entry.moveToCompleted(null, lock, false));
      return true;
    }
    const known = held.get(id);
    if (known) {
      known.adopt(taken, { entry, lock });
      return true;
    }
    log.info({ stream: id, token: taken.token }, 'stream taken');
    const mine = await hold(id, taken, { entry, lock }, holding);
    held.set(id, mine);
    const noted = deps.doing.begin({ queue: 'live', stream: id });
    void mine.ended
      .catch((error) => log.error({ stream: id, err: error }, 'a stream was let go by a fault of ours'))
      .finally(() => {
        held.delete(id);
        noted[Symbol.dispose]();
      });
    return true;
  }

  await worker.startStalledCheckTimer();
  log.info({ queues: ['live'], gate: gate.url, worker: name }, 'worker ready for streams');
  while (!signal.aborted) {
    try {
      while (!signal.aborted && (await isMyTurn()) && (await take()));
    } catch (error) {
      away(error as Error);
    }
    await sleep(LOOK, undefined, { signal }).catch(() => {}); // The loop looks at the signal.
  }
  // Whoever is left need not wait for us.
  const full = { streams: config.live.streams, most: config.live.streams };
  await answered(board.load(name, full, 1)).catch(() => {}); // It is forgotten soon.
  for (const one of held.values()) one.drain();
  await Promise.allSettled([...held.values()].map(({ ended }) => ended));
  await worker.close();
}
