import { repeat } from '../../jobs/housekeeping.ts';
import { type DeliverDeps, deliverEvents } from './deliver.ts';
import type { EventRecords } from './records.ts';

/** What the server does for events by itself, again and again. */

export interface EventHousekeepingDeps extends DeliverDeps {
  readonly records: EventRecords;
  readonly retention: {
    /** Days that ended events are kept; 0: for ever. */
    readonly days: number;
    /** Days that messages about events are kept. */
    readonly message_days: number;
  };
  /** Whether a clip is kept, and the event that it was cut for with it. */
  isKept(clip: string): boolean;
}

/** Milliseconds between two looks for what is due, for rules that have come or gone, and for what is old. */
const [LOOK, ANNOUNCE, CLEAN] = [1000, 1000, 10 * 60_000];
const DAY = 24 * 3_600_000;

/** Runs until `signal` is aborted. */
export async function keepEvents(deps: EventHousekeepingDeps, signal: AbortSignal): Promise<void> {
  const { records, mqtt, log } = deps;
  const every = repeat(log, signal);
  await Promise.all([
    every(1, 'telling of events', async () => {
      const { rings } = records.bell;
      try {
        await deliverEvents(deps, signal);
      } finally {
        await records.bell.next(rings, LOOK, signal);
      }
    }),
    every(ANNOUNCE, 'announcing rules by MQTT', async () => {
      // That the broker goes away meanwhile has been said already.
      await mqtt?.announce(signal).catch((error) => {
        if (mqtt.isConnected && !signal.aborted) throw error;
      });
    }),
    every(CLEAN, 'clearing away events', async () => cleanEvents(deps)),
  ]);
}

/** Removes events and messages that are older than they are to be. */
export function cleanEvents({
  records,
  retention,
  isKept,
  log,
}: Pick<EventHousekeepingDeps, 'records' | 'retention' | 'isKept' | 'log'>): void {
  const now = Date.now();
  if (retention.days > 0) records.removeEnded(now - retention.days * DAY, isKept);
  const lost = records.messages.forget(now - retention.message_days * DAY);
  if (lost > 0) log.error({ messages: lost }, 'given up: nobody took these messages about events in time');
}
