import type { EventView } from '../src/clips/clips.ts';
import type { Db } from '../src/jobs/database.ts';
import type { Browser, Receiver, Told } from './record-events.ts';
import type { Span } from './record-replay.ts';

/** Whether all that happened was told, and what was told is what happened: each function gives what is wrong. */

interface Message extends Told {
  readonly event: string;
  readonly number: number;
}

/** The server's own messages, in order; ids as server-sent events have them. */
export const messagesIn = (db: Db): Message[] =>
  db
    .prepare(
      'SELECT CAST(seq AS TEXT) AS id, event, number, type, view AS data FROM event_messages ORDER BY seq',
    )
    .all() as Message[];

/** Every event has its messages without a hole, and is as the last one says. */
export function faultsOfStore(messages: readonly Message[], events: readonly EventView[]): string[] {
  const faults: string[] = [];
  const chains = new Map<string, Message[]>();
  for (const message of messages) chains.set(message.event, [...(chains.get(message.event) ?? []), message]);
  for (const event of events) {
    const chain = chains.get(event.id) ?? [];
    const types = chain.map(({ type }) => type).join(' ');
    // Whoever was cut off from the first picture to the last tells of the end alone.
    const isInOrder = /^(event\.opened )?(event\.updated )*event\.closed( event\.updated)*$/.test(types);
    if (!isInOrder || chain.some(({ number }, i) => number !== i + 1))
      faults.push(`event ${event.id} (${event.rule}, ${event.state}) has the messages ${types}`);
    const last = chain.at(-1)?.data;
    if (last !== undefined && JSON.stringify(JSON.parse(last)) !== JSON.stringify(event))
      faults.push(`event ${event.id} was told as ${last}, and is ${JSON.stringify(event)}`);
    if (event.state !== 'closed') faults.push(`event ${event.id} is open, and nobody looks any more`);
  }
  for (const id of chains.keys())
    if (!events.some((event) => event.id === id)) faults.push(`messages of an event ${id} that is not there`);
  return faults;
}

/** Each message came, as it is, in the order of its event; again only with the same id. */
export function faultsOfReceiver(messages: readonly Message[], { taken, faults }: Receiver): string[] {
  const found = [...faults];
  const known = new Map(messages.map((one) => [`${one.event}-${one.number}`, one]));
  const latest = new Map<string, number>();
  for (const { id, type, data } of taken) {
    const message = known.get(id);
    if (!message) found.push(`the receiver was told ${id}, which the server does not know`);
    else if (message.type !== type || message.data !== data)
      found.push(`the receiver was told ${id} as ${type} ${data}, and it is ${message.type} ${message.data}`);
    else if (message.number > (latest.get(message.event) ?? 0) + 1)
      found.push(`the receiver was told ${id} before the message that comes before it`);
    else latest.set(message.event, Math.max(message.number, latest.get(message.event) ?? 0));
  }
  const told = new Set(taken.map(({ id }) => id));
  for (const id of known.keys()) if (!told.has(id)) found.push(`the receiver was never told ${id}`);
  return found;
}

/** Each message was seen, once, in order. */
export function faultsOfBrowser(messages: readonly Message[], { seen }: Browser): string[] {
  const textOf = ({ id, type, data }: Told) => `${id} ${type} ${data}`;
  if (JSON.stringify(seen.map(textOf)) === JSON.stringify(messages.map(textOf))) return [];
  const at = messages.findIndex((message, i) => !seen[i] || textOf(message) !== textOf(seen[i]));
  const [wanted, found] = [messages[at], seen[at < 0 ? messages.length : at]];
  return [
    `the browser has seen ${seen.length} messages of ${messages.length}; in place of ${wanted && textOf(wanted)} it saw ${found && textOf(found)}`,
  ];
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Events against those of a replay; seconds since 1970. What is recorded is not all that was seen: what a killed worker had
 * seen since its last segment is in the events alone, and a rule may have begun to hold there, or ended. So nothing is said
 * of `edge` seconds at both ends of a `recorded` stretch. And names that nothing is looked ahead for change later than those
 * of a replay: so events may be off by `late` seconds, and short ones may be missing.
 */
export function compareSpans(
  told: readonly Span[],
  again: readonly Span[],
  recorded: readonly Stretch[],
  { edge, late }: { readonly edge: number; readonly late: number },
) {
  const inner = recorded
    .map(({ from, to }) => ({ from: from + edge, to: to - edge }))
    .filter(({ from, to }) => from < to);
  const isInner = ({ began, ended }: Span) => inner.some(({ from, to }) => began >= from && ended <= to);
  const unmet = (one: readonly Span[], others: readonly Span[]) =>
    one.filter(
      (span) =>
        isInner(span) &&
        span.ended - span.began > 2 * late &&
        !others.some(
          ({ rule, began, ended }) =>
            rule === span.rule && began <= span.ended + late && ended >= span.began - late,
        ),
    );
  /** Seconds within `inner` in which events of a rule go on. */
  const lengthOf = (spans: readonly Span[]) =>
    spans.reduce(
      (sum, { began, ended }) =>
        sum +
        inner.reduce(
          (all, { from, to }) => all + Math.max(0, Math.min(ended, to) - Math.max(began, from)),
          0,
        ),
      0,
    );
  const both = told.flatMap((a) =>
    again
      .filter((b) => b.rule === a.rule && b.began < a.ended && b.ended > a.began)
      .map((b) => ({ rule: a.rule, began: Math.max(a.began, b.began), ended: Math.min(a.ended, b.ended) })),
  );
  const rules = [...new Set([...told, ...again].map(({ rule }) => rule))].map((rule) => {
    const of = (spans: readonly Span[]) => lengthOf(spans.filter((span) => span.rule === rule));
    return { rule, told: of(told), again: of(again), both: of(both) };
  });
  return { rules, missing: unmet(again, told), more: unmet(told, again) };
}
