import { setImmediate } from 'node:timers/promises';

/** Lets others have their turn where work has gone on for long. Throws the signal's reason. */
export type Pause = () => Promise<void>;

/** Milliseconds of work between two pauses. */
const TURN = 10;

export function createPause(signal?: AbortSignal): Pause {
  let begun = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - begun < TURN) return;
    await setImmediate();
    signal?.throwIfAborted();
    begun = performance.now();
  };
}
