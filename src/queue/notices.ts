import type { RedisClient } from './connection.ts';

/**
 * What workers tell the server, in order: it is taken once the server has kept it. Whoever tells keeps it elsewhere, too:
 * the list is for speed, and may be lost.
 */
export interface Notices {
  tell(name: NoticeName, notes: readonly string[]): Promise<void>;
  /** The oldest; they stay until they are `done`. */
  read(name: NoticeName, most: number): Promise<readonly string[]>;
  /** Forgets the oldest. */
  done(name: NoticeName, count: number): Promise<void>;
}

/** `recorded`: keys of cards; `events`: reports of events, as JSON. */
export type NoticeName = 'recorded' | 'events';

/** Notes that wait at most: while no server takes them, the oldest go. */
const MOST = 100_000;

export function createNotices(redis: RedisClient, { prefix }: { readonly prefix: string }): Notices {
  const keyOf = (name: NoticeName) => `${prefix}:notices:${name}`;
  return {
    async tell(name, notes) {
      if (notes.length === 0) return;
      await redis.rpush(keyOf(name), ...notes);
      await redis.ltrim(keyOf(name), -MOST, -1);
    },
    read: (name, most) => redis.lrange(keyOf(name), 0, most - 1),
    async done(name, count) {
      if (count > 0) await redis.ltrim(keyOf(name), count, -1);
    },
  };
}
