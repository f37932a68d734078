/** Days and clocks in the reader's zone, where a day has 23, 24 or 25 hours. Times are milliseconds since 1970. Pure. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The day that has this time; `shift`: so many days later. */
export function dayAt(time: number, shift = 0): Span {
  const date = new Date(time);
  const midnight = (days: number) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
  return { from: midnight(shift), to: midnight(shift + 1) };
}

/** The same time by the clock, so many days later. */
export function sameClock(time: number, days: number): number {
  const date = new Date(time);
  date.setDate(date.getDate() + days);
  return date.getTime();
}

const two = (value: number) => String(value).padStart(2, '0');

/** `2025-11-26`, as fields for dates have it. */
export function dateOf(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Midnight of such a date; undefined where it is none. */
export function timeOfDate(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return dateOf(date.getTime()) === text ? date.getTime() : undefined;
}

/** `14:03:22`, with `digits` of the second after a point. Cut, not rounded, as clocks are. */
export function clockAt(time: number, digits = 0): string {
  const date = new Date(time);
  const whole = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (digits === 0) return whole;
  return `${whole}.${String(date.getMilliseconds()).padStart(3, '0').slice(0, digits)}`;
}

/**
 * The time in a day that its clock shows as `14:03`, `14:03:22` or `14:03:22.4`; of two, where clocks are set back, the one
 * nearer to `near`. Undefined where it is no time, or clocks leap over it.
 */
export function timeOfClock(text: string, day: Span, near: number): number | undefined {
  const [, hours, minutes, seconds = '0', fraction = ''] =
    /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?$/.exec(text.trim()) ?? [];
  if (hours === undefined) return undefined;
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  if (h > 24 || m > 59 || s > 59 || (h === 24 && m + s > 0)) return undefined;
  if (h === 24) return day.to;
  const past = (m * 60 + s) * 1000 + Number(fraction.padEnd(3, '0'));
  let best: number | undefined;
  for (const hour of hoursOf(day)) {
    if (new Date(hour).getHours() !== h) continue;
    const time = hour + past;
    if (best === undefined || Math.abs(time - near) < Math.abs(best - near)) best = time;
  }
  return best;
}

const HOUR = 3_600_000;

/** The hours of a day. */
export function hoursOf({ from, to }: Span): number[] {
  return Array.from({ length: Math.round((to - from) / HOUR) }, (_, i) => from + i * HOUR);
}
