import { describe, expect, it } from 'vitest';
import { cameraTimeOf, gapAt } from '../../../src/web/past/clip-time.ts';
import { type AskFiles, createFiles, type RecordedFile, secondOf } from '../../../src/web/past/files.ts';
import {
  gapsIn,
  nearestRecorded,
  nextMark,
  type Recorded,
  recordedFrom,
  recordedOf,
  spanAt,
  withEvent,
  withTail,
} from '../../../src/web/past/recorded.ts';

const START = Date.parse('2025-11-26T10:00:00Z');
const iso = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const span = (from: number, to: number) => ({ from: START + from * 1000, to: START + to * 1000 });
const event = (id: string, from: number, to?: number) => ({
  ...{ id, stream: 's', rule: 'r', names: ['car'], tracks: [1], updated_at: iso(to ?? from) },
  ...(to === undefined ? { state: 'open' as const } : { state: 'closed' as const, ended_at: iso(to) }),
  began_at: iso(from),
  best: { time: iso(from), score: 0.9, share: 0.1 },
});

const known = recordedOf({
  ...{ stream: 's', from: iso(0), to: iso(300), step: 60_000, names: ['road', 'car', 'person'] },
  recorded: [
    { from: iso(0), to: iso(100) },
    { from: iso(109), to: iso(280) },
  ],
  gaps: [{ from: iso(100), to: iso(109), reason: 'CAMERA_SILENT' }],
  buckets: [
    {
      time: iso(0),
      seen: [
        { name: 0, seconds: 60, share: 0.4, count: 0 },
        { name: 1, seconds: 20, share: 0.1, count: 2 },
      ],
    },
    {
      time: iso(240),
      seen: [
        { name: 0, seconds: 40, share: 0.4, count: 0 },
        { name: 2, seconds: 30, share: 0.1, count: 1 },
      ],
    },
  ],
  events: [event('a', 20, 30)],
});

describe('what is recorded', () => {
  it('has things first, and what is seen longest', () => {
    expect(known.rows.map(({ name, isThing, seconds }) => [name, isThing, seconds])).toEqual([
      ['person', true, 30],
      ['car', true, 20],
      ['road', false, 100],
    ]);
    expect(known.stretches).toEqual([span(0, 100), span(109, 280)]);
  });

  it('grows at its end, where only the newest counts', () => {
    const tail: Recorded = {
      ...span(240, 360),
      stretches: [span(240, 350)],
      gaps: [{ ...span(350, 355), reason: 'CAMERA_AWAY' }],
      step: 60_000,
      rows: [{ name: 'car', isThing: true, seconds: 50, cells: [{ ...cell(240), seconds: 50 }] }],
      events: [event('a', 20, 40), event('b', 250)],
    };
    const grown = withTail(known, tail);
    expect(grown.from).toBe(known.from);
    expect(grown.to).toBe(tail.to);
    expect(grown.stretches).toEqual([span(0, 100), span(109, 350)]);
    expect(grown.gaps.map(({ reason }) => reason)).toEqual(['CAMERA_SILENT', 'CAMERA_AWAY']);
    expect(grown.rows.map(({ name, seconds }) => [name, seconds])).toEqual([
      ['car', 70],
      ['road', 60],
    ]);
    expect(grown.events.map(({ id, ended_at }) => [id, ended_at])).toEqual([
      ['a', iso(40)],
      ['b', undefined],
    ]);
  });
  const cell = (seconds: number) => ({ from: START + seconds * 1000, seconds: 1, share: 0.1, count: 1 });

  it('joins a gap that goes on', () => {
    const gap = (from: number, to: number) => ({ ...span(from, to), reason: 'OFF' });
    const off: Recorded = { ...known, stretches: [], gaps: [gap(0, 300)] };
    const grown = withTail(off, { ...off, ...span(240, 400), gaps: [gap(240, 400)], events: [] });
    expect(grown.gaps).toEqual([gap(0, 400)]);
  });

  it('takes events that belong to it', () => {
    expect(withEvent(known, event('b', 100)).events).toHaveLength(2);
    expect(withEvent(known, event('a', 20, 60)).events).toEqual([event('a', 20, 60)]);
    expect(withEvent(known, event('c', 400)).events).toHaveLength(1);
    expect(withEvent(known, event('c', -50, -20)).events).toHaveLength(1);
  });

  it('tells what there is at a time', () => {
    const at = (seconds: number) => START + seconds * 1000;
    const { stretches, gaps } = known;
    expect(spanAt(stretches, at(0))).toEqual(span(0, 100));
    expect(spanAt(stretches, at(100))).toBeUndefined();
    expect(spanAt(gaps, at(100))?.reason).toBe('CAMERA_SILENT');
    expect(spanAt([], at(0))).toBeUndefined();
    expect(recordedFrom(stretches, at(50))).toBe(at(50));
    expect(recordedFrom(stretches, at(104))).toBe(at(109));
    expect(recordedFrom(stretches, at(280))).toBeUndefined();
    expect(nearestRecorded(stretches, at(101))).toBe(at(100) - 40);
    expect(nearestRecorded(stretches, at(108))).toBe(at(109));
    expect(nearestRecorded(stretches, at(-10))).toBe(at(0));
    expect(nearestRecorded(stretches, at(999))).toBe(at(280) - 40);
    expect(nearestRecorded([], at(0))).toBeUndefined();
    expect(gapsIn(gaps, span(105, 200))).toEqual([{ ...span(105, 109), reason: 'CAMERA_SILENT' }]);
    expect(gapsIn(gaps, span(109, 200))).toEqual([]);
    expect(nextMark(known, at(0), 1)).toBe(at(20));
    expect(nextMark(known, at(20), 1)).toBe(at(109));
    expect(nextMark(known, at(109), 1)).toBeUndefined();
    expect(nextMark(known, at(109), -1)).toBe(at(20));
  });
});

describe('segments', () => {
  const file = (from: number, to: number, begin = from): RecordedFile => ({
    ...span(from, to),
    begin: START + begin * 1000,
    url: `/${from}.mp4`,
  });
  /** Of a recording that grows as the clock goes on. */
  function recording(all: readonly RecordedFile[], clock: { now: number }) {
    const asked: number[] = [];
    const ask: AskFiles = async ({ from, to }, limit = 2) => {
      asked.push((from - START) / 1000);
      const found = all.filter((one) => one.from < to && one.to > from && one.to <= clock.now);
      return { files: found.slice(0, limit), next: found[limit]?.from };
    };
    return {
      asked,
      files: createFiles(
        ask,
        async () => undefined,
        () => clock.now,
      ),
    };
  }
  const segments = [file(0, 4), file(4, 8, 3.9), file(8.3, 12), file(30, 34), file(5000, 5004)];
  const at = (seconds: number) => START + seconds * 1000;

  it('are found by times, page by page, and asked for once', async () => {
    const { files, asked } = recording(segments, { now: at(9000) });
    expect(await files.at(at(0))).toBe(segments[0]);
    expect(await files.at(at(3.999))).toBe(segments[0]);
    expect(await files.at(at(4))).toBe(segments[1]);
    // A picture that came a little late is no gap.
    expect(await files.at(at(8.2))).toBe(segments[1]);
    expect(await files.at(at(33))).toBe(segments[3]);
    const before = asked.length;
    expect(await files.at(at(1))).toBe(segments[0]);
    expect(asked).toHaveLength(before);
    expect(await files.at(at(20))).toBeUndefined();
    expect(await files.at(at(99_999))).toBeUndefined();
    expect(secondOf(segments[1]!, at(5))).toBeCloseTo(1.1, 2);
  });

  it('follow each other, however long the gap', async () => {
    const { files } = recording(segments, { now: at(9000) });
    for (const [i, one] of segments.entries()) expect(await files.after(one)).toBe(segments[i + 1]);
  });

  it('are asked for again where more may have come', async () => {
    const clock = { now: at(8.5) };
    const { files } = recording(segments, clock);
    expect(await files.at(at(9))).toBeUndefined();
    expect(await files.after(segments[1]!)).toBeUndefined();
    clock.now = at(12.5);
    expect(await files.after(segments[1]!)).toBe(segments[2]);
    expect(await files.at(at(9))).toBe(segments[2]);
  });

  it('are asked for again after a failure', async () => {
    let fails = true;
    const ask: AskFiles = async () => {
      if (fails) throw new Error('away');
      return { files: [segments[0]!], next: undefined };
    };
    const files = createFiles(
      ask,
      async () => undefined,
      () => at(9000),
    );
    await expect(files.at(at(1))).rejects.toThrow('away');
    fails = false;
    expect(await files.at(at(1))).toBe(segments[0]);
  });
});

describe('the time of a clip', () => {
  const gap = { from: iso(10), to: iso(19), reason: 'CAMERA_SILENT', at: 10, shown: 1 };
  const later = { from: iso(30), to: iso(90), reason: 'OFF', at: 22, shown: 1 };
  const clip = { first: iso(0), from: iso(-1), gaps: [gap, later] };

  it.each([
    [0, 0],
    [9.9, 9.9],
    [10, 10],
    [10.9, 10],
    [11, 19],
    [15.5, 23.5],
    [22.5, 30],
    [23, 90],
    [24.5, 91.5],
  ])('at second %d is that of the camera, over gaps', (second, seconds) => {
    expect(cameraTimeOf(clip, second)).toBe(START + seconds * 1000);
  });

  it('knows the gap that is shown', () => {
    expect(gapAt(clip, 10.5)).toBe(gap);
    expect(gapAt(clip, 11)).toBeUndefined();
    expect(cameraTimeOf({ ...clip, first: undefined, gaps: [] }, 1)).toBe(START);
  });
});
