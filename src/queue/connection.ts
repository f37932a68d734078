import { readFileSync } from 'node:fs';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';

/** Where Redis is, and how it is spoken to. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** Of every connection to a server that holds data. */
  readonly options: RedisOptions;
  /** The sentinels, or some servers of the cluster. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
}

export type RedisClient = Redis | Cluster;

/**
 * Reads redis://[user:password@]host[:port][/db], rediss:// (TLS; ?ca=file for certificates of one's own),
 * unix:///path[?db=n], and for several servers
 * redis+sentinel://[user:password@]host[:port],…/name[/db] and redis+cluster://[user:password@]host[:port],…
 * Throws CONFIG.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const invalid = (why: string) => new SidestreamError('CONFIG', `redis.url ${redact(url)}: ${why}`);
  const parts =
    /^(unix|(rediss?)(?:\+(sentinel|cluster))?):\/\/(?:(.*)@)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/.exec(url);
  if (!parts)
    throw invalid('it must begin with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://');
  const [, scheme, protocol, several, user, hosts, path = '', query] = parts;
  const parameters = new URLSearchParams(query);
  const options: RedisOptions = {
    ...credentials(user),
    ...(protocol === 'rediss' ? { tls: tlsOf(parameters.get('ca')) } : {}),
    ...database(parameters.get('db') ?? undefined, invalid),
  };
  if (scheme === 'unix')
    return { kind: 'single', options: { ...options, path: `${hosts}${path}` }, nodes: [] };
  const nodes = hosts.split(',').map((host) => nodeOf(host, several === 'sentinel' ? 26_379 : 6379, invalid));
  const [first, second] = path.split('/').filter(Boolean);
  if (several === 'sentinel') {
    if (!first) throw invalid('the name of the master is missing: redis+sentinel://host/name');
    return { kind: 'sentinel', options: { ...options, name: first, ...database(second, invalid) }, nodes };
  }
  if (several === 'cluster') return { kind: 'cluster', options, nodes };
  if (nodes.length > 1) throw invalid('several hosts need redis+sentinel:// or redis+cluster://');
  return { kind: 'single', options: { ...options, ...nodes[0], ...database(first, invalid) }, nodes };
}

type Invalid = (why: string) => SidestreamError;

function credentials(user: string | undefined): RedisOptions {
  if (!user) return {};
  const at = user.indexOf(':');
  const [name, password] = at < 0 ? ['', user] : [user.slice(0, at), user.slice(at + 1)];
  return { ...(name ? { username: decodeURIComponent(name) } : {}), password: decodeURIComponent(password) };
}

/** `ca`: file with the certificates to trust, where the system's do not do. */
function tlsOf(ca: string | null): NonNullable<RedisOptions['tls']> {
  try {
    return ca === null ? {} : { ca: readFileSync(ca) };
  } catch (error) {
    throw new SidestreamError('CONFIG', `redis.url: ${ca} cannot be read: it should hold certificates`, {
      cause: error,
    });
  }
}

function database(text: string | undefined, invalid: Invalid): RedisOptions {
  if (text === undefined) return {};
  if (!/^\d{1,5}$/.test(text)) throw invalid(`${text} is no number of a database`);
  return { db: Number(text) };
}

function nodeOf(text: string, standard: number, invalid: Invalid): { host: string; port: number } {
  const parts = /^(?:\[([\da-f:]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text);
  if (!parts) throw invalid(`${text || 'nothing'} is no host`);
  return { host: parts[1] ?? parts[2], port: parts[3] ? Number(parts[3]) : standard };
}

/** Milliseconds until the next try to connect, forever: a Redis that is restarted is found again. */
const retryStrategy = (times: number): number => Math.min(2000, 50 * 2 ** Math.min(times, 6));

/** Connects, in the background and again after every interruption. Errors go to `say`; the caller closes it. */
export function connectRedis(
  { kind, options, nodes }: RedisAddress,
  say: (error: Error) => void,
  extra: RedisOptions = {},
): RedisClient {
  const all = { ...options, maxRetriesPerRequest: null, retryStrategy, ...extra } as object;
  const client =
    kind === 'cluster'
      ? new Cluster([...nodes], { redisOptions: all, clusterRetryStrategy: retryStrategy })
      : new Redis(
          kind === 'sentinel'
            ? {
                ...all,
                sentinels: [...nodes],
                sentinelRetryStrategy: retryStrategy,
                ...(options.password ? { sentinelPassword: options.password } : {}),
              }
            : all,
        );
  client.on('error', say);
  return client;
}

/** Waits for work with Redis as one waits for a person: not forever. Throws REDIS_UNREACHABLE. */
export async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    const message = 'Redis does not answer: check that it runs, and redis.url';
    throw new SidestreamError('REDIS_UNREACHABLE', message, { cause: error });
  }
}

/** What to go on with where Redis does not answer; other errors are thrown on. */
export const whileAway =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof SidestreamError && error.code === 'REDIS_UNREACHABLE') return instead;
    throw error;
  };

export const isUnreachable = (error: unknown): boolean =>
  error instanceof Error &&
  /Connection is closed|Command timed out|ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|LOADING|CLUSTERDOWN|READONLY|MaxRetriesPerRequest|Failed to refresh slots|Stream isn't writeable/.test(
    `${error.name} ${error.message}`,
  );
