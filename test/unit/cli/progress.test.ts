import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clock, createMeter, progressLine } from '../../../src/cli/progress.ts';

describe('the line', () => {
  const state = { frames: 50, total: 200, elapsed: 2, frameRate: 12.5 };

  it('tells part, frames, speed and time left', () => {
    expect(progressLine(state, 80)).toMatch(
      /^ 25 % █+░+ {2}frame 50\/200 {2}25\.0 fps {2}2\.00× {2}0:06 left$/,
    );
  });
  it('has no bar where the end is not known', () => {
    expect(progressLine({ ...state, total: undefined, frameRate: undefined }, 80)).toBe('frame 50  25.0 fps');
  });
  it('has a bar as long as its part', () => {
    for (const frames of [0, 1, 99, 100, 199, 200]) {
      const line = progressLine({ ...state, frames }, 100);
      const full = [...line].filter((letter) => letter === '█').length;
      const all = [...line].filter((letter) => /[█▏▎▍▌▋▊▉░]/.test(letter)).length;
      expect(full).toBe(Math.floor((frames / 200) * all));
    }
  });
  it('does not go past the end when the container said too few', () => {
    expect(progressLine({ ...state, frames: 250 }, 80)).toMatch(/^100 % █+ {2}frame 250\/250 .* 0:00 left$/);
  });
  it('makes no nonsense before the first frame', () => {
    expect(progressLine({ ...state, frames: 0, elapsed: 0 }, 80)).toMatch(/frame 0\/200 {2}0\.0 fps$/);
  });
  it('fits into any terminal', () => {
    for (let width = 1; width < 200; width++) {
      expect([...progressLine(state, width)].length).toBeLessThanOrEqual(width);
      expect([...progressLine({ ...state, total: undefined }, width)].length).toBeLessThanOrEqual(width);
    }
  });
});

it.each([
  [0, '0:00'],
  [59.4, '0:59'],
  [59.6, '1:00'],
  [3599, '59:59'],
  [3661, '1:01:01'],
  [360_000, '100:00:00'],
])('says %d s as %s', (seconds, text) => {
  expect(clock(seconds)).toBe(text);
});

const CLEAR_REST = '\u001b[K';

describe('the meter', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function fakeStream(isTTY: boolean) {
    const written: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        done();
      },
    });
    return { written, stream: Object.assign(stream, { isTTY, columns: 60 }) as NodeJS.WriteStream };
  }

  it('redraws one line of a terminal, not too often, and clears it', () => {
    const { written, stream } = fakeStream(true);
    const meter = createMeter(stream);
    for (let frame = 1; frame <= 100; frame++) {
      vi.advanceTimersByTime(10);
      meter.update(frame, 100);
    }
    expect(written.length).toBeGreaterThan(5);
    expect(written.length).toBeLessThan(12);
    for (const text of written) {
      // Overwritten in place: no line is cleared before it is written, which would flicker.
      expect([text[0], text.slice(-3)]).toEqual(['\r', CLEAR_REST]);
      expect([...text].length).toBeLessThan(60 + 4);
    }
    meter.stop();
    expect(written.at(-1)).toBe(`\r${CLEAR_REST}`);
  });

  it('writes a line every few seconds elsewhere, without control characters', () => {
    const { written, stream } = fakeStream(false);
    const meter = createMeter(stream);
    for (let second = 1; second <= 20; second++) {
      vi.advanceTimersByTime(1000);
      meter.update(second, 20);
    }
    meter.stop();
    expect(written).toHaveLength(4);
    expect(written.join('')).toMatch(/^(?: *\d+ % .* left\n){4}$/);
    expect(written.join('')).not.toContain('\u001b');
  });
});
