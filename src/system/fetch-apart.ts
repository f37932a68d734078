import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SidestreamError } from '../core/errors.ts';
import { startThread } from '../rsan/thread.ts';
import type { FetchOrder, FromFetchLane } from './fetch-lane.ts';

const LANE = new URL(`./fetch-lane.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
/** Milliseconds from asking the thread to stop to ending it: making a pack asks nobody. */
const PATIENCE = 2000;

/**
 * Fetches a pack in a thread of its own: whoever answers requests must not wait for sums over gigabytes. Throws what
 * `fetchPack` throws; an aborted signal throws INTERRUPTED, when nothing goes on any more.
 */
export async function fetchApart(
  order: FetchOrder,
  progress: (received: number, total: number | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  const stopped = () => new SidestreamError('INTERRUPTED', 'the download was cancelled');
  if (signal.aborted) throw stopped();
  const thread = startThread(LANE, order);
  const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  const stop = async () => {
    thread.postMessage('stop');
    const patience = new AbortController();
    await Promise.race([gone, sleep(PATIENCE, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    await thread.terminate();
  };
  let stopping: Promise<void> | undefined;
  const abort = () => {
    stopping ??= stop();
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      thread.on('message', (message: FromFetchLane) => {
        if ('done' in message) resolve();
        else if ('error' in message) reject(new SidestreamError(message.error.code, message.error.message));
        else progress(message.received, message.total);
      });
      thread.once('error', reject);
      // Behind its last message; without one it was ended.
      thread.once('exit', () => reject(stopped()));
    });
  } catch (error) {
    if (signal.aborted) throw stopped();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    await (stopping ?? gone);
    // Of a thread that was ended half-way; the name is `convert`'s.
    const { name } = order.pack.manifest;
    if (stopping) {
      const draft = join(order.destination, `.${name}.${process.pid}.partial`);
      await rm(draft, { recursive: true, force: true });
    }
  }
}
