import { DelayedError, type Job, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq';
import { asSidestreamError, SidestreamError } from '../core/errors.ts';
import { isFinal, type Stage } from '../jobs/jobs.ts';
import type { Board } from './board.ts';
import { isUnreachable } from './connection.ts';
import type { JobQueue } from './names.ts';
import { PAYLOADS, type Payload, type Queues } from './queues.ts';

/** What all work on a queue's entries has in common: progress, cancellation, failures, handing back. */

export interface Work<Q extends JobQueue> {
  readonly payload: Payload<Q>;
  /** Aborted when the job is cancelled, or when the worker is to stop. */
  readonly signal: AbortSignal;
  /** What is reported while it goes on; the stage and the numbers that were said last. */
  readonly progress: (now: Progress) => void;
  readonly entry: Job;
  readonly token: string;
}

export interface Progress {
  readonly stage: Stage;
  readonly frames: number;
  readonly total: number | undefined;
  readonly span: readonly [number, number];
}

export interface ProcessingDeps {
  readonly board: Board;
  readonly queues: Queues;
  /** Aborted when the worker is to stop: what is being worked on goes back to the queue. */
  readonly stopping: AbortSignal;
  /** Told of everything that went wrong, before it is dealt with. */
  readonly failed: (entry: Job, error: SidestreamError, final: boolean) => void;
}

/** Milliseconds between two looks at whether the job goes on. */
const HEARTBEAT = 500;
/** Milliseconds until the next look where there is no room, or no storage. */
const LATER = 5000;

class Cancelled extends Error {}
class Stopping extends Error {}

/** A processor as BullMQ wants it. `stageOf`: what an entry is about, before its work says more. */
export function processing<Q extends JobQueue>(
  name: Q,
  deps: ProcessingDeps,
  stageOf: (payload: Payload<Q>) => Stage,
  work: (work: Work<Q>) => Promise<unknown>,
) {
  const { board, queues, stopping, failed } = deps;
  // BullMQ looks at how many parameters a processor declares to decide whether it is given a signal.
  return async (entry: Job, token: string | undefined, signal: AbortSignal | undefined): Promise<unknown> => {
    const payload = PAYLOADS[name].parse(entry.data) as Payload<Q>;
    const abort = new AbortController();
    const stop = () => abort.abort(new Stopping());
    const lost = () => abort.abort(signal?.reason);
    stopping.addEventListener('abort', stop, { once: true });
    signal?.addEventListener('abort', lost, { once: true });
    if (stopping.aborted) stop();
    let now: Progress = { stage: stageOf(payload), frames: 0, total: undefined, span: [0, 0] };
    const part = 'part' in payload ? payload.part : 0;
    const report = async () => {
      const state = await board.report(payload.job, { ...now, part });
      if (state === undefined || isFinal(state)) abort.abort(new Cancelled());
    };
    let reporting = Promise.resolve();
    const beat = setInterval(() => {
      // While Redis is away there is nobody to be told, and the work goes on.
      reporting = reporting.then(report).catch(() => {});
    }, HEARTBEAT);
    try {
      await report();
      abort.signal.throwIfAborted();
      await queues.begun(name, entry.opts.priority);
      const progress = (next: Progress) => {
        now = next;
      };
      const result = await work({ payload, signal: abort.signal, progress, entry, token: token ?? '' });
      await report();
      return result;
    } catch (thrown) {
      return await settle(entry, token ?? '', thrown, abort.signal);
    } finally {
      clearInterval(beat);
      await reporting;
      stopping.removeEventListener('abort', stop);
      signal?.removeEventListener('abort', lost);
    }

    async function settle(job: Job, lock: string, thrown: unknown, aborted: AbortSignal): Promise<never> {
      if (thrown instanceof WaitingChildrenError) throw thrown;
      if (aborted.aborted) {
        if (aborted.reason instanceof Cancelled) throw new UnrecoverableError('INTERRUPTED: cancelled');
        if (aborted.reason instanceof Stopping) {
          await job.moveToWait(lock);
          throw new WaitingError();
        }
      }
      const error = isUnreachable(thrown)
        ? new SidestreamError('REDIS_UNREACHABLE', 'Redis does not answer', { cause: thrown })
        : asSidestreamError(thrown);
      if (/^(DISK_FULL|STORAGE_UNREACHABLE)$/.test(error.code)) {
        failed(job, error, false);
        await job.moveToDelayed(Date.now() + LATER, lock);
        throw new DelayedError();
      }
      // What looks like our own fault may be the machine's: it is tried once more.
      const retry = error.retryable || (error.code === 'INTERNAL' && job.attemptsMade === 0);
      const final = !retry || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
      failed(job, error, final);
      if (!final) throw new Error(`${error.code}: ${error.message}`);
      const { code, message } = error;
      await board.finish(payload.job, { state: 'failed', error: { code, message } });
      throw new UnrecoverableError(`${code}: ${message}`);
    }
  };
}

/** How far a job is where each of its stages begins and ends. */
export function spanOf(
  stage: Stage,
  job: { readonly label: boolean; readonly video: boolean },
): [number, number] {
  const analyse = job.label ? 0 : job.video ? 0.62 : 0.88;
  const associate = job.label ? (job.video ? 0.3 : 0.95) : 0.06;
  const plan = 0.01;
  const joined = 0.97;
  const spans: Record<Stage, [number, number]> = {
    plan: [0, plan],
    analyse: [plan, plan + analyse],
    associate: [plan + analyse, plan + analyse + associate],
    render: [plan + analyse + associate, joined],
    join: [joined, 0.999],
  };
  return spans[stage];
}
