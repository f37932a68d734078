import { lasted } from './lasting.ts';

/** Values of about the last second, oldest first, each with its time. */
export type Trail<T> = readonly (readonly [seconds: number, value: T])[];

/** Seconds over which a change is taken, at least, and between two values that are kept. */
const [WINDOW, LEAST, APART] = [1, 0.5, 0.1];

/** A trail with one value more. The first one is the newest that is a second old. */
export function extended<T>(trail: Trail<T>, now: number, value: T): Trail<T> {
  const last = trail.at(-1);
  const longer = last && !lasted(last[0], now, APART) ? trail : [...trail, [now, value] as const];
  const old = longer.findLastIndex(([seconds]) => lasted(seconds, now, WINDOW));
  return old > 0 ? longer.slice(old) : longer;
}

/** What a change is counted from, and the seconds since then; undefined before there is enough to tell. */
export function origin<T>(
  trail: Trail<T>,
  now: number,
): { readonly value: T; readonly seconds: number } | undefined {
  const [first] = trail;
  if (!first || !lasted(first[0], now, LEAST)) return undefined;
  return { value: first[1], seconds: now - first[0] };
}
