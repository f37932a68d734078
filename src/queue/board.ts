import type { ErrorCode } from '../core/errors.ts';
import { isFinal, type JobState, STAGES, type Stage } from '../jobs/jobs.ts';
import { FINISH, OPEN, PIN, RECUT, REPORT } from './board-scripts.ts';
import type { RedisClient } from './connection.ts';

/**
 * The state of a job while it is worked on, shared by all that work on it: who reports progress is told in the same
 * breath whether the job has been cancelled.
 */
export interface Board {
  /** Begins the board of a job; one that is there stays. */
  open(id: string): Promise<JobState>;
  /** Undefined: there is no such job any more. */
  report(id: string, report: Report): Promise<JobState | undefined>;
  /** The first end counts. Gives the state that the job has then. */
  finish(id: string, end: End): Promise<JobState | undefined>;
  /** The video is to be cut anew. */
  recut(id: string): Promise<void>;
  /** Settles something for all that work on a job: the first one's value counts. */
  pin(id: string, field: string, value: string): Promise<string>;
  read(ids: readonly string[]): Promise<readonly (BoardState | undefined)[]>;
  /** The states alone, which is less to ask for. */
  states(ids: readonly string[]): Promise<readonly (JobState | undefined)[]>;
  /** Events after the one with the id `after`, oldest first. */
  events(id: string, after: string, most: number): Promise<readonly BoardEvent[]>;
  remove(id: string): Promise<void>;
}

export interface Report {
  readonly stage: Stage;
  /** Number of the chunk. */
  readonly part: number;
  /** Frames of this chunk that are done. */
  readonly frames: number;
  /** Frames of all chunks; undefined where it is not known. */
  readonly total: number | undefined;
  /** Progress of the whole job where the stage begins and ends, 0..1. */
  readonly span: readonly [number, number];
}

export interface End {
  readonly state: 'done' | 'failed' | 'cancelled';
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

export interface BoardState {
  readonly state: JobState;
  readonly stage: Stage | undefined;
  /** 0..1 */
  readonly progress: number;
  readonly total: number | undefined;
  /** Frames that the stage has done. */
  readonly done: number;
  /** Frames a second. */
  readonly fps: number | undefined;
  readonly code: ErrorCode | undefined;
  readonly message: string | undefined;
  /** Milliseconds since 1970. */
  readonly started: number | undefined;
  readonly finished: number | undefined;
}

export interface BoardEvent extends Omit<BoardState, 'finished'> {
  readonly id: string;
  readonly event: 'progress' | 'stage' | 'done' | 'failed' | 'cancelled';
}

/** Milliseconds between two events of progress, at least. */
const EVENT_INTERVAL = 250;

/** `prefix`: what all keys begin with. `keepSeconds`: how long the board of a job that has ended is kept. */
export function createBoard(
  redis: RedisClient,
  { prefix, keepSeconds }: { readonly prefix: string; readonly keepSeconds: number },
): Board {
  const keys = (id: string) => [`${prefix}:board:${id}`, `${prefix}:events:${id}`] as const;
  const run = (script: string, id: string, ...values: (string | number)[]) =>
    redis.eval(script, 2, ...keys(id), ...values);
  return {
    open: async (id) => (await run(OPEN, id, Date.now())) as JobState,
    async report(id, { stage, part, frames, total, span }) {
      const rank = STAGES.indexOf(stage);
      const values = [Date.now(), stage, rank, part, frames, total ?? -1, ...span, EVENT_INTERVAL];
      return ((await run(REPORT, id, ...values)) as JobState | null) ?? undefined;
    },
    async finish(id, { state, error }) {
      const values = [Date.now(), state, error?.code ?? '', error?.message ?? '', keepSeconds];
      return ((await run(FINISH, id, ...values)) as JobState | null) ?? undefined;
    },
    async recut(id) {
      await run(RECUT, id, STAGES.indexOf('plan'));
    },
    pin: async (id, field, value) => String(await run(PIN, id, `pin-${field}`, value)),
    read: (ids) => Promise.all(ids.map(async (id) => stateOf(await redis.hgetall(keys(id)[0])))),
    states: (ids) =>
      Promise.all(
        ids.map(async (id) => ((await redis.hget(keys(id)[0], 'state')) as JobState | null) ?? undefined),
      ),
    async events(id, after, most) {
      const entries = await redis.xrange(keys(id)[1], `(${after}`, '+', 'COUNT', most);
      return entries.map(([entry, fields]) => eventOf(entry, fields));
    },
    async remove(id) {
      for (const key of keys(id)) await redis.del(key);
    },
  };
}

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text);

function stateOf(fields: Record<string, string>): BoardState | undefined {
  if (!fields.state) return undefined;
  return { ...common(fields, fields[`done:${fields.stage}`]), ...times(fields) };
}

function times({ started, finished }: Record<string, string>) {
  return { started: numberOf(started), finished: numberOf(finished) };
}

function common(
  fields: Record<string, string>,
  done: string | undefined,
): Omit<BoardState, 'started' | 'finished'> {
  const state = fields.state as JobState;
  return {
    state,
    stage: (fields.stage || undefined) as Stage | undefined,
    progress: Number(fields.progress ?? 0),
    total: numberOf(fields.total),
    done: numberOf(done) ?? 0,
    fps: isFinal(state) ? undefined : numberOf(fields.fps),
    code: (fields.code || undefined) as ErrorCode | undefined,
    message: fields.message || undefined,
  };
}

function eventOf(id: string, list: readonly string[]): BoardEvent {
  const fields: Record<string, string> = {};
  for (let i = 0; i < list.length; i += 2) fields[list[i]] = list[i + 1];
  const event = fields.event as BoardEvent['event'];
  return { id, event, started: numberOf(fields.started), ...common(fields, fields.done) };
}
