import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { SidestreamError } from '../../../src/core/errors.ts';
import {
  isFinal,
  type JobEvent,
  type Jobs,
  type JobView,
  type Key,
  type Keys,
  type ResultObject,
  type Role,
  type Submitter,
  type Uploads,
} from '../../../src/jobs/jobs.ts';
import { type JobRequest, jobRequestSchema, type LabelRequest } from '../../../src/jobs/request.ts';
import type { Sessions } from '../../../src/jobs/sessions.ts';
import { jobView } from '../../fixtures/job-view.ts';

/** The ports of the API in memory, with what a test wants to see of how they were called. */

export interface Submission {
  readonly request: JobRequest | LabelRequest;
  readonly submitter: Submitter;
  readonly key: string | undefined;
}

export interface FakeJobs extends Jobs {
  readonly submissions: Submission[];
  readonly views: Map<string, JobView>;
  readonly results: Map<string, ResultObject>;
  /** Generators of events that have been begun, and not ended. */
  readonly watching: () => number;
  /** What `events` was asked to go on after. */
  readonly resumed: (string | undefined)[];
  happen(id: string, event: JobEvent): void;
  /** Thrown by the next call of `submit`. */
  fail: Error | undefined;
}

export function fakeJobs(): FakeJobs {
  const views = new Map<string, JobView>();
  const submissions: Submission[] = [];
  const resumed: (string | undefined)[] = [];
  const results = new Map<string, ResultObject>();
  const happened = new Map<string, JobEvent[]>();
  const waiting = new Set<() => void>();
  let watching = 0;
  const get = (id: string): JobView => {
    const view = views.get(id);
    if (!view) throw new SidestreamError('JOB_NOT_FOUND', `there is no job ${id}`);
    return view;
  };
  const add = (request: JobRequest | LabelRequest, submitter: Submitter, key: string | undefined) => {
    const same = submissions.findIndex((one) => key !== undefined && one.key === key);
    submissions.push({ request, submitter, key });
    if (same >= 0) {
      if (JSON.stringify(submissions[same]?.request) !== JSON.stringify(request)) {
        throw new SidestreamError('CONFLICT', `the idempotency key ${key} was used for another request`);
      }
      return get(`job${same + 1}`);
    }
    const id = `job${submissions.length}`;
    const { priority, metadata = {} } = request;
    const input = 'input' in request ? request.input : { url: 'https://example.org/street.mp4' };
    views.set(id, jobView(id, { priority, metadata, input }));
    return get(id);
  };
  const jobs: FakeJobs = {
    submissions,
    views,
    results,
    resumed,
    fail: undefined,
    watching: () => watching,
    happen(id, event) {
      happened.set(id, [...(happened.get(id) ?? []), event]);
      if (['done', 'failed', 'cancelled'].includes(event.event)) {
        views.set(id, { ...get(id), state: event.event as 'done' });
      }
      for (const wake of waiting) wake();
    },
    async submit(request, submitter, key) {
      if (jobs.fail) throw jobs.fail;
      return add(request, submitter, key);
    },
    async label(id, request, submitter, key) {
      get(id);
      return add(request, submitter, key);
    },
    async retry(id, submitter, key) {
      const { state, priority, metadata, input } = get(id);
      if (!isFinal(state)) throw new SidestreamError('CONFLICT', `job ${id} is ${state}`);
      const request = { ...jobRequestSchema.parse({ input }), priority, metadata: { ...metadata } };
      const view = add(request, submitter, key);
      views.set(view.id, { ...view, retry_of: id });
      return get(view.id);
    },
    async get(id) {
      return get(id);
    },
    async list({ state, label, cursor, limit }) {
      const all = [...views.values()]
        .reverse()
        .filter((view) => state === undefined || view.state === state)
        .filter((view) => label === undefined || view.vocabulary.includes(label));
      const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
      if (cursor !== undefined && from === 0) throw new SidestreamError('USAGE', 'cursor: is none');
      const page = all.slice(from, from + limit);
      return { jobs: page, next: all.length > from + limit ? page.at(-1)?.id : undefined };
    },
    async cancel(id) {
      const view = get(id);
      if (!isFinal(view.state)) views.set(id, { ...view, state: 'cancelled' });
      return get(id);
    },
    async remove(id) {
      views.delete(id);
    },
    async *events(id, after, signal) {
      resumed.push(after);
      watching++;
      try {
        let position = 0;
        for (;;) {
          const list = happened.get(id) ?? [];
          if (position === 0 && after !== undefined) position = list.findIndex((one) => one.id === after) + 1;
          for (const event of list.slice(position)) {
            position++;
            yield event;
          }
          if (signal.aborted || isFinal(get(id).state)) return;
          await new Promise<void>((resolve) => {
            const wake = () => {
              waiting.delete(wake);
              signal.removeEventListener('abort', wake);
              resolve();
            };
            waiting.add(wake);
            signal.addEventListener('abort', wake);
          });
        }
      } finally {
        watching--;
      }
    },
    async result(id, name) {
      get(id);
      const found = results.get(`${id}/${name}`);
      if (!found) throw new SidestreamError('RESULT_NOT_FOUND', `job ${id} has no ${name}`);
      return found;
    },
  };
  return jobs;
}

/** A result that lies in memory. `open` counts how many of its streams are not closed yet. */
export function resultOf(
  content: Buffer,
  more: Partial<ResultObject> = {},
): ResultObject & { readonly opened: () => number } {
  let opened = 0;
  return {
    bytes: content.length,
    type: 'video/mp4',
    etag: 'abc-1',
    modified: new Date('2030-01-02T03:04:05.678Z'),
    fileName: 'street.mp4',
    async open(range) {
      opened++;
      const part = range ? content.subarray(range.start, range.end + 1) : content;
      const stream = Readable.from(chunksOf(part));
      stream.once('close', () => opened--);
      return stream;
    },
    async presign() {
      return undefined;
    },
    opened: () => opened,
    ...more,
  };
}

function* chunksOf(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
}

export function fakeKeys(): Keys & { secretOf(role: Role): string } {
  const keys = new Map<string, Key>();
  const inForce = () => [...keys.values()].filter((key) => key.revoked_at === undefined);
  const fake = {
    count: () => inForce().length,
    list: () => [...keys.values()],
    create(name: string, role: Role) {
      const id = randomBytes(6).toString('hex');
      const secret = `ssk_${id}_${randomBytes(32).toString('base64url')}`;
      const key: Key = { id, name, role, created_at: '2030-01-02T03:04:05.678Z', revoked_at: undefined };
      keys.set(secret, key);
      return { key, secret };
    },
    revoke(id: string) {
      const found = [...keys].find(([, key]) => key.id === id && key.revoked_at === undefined);
      if (!found) return false;
      keys.set(found[0], { ...found[1], revoked_at: '2030-01-02T03:04:06.000Z' });
      return true;
    },
    find: (secret: string) => inForce().find((key) => keys.get(secret)?.id === key.id),
    secretOf: (role: Role) => fake.create(role, role).secret,
  };
  return fake;
}

export function fakeSessions(keys: Keys): Sessions & { expire(): void } {
  const sessions = new Map<string, string>();
  const find = (secret: string) =>
    keys.list().find(({ id, revoked_at }) => id === sessions.get(secret) && revoked_at === undefined);
  return {
    open({ id }) {
      const secret = randomBytes(32).toString('base64url');
      sessions.set(secret, id);
      return { secret, maxAge: 3600 };
    },
    find,
    visit(secret) {
      const key = find(secret);
      return key && { key, maxAge: undefined };
    },
    close: (secret) => void sessions.delete(secret),
    expire: () => sessions.clear(),
  };
}

export interface Taken {
  readonly id: string;
  readonly fileName: string;
  readonly submitter: string;
  readonly content: Buffer;
}

export function fakeUploads(
  folder: string,
  maxBytes = 10_000_000,
): Uploads & { readonly taken: Taken[]; room: number; fail: Error | undefined } {
  const taken: Taken[] = [];
  const fake = {
    folder,
    maxBytes,
    taken,
    room: Number.POSITIVE_INFINITY,
    fail: undefined as Error | undefined,
    async take(path: string, file: { fileName: string; submitter: Submitter; id?: string }) {
      if (fake.fail) throw fake.fail;
      const content = await readFile(path);
      await rm(path);
      const id = file.id ?? randomBytes(16).toString('hex');
      taken.push({ id, fileName: file.fileName, submitter: file.submitter.id, content });
      return { id, bytes: content.length };
    },
    async check(bytes: number) {
      if (bytes > fake.room) throw new SidestreamError('QUOTA_EXCEEDED', 'the storage is used up');
    },
  };
  return fake;
}
