import { SidestreamError } from '../../core/errors.ts';
import type { EventMessage, EventQuery, Events } from '../clips.ts';
import type { EventRecords } from './records.ts';

/** Milliseconds between two looks for what another process may have written; what this one writes is told at once. */
const LOOK = 1000;
const BATCH = 100;

/** Events as they are seen from the outside. */
export function createEventService({ records }: { readonly records: EventRecords }): Events {
  const { messages, bell } = records;

  /** Sequence number after which a client goes on. What is newer than anything here is of another past: all is new then. */
  function positionOf(after: string | undefined): number {
    const newest = messages.newest();
    if (after === undefined) return newest;
    if (!/^\d{1,15}$/.test(after)) {
      const message = 'Last-Event-ID: it is no id of a message about events, leave it out to begin now';
      throw new SidestreamError('USAGE', message);
    }
    return Number(after) > newest ? 0 : Number(after);
  }

  async function* following(
    { stream, rule }: Pick<EventQuery, 'stream' | 'rule'>,
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<EventMessage> {
    for (let after = from; !signal.aborted; ) {
      const { rings } = bell;
      const upTo = messages.newest();
      const found = messages.read({ after, upTo, stream, rule, limit: BATCH });
      for (const { seq, message } of found) {
        yield message;
        if (signal.aborted) return;
        after = seq;
      }
      if (found.length === BATCH) continue;
      after = upTo;
      await bell.next(rings, LOOK, signal);
    }
  }

  return {
    async get(id) {
      const view = records.get(id);
      if (!view) throw new SidestreamError('EVENT_NOT_FOUND', `there is no event ${id}`);
      return view;
    },
    list: async (query) => records.list(query),
    // From now on means from this call on, not from the first look.
    follow: (query, after, signal) => following(query, positionOf(after), signal),
  };
}
