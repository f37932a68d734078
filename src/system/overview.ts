import { statfs } from 'node:fs/promises';
import type { Config } from '../config/load.ts';
import { asSidestreamError } from '../core/errors.ts';
import { answered, type RedisAddress, type RedisClient, whileAway } from '../queue/connection.ts';
import { QUEUES, type QueueName } from '../queue/names.ts';
import type { Queues } from '../queue/queues.ts';
import { redisFacts } from '../queue/redis-facts.ts';
import type { WorkerBoard, WorkerSighting } from '../queue/worker-board.ts';
import type { Storage } from '../storage/storage.ts';
import { keptFor } from './kept-for.ts';
import type { DiskView, QueueView, RedisView, System, SystemView, WorkerView } from './system.ts';

export interface OverviewDeps {
  readonly config: Config;
  readonly version: string;
  readonly redis: RedisClient;
  readonly redisKind: RedisAddress['kind'];
  readonly queues: Queues;
  readonly workers: WorkerBoard;
  readonly storage: Storage;
  readonly checks: () => Promise<SystemView['checks']>;
  /** Bytes that are kept. */
  readonly used: () => DiskView['used'];
}

/** Milliseconds that a view is good for: whoever shows it asks again and again. */
const [FRESH, CHECKED] = [1000, 5000];

export function createSystem(deps: OverviewDeps): System {
  const { config, version } = deps;
  const started = Date.now();
  // A check writes to the storage, which may cost something.
  const checks = keptFor(CHECKED, deps.checks);
  const used = keptFor(CHECKED, async () => deps.used());
  return {
    view: keptFor(FRESH, async () => {
      const [checked, queues, workers, disk, redis] = await Promise.all([
        checks(),
        answered(Promise.all(QUEUES.map((name) => queueView(name, deps.queues)))).catch(whileAway([])),
        answered(deps.workers.all()).catch(whileAway([])),
        diskView(config, deps.storage, used),
        answered(redisView(deps)).catch(whileAway(undefined)),
      ]);
      return {
        version,
        node: process.versions.node,
        platform: `${process.platform}-${process.arch}`,
        started_at: iso(started),
        uptime: Math.round((Date.now() - started) / 1000),
        time: iso(Date.now()),
        checks: checked,
        queues,
        workers: workers.map(workerView),
        disk,
        redis,
      };
    }),
  };
}

async function queueView(name: QueueName, queues: Queues): Promise<QueueView> {
  const [counts, paused] = await Promise.all([queues.counts(name), queues.queue(name).isPaused()]);
  const { active = 0, delayed = 0, failed = 0, waiting = 0, prioritized = 0 } = counts;
  const blocked = counts['waiting-children'] ?? 0;
  return { name, waiting: waiting + prioritized, delayed, blocked, active, failed, paused };
}

const workerView = ({ since, seen, work, ...rest }: WorkerSighting): WorkerView => ({
  ...rest,
  since: iso(since),
  seen_at: iso(seen),
  work: work.map((piece) => ({ ...piece, since: iso(piece.since) })),
});

async function diskView(
  config: Config,
  storage: Storage,
  used: () => Promise<DiskView['used']>,
): Promise<DiskView> {
  const { retention, record, clips } = config;
  const { bavail, blocks, bsize } = await statfs(config.data.directory);
  return {
    data: { total: blocks * bsize, free: bavail * bsize },
    storage: {
      kind: storage.kind,
      space: await storage.space().catch(ifUnreachable),
      reserve: config.storage.reserve_bytes,
    },
    used: await used(),
    limits: {
      quota_bytes: config.storage.quota_bytes,
      jobs: { days: retention.days, bytes: retention.max_bytes },
      recordings: { days: record.days, bytes: record.max_bytes, stream_bytes: record.stream_bytes },
      clips: { days: clips.days },
    },
  };
}

/** That the storage is away is told by the checks. */
function ifUnreachable(error: unknown): undefined {
  if (asSidestreamError(error).code !== 'STORAGE_UNREACHABLE') throw error;
}

async function redisView({ redis, redisKind: kind }: OverviewDeps): Promise<RedisView> {
  const { version, used, most, latency } = await redisFacts(redis);
  return { kind, version, memory: { used, most }, latency_ms: Math.round(latency * 100) / 100 };
}

const iso = (time: number): string => new Date(time).toISOString();
