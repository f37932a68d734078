/** Times and amounts as the reader writes them: in the browser's language and zone. */

const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const both = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });

type Moment = string | number | Date;
export const dayOf = (time: Moment): string => date.format(new Date(time));
export const clockOf = (time: Moment): string => clock.format(new Date(time));
export const momentOf = (time: Moment): string => both.format(new Date(time));

const STEPS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
  ['year', Number.POSITIVE_INFINITY],
] as const;

/** “3 min ago”. `now`: milliseconds since 1970. */
export function agoOf(time: Moment, now = Date.now()): string {
  let value = (new Date(time).getTime() - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(value) < size) return relative.format(Math.round(value), unit);
    value /= size;
  }
  return momentOf(time);
}

/** 75.25 seconds: `1:15`, with tenths where asked for: `1:15.2`; from an hour on `1:00:05`. */
export function lengthOf(seconds: number, tenths = false): string {
  const sign = seconds < 0 ? '−' : '';
  const all = Math.abs(seconds);
  const whole = tenths ? Math.floor(all * 10 + 1e-6) / 10 : Math.round(all);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const last = tenths ? s.toFixed(1).padStart(4, '0') : String(Math.floor(s)).padStart(2, '0');
  return `${sign}${h > 0 ? `${h}:${String(m).padStart(2, '0')}` : m}:${last}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
/** Bytes, in powers of 1000. */
export function bytesOf(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit < UNITS.length - 1; unit++) value /= 1000;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${UNITS[unit]}`;
}
