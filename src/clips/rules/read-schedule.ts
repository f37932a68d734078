import { hint } from '../../core/suggest.ts';
import {
  describe,
  isMapping,
  keyOf,
  oneOf,
  type Reader,
  type Reading,
  readFields,
  several,
} from './readers.ts';
import { DAYS, type Span } from './rules.ts';
import type { Path } from './source.ts';

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)$|^24:00$/;

/** `8:00`, `08:00` or `24:00`, as the latter two. */
const clock: Reader<string> = (value, path, { fault }) => {
  const match = typeof value === 'string' ? CLOCK.exec(value.trim()) : undefined;
  if (!match) return fault(path, `${keyOf(path)} must be a time such as "08:00", not ${describe(value)}`);
  return match[1] === undefined ? '24:00' : `${match[1].padStart(2, '0')}:${match[2]}`;
};

const timeZone: Reader<string> = (value, path, { fault }) => {
  const zones = () => ['UTC', ...Intl.supportedValuesOf('timeZone')];
  if (typeof value === 'string' && isTimeZone(value)) return value;
  const near = typeof value === 'string' ? hint(value, zones()) : '';
  return fault(path, `${describe(value)} is no time zone of the IANA, such as Europe/Berlin${near}`);
};

/** Offsets such as +01:00 know no summer time, and are no names. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[a-z]/i.test(name);
  } catch {
    return false;
  }
}

const fields = { days: several(oneOf(DAYS)), from: clock, to: clock, time_zone: timeZone };

/** When a rule counts: a span, or several. */
export const schedule: Reader<readonly Span[]> = (value, path, reading) => {
  if (Array.isArray(value) && value.length === 0) return [];
  return several(readSpan)(value, path, reading);
};

function readSpan(value: unknown, path: Path, reading: Reading): Span | undefined {
  if (!isMapping(value) || Object.keys(value).length === 0)
    return reading.fault(
      path,
      `must be such as { days: [mon], from: "08:00", to: "18:00" }, not ${describe(value)}`,
    );
  const {
    days = DAYS,
    from = '00:00',
    to = '24:00',
    time_zone = 'UTC',
  } = readFields(value, path, reading, fields);
  const both = value.from !== undefined && value.to !== undefined;
  if (from === '24:00') reading.fault([...path, 'from'], 'nothing begins at 24:00: write "00:00"');
  if (both && from === to)
    return reading.fault([...path, 'to'], 'from and to are the same: leave both out for the whole day');
  return { days: DAYS.filter((day) => days.includes(day)), from, to, time_zone };
}
