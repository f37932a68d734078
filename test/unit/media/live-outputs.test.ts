import { describe, expect, it } from 'vitest';
import { hlsArguments, isForMp4, recordOptions } from '../../../src/media/live/argv.ts';
import { type Arrival, measure } from '../../../src/media/live/measure.ts';
import { recordName } from '../../../src/media/live/record.ts';
import { type NutStream, rawVideo } from '../../../src/media/nut.ts';

const base = rawVideo({ layout: 'rgba', width: 2, height: 2, timeBase: { num: 1, den: 90_000 } });
const stream = (kind: NutStream['kind'], fourcc: string | readonly number[]): NutStream => ({
  ...base,
  kind,
  fourcc: typeof fourcc === 'string' ? Buffer.from(fourcc) : Buffer.from(fourcc),
});
const [AAC, ULAW] = [stream('audio', [0xff, 0, 0, 0]), stream('audio', [7, 0, 0, 0])];

describe('the name of a recorded file', () => {
  it('is the time in UTC, without what names may not have', () => {
    expect(recordName(Date.UTC(2026, 0, 31, 12, 0, 0, 987))).toBe('20260131T120000Z.mp4');
  });
  it('sorts by time, also within a second', () => {
    const names = [1, 2, 3].map((number) => recordName(0, number));
    expect([recordName(1000), ...names].sort()).toEqual([...names, recordName(1000)]);
  });
});

describe('sound', () => {
  it.each([
    [[0xff, 0, 0, 0], true],
    [[0x55, 0, 0, 0], true],
    [[0, 0x20, 0, 0], true],
    ['mp4a', true],
    ['Opus', true],
    [[6, 0, 0, 0], false],
    [[7, 0, 0, 0], false],
  ])('%j is for MP4: %s', (fourcc, fits) => {
    expect(isForMp4(stream('audio', fourcc))).toBe(fits);
  });

  it('is passed on where it can be, and made AAC elsewhere', () => {
    const settings = { seconds: 2, segments: 6, first: 1 };
    for (const options of [
      (audio: NutStream) => recordOptions([stream('video', 'H264'), audio]),
      (audio: NutStream) => hlsArguments('/f', settings, audio).options,
    ]) {
      expect(options(AAC).join(' ')).toContain('-c:a copy');
      expect(options(ULAW).join(' ')).toContain('-c:a aac');
      expect(options(ULAW).join(' ')).toContain('-c:v copy');
    }
  });
});

it('HEVC is recorded under the name that players know', () => {
  expect(recordOptions([stream('video', 'HEVC')]).join(' ')).toContain('-tag:v hvc1');
  expect(recordOptions([stream('video', 'H264')]).join(' ')).not.toContain('-tag:v');
});

describe('what packets tell', () => {
  /** Pictures at 25 a second for some seconds, a key frame every 50, of 1000 bytes. */
  const camera = (seconds: number, late: (i: number) => number = () => 0): Arrival[] =>
    Array.from({ length: seconds * 25 }, (_, i) => ({
      at: 5000 + i * 40 + late(i),
      source: 777_000 + i * 40,
      key: i % 50 === 0,
      bytes: 1000,
    }));

  it('is rate, key frames, bits and a steady clock', () => {
    const found = measure(camera(5), 0);
    expect(found).toMatchObject({ frames: 125, keySeconds: 2, delay: 0, jumps: 0 });
    expect(found.fps).toBeCloseTo(25, 5);
    expect(found.bitRate).toBeCloseTo(200_000, 5);
    expect(found.jitter).toBeCloseTo(0, 5);
  });

  it('does not count what comes all at once at first', () => {
    const burst = camera(5, (i) => Math.max(0, 20 - i) * 40);
    const found = measure(burst, 0);
    expect(found.fps).toBeCloseTo(25, 0);
    expect(found.jitter).toBeLessThan(1);
  });

  it('tells how late pictures are', () => {
    const found = measure(
      camera(5, (i) => (i % 10 === 0 ? 300 : 0)),
      0,
    );
    expect(found.jitter).toBe(300);
  });

  it('tells a clock that jumps', () => {
    const jumped = camera(5).map((arrival, i) =>
      i < 60 ? arrival : { ...arrival, source: arrival.source! + 3_600_000 },
    );
    expect(measure(jumped, 0).jumps).toBe(1);
  });

  it('does not take pictures that are out of order for late ones', () => {
    const order = [0, 3, 1, 2];
    const shown = camera(5).map((arrival, i, all) => ({
      ...arrival,
      source: all[Math.min(all.length - 1, i - (i % 4) + order[i % 4])].source,
    }));
    expect(measure(shown, 2)).toMatchObject({ jumps: 0, delay: 2 });
    expect(measure(shown, 2).jitter).toBeLessThan(41);
  });

  it('goes without what the camera does not say', () => {
    const silent = camera(5).map((arrival) => ({ ...arrival, source: undefined }));
    expect(measure(silent, 0)).toMatchObject({ jitter: 0, jumps: 0, keySeconds: 2 });
    expect(measure(camera(1), 0).keySeconds).toBeUndefined();
  });
});
