import { describe, expect, it } from 'vitest';
import { timelineLines } from '../../../src/cli/timeline-drawing.ts';
import type { TimelineView } from '../../../src/clips/clips.ts';
import { eventView } from '../../fixtures/event-view.ts';

const at = (minute: number, second = 0) =>
  `2030-01-02T03:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}.000Z`;

/** Twenty minutes in buckets of one. */
const view = (more: Partial<TimelineView> = {}): TimelineView => ({
  stream: 'gate1',
  from: at(0),
  to: at(20),
  recorded: [{ from: at(0), to: at(20) }],
  gaps: [],
  step: 60_000,
  names: [],
  buckets: [],
  events: [],
  ...more,
});
const seen = (minute: number, ...names: readonly (readonly [name: number, seconds: number])[]) => ({
  time: at(minute),
  seen: names.map(([name, seconds]) => ({ name, seconds, share: 0.1, count: 1 })),
});
const lines = (more: Partial<TimelineView>, width = 100) =>
  timelineLines(view(more), { width, timeZone: 'UTC' });

describe('a timeline on a terminal', () => {
  it('has a row for each name, the longest seen first, darker where it is seen longer', () => {
    const drawn = lines({
      names: ['dog', 'car', 'bus'],
      buckets: [seen(0, [0, 1]), seen(1, [0, 15], [1, 60]), seen(2, [1, 45]), seen(19, [1, 30])],
    });
    expect(drawn).toEqual([
      'recorded  ────────────────────',
      'car        █▓                ▒ 2:15',
      'dog       ░░                   0:16',
      '          03:00:00    03:12:00',
    ]);
  });

  it('shows what was not recorded, and says why', () => {
    const gap = { from: at(5), to: at(10), reason: 'CAMERA_AWAY' };
    const drawn = lines({
      recorded: [
        { from: at(0), to: at(5) },
        { from: at(10), to: at(20) },
      ],
      gaps: [gap],
      names: ['car'],
      buckets: [seen(4, [0, 60]), seen(10, [0, 60])],
      events: [
        eventView('e1', { began_at: at(4), ended_at: at(4, 30), clip: 'c1' }),
        eventView('e2', { began_at: at(18) }),
      ],
    });
    expect(drawn).toEqual([
      'recorded  ─────╳╳╳╳╳──────────',
      'car           █╳╳╳╳╳█          2:00',
      '          03:00:00    03:12:00',
      'gap    03:05:00 – 03:10:00  CAMERA_AWAY',
      'event  03:04:00 – 03:04:30  person at gate  clip c1',
      'event  03:18:00 –   person at gate',
    ]);
  });

  it('has no more columns than there is room for, nor than there are buckets', () => {
    const buckets = Array.from({ length: 20 }, (_, i) => seen(i, [0, 30]));
    const narrow = lines({ names: ['car'], buckets }, 29);
    expect(narrow.slice(0, 2)).toEqual(['recorded  ──────────', 'car       ▒▒▒▒▒▒▒▒▒▒ 10:00']);
    // A bucket of ten minutes has ten columns here, and half of each.
    const wide = lines({ names: ['car'], step: 600_000, buckets: [seen(10, [0, 300])] });
    expect(wide[1]).toBe('car            ▒▒▒▒▒ 5:00');
  });

  it('says where there is nothing', () => {
    expect(lines({ recorded: [] })).toEqual([
      `recorded  ${'╳'.repeat(20)}`,
      '          nothing is seen',
      '          03:00:00    03:12:00',
    ]);
  });

  it('shortens long names, and shows days where there are more than one', () => {
    const drawn = timelineLines(
      view({
        from: '2030-01-01T00:00:00.000Z',
        to: '2030-01-03T00:00:00.000Z',
        recorded: [{ from: '2030-01-01T00:00:00.000Z', to: '2030-01-03T00:00:00.000Z' }],
        step: 3_600_000,
        names: ['x'.repeat(60)],
        buckets: [
          { time: '2030-01-01T12:00:00.000Z', seen: [{ name: 0, seconds: 7300, share: 1, count: 0 }] },
        ],
      }),
      { width: 120, timeZone: 'UTC' },
    );
    expect(drawn[1]).toMatch(/^x{23}… {14}█ .* 2:01:40$/);
    expect(drawn[2]).toBe(`${' '.repeat(26)}01/01 00:00 01/01 12:00 02/01 00:00 02/01 12:00`);
  });
});
