import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  clockAt,
  dateOf,
  dayAt,
  hoursOf,
  sameClock,
  timeOfClock,
  timeOfDate,
} from '../../../src/web/past/days.ts';

const HOUR = 3_600_000;
/** In Berlin clocks are set back on 26 October 2025, and forth on 30 March. */
const BERLIN = 'Europe/Berlin';
const at = (text: string) => Date.parse(text);

afterEach(() => vi.unstubAllEnvs());

describe('days', () => {
  it.each([
    [BERLIN, '2025-11-26T00:00:00+01:00', 24],
    [BERLIN, '2025-10-26T00:00:00+02:00', 25],
    [BERLIN, '2025-03-30T00:00:00+01:00', 23],
    ['UTC', '2025-10-26T00:00:00Z', 24],
    ['Asia/Kolkata', '2025-10-26T00:00:00+05:30', 24],
    // Half an hour of difference between summer and winter.
    ['Australia/Lord_Howe', '2025-10-05T00:00:00+10:30', 23.5],
  ])('in %s that of %s has %d hours', (zone, midnight, hours) => {
    vi.stubEnv('TZ', zone);
    const from = at(midnight);
    for (const time of [from, from + 5 * HOUR, from + hours * HOUR - 1]) {
      expect(dayAt(time)).toEqual({ from, to: from + hours * HOUR });
    }
    expect(dayAt(from + hours * HOUR).from).toBe(from + hours * HOUR);
    expect(dayAt(from - 1).to).toBe(from);
    expect(dayAt(from, 1).from).toBe(from + hours * HOUR);
    expect(hoursOf(dayAt(from))).toHaveLength(Math.round(hours));
  });

  it('keep the time by the clock from one to another', () => {
    vi.stubEnv('TZ', BERLIN);
    const time = at('2025-10-25T14:03:22.4+02:00');
    expect(sameClock(time, 1)).toBe(at('2025-10-26T14:03:22.4+01:00'));
    expect(sameClock(sameClock(time, 1), -1)).toBe(time);
  });

  it('are written as fields have them, and read', () => {
    vi.stubEnv('TZ', BERLIN);
    const midnight = at('2025-01-02T00:00:00+01:00');
    expect(dateOf(midnight)).toBe('2025-01-02');
    expect(dateOf(midnight - 1)).toBe('2025-01-01');
    expect(timeOfDate('2025-01-02')).toBe(midnight);
    for (const wrong of ['', '2025-02-30', '2025-1-2', 'today']) expect(timeOfDate(wrong)).toBeUndefined();
  });
});

describe('clocks', () => {
  it('are cut, not rounded', () => {
    vi.stubEnv('TZ', 'UTC');
    const time = at('2025-11-26T14:03:22.999Z');
    expect(clockAt(time)).toBe('14:03:22');
    expect(clockAt(time, 1)).toBe('14:03:22.9');
    expect(clockAt(at('2025-11-26T04:03:02.007Z'), 3)).toBe('04:03:02.007');
  });

  it('are read', () => {
    vi.stubEnv('TZ', BERLIN);
    const day = dayAt(at('2025-11-26T12:00:00Z'));
    const read = (text: string) => timeOfClock(text, day, day.from);
    expect(read('14:03:22.4')).toBe(at('2025-11-26T14:03:22.4+01:00'));
    expect(read(' 4:03 ')).toBe(at('2025-11-26T04:03:00+01:00'));
    expect(read('14:03:22,45')).toBe(at('2025-11-26T14:03:22.45+01:00'));
    expect(read('24:00')).toBe(day.to);
    for (const wrong of ['', '14', '14:3', '25:00', '24:01', '14:60', '14:00:60', 'noon'])
      expect(read(wrong)).toBeUndefined();
    for (const time of [day.from, day.from + 12_345_600, day.to - 100])
      expect(read(clockAt(time, 1))).toBe(time);
  });

  it('tell two times where they are set back, and none where they leap', () => {
    vi.stubEnv('TZ', BERLIN);
    const long = dayAt(at('2025-10-26T12:00:00Z'));
    const [first, second] = [at('2025-10-26T02:30:00+02:00'), at('2025-10-26T02:30:00+01:00')];
    expect(timeOfClock('02:30', long, first - HOUR)).toBe(first);
    expect(timeOfClock('02:30', long, second + HOUR)).toBe(second);
    const short = dayAt(at('2025-03-30T12:00:00Z'));
    expect(timeOfClock('02:30', short, short.from)).toBeUndefined();
    expect(timeOfClock('03:30', short, short.from)).toBe(at('2025-03-30T03:30:00+02:00'));
  });
});
