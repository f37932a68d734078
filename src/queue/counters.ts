import type { RedisClient } from './connection.ts';

/** What workers have done since the beginning, summed up over all of them, for the metrics. */
export interface Counters {
  /** Adds to counters, such as `frames:analyse` or `seconds:decode`. Best effort: it never throws. */
  add(counts: Readonly<Record<string, number>>): Promise<void>;
  read(): Promise<ReadonlyMap<string, number>>;
}

export function createCounters(redis: RedisClient, prefix: string): Counters {
  const key = `${prefix}:counters`;
  return {
    async add(counts) {
      try {
        for (const [field, value] of Object.entries(counts)) await redis.hincrbyfloat(key, field, value);
      } catch {
        // Redis is away: work goes on, and a few counts are lost.
      }
    },
    async read() {
      const fields = await redis.hgetall(key);
      return new Map(Object.entries(fields).map(([field, value]) => [field, Number(value)]));
    },
  };
}
