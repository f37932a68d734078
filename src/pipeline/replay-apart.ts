import { on } from 'node:events';
import type { Candidates } from '../analysis/candidates.ts';
import { type ErrorCode, SidestreamError } from '../core/errors.ts';
import type { Mixtures } from '../core/frame.ts';
import type { Pts, Rational } from '../core/time.ts';
import type { Classifier } from '../core/vocabulary.ts';
import { startThread } from '../rsan/thread.ts';

/** Analyses of what was seen live, read and named in a thread of its own, one after the other. */

export interface ReplayRequest {
  readonly classifier: Classifier;
  /** How many names there are. */
  readonly names: number;
  /** Whether things are to be told apart. */
  readonly objects: boolean;
}

/** A frame that went through the model. */
export interface ReplayedFrame {
  readonly pts: Pts;
  readonly timeBase: Rational;
  /** The time that following goes by. */
  readonly seconds: number;
  /** Of the lattice. */
  readonly width: number;
  readonly height: number;
  /** height × width: index of a name. */
  readonly labels: Uint16Array;
  /** What telling things apart needs. */
  readonly details?: {
    readonly points: Mixtures;
    readonly seeds: Int32Array;
    readonly candidates: Candidates;
  };
}

/** An analysis, or the part [from, to) of it. Disposed of once it was read. */
export interface ReplaySource extends AsyncDisposable {
  readonly path: string;
  readonly from: Pts | undefined;
  readonly to: Pts | undefined;
}

export interface Replayed<S extends ReplaySource> {
  readonly source: S;
  readonly frames: readonly ReplayedFrame[];
  /** Why there are no more of this source. */
  readonly error: SidestreamError | undefined;
}

export type ToReplayLane =
  | (Pick<ReplaySource, 'path' | 'from' | 'to'> & { readonly number: number })
  | 'more';
export interface FromReplayLane {
  /** Of the source, from 0. */
  readonly number: number;
  readonly frames: readonly ReplayedFrame[];
  readonly done?: true;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

const LANE = new URL(`./replay-lane.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
/** Sources that the thread knows of, so that it never waits for the next one. */
const AHEAD = 2;

/**
 * The frames of all sources, in order, some at a time. What of a source cannot be read is left out. The thread ends with
 * the generator.
 */
export async function* replayApart<S extends ReplaySource>(
  sources: AsyncIterable<S>,
  request: ReplayRequest,
  signal: AbortSignal,
): AsyncGenerator<Replayed<S>> {
  const thread = startThread(LANE, request);
  const iterator = sources[Symbol.asyncIterator]();
  /** Those that are under way, by their numbers. */
  const under = new Map<number, S>();
  let number = 0;
  const begin = async () => {
    const next = await iterator.next();
    if (next.done) return;
    const { path, from, to } = next.value;
    under.set(number, next.value);
    thread.postMessage({ number: number++, path, from, to });
  };
  try {
    const messages = on(thread, 'message', { signal, close: ['exit'] });
    while (number < AHEAD) {
      const before = number;
      await begin();
      if (number === before) break;
    }
    while (under.size > 0) {
      const next = await messages.next();
      if (next.done) throw new SidestreamError('INTERNAL', 'the thread that names ended too early');
      const [said] = next.value as [FromReplayLane];
      const source = under.get(said.number)!;
      const error = said.error && new SidestreamError(said.error.code, said.error.message);
      yield { source, frames: said.frames, error };
      thread.postMessage('more');
      if (!said.done) continue;
      under.delete(said.number);
      await source[Symbol.asyncDispose]();
      await begin();
    }
  } finally {
    await thread.terminate();
    for (const source of under.values()) await source[Symbol.asyncDispose]();
    await iterator.return?.();
  }
}
