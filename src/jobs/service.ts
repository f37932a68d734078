import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/load.ts';
import { SidestreamError } from '../core/errors.ts';
import type { Guard } from '../net/address-guard.ts';
import type { Board, BoardEvent, BoardState } from '../queue/board.ts';
import { answered, whileAway } from '../queue/connection.ts';
import type { Queues } from '../queue/queues.ts';
import type { Storage } from '../storage/storage.ts';
import { describeJob, describeLabel, firstView } from './describe.ts';
import { type JobDescription, jobKeys, readDescription } from './description.ts';
import { isFinal, type Jobs, type JobView, RESULTS, type ResultName, type Submitter } from './jobs.ts';
import type { JobRecord, Records, Webhook } from './records.ts';
import type { JobRequest, LabelRequest } from './request.ts';
import { resultObject } from './result-object.ts';
import { describeRetry } from './retry.ts';
import type { Room } from './room.ts';
import { sourceOf } from './source.ts';
import type { UploadStore } from './uploads.ts';

export interface ServiceDeps {
  readonly config: Config;
  readonly records: Records;
  readonly uploads: UploadStore;
  readonly storage: Storage;
  readonly board: Board;
  readonly queues: Queues;
  readonly guard: Guard;
  readonly room: Room;
}

export interface JobService extends Jobs {
  /** Brings a job's record up to date with what its workers have said; enqueues it again where Redis has lost it. */
  settle(record: JobRecord): Promise<JobView>;
}

/** Milliseconds between two looks at what has happened to a job that somebody watches. */
const WATCH_INTERVAL = 200;
/** Room that a job takes at least, in bytes, before it is known. */
const LEAST_ROOM = 10_000_000;

export function createJobService(deps: ServiceDeps): JobService {
  const { config, records, storage, board, queues, room } = deps;

  const recordOf = (id: string): JobRecord => {
    const record = records.get(id);
    if (!record) throw new SidestreamError('JOB_NOT_FOUND', `there is no job ${id}`);
    return record;
  };

  async function accept(
    description: JobDescription,
    request: JobRequest | LabelRequest,
    submitter: Submitter,
    key: string | undefined,
  ): Promise<JobView> {
    const webhook = webhookOf(request, deps);
    const same = { request, of: description.of };
    return await take(description, { view: firstView(description, request), webhook, same }, submitter, key);
  }

  /** `same`: what makes another request the same one. */
  async function take(
    description: JobDescription,
    { view, webhook, same }: Pick<JobRecord, 'view' | 'webhook'> & { readonly same: object },
    submitter: Submitter,
    key: string | undefined,
  ): Promise<JobView> {
    await room.check(LEAST_ROOM, submitter.id);
    const { id } = description;
    // What a job is about is written first: a record without it could not be worked on.
    await storage.put(jobKeys(id).description, JSON.stringify(description));
    const upload = description.kind === 'segment' && 'upload' in view.input ? view.input.upload : undefined;
    const record: JobRecord = { view, submitter: submitter.id, upload, webhook, bytes: 0 };
    const idempotency = key === undefined ? undefined : { key, request: hashOf(same) };
    let kept: string | undefined;
    try {
      kept = records.add(record, idempotency);
    } finally {
      if (kept !== id) await storage.removeAll(jobKeys(id).folder);
    }
    if (kept !== id) return await get(kept);
    // From here on the job is ours: should Redis fail just now, it is enqueued later.
    await enqueue(description).catch(whileAway(undefined));
    return view;
  }

  async function enqueue({
    id,
    submitter,
    priority,
  }: Pick<JobDescription, 'id' | 'submitter' | 'priority'>): Promise<void> {
    await answered(board.open(id));
    await answered(queues.add('jobs', [{ job: id, step: 'plan', whole: false }], { submitter, priority }));
  }

  async function settle(record: JobRecord): Promise<JobView> {
    const { id } = record.view;
    if (isFinal(record.view.state)) return record.view;
    const [state] = await answered(board.read([id]));
    if (!state) {
      await enqueue({ id, submitter: record.submitter, priority: record.view.priority });
      return record.view;
    }
    const view = viewed(record.view, state);
    if (!isFinal(view.state)) {
      // What a list is filtered by.
      if (view.state !== record.view.state) records.update(view, record.bytes);
      return view;
    }
    // A piece of work that had not heard of it yet may leave something behind; the sweep finds that.
    await storage.removeAll(jobKeys(id).parts);
    const { results, bytes } = await resultsOf(view, deps);
    const settled = { ...view, results };
    records.update(settled, bytes);
    return records.get(id)?.view ?? settled;
  }

  async function get(id: string): Promise<JobView> {
    const record = recordOf(id);
    // What is on record can be told without Redis.
    return await settle(record).catch(whileAway(record.view));
  }

  return {
    settle,
    get,
    async submit(request, submitter, key) {
      await answered(queues.ping());
      return await accept(await describeJob(request, submitter, deps), request, submitter, key);
    },
    async label(id, request, submitter, key) {
      const view = await get(id);
      const source = recordOf(view.of ?? id);
      if (view.state !== 'done' || !(await storage.stat(jobKeys(source.view.id).analysis))) {
        throw new SidestreamError('RESULT_NOT_FOUND', `job ${id} has no analysis yet: wait until it is done`);
      }
      await answered(queues.ping());
      const description = describeLabel(
        request,
        submitter,
        await readDescription(source.view.id, storage),
        config,
      );
      return await accept(description, request, submitter, key);
    },
    async retry(id, submitter, key) {
      const before = await get(id);
      const { webhook } = recordOf(id);
      await answered(queues.ping());
      const description = await describeRetry(before, submitter, deps);
      const view = { ...firstView(description, before), retry_of: id };
      return await take(description, { view, webhook, same: { retry: id } }, submitter, key);
    },
    async list({ state, label, cursor, limit }) {
      if (cursor !== undefined && !/^[a-z0-9]{10,40}$/.test(cursor))
        throw new SidestreamError('USAGE', `cursor ${cursor} is not one that a page gave`);
      const found = records.list({ state, label, before: cursor, limit: limit + 1 });
      const page = found.slice(0, limit);
      const jobs = await Promise.all(page.map(({ view }) => get(view.id)));
      return { jobs, next: found.length > limit ? page.at(-1)?.view.id : undefined };
    },
    async cancel(id) {
      const record = recordOf(id);
      if (isFinal(record.view.state)) return record.view;
      // One that Redis has lost must not come back.
      await answered(board.open(id));
      await answered(board.finish(id, { state: 'cancelled' }));
      return await settle(record);
    },
    async remove(id) {
      const record = records.get(id);
      if (!record) return;
      if (!isFinal(record.view.state)) await answered(board.finish(id, { state: 'cancelled' }));
      records.remove(id);
      await storage.removeAll(jobKeys(id).folder);
      await answered(queues.remove('jobs', id)).catch(() => {}); // It ends by itself: its board says so.
    },
    async *events(id, after, signal) {
      recordOf(id);
      let last = after !== undefined && /^\d+-\d+$/.test(after) ? after : '0-0';
      for (;;) {
        if (signal.aborted) return;
        // While Redis is away whoever watches hears nothing.
        const events = await answered(board.events(id, last, 100)).catch(whileAway([]));
        for (const event of events) {
          last = event.id;
          const data = event.event === 'progress' || event.event === 'stage' ? dataOf(event) : await get(id);
          yield { id: event.id, event: event.event, data: { ...data } };
          if (isFinal(event.state)) return;
        }
        if (events.length > 0) continue;
        const record = records.get(id);
        if (!record) return;
        const { view } = record;
        if (isFinal(view.state)) {
          // Redis has forgotten what happened: how it ended is on record.
          const end = `${Date.parse(view.finished_at ?? view.created_at)}-0`;
          if (after === undefined || last === '0-0' || !seen(last, end))
            yield { id: end, event: view.state as 'done', data: { ...view } };
          return;
        }
        await sleep(WATCH_INTERVAL, undefined, { signal }).catch(() => {}); // The loop looks at the signal.
      }
    },
    async result(id, name) {
      const view = await get(id);
      if (name === 'source' && view.state === 'done') return await sourceOf(id, view.results.source, deps);
      const key = await keyOf(view, name);
      const found = key === undefined ? undefined : await storage.stat(key);
      if (!found || key === undefined) {
        const why = isFinal(view.state) ? `it ended ${view.state}` : 'wait until it is done';
        throw new SidestreamError('RESULT_NOT_FOUND', `job ${id} has no ${name}: ${why}`);
      }
      return resultObject(found, fileNameOf(view, name, key), storage);
    },
  };

  async function keyOf(view: JobView, name: ResultName): Promise<string | undefined> {
    if (view.state !== 'done' || name === 'source') return undefined;
    const keys = jobKeys(view.id);
    if (name !== 'video') return keys[name];
    const { output } = await readDescription(view.id, storage);
    return output.video ? keys.video(output.format) : undefined;
  }
}

const hashOf = (value: object): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

const seen = (last: string, end: string): boolean => Number(last.split('-')[0]) >= Number(end.split('-')[0]);

function webhookOf(
  { webhook }: JobRequest | LabelRequest,
  { config, guard }: ServiceDeps,
): Webhook | undefined {
  if (webhook === undefined) return undefined;
  const { url, secret } = typeof webhook === 'string' ? { url: webhook, secret: undefined } : webhook;
  guard.judgeUrl(url);
  const chosen = secret ?? config.webhooks.secret;
  if (chosen === null) {
    const message = 'webhook: it cannot be signed: give webhook.secret, or set webhooks.secret on the server';
    throw new SidestreamError('USAGE', message);
  }
  return { url, secret: chosen };
}

/** The view with what the board says. */
function viewed(view: JobView, board: BoardState): JobView {
  const { state, code, message, started, finished } = board;
  const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
  return {
    ...view,
    ...progressOf(board),
    ...(state === 'done' ? { frames_done: board.total ?? 0 } : {}),
    state,
    eta: etaOf(board),
    error: code === undefined ? undefined : { code, message: message ?? '' },
    started_at: iso(started),
    finished_at: iso(finished),
  };
}

const progressOf = ({ stage, progress, total, done, fps }: Omit<BoardState, 'started' | 'finished'>) => ({
  stage,
  progress,
  frames: total,
  frames_done: done,
  fps,
});

/** Seconds left, if it goes on as it went so far. */
function etaOf({ progress, state, started }: Omit<BoardState, 'finished'>): number | undefined {
  if (state !== 'running' || started === undefined || progress < 0.02) return undefined;
  const passed = (Date.now() - started) / 1000;
  return Math.round((passed * (1 - progress)) / progress);
}

const dataOf = (event: BoardEvent) => ({
  state: event.state,
  ...progressOf(event),
  eta: etaOf(event),
});

async function resultsOf(
  { id, state }: JobView,
  deps: ServiceDeps,
): Promise<{ results: JobView['results']; bytes: number }> {
  const keys = jobKeys(id);
  const results: { -readonly [N in ResultName]?: { bytes: number; type: string } } = {};
  let bytes = 0;
  for await (const object of deps.storage.list(keys.folder)) {
    bytes += object.bytes;
    const name =
      object.key === keys.panoptic
        ? 'panoptic'
        : RESULTS.find((one) => object.key.startsWith(`${keys.folder}${one}.`));
    if (name) results[name] = { bytes: object.bytes, type: object.contentType };
  }
  if (state === 'done') {
    const source = await sourceOf(id, undefined, deps).catch(absent);
    if (source) results.source = { bytes: source.bytes, type: source.type };
  }
  return { results, bytes };
}

const absent = (error: unknown): undefined => {
  if (!(error instanceof SidestreamError) || error.code !== 'RESULT_NOT_FOUND') throw error;
};

/** `street.mp4` → `street.masks.json`. */
function fileNameOf({ input, id }: JobView, name: ResultName, key: string): string {
  const given = 'path' in input ? input.path : 'url' in input ? input.url.replace(/[?#].*$/, '') : id;
  const stem =
    given
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.\w{1,5}$/, '') || id;
  const extension = key.slice(key.lastIndexOf('.'));
  if (name === 'panoptic') return `${stem}.panoptic`;
  return `${stem}.${name === 'video' ? 'sidestream' : name}${extension}`;
}
