import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/load.ts';
import { patientBackoff } from '../core/backoff.ts';
import { asSidestreamError } from '../core/errors.ts';
import type { Guard } from '../net/address-guard.ts';
import { deliver } from '../net/webhook.ts';
import type { Board } from '../queue/board.ts';
import { answered } from '../queue/connection.ts';
import type { Queues } from '../queue/queues.ts';
import type { Storage } from '../storage/storage.ts';
import { jobKeys } from './description.ts';
import { isFinal } from './jobs.ts';
import type { Records } from './records.ts';
import type { JobService } from './service.ts';
import type { UploadStore } from './uploads.ts';

/** What the server does by itself, again and again: each of it may be interrupted at any time, and is done again. */

export interface HousekeepingDeps {
  readonly config: Config;
  readonly records: Records;
  readonly uploads: UploadStore;
  readonly jobs: JobService;
  readonly storage: Storage;
  readonly board: Board;
  readonly queues: Queues;
  readonly guard: Guard;
  readonly log: Logger;
}

/** Milliseconds. */
const [SETTLE, LOOK, DELIVER, CLEAN] = [1000, 5000, 1000, 10 * 60_000];
const HOUR = 3_600_000;
/** A job whose entry in Redis has failed, and whose board does not know, is given this long. */
const DOUBT = 10_000;

/** Runs until `signal` is aborted. */
export async function keepHouse(deps: HousekeepingDeps, signal: AbortSignal): Promise<void> {
  const every = repeat(deps.log, signal);
  const doubts = new Map<string, number>();
  await Promise.all([
    every(SETTLE, 'settling', () => settleAll(deps)),
    every(LOOK, 'looking after jobs', () => lookAfter(deps, doubts)),
    every(DELIVER, 'webhooks', () => deliverDue(deps, signal)),
    every(CLEAN, 'cleaning', () => clean(deps)),
  ]);
}

/** Does something again and again, `interval` milliseconds after it was done, until `signal` is aborted. */
export const repeat =
  (log: Logger, signal: AbortSignal) =>
  async (interval: number, what: string, work: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      await work().catch((error) => log.warn({ err: error }, `${what} did not go through: it is done again`));
      await sleep(interval, undefined, { signal }).catch(() => {}); // The loop looks at the signal.
    }
  };

/** Records follow the boards; what Redis has lost is enqueued again. */
export async function settleAll({ records, jobs, board, log }: HousekeepingDeps): Promise<void> {
  const open = records.open();
  const states = await answered(board.states(open.map(({ view }) => view.id)));
  for (const [i, record] of open.entries()) {
    if (states[i] === record.view.state) continue;
    const { id, state, error } = await jobs.settle(record);
    if (isFinal(state)) log.info({ job: id, state, code: error?.code }, 'job ended');
  }
}

/**
 * What nobody works on any more, and whose board does not know it, is failed or enqueued again; `doubts` has since when
 * that has been so, in milliseconds since 1970.
 */
export async function lookAfter(
  { records, board, queues, log }: HousekeepingDeps,
  doubts: Map<string, number>,
): Promise<void> {
  const open = records.open();
  const ids = new Set(open.map(({ view }) => view.id));
  for (const id of doubts.keys()) if (!ids.has(id)) doubts.delete(id);
  for (const { view, submitter } of open) {
    const { id, priority } = view;
    const entry = await answered(queues.stateOf('jobs', id));
    const idle = entry === 'waiting-children' && (await answered(queues.pending('jobs', id))) === 0;
    if (entry !== 'failed' && entry !== 'unknown' && entry !== 'completed' && !idle) {
      doubts.delete(id);
      continue;
    }
    const since = doubts.get(id) ?? Date.now();
    doubts.set(id, since);
    if (Date.now() - since < DOUBT) continue;
    doubts.delete(id);
    if (entry === 'failed') {
      const message = (await answered(queues.failureOf('jobs', id))) ?? 'its workers are gone';
      await answered(board.finish(id, { state: 'failed', error: { code: 'WORKER_LOST', message } }));
      continue;
    }
    // Redis came back with less than it had: all that is done already is found in the storage.
    log.warn({ job: id }, 'enqueued again: Redis had lost it');
    await answered(queues.remove('jobs', id));
    await answered(queues.add('jobs', [{ job: id, step: 'plan', whole: false }], { submitter, priority }));
  }
}

/** Webhooks are delivered at least once: one is forgotten only after it was taken. */
export async function deliverDue(deps: HousekeepingDeps, signal: AbortSignal): Promise<void> {
  const { records, config, guard, log } = deps;
  await Promise.all(
    records.due(Date.now(), 20).map(async ({ job, attempts }) => {
      const record = records.get(job);
      if (!record?.webhook) return records.deliver(job, undefined);
      const { url, secret } = record.webhook;
      const { view } = record;
      const body = JSON.stringify({ type: `job.${view.state}`, timestamp: view.finished_at, data: view });
      try {
        await deliver(
          { url, id: `job-${job}`, body, secret, timeoutMs: config.webhooks.timeout_ms },
          guard,
          signal,
        );
        records.deliver(job, undefined);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asSidestreamError(thrown);
        const last = !error.retryable || attempts + 1 >= config.webhooks.attempts;
        log[last ? 'error' : 'warn']({ job, code: error.code, attempts: attempts + 1 }, error.message);
        records.deliver(job, last ? undefined : Date.now() + patientBackoff(attempts + 1, 4 * HOUR));
      }
    }),
  );
}

/** Retention by age and size, and whatever nobody owns. */
export async function clean({
  config,
  records,
  uploads,
  jobs,
  storage,
  log,
}: HousekeepingDeps): Promise<void> {
  const { days, max_bytes, upload_hours } = config.retention;
  const now = Date.now();
  if (days > 0) {
    for (const { view } of records.endedBefore(now - days * 24 * HOUR, 1000)) await jobs.remove(view.id);
  }
  for (let most = 10_000; max_bytes > 0 && records.bytes() > max_bytes && most > 0; most--) {
    const [oldest] = records.endedBefore(now, 1);
    if (!oldest) break;
    log.info({ job: oldest.view.id }, 'removed: the results take more room than retention.max_bytes');
    await jobs.remove(oldest.view.id);
  }
  await uploads.removeUnused(now - upload_hours * HOUR);
  records.forget(now - 24 * HOUR);
  await sweepOrphans(records, storage, now);
  await storage.sweep(HOUR);
}

/** Objects of jobs that are not on record, and parts of jobs that have ended; young ones may still find their owner. */
async function sweepOrphans(records: Records, storage: Storage, now: number): Promise<void> {
  let last = '';
  for await (const { key, modified } of storage.list('jobs/')) {
    const id = key.split('/')[1];
    if (id === last || now - modified.getTime() < HOUR) continue;
    const record = records.get(id);
    if (!record) await storage.removeAll(jobKeys(id).folder);
    else if (isFinal(record.view.state)) await storage.removeAll(jobKeys(id).parts);
    last = id;
  }
}
