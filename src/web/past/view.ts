import type { Span } from './days.ts';

/** What of a day is shown, and where on a line of some pixels it lies. Times are milliseconds since 1970. Pure. */

/** No closer than that. */
export const LEAST_SPAN = 60_000;

export const xOf = ({ from, to }: Span, width: number, time: number): number =>
  ((time - from) / (to - from)) * width;

export const timeAt = ({ from, to }: Span, width: number, x: number): number =>
  from + (x / width) * (to - from);

/** Moved so that it lies within the bounds, as long as it is, or as long as they are. */
function within({ from, to }: Span, bounds: Span): Span {
  const length = Math.min(to - from, bounds.to - bounds.from);
  const begin = Math.min(Math.max(from, bounds.from), bounds.to - length);
  return { from: begin, to: begin + length };
}

/** `factor`: 2 shows twice as much. The time `anchor` stays where it is, as far as there is room. */
export function zoomed(view: Span, factor: number, anchor: number, bounds: Span): Span {
  const before = view.to - view.from;
  const length = Math.min(Math.max(before * factor, LEAST_SPAN), bounds.to - bounds.from);
  const from = anchor - ((anchor - view.from) / before) * length;
  return within({ from, to: from + length }, bounds);
}

export const panned = (view: Span, by: number, bounds: Span): Span =>
  within({ from: view.from + by, to: view.to + by }, bounds);

/** As much as before, with this time in the middle, as far as there is room. */
export function centred(view: Span, time: number, bounds: Span): Span {
  const half = (view.to - view.from) / 2;
  return within({ from: time - half, to: time + half }, bounds);
}

/** The same view where it has the time, with some room before and after it; else as little moved as shows it. */
export function showing(view: Span, time: number, bounds: Span): Span {
  const room = (view.to - view.from) * 0.04;
  if (time < view.from + room) return panned(view, time - room - view.from, bounds);
  if (time > view.to - room) return panned(view, time + room - view.to, bounds);
  return view;
}

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * HOUR),
] as const;

export interface Tick {
  readonly time: number;
  readonly x: number;
}

export interface Ticks {
  /** Milliseconds between two that are labelled. */
  readonly step: number;
  readonly labelled: readonly Tick[];
  /** Those between. */
  readonly small: readonly Tick[];
}

/** Round times of the reader's clock that stand at least `apart` pixels from each other. */
export function ticksOf(view: Span, width: number, apart: number): Ticks {
  const least = ((view.to - view.from) / Math.max(width, 1)) * apart;
  const step = STEPS.find((one) => one >= least) ?? 12 * HOUR;
  const finer = STEPS.findLast((one) => one < step && step % one === 0 && one * 6 >= step) ?? step;
  const labelled = roundTimes(view, step).map((time) => ({ time, x: xOf(view, width, time) }));
  const known = new Set(labelled.map(({ time }) => time));
  const small = roundTimes(view, finer)
    .filter((time) => !known.has(time))
    .map((time) => ({ time, x: xOf(view, width, time) }));
  return { step, labelled, small };
}

/** Where the clock shows a multiple of the step. Zones are off by whole quarters of an hour, and change at whole minutes. */
function roundTimes({ from, to }: Span, step: number): number[] {
  const times: number[] = [];
  const finest = Math.min(step, 15 * MINUTE);
  for (let time = Math.ceil(from / finest) * finest; time <= to; time += finest) {
    if (step > finest) {
      const date = new Date(time);
      if ((date.getHours() * HOUR + date.getMinutes() * MINUTE) % step !== 0) continue;
    }
    times.push(time);
  }
  return times;
}
