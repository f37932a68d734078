import type { Config } from '../config/load.ts';
import { type Board, createBoard } from './board.ts';
import type { RedisClient } from './connection.ts';
import { type Counters, createCounters } from './counters.ts';
import { createNotices, type Notices } from './notices.ts';
import { keyPrefix, openQueues, type Queues } from './queues.ts';
import { createStreamBoard, type StreamBoard } from './stream-board.ts';

/** What servers and workers share in Redis. */
export interface Shared {
  /** What all keys begin with. */
  readonly prefix: string;
  readonly queues: Queues;
  readonly board: Board;
  readonly streams: StreamBoard;
  readonly counters: Counters;
  readonly notices: Notices;
}

export function openShared({ redis: { prefix: word }, jobs, retention }: Config, redis: RedisClient): Shared {
  const prefix = keyPrefix(word);
  const keepSeconds = Math.round(retention.redis_hours * 3600);
  return {
    prefix,
    queues: openQueues(redis, { prefix, attempts: jobs.attempts, keepSeconds }),
    board: createBoard(redis, { prefix, keepSeconds }),
    streams: createStreamBoard(redis, { prefix }),
    counters: createCounters(redis, prefix),
    notices: createNotices(redis, { prefix }),
  };
}
