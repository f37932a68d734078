import { describe, expect, it } from 'vitest';
import { compareReports, reportSchema } from '../../../../src/clips/events/report.ts';
import { randomOf, report, shuffled } from './reports.ts';

describe('a report', () => {
  it('is what a worker says, whatever else it says', () => {
    const said = report('close', 'e-1_2', 10, { why: 'left' });
    expect(reportSchema.parse(JSON.parse(JSON.stringify(said)))).toEqual(said);
    expect(reportSchema.parse({ ...said, zone: 'a', event: { ...said.event, speed: 3 } })).toEqual(said);
    const { best } = said.event;
    const rounded = { ...said, event: { ...said.event, best: { ...best, score: 1.0000001 } } };
    expect(reportSchema.parse(rounded)).toEqual(rounded);
  });

  it.each([
    ['no stream', { stream: 'a/b' }],
    ['no token', { token: 1.5 }],
    ['no event', { event: undefined }],
  ])('with %s is none', (_, wrong) => {
    expect(reportSchema.safeParse({ ...report('open', 'e', 1), ...wrong }).success).toBe(false);
  });

  it.each([
    ['a type of another time', { type: 'pause' }],
    ['an id that is a path', { id: '../e' }],
    ['a time that is none', { seconds: Number.NaN }],
    ['a time in milliseconds', { began: 1.7e12 }],
    ['a rule without a name', { rule: '' }],
    ['a score that is none', { best: { seconds: 1, score: 80, share: 0.1 } }],
    ['half a box', { best: { seconds: 1, score: 1, share: 0.1, box: [0, 1] } }],
  ])('with %s is none', (_, wrong) => {
    const said = report('open', 'e', 1);
    expect(reportSchema.safeParse({ ...said, event: { ...said.event, ...wrong } }).success).toBe(false);
  });
});

describe('of two reports of one event', () => {
  const counts = [
    report('open', 'e', 5, { token: 2 }),
    report('open', 'e', 5),
    report('open', 'e', 4, { token: 2 }),
    report('update', 'e', 9),
    report('update', 'e', 10),
    report('update', 'e', 10, { names: ['zebra'] }),
    report('update', 'e', 6, { token: 2 }),
    report('close', 'e', 3),
    report('close', 'e', 12),
    report('close', 'e', 11, { token: 2 }),
  ];

  it('the later word of the newer holder counts, and an end before all', () => {
    const random = randomOf(1);
    for (let round = 0; round < 20; round++)
      expect(shuffled(counts, random).sort(compareReports)).toEqual(counts);
  });

  it('neither does where they say the same', () => {
    const [one] = counts;
    const { type, ...rest } = one.event;
    expect(compareReports(one, { ...one, event: { ...rest, type } })).toBe(0);
    for (const a of counts)
      for (const b of counts)
        expect(Math.sign(compareReports(a, b)) + Math.sign(compareReports(b, a))).toBe(0);
  });
});
