import { Cluster } from 'ioredis';
import type { RedisClient } from './connection.ts';

export interface RedisFacts {
  readonly version: string;
  /** Bytes that its servers use, and may; 0: there is no limit. */
  readonly used: number;
  readonly most: number;
  /** Milliseconds of one question and its answer. */
  readonly latency: number;
}

/** What Redis says of itself; of a cluster, its masters together. */
export async function redisFacts(redis: RedisClient): Promise<RedisFacts> {
  const begun = performance.now();
  await redis.ping();
  const latency = performance.now() - begun;
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const texts = await Promise.all(
    servers.map(async (server) => `${await server.info('server')}\n${await server.info('memory')}`),
  );
  const field = (text: string, name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '';
  const sum = (name: string) => texts.reduce((all, text) => all + Number(field(text, name)), 0);
  return {
    version: field(texts[0] ?? '', 'redis_version'),
    used: sum('used_memory'),
    most: sum('maxmemory'),
    latency,
  };
}
