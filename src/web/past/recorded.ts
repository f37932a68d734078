import type { components } from '../api/schema.d.ts';
import type { Span } from './days.ts';

/** What there is of a day: stretches with pictures, why there are none between them, what is seen. Times are ms since 1970. Pure. */

type Timeline = components['schemas']['Timeline'];
export type RuleEvent = components['schemas']['Event'];

export interface Gap extends Span {
  /** A code. */
  readonly reason: string;
}

/** How much of a name is seen in a bucket. */
export interface Cell {
  readonly from: number;
  readonly seconds: number;
  /** Largest share of the picture. */
  readonly share: number;
  /** Most things at a time; 0 for stuff. */
  readonly count: number;
}

export interface Row {
  readonly name: string;
  readonly isThing: boolean;
  readonly seconds: number;
  readonly cells: readonly Cell[];
}

export interface Recorded extends Span {
  readonly stretches: readonly Span[];
  readonly gaps: readonly Gap[];
  /** Milliseconds of a bucket. */
  readonly step: number;
  /** Things first, then what is seen longest. */
  readonly rows: readonly Row[];
  readonly events: readonly RuleEvent[];
}

export function recordedOf({ from, to, recorded, gaps, step, names, buckets, events }: Timeline): Recorded {
  const cells: Cell[][] = names.map(() => []);
  for (const { time, seen } of buckets) {
    for (const { name, seconds, share, count } of seen)
      cells[name]?.push({ from: Date.parse(time), seconds, share, count });
  }
  return {
    ...spanOf({ from, to }),
    stretches: recorded.map(spanOf),
    gaps: gaps.map((gap) => ({ ...spanOf(gap), reason: gap.reason })),
    step,
    rows: sorted(names.map((name, i) => rowOf(name, cells[i] ?? []))),
    events,
  };
}

const spanOf = ({ from, to }: { readonly from: string; readonly to: string }): Span => ({
  from: Date.parse(from),
  to: Date.parse(to),
});

const rowOf = (name: string, cells: readonly Cell[]): Row => ({
  name,
  isThing: cells.some(({ count }) => count > 0),
  seconds: cells.reduce((sum, { seconds }) => sum + seconds, 0),
  cells,
});

const sorted = (rows: readonly Row[]): Row[] =>
  rows.toSorted(
    (a, b) => Number(b.isThing) - Number(a.isThing) || b.seconds - a.seconds || a.name.localeCompare(b.name),
  );

/** What was known, with what is known anew of its end: from `tail.from` on only that counts. */
export function withTail(before: Recorded, tail: Recorded): Recorded {
  const { from } = tail;
  const cut = <S extends Span>(spans: readonly S[]): S[] =>
    spans.flatMap((span) => (span.from < from ? [{ ...span, to: Math.min(span.to, from) }] : []));
  const cells = new Map(
    before.rows.map(({ name, cells }) => [name, cells.filter((cell) => cell.from < from)] as const),
  );
  for (const row of tail.rows) cells.set(row.name, [...(cells.get(row.name) ?? []), ...row.cells]);
  const known = new Set(tail.events.map(({ id }) => id));
  return {
    from: before.from,
    to: Math.max(before.to, tail.to),
    stretches: joined([...cut(before.stretches), ...tail.stretches], () => true),
    gaps: joined([...cut(before.gaps), ...tail.gaps], (a, b) => a.reason === b.reason),
    step: before.step,
    rows: sorted([...cells].filter(([, list]) => list.length > 0).map(([name, list]) => rowOf(name, list))),
    events: [...before.events.filter(({ id }) => !known.has(id)), ...tail.events],
  };
}

/** Those that touch, as one. */
function joined<S extends Span>(spans: readonly S[], alike: (a: S, b: S) => boolean): S[] {
  const result: S[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last && span.from <= last.to + 1 && alike(last, span))
      result[result.length - 1] = { ...last, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
}

/** With what is told of an event, where it belongs to the time. */
export function withEvent(before: Recorded, event: RuleEvent): Recorded {
  const others = before.events.filter(({ id }) => id !== event.id);
  const { from, to } = eventSpan(event, before.to);
  return { ...before, events: from < before.to && to >= before.from ? [...others, event] : others };
}

/** An event that is open goes on until `now`. */
export const eventSpan = ({ began_at, ended_at }: RuleEvent, now: number): Span => ({
  from: Date.parse(began_at),
  to: ended_at ? Date.parse(ended_at) : now,
});

/** The last of those that begin no later than the time. */
function before<S extends Span>(spans: readonly S[], time: number): S | undefined {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.from ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return spans[low - 1];
}

/** The span of a list, in order, that has the time. */
export function spanAt<S extends Span>(spans: readonly S[], time: number): S | undefined {
  const span = before(spans, time);
  return span && time < span.to ? span : undefined;
}

/** The time itself where it is recorded, or the next one that is; undefined: there is none after it. */
export function recordedFrom(stretches: readonly Span[], time: number): number | undefined {
  if (spanAt(stretches, time)) return time;
  return stretches.find(({ from }) => from > time)?.from;
}

/** Nearest time that is recorded. `edge`: how far before the end of a stretch its last picture is, about. */
export function nearestRecorded(stretches: readonly Span[], time: number, edge = 40): number | undefined {
  if (spanAt(stretches, time)) return time;
  const earlier = before(stretches, time);
  const later = stretches.find(({ from }) => from > time);
  const last = earlier && Math.max(earlier.from, earlier.to - edge);
  if (last === undefined || later === undefined) return last ?? later?.from;
  return time - last <= later.from - time ? last : later.from;
}

/** Gaps in a range of time, as far as they lie in it. */
export function gapsIn(gaps: readonly Gap[], { from, to }: Span): Gap[] {
  return gaps
    .filter((gap) => gap.from < to && gap.to > from)
    .map((gap) => ({ ...gap, from: Math.max(gap.from, from), to: Math.min(gap.to, to) }));
}

/** Where something begins, next to a time: stretches and events. Undefined: nothing more. */
export function nextMark(recorded: Recorded, time: number, direction: 1 | -1): number | undefined {
  const times = [
    ...recorded.stretches.map(({ from }) => from),
    ...recorded.events.map(({ began_at }) => Date.parse(began_at)),
  ].filter((one) => (direction > 0 ? one > time + 1 : one < time - 1000));
  if (times.length === 0) return undefined;
  return direction > 0 ? Math.min(...times) : Math.max(...times);
}
