import { DAYS, type Span } from './rules.ts';

/** Where the hands of a clock on the wall stand: the day of the week from Monday, 0, and minutes since midnight. */
interface WallClock {
  readonly day: number;
  readonly minute: number;
}

/** Tells whether a schedule counts at a time, in milliseconds since 1970. Always where it is empty. */
export function createSchedule(schedule: readonly Span[]): (ms: number) => boolean {
  const spans = schedule.map(createSpan);
  return (ms) => spans.length === 0 || spans.some((isIn) => isIn(ms));
}

function createSpan({ days, from, to, time_zone }: Span): (ms: number) => boolean {
  const clock = createWallClock(time_zone);
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const begins = (day: number) => days.includes(DAYS[(day + 7) % 7]);
  return (ms) => {
    const { day, minute } = clock(ms);
    if (begin < end) return begins(day) && minute >= begin && minute < end;
    return (begins(day) && minute >= begin) || (begins(day - 1) && minute < end);
  };
}

function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Days by their names in English, as Intl has them. */
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function createWallClock(timeZone: string): (ms: number) => WallClock {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  // Asked anew each minute: it is slow, and asked for every picture.
  let known: (WallClock & { readonly at: number }) | undefined;
  return (ms) => {
    const at = Math.floor(ms / 60_000);
    if (known?.at === at) return known;
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const [hour, minute] = [Number(parts.get('hour')), Number(parts.get('minute'))];
    known = { at, day: WEEKDAYS.indexOf(parts.get('weekday') ?? ''), minute: hour * 60 + minute };
    return known;
  };
}
