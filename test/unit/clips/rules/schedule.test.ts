import { describe, expect, it } from 'vitest';
import { rulesFrom } from '../../../../src/clips/rules/read-rules.ts';
import { createSchedule } from '../../../../src/clips/rules/schedule.ts';

/** Whether a schedule counts at each of these times. */
function counts(schedule: unknown, times: readonly string[]): string[] {
  const [rule] = rulesFrom({ rules: [{ name: 'a', when: { object: 'car' }, schedule }] }).rules;
  const isIn = createSchedule(rule.schedule);
  return times.filter((time) => isIn(Date.parse(time)));
}

const BERLIN = { time_zone: 'Europe/Berlin' };

describe('a schedule', () => {
  it('counts from the first minute on, up to the last one', () => {
    const times = ['07:59:59.999', '08:00:00', '17:59:59.999', '18:00:00'].map(
      (time) => `2026-01-30T${time}Z`,
    );
    expect(counts({ from: '08:00', to: '18:00' }, times)).toEqual([times[1], times[2]]);
    expect(counts({ from: '08:00' }, times)).toEqual(times.slice(1));
    expect(counts({ to: '18:00' }, times)).toEqual(times.slice(0, 3));
    expect(counts([], times)).toEqual(times);
  });

  it('goes by the clock and the days of its zone', () => {
    // A Friday in Berlin begins on Thursday in UTC, and a Monday in Auckland on Sunday.
    const times = ['2026-01-29T22:59Z', '2026-01-29T23:00Z', '2026-01-30T22:59Z', '2026-01-30T23:00Z'];
    expect(counts({ days: 'fri', ...BERLIN }, times)).toEqual([times[1], times[2]]);
    const monday = ['2026-02-01T10:59Z', '2026-02-01T11:00Z'];
    expect(counts({ days: ['mon'], time_zone: 'Pacific/Auckland' }, monday)).toEqual([monday[1]]);
    expect(
      counts({ from: '05:45', to: '05:46', time_zone: 'Asia/Kathmandu' }, ['2026-01-30T00:00Z']),
    ).toHaveLength(1);
  });

  it('goes on over midnight, into a day that it does not name', () => {
    const night = { days: ['fri', 'sat'], from: '22:00', to: '06:00', ...BERLIN };
    const times = [
      '2026-01-30T05:59+01:00', // Friday morning is Thursday's night.
      '2026-01-30T21:59+01:00',
      '2026-01-30T22:00+01:00',
      '2026-01-30T23:59+01:00',
      '2026-01-31T00:00+01:00',
      '2026-01-31T05:59+01:00',
      '2026-01-31T06:00+01:00',
      '2026-02-01T05:59+01:00',
      '2026-02-01T22:00+01:00',
    ];
    expect(counts(night, times)).toEqual([times[2], times[3], times[4], times[5], times[7]]);
    const tillMidnight = { days: 'sat', from: '22:00', to: '00:00', ...BERLIN };
    expect(counts(tillMidnight, ['2026-01-31T23:59+01:00', '2026-02-01T00:00+01:00'])).toEqual([
      '2026-01-31T23:59+01:00',
    ]);
  });

  it('keeps to the clock on the wall when summer time begins and ends', () => {
    const morning = { from: '02:30', to: '03:30', ...BERLIN };
    // From 02:00 to 03:00 there is no time on 29 March 2026.
    expect(
      counts(morning, ['2026-03-29T00:59Z', '2026-03-29T01:00Z', '2026-03-29T01:29Z', '2026-03-29T01:30Z']),
    ).toEqual(['2026-03-29T01:00Z', '2026-03-29T01:29Z']);
    // On 25 October it is 02:30 twice.
    const twice = [
      '2026-10-25T00:29Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
      '2026-10-25T02:29Z',
      '2026-10-25T02:30Z',
    ];
    expect(counts(morning, twice)).toEqual([twice[1], twice[3], twice[4]]);
    // The same hour of the day in winter and in summer.
    const day = { from: '08:00', to: '09:00', ...BERLIN };
    const seasons = ['2026-01-30T07:00Z', '2026-07-30T06:00Z', '2026-07-30T07:00Z'];
    expect(counts(day, seasons)).toEqual(seasons.slice(0, 2));
  });

  it('may have several spans', () => {
    const weekend = [{ days: ['sat', 'sun'] }, { from: '18:00', to: '08:00' }];
    const times = ['2026-01-30T12:00Z', '2026-01-30T18:00Z', '2026-01-31T12:00Z', '2026-02-02T07:59Z'];
    expect(counts(weekend, times)).toEqual(times.slice(1));
  });
});
