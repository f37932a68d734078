import type { Fault, StreamState, StreamStats, Wish } from '../streams/streams.ts';
import type { RedisClient } from './connection.ts';
import { LOAD, LOADS, READ, RELEASE, SAVED, TAKE, TELL, WANT } from './stream-board-scripts.ts';

/**
 * What servers and workers tell each other of a stream. Who holds a stream has a token, a number that grows with each
 * holder; whatever is said with an older token is not heard (a fencing token: Kleppmann, How to do distributed locking,
 * 2016). So a holder that was taken for dead learns that it is none any more and can spoil nothing.
 */
export interface StreamBoard {
  /** Says what is asked of the stream; the newest revision counts. Begins the board where it is not there. */
  want(id: string, revision: number, wish: Wish): Promise<void>;
  /** Takes the stream over: gives a new token. Undefined where the board is not there: the stream was removed. */
  take(id: string, worker: string): Promise<Taken | undefined>;
  /** Undefined: the token is an old one, or the stream was removed; whoever says it must stop. */
  report(id: string, token: number, report: StreamReport): Promise<Wanted | undefined>;
  /** Says where the state of the association lies (a key of the storage). False where the token is an old one. */
  saved(id: string, token: number, key: string): Promise<boolean>;
  /** Gives the stream back: nobody holds it. Nothing where the token is an old one. */
  release(id: string, token: number): Promise<void>;
  read(ids: readonly string[]): Promise<readonly (StreamSituation | undefined)[]>;
  remove(id: string): Promise<void>;
  /** Says how many streams this worker holds, and could; forgotten after `seconds`. */
  load(worker: string, load: Load, seconds: number): Promise<void>;
  loads(): Promise<ReadonlyMap<string, Load>>;
}

export interface Wanted {
  readonly revision: number;
  readonly wish: Wish;
}

export interface Taken extends Wanted {
  readonly token: number;
  /** Key of the storage where the last holder left its state. */
  readonly state: string | undefined;
}

export interface StreamReport {
  readonly state: StreamState;
  readonly reason: Fault | undefined;
  /** The revision that is in force. */
  readonly applied: number;
  /** A revision that was refused, and why. */
  readonly refused?: { readonly revision: number; readonly fault: Fault };
  readonly stats: StreamStats | undefined;
  /** Where the worker is asked for pictures: its address (http://host:port), and the word that opens it. */
  readonly gate: { readonly url: string; readonly word: string };
}

export interface StreamSituation extends Wanted {
  /** Of the newest holder; 0 before the first. */
  readonly token: number;
  readonly worker: string | undefined;
  readonly report: StreamReport | undefined;
  /** Milliseconds since 1970 of the last report, and since when its state is what it is. */
  readonly reported: number | undefined;
  readonly since: number | undefined;
  readonly saved: string | undefined;
}

export interface Load {
  readonly streams: number;
  readonly most: number;
}

/** `prefix`: what all keys begin with; of one hash slot, as Redis Cluster asks of keys that are read together. */
export function createStreamBoard(redis: RedisClient, { prefix }: { readonly prefix: string }): StreamBoard {
  const keyOf = (id: string) => `${prefix}:stream:${id}`;
  const loadsKey = `${prefix}:stream-loads`;
  const run = (script: string, id: string, ...values: (string | number)[]) =>
    redis.eval(script, 1, keyOf(id), ...values);
  return {
    async want(id, revision, wish) {
      await run(WANT, id, revision, wish);
    },
    async take(id, worker) {
      const taken = (await run(TAKE, id, worker)) as Reply | null;
      if (!taken) return undefined;
      const [token, revision, wish, saved] = taken;
      return { token: Number(token), ...wantedOf(revision, wish), state: saved ?? undefined };
    },
    async report(id, token, report) {
      const wanted = (await run(TELL, id, token, report.state, JSON.stringify(report))) as Reply | null;
      return wanted ? wantedOf(wanted[0], wanted[1]) : undefined;
    },
    saved: async (id, token, key) => (await run(SAVED, id, token, key)) === 1,
    async release(id, token) {
      await run(RELEASE, id, token);
    },
    async read(ids) {
      if (ids.length === 0) return [];
      const [now, ...boards] = (await redis.eval(READ, ids.length, ...ids.map(keyOf))) as [
        number,
        ...Reply[],
      ];
      return boards.map((fields) => situationOf(fields, Date.now() - now));
    },
    async remove(id) {
      await redis.del(keyOf(id));
    },
    async load(worker, { streams, most }, seconds) {
      await redis.eval(LOAD, 1, loadsKey, worker, streams, most, Math.round(seconds * 1000));
    },
    async loads() {
      const list = (await redis.eval(LOADS, 1, loadsKey)) as string[];
      const loads = new Map<string, Load>();
      for (let i = 0; i < list.length; i += 2) {
        const [streams, most] = list[i + 1].split(':').map(Number);
        loads.set(list[i], { streams, most });
      }
      return loads;
    },
  };
}

type Reply = readonly (string | null)[];

const wantedOf = (revision: string | null, wish: string | null): Wanted => ({
  revision: Number(revision),
  wish: wish as Wish,
});

/** `ahead`: milliseconds that our clock is ahead of that of Redis; it is by ours that a report is judged too old. */
function situationOf(fields: Reply, ahead: number): StreamSituation | undefined {
  const [revision, wish, token, worker, report, reported, since, saved] = fields;
  if (revision === null) return undefined;
  return {
    ...wantedOf(revision, wish),
    token: Number(token ?? 0),
    worker: worker ?? undefined,
    report: report === null ? undefined : JSON.parse(report),
    reported: reported === null ? undefined : Number(reported) + ahead,
    since: since === null ? undefined : Number(since),
    saved: saved ?? undefined,
  };
}
