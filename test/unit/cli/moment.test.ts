import { describe, expect, it } from 'vitest';
import { moment } from '../../../src/cli/moment.ts';

describe('a moment', () => {
  it.each([
    ['2h', 'now-2h'],
    ['-90s', 'now-90s'],
    ['+500ms', 'now+500ms'],
    ['now', 'now'],
    ['now+1d', 'now+1d'],
    ['2026-01-31T12:00:07.250Z', '2026-01-31T12:00:07.250Z'],
    ['2026-01-31T12:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31 12:00', new Date(2026, 0, 31, 12).toISOString()],
    ['2026-01-31', new Date(2026, 0, 31).toISOString()],
  ])('is %s', (text, sent) => {
    expect(moment(text)).toBe(sent);
  });

  it.each(['', 'yesterday', '2', '2w', '12:00', '2026-13-01', '31.1.2026', '2026-01-31T25:00'])(
    'is not "%s"',
    (text) => {
      expect(() => moment(text)).toThrow(/It must be such as/);
    },
  );
});
