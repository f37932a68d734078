import { describe, expect, it } from 'vitest';
import { clipPatchSchema, clipRequestSchema, timeOf, timeSchema } from '../../../src/clips/request.ts';

const NOW = Date.parse('2030-01-02T03:04:05.678Z');

describe('a time', () => {
  it.each([
    ['now', NOW],
    ['now-90s', NOW - 90_000],
    ['now+250ms', NOW + 250],
    ['now-2h', NOW - 7_200_000],
    ['now-1d', NOW - 86_400_000],
    ['1893553445678', NOW],
    ['2030-01-02T03:04:05.678Z', NOW],
    ['2030-01-02T05:04:05.678+02:00', NOW],
    // What is outside of 1970 to 9999 cannot be written as others are.
    ['now-999999999d', 0],
    ['1500-01-01T00:00:00Z', 0],
    ['now+999999999d', Date.parse('9999-12-31T23:59:59.999Z')],
  ])('is %s', (text, time) => {
    expect(timeSchema.parse(text)).toBe(text);
    expect(timeOf(text, NOW)).toBe(time);
  });

  it.each(['', 'yesterday', 'now-', 'now-2', 'now-2w', '2030-01-02', '2030-01-02T03:04:05', '12345', '1e13'])(
    'is not "%s"',
    (text) => {
      expect(timeSchema.safeParse(text).success).toBe(false);
    },
  );
});

it('a clip ends now, if nothing is said', () => {
  expect(clipRequestSchema.parse({ from: 'now-30s' })).toEqual({ from: 'now-30s', to: 'now' });
});

it('what may change of a clip is whether it is kept, and its title', () => {
  expect(clipPatchSchema.parse({ keep: true })).toEqual({ keep: true });
  expect(clipPatchSchema.parse({ title: ' a ' })).toEqual({ title: 'a' });
  for (const wrong of [{ keep: 'yes' }, { title: '' }, { state: 'done' }])
    expect(clipPatchSchema.safeParse(wrong).success).toBe(false);
});
