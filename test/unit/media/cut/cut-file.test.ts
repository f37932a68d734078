import { describe, expect, it } from 'vitest';
import { parseTimes, picturesBetween, spanOf } from '../../../../src/media/cut/cut-file.ts';

describe('times of packets', () => {
  it('are in the order of showing', () => {
    expect(parseTimes('0,K__\n300,___\n100,___\n200,___\n')).toEqual([0, 100, 200, 300]);
  });
  it('begin with a key frame, and are of what is shown', () => {
    expect(parseTimes('0,___\n100,___\n200,K__\n300,___\nN/A,___\n400,_D_\n500\n')).toEqual([200, 300, 500]);
  });
});

describe('pictures of a part', () => {
  const tick = 1001 / 30_000;
  const times = [0, 1, 2, 3, 5, 9];
  it.each([
    [0, 3 * tick, { first: 0, last: 2, next: 3 }],
    [tick + 1e-9, 3 * tick + 1e-9, { first: 1, last: 2, next: 3 }],
    [tick - 1e-9, 3 * tick - 1e-9, { first: 1, last: 2, next: 3 }],
    [tick + 1e-3, 99, { first: 2, last: 9, next: undefined }],
    [6 * tick, 9 * tick, undefined],
  ])('from %f to %f s', (from, to, found) => {
    expect(picturesBetween(times, from, to, tick)).toEqual(found);
  });
});

describe('the part that ffmpeg is asked for', () => {
  const tick = 1 / 30_000;
  it('begins no later than the first picture, and within its microsecond', () => {
    const { start } = spanOf({ first: 41_041, last: 50_050, next: 51_051 }, 1.7, 0, tick);
    expect(start).toBeLessThanOrEqual(41_041 * tick);
    expect(start).toBeGreaterThan(41_041 * tick - 1.1e-6);
  });
  it.each([
    [60_060, 2.002],
    [60_060, 2.0354],
    [61_061, 2.0353667],
  ])('ends between picture %i and the next, at %f s', (last, end) => {
    const { start, duration } = spanOf({ first: 0, last, next: last + 1001 }, end, 0, tick);
    expect(start).toBe(0);
    expect(duration).toBeGreaterThan((last + 0.5) * tick);
    expect(duration).toBeLessThan((last + 1000.5) * tick);
  });
  it('ends where it was to, where pictures last for long', () => {
    expect(spanOf({ first: 0, last: 30_000, next: 1_800_000 }, 20, 0, tick)).toEqual({
      start: 0,
      duration: 20,
    });
    expect(spanOf({ first: 0, last: 30_000, next: undefined }, 20, 0, tick).duration).toBe(20);
  });
  it('counts from the start of the file', () => {
    expect(spanOf({ first: 330_000, last: 360_000, next: undefined }, 13, 10, tick)).toEqual({
      start: 1,
      duration: 2,
    });
  });
});
