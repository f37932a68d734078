import type { EventView } from '../clips/clips.ts';
import type { EventListOptions, WatchOptions } from './events.ts';
import type { Io } from './io.ts';
import { listed, queryOf } from './pages.ts';
import { clientOf } from './run-client.ts';
import { table } from './table.ts';

/** Runs `sidestream events …`. */

const whole = (time: string) => time.replace(/\.\d+Z$/, 'Z');

export async function runList(io: Io, options: EventListOptions): Promise<void> {
  const { stream, rule, label, state, from, to, limit } = options;
  const client = await clientOf(io, options);
  const filter = { stream, rule, label, state, from, to };
  const events = await listed<EventView>(client, '/v1/events', 'events', filter, limit);
  if (options.json) return io.print(JSON.stringify(events, null, 2));
  const rows = events.map((event) => [
    event.id,
    event.stream,
    event.rule,
    whole(event.began_at),
    event.ended_at === undefined ? event.state : whole(event.ended_at),
    event.names.join(', '),
    event.clip ?? '–',
  ]);
  io.print(
    rows.length > 0
      ? table([['event', 'stream', 'rule', 'began', 'ended', 'names', 'clip'], ...rows])
      : 'there is no event',
  );
}

export async function runWatch(io: Io, options: WatchOptions): Promise<void> {
  const { stream, rule, json } = options;
  const client = await clientOf(io, options);
  const query = queryOf({ stream, rule });
  await client.listen(
    `/v1/events/stream${query === '' ? '' : `?${query}`}`,
    ({ event = 'message', data }) => {
      const view = JSON.parse(data) as EventView;
      if (json) return io.print(JSON.stringify({ event, data: view }));
      // People want beginnings and ends.
      if (event !== 'event.updated') io.print(eventLine(event, view));
    },
  );
}

/** `2026-01-31T12:00:07Z  opened  person at gate  person  stream 0mif…  event 0mig…`, and its clip once there is one. */
export function eventLine(event: string, view: EventView): string {
  const parts = [
    whole(event === 'event.closed' ? (view.ended_at ?? view.updated_at) : view.began_at),
    event.replace(/^event\./, ''),
    view.rule,
    view.names.join(', '),
    `stream ${view.stream}`,
    `event ${view.id}`,
    ...(view.clip === undefined ? [] : [`clip ${view.clip}`]),
  ];
  return parts.filter((part) => part !== '').join('  ');
}
