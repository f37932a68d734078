import { describe, expect, it } from 'vitest';
import { noSeeds, trackSeeds } from '../../../src/associate/seeds.ts';
import type { Mixtures } from '../../../src/core/frame.ts';
import { createSegmenter, type Labelled, type Pieces } from '../../../src/pipeline/segments.ts';

const [ROAD, CAR, OTHER] = [0, 1, 2];
const vocabulary = [
  { name: 'road', synonyms: ['road'], other: false, isthing: false },
  { name: 'car', synonyms: ['car'], other: false, isthing: true },
  { name: 'bench', synonyms: ['bench'], other: true, isthing: true },
];
const size = { width: 40, height: 20 };

type Block = [label: number, x: number, y: number, side: number];

/** A road with blocks of other labels on it. */
function picture(...blocks: Block[]): Uint16Array {
  const labels = new Uint16Array(size.width * size.height).fill(ROAD);
  for (const [label, x, y, side] of blocks)
    for (let row = y; row < y + side; row++)
      labels.fill(label, row * size.width + x, row * size.width + x + side);
  return labels;
}

/** Points each of which lies in one region alone. */
const pointsOf = (codes: Uint16Array): Mixtures => ({
  ...size,
  codes,
  starts: Uint32Array.of(0, 1, 2, 3, 4),
  regions: Uint16Array.of(0, 1, 2, 3),
  levels: Uint8Array.of(15, 15, 15, 15),
});

/** The pieces of a film. Regions and labels are drawn apart. */
function film(regions: Uint16Array[], labels: Uint16Array[], words = vocabulary, causal = false): Pieces[] {
  const segmenter = createSegmenter<Labelled>(words, causal);
  let state = noSeeds;
  const told = regions.flatMap((codes, index) => {
    const points = pointsOf(codes);
    const next = trackSeeds(state, points, Int32Array.of(5, 6, 7, 8), { index, seconds: index / 10 });
    state = next.state;
    return segmenter.push({ points, seeds: next.seeds, index, seconds: index / 10, labels: labels[index] });
  });
  if (causal) expect(told).toHaveLength(regions.length);
  return [...told, ...segmenter.finish()];
}

const at = ({ pieces, map }: Pieces, x: number, y: number) => pieces[map[y * size.width + x]];

describe('pieces', () => {
  const moving = Array.from({ length: 6 }, (_, t) =>
    picture([CAR, 2 + t, 4, 6], [CAR, 30 - t, 10, 5], [CAR, 0, 0, 1], [OTHER, 20, 0, 4]),
  );

  it('tell things apart and keep their ids; stuff and what is too small have one id a name', () => {
    const seen = film(moving, moving).map((frame, t) => {
      // Every piece has the name of its point.
      for (const [point, name] of moving[t].entries()) expect(frame.pieces[frame.map[point]].name).toBe(name);
      return {
        left: at(frame, 4 + t, 6),
        right: at(frame, 32 - t, 12),
        speck: at(frame, 0, 0),
        road: at(frame, 39, 19),
        other: at(frame, 21, 1),
      };
    });
    const [{ left, right, speck, road, other }] = seen;
    expect(left).toMatchObject({ name: CAR, identified: true });
    expect(speck).toMatchObject({ name: CAR, identified: false });
    expect(new Set([left, right, speck, road, other].map(({ track }) => track)).size).toBe(5);
    for (const later of seen) expect(later).toEqual(seen[0]);
  });

  it('have the same ids under other words', () => {
    const words = [
      { name: 'vehicle', synonyms: ['vehicle'], other: false, isthing: true },
      vocabulary[0],
      vocabulary[2],
    ];
    const renamed = moving.map((labels) => labels.map((label) => [1, 0, 2][label]));
    const [cars, vehicles] = [film(moving, moving), film(moving, renamed, words)];
    for (const [t, frame] of cars.entries()) {
      for (const [x, y] of [
        [4 + t, 6],
        [32 - t, 12],
        [39, 19],
      ]) {
        expect(at(vehicles[t], x, y).track).toBe(at(frame, x, y).track);
      }
    }
  });

  it('have the same ids when a name is given later, or draws its border elsewhere', () => {
    const regions = Array.from({ length: 6 }, (_, t) => picture([CAR, 2 + t, 4, 6]));
    const late = regions.map((labels, t) => (t < 3 ? picture() : labels));
    const wide = Array.from({ length: 6 }, (_, t) => picture([CAR, 1 + t, 3, 8]));
    const id = at(film(regions, regions)[5], 8, 6).track;
    expect(at(film(regions, late)[5], 8, 6).track).toBe(id);
    expect(at(film(regions, wide)[5], 8, 6).track).toBe(id);
  });

  it('never share an id: the second object of a seed gets one of its own', () => {
    // One region for both cars and the road between: one seed.
    const one = Array.from({ length: 3 }, () => picture());
    const labels = one.map(() => picture([CAR, 2, 4, 6], [CAR, 30, 4, 6]));
    for (const frame of film(one, labels)) {
      const [left, right] = [at(frame, 4, 6).track, at(frame, 32, 6).track];
      expect(left).not.toBe(right);
    }
  });

  it('are objects only if they are seen three times; live ones from their third frame on', () => {
    const block: Block = [CAR, 10, 4, 6];
    const brief = Array.from({ length: 8 }, (_, t) => picture(...(t === 2 || t === 3 ? [block] : [])));
    const lasting = Array.from({ length: 8 }, (_, t) => picture(...(t >= 2 ? [block] : [])));
    const sure = (frames: Pieces[]) =>
      frames.map((frame) => {
        const { name, identified } = at(frame, 12, 6);
        return name === CAR && identified;
      });
    expect(sure(film(brief, brief))).toEqual(Array(8).fill(false));
    const from = (first: number) => Array.from({ length: 8 }, (_, t) => t >= first);
    expect(sure(film(lasting, lasting))).toEqual(from(2));
    expect(sure(film(lasting, lasting, vocabulary, true))).toEqual(from(4));
  });

  it('are told apart by what comes, and the same however long the film goes on', () => {
    // Two cars side by side that part after a second.
    const labels = Array.from({ length: 140 }, (_, t) => {
      const gap = Math.min(8, Math.max(0, Math.floor((t - 24) / 3)));
      return picture([CAR, 14 - gap, 6, 6], [CAR, 20 + gap, 6, 6]);
    });
    const whole = film(labels, labels);
    expect(whole).toHaveLength(140);
    const [left, right] = [at(whole[60], 8, 8).track, at(whole[60], 30, 8).track];
    expect(left).not.toBe(right);
    expect([at(whole[0], 15, 8).track, at(whole[0], 25, 8).track]).toEqual([left, right]);
    // What lies behind the look-ahead of a frame does not matter to it.
    const part = film(labels.slice(0, 120), labels.slice(0, 120));
    expect(part.slice(0, 48)).toEqual(whole.slice(0, 48));
  });
});
