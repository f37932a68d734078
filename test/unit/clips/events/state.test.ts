import { describe, expect, it } from 'vitest';
import { messageOf, viewOf, withEnd, withReport } from '../../../../src/clips/events/state.ts';
import { report, START, time } from './reports.ts';

const opened = withReport(undefined, report('open', 'e', 3));

describe('an event', () => {
  it('is seen as the report says that counts', () => {
    expect(viewOf(opened)).toEqual({
      id: 'e',
      stream: 'gate',
      rule: 'loitering',
      state: 'open',
      began_at: time(0),
      ended_at: undefined,
      updated_at: time(3),
      names: ['person'],
      tracks: [7],
      best: { time: time(0), track: 7, score: 0.75, share: 0.125, box: [0.25, 0.5, 0.5, 1] },
      clip: undefined,
      why: undefined,
    });
    const closed = withReport(opened, report('close', 'e', 8, { ended: START + 6.5, why: 'left' }));
    expect(viewOf(closed)).toMatchObject({
      state: 'closed',
      ended_at: time(6.5),
      updated_at: time(8),
      why: 'left',
    });
  });

  it('is the very same where nothing new is said', () => {
    const later = withReport(opened, report('update', 'e', 9));
    for (const old of [report('open', 'e', 3), report('open', 'e', 12), report('update', 'e', 8)])
      expect(withReport(later, old)).toBe(later);
    const closed = withReport(later, report('close', 'e', 10));
    for (const old of [report('update', 'e', 20), report('close', 'e', 10), report('open', 'e', 1)])
      expect(withReport(closed, old)).toBe(closed);
  });

  it('that a new holder knows is no news', () => {
    const known = withReport(opened, report('open', 'e', 30, { token: 2 }));
    expect(viewOf(known)).toEqual(viewOf(opened));
    expect(known.token).toBe(2);
  });

  it('that the server ended is ended by what its worker says, if that comes', () => {
    const lost = withEnd(opened, 'lost');
    expect(viewOf(lost)).toMatchObject({ state: 'closed', ended_at: time(3), why: 'lost' });
    const stopped = withEnd(opened, 'stopped', (START + 20) * 1000);
    expect(viewOf(stopped)).toMatchObject({ ended_at: time(20), updated_at: time(20), why: 'stopped' });
    // Of two ends by the server the first stands.
    expect(withEnd(lost, 'stopped', 0)).toBe(lost);
    const closed = withReport(lost, report('close', 'e', 7));
    expect(viewOf(closed)).toMatchObject({ state: 'closed', ended_at: time(7), why: undefined });
  });

  it('never ends before it began', () => {
    expect(viewOf(withEnd(opened, 'stopped', (START - 50) * 1000)).ended_at).toBe(time(0));
    const closed = withReport(opened, report('close', 'e', 7, { ended: START - 1 }));
    expect(viewOf(closed).ended_at).toBe(time(0));
  });

  it('is opened once and closed once: all else is an update', () => {
    const later = withReport(opened, report('update', 'e', 9));
    const closed = withReport(later, report('close', 'e', 10));
    expect([
      messageOf(undefined, opened),
      messageOf(opened, later),
      messageOf(later, closed),
      messageOf(undefined, closed),
      messageOf(withEnd(later, 'lost'), closed),
      messageOf(closed, { ...closed, clip: 'c' }),
    ]).toEqual([
      'event.opened',
      'event.updated',
      'event.closed',
      'event.closed',
      'event.updated',
      'event.updated',
    ]);
  });
});
