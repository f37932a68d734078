import { afterEach, describe, expect, it, vi } from 'vitest';
import { barsOf, marksOf } from '../../../src/web/past/bars.ts';
import { clockAt, dayAt } from '../../../src/web/past/days.ts';
import {
  centred,
  LEAST_SPAN,
  panned,
  showing,
  ticksOf,
  timeAt,
  xOf,
  zoomed,
} from '../../../src/web/past/view.ts';

const [MINUTE, HOUR] = [60_000, 3_600_000];
const day = { from: 1000 * HOUR, to: 1024 * HOUR };

afterEach(() => vi.unstubAllEnvs());

describe('a view', () => {
  it('has a place for each time, and a time for each place', () => {
    const view = { from: day.from + HOUR, to: day.from + 3 * HOUR };
    expect(xOf(view, 1000, view.from)).toBe(0);
    expect(xOf(view, 1000, day.from + 2 * HOUR)).toBe(500);
    for (const x of [0, 1, 333, 1000]) expect(xOf(view, 1000, timeAt(view, 1000, x))).toBeCloseTo(x, 6);
  });

  it('keeps the time that is zoomed at, from a day to a minute', () => {
    let view: { from: number; to: number } = day;
    const anchor = day.from + 7.3 * HOUR;
    const x = xOf(view, 1200, anchor);
    for (let i = 0; i < 10; i++) {
      view = zoomed(view, 0.5, anchor, day);
      expect(xOf(view, 1200, anchor)).toBeCloseTo(x, 3);
    }
    for (let i = 0; i < 10; i++) view = zoomed(view, 0.5, anchor, day);
    expect(view.to - view.from).toBe(LEAST_SPAN);
    for (let i = 0; i < 30; i++) view = zoomed(view, 1.7, anchor, day);
    expect(view).toEqual(day);
  });

  it('stays within the day', () => {
    const view = { from: day.from + HOUR, to: day.from + 3 * HOUR };
    expect(panned(view, -5 * HOUR, day)).toEqual({ from: day.from, to: day.from + 2 * HOUR });
    expect(panned(view, 50 * HOUR, day)).toEqual({ from: day.to - 2 * HOUR, to: day.to });
    expect(panned(day, HOUR, day)).toEqual(day);
    expect(centred(view, day.from, day).from).toBe(day.from);
    expect(centred(view, day.from + 12 * HOUR, day)).toEqual({
      from: day.from + 11 * HOUR,
      to: day.from + 13 * HOUR,
    });
  });

  it('moves only as far as shows a time', () => {
    const view = { from: day.from + HOUR, to: day.from + 3 * HOUR };
    expect(showing(view, day.from + 2 * HOUR, day)).toBe(view);
    const later = showing(view, day.from + 5 * HOUR, day);
    expect(later.to).toBeGreaterThan(day.from + 5 * HOUR);
    expect(later.to).toBeLessThan(day.from + 5.1 * HOUR);
    expect(showing(view, day.from, day).from).toBe(day.from);
  });
});

describe('ticks', () => {
  it.each([
    [24 * HOUR, 1200, 2 * HOUR],
    [24 * HOUR, 300, 12 * HOUR],
    [HOUR, 1200, 5 * MINUTE],
    [MINUTE, 1200, 5000],
    [MINUTE, 300, 30_000],
  ])('of %d ms in %d pixels are %d ms apart', (length, width, step) => {
    vi.stubEnv('TZ', 'UTC');
    const ticks = ticksOf({ from: day.from, to: day.from + length }, width, 78);
    expect(ticks.step).toBe(step);
    const apart = ticks.labelled.slice(1).map(({ x }, i) => x - ticks.labelled[i]!.x);
    for (const one of apart) expect(one).toBeGreaterThanOrEqual(78);
    expect(ticks.labelled.length).toBeGreaterThan(1);
    expect(ticks.small.length).toBeGreaterThan(ticks.labelled.length / 2);
  });

  it.each([
    ['Europe/Berlin', '2025-10-26T12:00:00Z', ['00:00', '02:00', '02:00', '04:00', '22:00', '00:00']],
    ['Europe/Berlin', '2025-03-30T12:00:00Z', ['00:00', '04:00', '06:00', '22:00', '00:00']],
    ['Asia/Kathmandu', '2025-03-30T12:00:00Z', ['00:00', '02:00', '04:00', '22:00', '00:00']],
  ])('are round by the clock of %s on %s', (zone, time, some) => {
    vi.stubEnv('TZ', zone);
    const clocks = ticksOf(dayAt(Date.parse(time)), 1300, 78).labelled.map((tick) =>
      clockAt(tick.time).slice(0, 5),
    );
    expect([...clocks.slice(0, some.length - 2), ...clocks.slice(-2)]).toEqual(some);
  });
});

describe('what is drawn', () => {
  const view = { from: 0, to: 100_000 };
  const cell = (from: number, seconds: number) => ({ from, seconds, share: 0.1, count: 1 });
  const row = { top: 10, height: 20 };

  it('is as high as a name is seen', () => {
    expect(barsOf([cell(10_000, 2.5)], 10_000, view, 100, row)).toBe('M10 30V20H20V30z');
    expect(barsOf([cell(10_000, 10)], 10_000, view, 100, row)).toBe('M10 30V10H20V30z');
    expect(barsOf([cell(10_000, 0.01)], 10_000, view, 100, row)).toBe('M10 30V28H20V30z');
    expect(barsOf([cell(200_000, 5), cell(-50_000, 5)], 10_000, view, 100, row)).toBe('');
  });

  it('shows the fullest bucket of a column of pixels', () => {
    const cells = [cell(50_000, 0.1), cell(50_400, 0.4), cell(50_800, 0.2)];
    expect(barsOf(cells, 400, view, 100, row)).toBe('M50 30V10H51.2V30z');
  });

  it('goes on after the bucket where what began in it does', () => {
    expect(barsOf([cell(10_000, 6)], 2000, view, 100, row)).toBe('M10 30V10H16V30z');
  });

  it('can be hit, and is one where it would be too close', () => {
    const spans = [
      { from: 1000, to: 1100 },
      { from: 2000, to: 2100 },
      { from: 50_000, to: 80_000 },
      { from: 99_900, to: 99_950 },
      { from: 200_000, to: 300_000 },
    ];
    const marks = marksOf(spans, view, 100, 10);
    expect(marks.map(({ all }) => all.length)).toEqual([2, 1, 1]);
    expect(marks[0]).toMatchObject({ from: 1000, to: 2100, x: 1, width: 11 });
    expect(marks[1]).toMatchObject({ x: 50, width: 30 });
    expect(marks[2]).toMatchObject({ x: 90, width: 10 });
    for (const { x, width } of marks) expect(x + width).toBeLessThanOrEqual(100);
  });
});
