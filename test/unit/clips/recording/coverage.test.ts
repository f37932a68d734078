import { describe, expect, it } from 'vitest';
import { gapsOf, partsOf, stretchesOf } from '../../../../src/clips/recording/coverage.ts';

const S = 90_000;
const segment = (begin: number, end: number, token = 1) => ({ begin: begin * S, end: end * S, token });
const seconds = ({ from, to }: { from: number; to: number }) => [from / S, to / S];
const why = (before: { token: number } | undefined, after: { token: number } | undefined) =>
  before && after ? (before.token === after.token ? 'UNKNOWN' : 'WORKER_LOST') : undefined;
const note = (from: number, to: number, reason: string) => ({ from: from * S, to: to * S, reason });

describe('parts', () => {
  it('are segments, each moment once', () => {
    expect(partsOf([segment(0, 6), segment(6, 12)]).map(seconds)).toEqual([
      [0, 6],
      [6, 12],
    ]);
  });

  it('are of the later holder where two recorded the same time', () => {
    const parts = partsOf([segment(0, 6, 1), segment(4, 10, 2), segment(6, 12, 1), segment(10, 16, 2)]);
    expect(parts.map((part) => [...seconds(part), part.segment.token])).toEqual([
      [0, 4, 1],
      [4, 10, 2],
      [10, 16, 2],
    ]);
  });

  it('are what any moment’s latest holder has, for random segments of two that overlap once', () => {
    for (let round = 0; round < 200; round++) {
      const take = 10 + Math.floor(Math.random() * 20);
      const old = Array.from({ length: 8 }, (_, i) => segment(i * 4, i * 4 + 4, 1));
      const young = Array.from({ length: 5 }, (_, i) => segment(take + i * 5, take + i * 5 + 5, 2));
      const parts = partsOf([...old, ...young].sort((a, b) => a.begin - b.begin || a.token - b.token));
      for (let i = 1; i < parts.length; i++) expect(parts[i].from).toBeGreaterThanOrEqual(parts[i - 1].to);
      for (let time = 0.5; time < 50; time++) {
        const at = time * S;
        const has = [...young, ...old].find(({ begin, end }) => begin <= at && at < end);
        const part = parts.find(({ from, to }) => from <= at && at < to);
        // What an older holder has behind the end of a newer one's segment counts only where nothing else does.
        if (has?.token === 2) expect(part?.segment.token).toBe(2);
        else if (has && at < take * S) expect(part?.segment).toBe(has);
      }
    }
  });

  it('join to stretches, over what is no gap', () => {
    const parts = partsOf([segment(0, 6), segment(6.2, 12), segment(20, 26)]);
    expect(stretchesOf(parts).map(seconds)).toEqual([
      [0, 12],
      [20, 26],
    ]);
  });
});

describe('gaps', () => {
  const parts = partsOf([segment(0, 6), segment(10, 16), segment(30, 36, 2)]);
  const gaps = (notes: ReturnType<typeof note>[], from = 0, to = 36) =>
    gapsOf(parts, notes, from * S, to * S, why).map((gap) => [...seconds(gap), gap.reason]);

  it('have the reasons that were noted', () => {
    expect(gaps([note(6, 10, 'CAMERA_AWAY'), note(16, 30, 'PAUSED')])).toEqual([
      [6, 10, 'CAMERA_AWAY'],
      [16, 30, 'PAUSED'],
    ]);
  });

  it('are told by what is around them where nobody noted anything', () => {
    expect(gaps([])).toEqual([
      [6, 10, 'UNKNOWN'],
      [16, 30, 'WORKER_LOST'],
    ]);
  });

  it('are divided where reasons change', () => {
    expect(gaps([note(16, 18, 'CAMERA_SILENT'), note(25, 30, 'STARTING')])).toEqual([
      [6, 10, 'UNKNOWN'],
      [16, 18, 'CAMERA_SILENT'],
      [18, 25, 'WORKER_LOST'],
      [25, 30, 'STARTING'],
    ]);
  });

  it('go on as the last word said until something is recorded again', () => {
    expect(gaps([note(17, 17, 'STOPPED')], 12, 36)).toEqual([
      [16, 17, 'WORKER_LOST'],
      [17, 30, 'STOPPED'],
    ]);
    expect(gaps([note(36, 36, 'STOPPED')], 30, 60)).toEqual([[36, 60, 'STOPPED']]);
    expect(gaps([], 30, 60)).toEqual([]);
  });

  it('end where they are asked for', () => {
    expect(gaps([note(6, 10, 'CAMERA_AWAY')], 7, 9)).toEqual([[7, 9, 'CAMERA_AWAY']]);
  });

  it('are none where a picture came a little late', () => {
    const near = partsOf([segment(0, 6), segment(6.4, 12)]);
    expect(gapsOf(near, [], 0, 12 * S, why)).toEqual([]);
  });
});
