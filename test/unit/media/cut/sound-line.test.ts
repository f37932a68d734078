import { describe, expect, it } from 'vitest';
import { createSoundLine } from '../../../../src/media/cut/sound-line.ts';

const T = 90_000;
const RATE = 1000;
/** Samples that count from `first` on, one channel. */
function samples(first: number, count: number): Uint8Array {
  const values = Int16Array.from({ length: count }, (_, i) => first + i);
  return new Uint8Array(values.buffer);
}
const read = (parts: Iterable<Uint8Array>): number[] =>
  [...parts].flatMap((part) => [...new Int16Array(Uint8Array.from(part).buffer)]);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const silence = (count: number) => Array.from({ length: count }, () => 0);

describe('sound of a clip', () => {
  it('begins with its first picture, and ends with the last one', () => {
    const line = createSoundLine([{ from: T, to: 2 * T, at: 0 }], RATE, 1);
    expect(read(line.place(0.9 * T, samples(1, 600)))).toEqual(range(101, 601));
    expect(read(line.place(1.5 * T, samples(601, 900)))).toEqual(range(601, 1101));
    expect(read(line.place(2.4 * T, samples(1501, 100)))).toEqual([]);
    expect(read(line.rest(T))).toEqual([]);
  });

  it('is silent before it begins, and where it is missing', () => {
    const line = createSoundLine([{ from: 0, to: T, at: 0 }], RATE, 1);
    expect(read(line.place(0.2 * T, samples(1, 100)))).toEqual([...silence(200), ...range(1, 101)]);
    expect(read(line.place(0.5 * T, samples(1, 100)))).toEqual([...silence(200), ...range(1, 101)]);
    expect(read(line.rest(T))).toEqual(silence(400));
  });

  it('is one sample behind the other, though times are not even', () => {
    const line = createSoundLine([{ from: 0, to: 10 * T, at: 0 }], RATE, 1);
    for (let i = 0; i < 50; i++) {
      const late = i % 2 === 0 ? 0 : 0.015;
      expect(read(line.place((i / 10 + late) * T, samples(100 * i, 100)))).toEqual(
        range(100 * i, 100 * i + 100),
      );
    }
  });

  it('is put right where it is off for long', () => {
    const line = createSoundLine([{ from: 0, to: 100 * T, at: 0 }], RATE, 1);
    let written = 0;
    // Each packet of 100 samples lasts 101 ms: what comes in gets later and later.
    for (let i = 0; i < 500; i++) {
      const place = (i * 101) / 1000;
      written += read(line.place(place * T, samples(1, 100))).length;
      expect(Math.abs(written - place * RATE - 100)).toBeLessThan(42);
    }
  });

  it('takes what comes twice once', () => {
    const line = createSoundLine([{ from: 0, to: T, at: 0 }], RATE, 1);
    expect(read(line.place(0, samples(0, 500)))).toEqual(range(0, 500));
    expect(read(line.place(0.3 * T, samples(300, 500)))).toEqual(range(500, 800));
  });

  it('is silent in gaps, and exactly in time behind them', () => {
    const pieces = [
      { from: 0, to: T, at: 0 },
      { from: 5 * T, to: 6 * T, at: 3 * T },
    ];
    const line = createSoundLine(pieces, RATE, 1);
    expect(read(line.place(0, samples(1, 990)))).toHaveLength(990);
    expect(read(line.place(4.9 * T, samples(1, 300)))).toEqual([...silence(2010), ...range(101, 301)]);
  });

  it('has two channels in each sample', () => {
    const line = createSoundLine([{ from: 0.1 * T, to: T, at: 0 }], RATE, 2);
    expect(read(line.place(0, samples(0, 400)))).toEqual(range(200, 400));
  });
});
