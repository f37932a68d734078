import type { RedisClient } from './connection.ts';
import type { QueueName } from './names.ts';
import { NOW, SWEEP } from './stream-board-scripts.ts';

/**
 * What each worker process says of itself, every few seconds. Nothing hangs on it but what people are shown: a worker that
 * is gone is forgotten when its last word is too old, by the clock of Redis.
 */
export interface WorkerBoard {
  /** `id`: of the process; its word holds for `WORD_HOLDS` milliseconds. */
  say(id: string, report: WorkerReport): Promise<void>;
  /** Takes the word back. */
  leave(id: string): Promise<void>;
  /** Those whose word holds, by their ids. */
  all(): Promise<readonly WorkerSighting[]>;
}

export interface WorkerReport {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly queues: readonly QueueName[];
  /** Milliseconds since 1970 by the clock of its machine. */
  readonly since: number;
  /** What it is doing; the oldest `MOST_PIECES`, and how many there are in all. */
  readonly work: readonly PieceOfWork[];
  readonly working: number;
  /** It takes up nothing new, because the disk of the storage is nearly full. */
  readonly full: boolean;
  /** Models in memory. */
  readonly models: readonly LoadedModel[];
  /** Names of the packs that its machine has. */
  readonly packs: readonly string[];
  readonly gpus: readonly Gpu[];
  /** Of the process: bytes in memory, and cores in use of late; what it has started is not counted. */
  readonly rss: number;
  readonly cpu: number;
  /** Of the machine: cores, load of the last minute, bytes of memory. */
  readonly cores: number;
  readonly load: number;
  readonly memory: { readonly total: number; readonly free: number };
}

export interface PieceOfWork {
  readonly queue: QueueName;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly job?: string;
  readonly stream?: string;
  readonly clip?: string;
  /** Number of the chunk. */
  readonly part?: number;
  /** What is done of it, where a queue has several kinds of work. */
  readonly step?: string;
}

export interface LoadedModel {
  readonly name: string;
  readonly provider: string;
  readonly precision: string;
}

export interface Gpu {
  readonly name: string;
  /** Bytes, and 0..1; absent where the system does not tell. */
  readonly total?: number;
  readonly used?: number;
  readonly busy?: number;
}

export interface WorkerSighting extends WorkerReport {
  readonly id: string;
  /** Milliseconds since 1970 by our clock. */
  readonly seen: number;
}

/** Milliseconds that a worker's word holds. */
export const WORD_HOLDS = 15_000;
/** Pieces of work that a report names at most, so that it stays small. */
export const MOST_PIECES = 64;

/** Fields are ids, values `until:said:report`. ARGV: id, report, milliseconds. Whoever is new clears away what is over. */
const SAY = `${NOW}${SWEEP}
local now, holds = clock(), tonumber(ARGV[3])
local fresh = redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f:%.0f:%s', now + holds, now, ARGV[2]))
redis.call('PEXPIRE', KEYS[1], holds)
if fresh == 1 then sweep(now) end
return fresh
`;

/** Returns the time, then ids and `said:report` in turn. */
const ALL = `${NOW}${SWEEP}
local now = clock()
local found = sweep(now)
table.insert(found, 1, now)
return found
`;

/** `prefix`: what all keys begin with. */
export function createWorkerBoard(redis: RedisClient, { prefix }: { readonly prefix: string }): WorkerBoard {
  const key = `${prefix}:workers`;
  return {
    async say(id, report) {
      await redis.eval(SAY, 1, key, id, JSON.stringify(report), WORD_HOLDS);
    },
    async leave(id) {
      await redis.hdel(key, id);
    },
    async all() {
      const [now, ...list] = (await redis.eval(ALL, 1, key)) as [number, ...string[]];
      const ahead = Date.now() - now;
      const found: WorkerSighting[] = [];
      for (let i = 0; i < list.length; i += 2) {
        const [, said = '', report = ''] = /^(\d+):(.*)$/s.exec(list[i + 1]) ?? [];
        found.push({ ...JSON.parse(report), id: list[i], seen: Number(said) + ahead });
      }
      return found.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
}
