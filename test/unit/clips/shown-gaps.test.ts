import { describe, expect, it } from 'vitest';
import type { Cut } from '../../../src/clips/description.ts';
import { shownGaps } from '../../../src/clips/shown-gaps.ts';

const S = 90_000;
const START = Date.parse('2026-05-01T12:00:00Z') * 90;
const at = (seconds: number) => START + seconds * S;
const iso = (seconds: number) => new Date(Date.parse('2026-05-01T12:00:00Z') + seconds * 1000).toISOString();
/** From 0 to 20 s, without 5 to 10, which is shown for 2 s. */
const cut = {
  ...{ frames: 1, encoded: 0, first: at(0), last: at(20), duration: 17, files: {} },
  gaps: [{ from: at(5), to: at(10), at: 5, shown: 2 }],
  pieces: [
    { from: at(0), to: at(5), at: 0 },
    { from: at(10), to: at(20), at: 7 * S },
  ],
} satisfies Cut;

describe('gaps of a clip', () => {
  it('are where it shows them', () => {
    const known = [{ from: at(5), to: at(10), reason: 'CAMERA_AWAY' }];
    expect(shownGaps(cut, known)).toEqual([
      { from: iso(5), to: iso(10), reason: 'CAMERA_AWAY', at: 5, shown: 2 },
    ]);
  });

  it('have their own length where pictures stand still for it', () => {
    const known = [{ from: at(12), to: at(15), reason: 'CAMERA_SILENT' }];
    expect(shownGaps({ ...cut, gaps: [] }, known)).toEqual([
      { from: iso(12), to: iso(15), reason: 'CAMERA_SILENT', at: 9, shown: 3 },
    ]);
  });

  it('are unreadable where they were recorded', () => {
    expect(shownGaps(cut, [])).toEqual([
      { from: iso(5), to: iso(10), reason: 'UNREADABLE', at: 5, shown: 2 },
    ]);
  });

  it('are divided where their reasons change', () => {
    const known = [
      { from: at(5), to: at(7), reason: 'WORKER_LOST' },
      { from: at(7), to: at(10), reason: 'STARTING' },
    ];
    expect(shownGaps(cut, known).map(({ reason, at: place, shown }) => [reason, place, shown])).toEqual([
      ['WORKER_LOST', 5, 0],
      ['STARTING', 5, 2],
    ]);
  });

  it('are not those before and after it', () => {
    expect(shownGaps({ ...cut, gaps: [] }, [{ from: at(30), to: at(40), reason: 'STOPPED' }])).toEqual([]);
  });
});
