import { expect, it } from 'vitest';
import { createTally } from '../../../src/panoptic/tally.ts';
import { video } from './films.ts';

/** 100 ticks a second, 100 pixels. */
const film = { ...video, width: 10, height: 10, time_base: { num: 1, den: 100 }, frame_rate: 20 };
const car = (area: number, confidence = 0.5, track = 7) => ({
  ...{ name: 1, track, identified: true, confidence, area },
});

it('tracks have their times, their largest part of the picture and the score of their pixels', () => {
  const tally = createTally(film, 2);
  tally.add(-10, [car(10, 0.9)]);
  tally.add(0, [car(30, 0.5), { name: 0, track: 2 ** 33, identified: false, confidence: 1, area: 70 }]);
  tally.add(10, []);
  tally.add(25, [car(20, 0.25)]);
  expect(tally.end()).toBe(40);
  const score = Number(((0.9 * 10 + 0.5 * 30 + 0.25 * 20) / 60).toFixed(4));
  expect(tally.finish().tracks).toEqual([
    { id: 7, name: 1, first: -10, last: 25, frames: 3, score, share: 0.3 },
    { id: 2 ** 33, name: 0, crowd: true, first: 0, last: 0, frames: 1, score: 1, share: 0.7 },
  ]);
});

it('a track that changes its name is two', () => {
  const tally = createTally(film, 2);
  tally.add(0, [car(1)]);
  tally.add(5, [{ ...car(1), name: 0 }]);
  expect(tally.finish().tracks.map(({ id, name }) => [id, name])).toEqual([
    [7, 0],
    [7, 1],
  ]);
});

it('names are seen from the beginning of a frame to the end of another, gaps of less than a second between', () => {
  const tally = createTally(film, 2);
  tally.add(0, [car(10)]);
  tally.add(50, []);
  // Out of the picture from 0.5 s to 1.49 s, and from 2 s to 3 s.
  tally.add(149, [car(20, 1, 8), car(25, 1, 9)]);
  tally.add(200, []);
  tally.add(300, [car(5)]);
  tally.add(310, []);
  tally.add(700, [car(1)]);
  expect(tally.finish().seen).toEqual([
    [],
    [
      { from: 0, to: 200, share: 0.45 },
      { from: 300, to: 310, share: 0.05 },
      // As long as the frame before it.
      { from: 700, to: 1090, share: 0.01 },
    ],
  ]);
});

it('one frame alone lasts as long as the frame rate says', () => {
  const tally = createTally(film, 2);
  tally.add(100, [car(1)]);
  expect(tally.end()).toBe(105);
  expect(tally.finish().seen[1]).toEqual([{ from: 100, to: 105, share: 0.01 }]);
});
