import { on } from 'node:events';
import { type ErrorCode, SidestreamError } from '../core/errors.ts';
import type { Pts } from '../core/time.ts';
import type { Classifier } from '../core/vocabulary.ts';
import { startThread } from '../rsan/thread.ts';
import type { DecidedFrame } from './decide.ts';

export interface DecideRequest {
  /** The analysis. */
  readonly path: string;
  readonly from: Pts | undefined;
  readonly to: Pts | undefined;
  readonly classifier: Classifier;
  readonly names: number;
}

export type FromLane =
  | { readonly frames: readonly DecidedFrame[]; readonly done?: true }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

const LANE = new URL(`./decide-lane.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/**
 * `decideNames` of an analysis in a thread of its own: reading and deciding are half of the work of naming a file anew, and
 * what is made of it the other half. Few frames wait to be taken. The thread ends with the generator.
 */
export async function* decideApart(
  request: DecideRequest,
  signal: AbortSignal,
): AsyncGenerator<DecidedFrame> {
  const thread = startThread(LANE, request);
  try {
    for await (const [message] of on(thread, 'message', { signal, close: ['exit'] })) {
      const said = message as FromLane;
      if ('error' in said) throw new SidestreamError(said.error.code, said.error.message);
      yield* said.frames;
      if (said.done) return;
      thread.postMessage('more');
    }
    throw new SidestreamError('INTERNAL', 'the thread that decides names ended too early');
  } finally {
    await thread.terminate();
  }
}
