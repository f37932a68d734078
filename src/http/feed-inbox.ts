import { createBell } from '../clips/events/bell.ts';
import type { ServerSent } from './events.ts';
import type { Told } from './feed-things.ts';

/**
 * What one listener has not taken yet: of each thing the newest state. So what waits for a slow one grows with the number
 * of things, and not with time.
 */
export interface Inbox {
  put(told: Told): void;
  /**
   * Takes what has waited longest; where there is nothing, waits for it, for `milliseconds` at most, or until `signal` is
   * aborted.
   */
  take(milliseconds: number, signal: AbortSignal): Promise<ServerSent | undefined>;
}

export function createInbox(): Inbox {
  const waiting = new Map<string, ServerSent>();
  const bell = createBell();
  const first = () => {
    const [one] = waiting;
    if (one) waiting.delete(one[0]);
    return one?.[1];
  };
  return {
    put({ kind, id, event, data }) {
      waiting.set(`${kind} ${id}`, { event, data });
      bell.ring();
    },
    async take(milliseconds, signal) {
      const { rings } = bell;
      const one = first();
      if (one) return one;
      await bell.next(rings, milliseconds, signal);
      return first();
    },
  };
}
