import { type JobsOptions, Queue } from 'bullmq';
import { z } from 'zod';
import { fnv1a } from '../core/hash.ts';
import { BEGUN, TAGS } from './board-scripts.ts';
import type { RedisClient } from './connection.ts';
import type { AnyQueue } from './names.ts';

/**
 * The queues. In them are ids and numbers alone: what a job is about lies in the storage. A job is one entry of `jobs`,
 * which plans, waits for its chunks in `analyse`, associates, waits for those in `render`, and joins. A stream is one entry
 * of `live`, as long as it is to go on: whoever works on that holds it. What is made of recordings is an entry of `clips`,
 * and questions that somebody waits for are entries of `cameras` and `previews`.
 */
const id = z.string().regex(/^[a-z0-9]{10,40}$/);
export const PAYLOADS = {
  jobs: z.strictObject({
    job: id,
    /** What comes next. */
    step: z.enum(['plan', 'associate', 'join']),
    /** The video is not to be cut. */
    whole: z.boolean(),
  }),
  analyse: z.strictObject({ job: id, part: z.int().min(0), whole: z.boolean() }),
  render: z.strictObject({ job: id, part: z.int().min(0) }),
  live: z.strictObject({ stream: id }),
  clips: z.discriminatedUnion('step', [
    z.strictObject({ step: z.literal('cut'), clip: id }),
    /** Names painted over a clip, and its masks. */
    z.strictObject({ step: z.literal('paint'), clip: id }),
    /** Words that are to be embedded: a key of the storage has them. */
    z.strictObject({ step: z.literal('words'), key: z.string() }),
    /** The picture of a moment: that key is to have it, and that segment does. */
    z.strictObject({
      step: z.literal('picture'),
      key: z.string(),
      video: z.string(),
      seconds: z.number().min(0),
    }),
  ]),
  /** Questions by their numbers. */
  cameras: z.strictObject({ key: id }),
  previews: z.strictObject({ key: id }),
};
export type Payload<Q extends AnyQueue> = z.infer<(typeof PAYLOADS)[Q]>;

/** The same work has the same id: it is in the queue once. */
export const entryId = {
  jobs: ({ job }: Payload<'jobs'>) => job,
  analyse: ({ job, part, whole }: Payload<'analyse'>) => `${job}-${whole ? 'w' : 'a'}${part}`,
  render: ({ job, part }: Payload<'render'>) => `${job}-r${part}`,
  live: ({ stream }: Payload<'live'>) => stream,
  clips: (payload: Payload<'clips'>) =>
    'clip' in payload ? `${payload.clip}-${payload.step}` : `${payload.step}-${fnv1a(payload.key)}`,
  cameras: ({ key }: Payload<'cameras'>) => key,
  previews: ({ key }: Payload<'previews'>) => key,
} as const;

export const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];
/** BullMQ knows 2^21 priorities, the least first: a class takes a fourth of them. */
const CLASS = 2 ** 19;

export interface Enqueuing {
  readonly submitter: string;
  readonly priority: Priority;
  /** The entry of `jobs` that waits for these. */
  readonly parent?: { readonly id: string; readonly queue: string };
}

export interface Queues extends AsyncDisposable {
  readonly queue: (name: AnyQueue) => Queue;
  /** Adds entries; those that are there already stay as they are. Submitters take turns within a class of priority. */
  add<Q extends AnyQueue>(name: Q, payloads: readonly Payload<Q>[], how: Enqueuing): Promise<void>;
  /** Says that an entry is being worked on, so that whoever comes later is queued behind it. */
  begun(name: AnyQueue, priority: number | undefined): Promise<void>;
  /** Rejects where Redis does not answer. */
  ping(): Promise<void>;
  /** As BullMQ has it: `waiting`, `active`, `failed`…, `unknown` where there is no such entry. */
  stateOf(name: AnyQueue, id: string): Promise<string>;
  /** How many others an entry still waits for. */
  pending(name: AnyQueue, id: string): Promise<number>;
  /** How many entries are in each state. */
  counts(name: AnyQueue): Promise<Readonly<Record<string, number>>>;
  /** By what id the queue knows an entry. */
  entryOf(name: AnyQueue, payload: Payload<AnyQueue>): string;
  failureOf(name: AnyQueue, id: string): Promise<string | undefined>;
  /** Removes an entry that nobody works on, with those that it waits for. */
  remove(name: AnyQueue, id: string): Promise<void>;
}

export interface QueuesOptions {
  /** What all keys begin with. */
  readonly prefix: string;
  /** Tries of an entry of a job. */
  readonly attempts: number;
  /** Seconds that finished entries are remembered, and how many at most. */
  readonly keepSeconds: number;
}

const KEEP_COUNT = 2000;

/** A stream is never given up. Its entry leaves nothing behind, so that it can be added anew at once. */
const LIVE: JobsOptions = {
  attempts: 1_000_000,
  backoff: { type: 'fixed', delay: 1000 },
  removeOnComplete: true,
  removeOnFail: true,
};

/** What is made of recordings may be asked for again once it is done; why it failed is remembered for a while. */
const AGAIN: JobsOptions = { removeOnComplete: true, removeOnFail: { age: 3600, count: 1000 } };

/** Somebody waits for it now. */
const ONCE: JobsOptions = { ...AGAIN, attempts: 1 };

export function openQueues(redis: RedisClient, options: QueuesOptions): Queues {
  const { prefix, attempts, keepSeconds } = options;
  const kept = { age: keepSeconds, count: KEEP_COUNT };
  const tries: JobsOptions = {
    attempts,
    backoff: { type: 'exponential', delay: 1000, jitter: 0.5 },
    removeOnComplete: kept,
    removeOnFail: kept,
  };
  const own: Partial<Record<AnyQueue, JobsOptions>> = {
    ...{ live: LIVE, clips: { ...tries, ...AGAIN }, cameras: ONCE, previews: ONCE },
  };
  const queues = new Map<AnyQueue, Queue>();
  const queue = (name: AnyQueue): Queue => {
    let known = queues.get(name);
    if (!known) {
      known = new Queue(name, { connection: redis, prefix, skipVersionCheck: true });
      known.on('error', () => {}); // The connection's own listener tells.
      queues.set(name, known);
    }
    return known;
  };
  const tagsKey = (name: AnyQueue) => `${prefix}:fair:${name}`;
  return {
    queue,
    async add(name, payloads, { submitter, priority, parent }) {
      if (payloads.length === 0) return;
      const rank = PRIORITIES.indexOf(priority);
      const prioritised = queue(name).toKey('prioritized');
      const values = [rank, submitter, payloads.length];
      const first = Number(await redis.eval(TAGS, 2, tagsKey(name), prioritised, ...values));
      const entries = payloads.map((payload, i) => {
        const data = PAYLOADS[name].parse(payload);
        const opts: JobsOptions = {
          jobId: entryId[name](data as never),
          priority: rank * CLASS + Math.min(first + i, CLASS - 1),
          ...(own[name] ?? tries),
          ...(parent ? { parent: { id: parent.id, queue: parent.queue }, failParentOnFailure: true } : {}),
        };
        return { name, data, opts };
      });
      await queue(name).addBulk(entries);
    },
    async begun(name, priority = 0) {
      await redis.eval(BEGUN, 1, tagsKey(name), Math.floor(priority / CLASS), priority % CLASS);
    },
    async ping() {
      await redis.ping();
    },
    stateOf: (name, id) => queue(name).getJobState(id),
    async pending(name, id) {
      const entry = await queue(name).getJob(id);
      return (await entry?.getDependenciesCount({ unprocessed: true }))?.unprocessed ?? 0;
    },
    counts: (name) =>
      queue(name).getJobCounts('active', 'prioritized', 'waiting', 'delayed', 'waiting-children', 'failed'),
    entryOf: (name, payload) => entryId[name](payload as never),
    failureOf: async (name, id) => (await queue(name).getJob(id))?.failedReason,
    async remove(name, id) {
      await queue(name).remove(id, { removeChildren: true });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...queues.values()].map((one) => one.close()));
    },
  };
}

/** Keys of one hash slot, as Redis Cluster asks of keys that are used together. */
export const keyPrefix = (prefix: string): string => `{${prefix}}`;
