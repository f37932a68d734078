import { describe, expect, it } from 'vitest';
import type { PanopticIndex } from '../../../src/panoptic/format.ts';
import { nameOf } from '../../../src/web/player/job-name.ts';
import { commandOf, SPEEDS, speedAfter } from '../../../src/web/player/keys.ts';
import { appearance, seenIn } from '../../../src/web/player/spans.ts';

describe('keys of the player', () => {
  it('do what they do elsewhere', () => {
    expect(commandOf({ key: 'k' })).toEqual({ does: 'play' });
    expect(commandOf({ key: 'K' })).toEqual({ does: 'play' });
    expect(commandOf({ key: 'j' })).toEqual({ does: 'seek', by: -10 });
    expect(commandOf({ key: '.' })).toEqual({ does: 'step', frames: 1 });
    expect(commandOf({ key: '7' })).toEqual({ does: 'goto', share: 0.7 });
    expect(commandOf({ key: 'ArrowUp' })).toEqual({ does: 'volume', by: 0.05 });
  });

  it('are left to the browser where they are for it', () => {
    expect(commandOf({ key: 'l', ctrlKey: true })).toBeUndefined();
    expect(commandOf({ key: 'ArrowLeft', altKey: true })).toBeUndefined();
    expect(commandOf({ key: 'Tab' })).toBeUndefined();
    expect(commandOf({ key: 'x' })).toBeUndefined();
  });

  it('change the speed by steps, and stop at the ends', () => {
    expect(speedAfter(1, 1)).toBe(1.25);
    expect(speedAfter(1, -1)).toBe(0.75);
    expect(speedAfter(0.6, 0)).toBe(0.75);
    expect(speedAfter(SPEEDS[0], -1)).toBe(SPEEDS[0]);
    expect(speedAfter(100, 1)).toBe(SPEEDS.at(-1));
  });
});

const index = {
  names: [
    { name: 'road', isthing: false, other: false, color: '#000000' },
    { name: 'car', isthing: true, other: false, color: '#0000ff' },
    { name: 'sofa', isthing: true, other: true, color: '#ffffff' },
    { name: 'boat', isthing: true, other: false, color: '#00ff00' },
  ],
  // A container that begins at 10 s: players begin to count there.
  video: { time_base: { num: 1, den: 100 }, start: 10 },
  seen: [
    [{ from: 1000, to: 1500, share: 0.4 }],
    [
      { from: 1100, to: 1150, share: 0.1 },
      { from: 1300, to: 1400, share: 0.2 },
    ],
    [{ from: 1000, to: 1500, share: 0.5 }],
    [],
  ],
  tracks: [{ name: 0 }, { name: 1 }, { name: 1 }, { name: 1, crowd: true }],
} as unknown as PanopticIndex;

describe('when names are seen', () => {
  const rows = seenIn(index);

  it('is told in the seconds of the player, longest first, without what was not asked for', () => {
    expect(rows.map(({ name, seconds, things }) => [name.name, seconds, things])).toEqual([
      ['road', 5, undefined],
      ['car', 1.5, 2],
      ['boat', 0, 0],
    ]);
    expect(rows[1]?.spans.map(({ from, to }) => [from, to])).toEqual([
      [1, 1.5],
      [3, 4],
    ]);
  });

  it('has a next and a previous time', () => {
    const car = rows[1];
    if (!car) throw new Error('no car');
    expect(appearance(car, 0, 1)).toBe(1);
    expect(appearance(car, 1, 1)).toBe(3);
    expect(appearance(car, 3, 1)).toBeUndefined();
    expect(appearance(car, 3.2, -1)).toBe(1);
    expect(appearance(car, 4.5, -1)).toBe(3);
    expect(appearance(car, 0.5, -1)).toBeUndefined();
  });
});

describe('what a job is called', () => {
  const job = { id: 'j1', metadata: {} };
  it('is how its sender called it, or where it came from', () => {
    expect(nameOf({ ...job, metadata: { name: 'a <b>.mp4' }, input: { path: '/x/y.mp4' } })).toBe(
      'a <b>.mp4',
    );
    expect(nameOf({ ...job, input: { path: '/x/y.mp4' } })).toBe('y.mp4');
    expect(nameOf({ ...job, input: { url: 'https://h.example/a/b%20c.mp4?x=1#t' } })).toBe('b c.mp4');
    expect(nameOf({ ...job, input: { url: 'https://h.example/%E0%A4%A' } })).toBe('%E0%A4%A');
    expect(nameOf({ ...job, input: { upload: 'u' } })).toBe('j1');
  });
});
