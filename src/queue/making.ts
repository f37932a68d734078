import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { asSidestreamError } from '../core/errors.ts';
import { PAYLOADS, type Payload } from './queues.ts';

export interface MakingDeps {
  /** Aborted when the worker is to stop: what is being worked on goes back to the queue. */
  readonly stopping: AbortSignal;
  readonly failed: (entry: Job, error: ReturnType<typeof asSidestreamError>, final: boolean) => void;
}

/** Milliseconds until the next look where there is no room, or no storage. */
const LATER = 5000;

/** A processor of `clips`, or of questions, as BullMQ wants it. Why an entry failed is `CODE: message`. */
export function making<Q extends 'clips' | 'cameras' | 'previews'>(
  name: Q,
  { stopping, failed }: MakingDeps,
  work: (payload: Payload<Q>, signal: AbortSignal) => Promise<void>,
) {
  // BullMQ looks at how many parameters a processor declares to decide whether it is given a signal.
  return async (entry: Job, token: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
    const aborted = signal ? AbortSignal.any([signal, stopping]) : stopping;
    try {
      await work(PAYLOADS[name].parse(entry.data) as Payload<Q>, aborted);
    } catch (thrown) {
      if (stopping.aborted) {
        await entry.moveToWait(token ?? '');
        throw new WaitingError();
      }
      const error = asSidestreamError(thrown);
      if (/^(DISK_FULL|STORAGE_UNREACHABLE)$/.test(error.code)) {
        failed(entry, error, false);
        await entry.moveToDelayed(Date.now() + LATER, token ?? '');
        throw new DelayedError();
      }
      const retry = error.retryable || (error.code === 'INTERNAL' && entry.attemptsMade === 0);
      const final = !retry || entry.attemptsMade + 1 >= (entry.opts.attempts ?? 1);
      failed(entry, error, final);
      const why = `${error.code}: ${error.message}`;
      throw final ? new UnrecoverableError(why) : new Error(why);
    }
  };
}
