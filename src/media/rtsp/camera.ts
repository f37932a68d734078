import { setTimeout as sleep } from 'node:timers/promises';
import { asSidestreamError, type SidestreamError } from '../../core/errors.ts';
import {
  type CameraPacket,
  type ConnectionDeps,
  connection,
  type Habits,
  type WatchOptions,
} from './connection.ts';
import type { CameraAddress } from './source.ts';

/** What comes of a camera: packets, and the gaps between them. */
export type CameraEvent =
  | { readonly kind: 'packet'; readonly packet: CameraPacket }
  /** `wait`: milliseconds until it is tried again. */
  | { readonly kind: 'away'; readonly reason: SidestreamError; readonly wait: number };

/** Milliseconds from a failure to the next try: the first, and the longest. */
const [SHORTEST, LONGEST] = [1000, 30_000];
/** Milliseconds that a connection must have lasted for the next failure to count as the first. */
const LASTING = 10_000;

/**
 * Milliseconds before the next try after `failed` of them: they double from 1 s to 30 s; a random part keeps the cameras of
 * a switch that comes back from being asked all at once.
 */
export const reconnectDelay = (failed: number, random = Math.random()): number =>
  Math.min(LONGEST, SHORTEST * 2 ** Math.min(failed - 1, 10)) * (0.75 + random / 4);

/**
 * A camera for ever: whatever ends a connection, it is asked again. Ends with the reason of `signal`, or what says that this
 * machine cannot ask at all (FFMPEG_MISSING).
 */
export async function* camera(
  address: CameraAddress,
  watch: WatchOptions,
  deps: ConnectionDeps,
  signal: AbortSignal,
): AsyncGenerator<CameraEvent> {
  const habits: Habits = {};
  for (let failed = 0; ; ) {
    signal.throwIfAborted();
    let begun: number | undefined;
    try {
      for await (const packet of connection(address, watch, deps, signal, habits)) {
        begun ??= performance.now();
        yield { kind: 'packet', packet };
      }
    } catch (thrown) {
      signal.throwIfAborted();
      const reason = asSidestreamError(thrown);
      if (!reason.code.startsWith('CAMERA_')) throw reason;
      const lasted = begun === undefined ? 0 : performance.now() - begun;
      failed = lasted > LASTING ? 1 : failed + 1;
      const wait = reconnectDelay(failed);
      yield { kind: 'away', reason, wait };
      await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
