import { expect, it } from 'vitest';
import { createSegmenter } from '../../../src/pipeline/segments.ts';

const [ROAD, CAR, OTHER] = [0, 1, 2];
const vocabulary = [
  { name: 'road', synonyms: ['road'], other: false, isthing: false },
  { name: 'car', synonyms: ['car'], other: false, isthing: true },
  { name: 'bench', synonyms: ['bench'], other: true, isthing: true },
];
const size = { width: 40, height: 20 };

/** A road with blocks of other names on it. */
function frame(...blocks: [name: number, x: number, y: number, side: number][]): Uint16Array {
  const labels = new Uint16Array(size.width * size.height).fill(ROAD);
  for (const [name, x, y, side] of blocks)
    for (let row = y; row < y + side; row++)
      labels.fill(name, row * size.width + x, row * size.width + x + side);
  return labels;
}

it('tells things apart and keeps their ids; stuff and what is too small have one id a name', () => {
  const segment = createSegmenter(vocabulary);
  const seen = Array.from({ length: 6 }, (_, index) => {
    const labels = frame([CAR, 2 + index, 4, 6], [CAR, 30 - index, 10, 5], [CAR, 0, 0, 1], [OTHER, 20, 0, 4]);
    const { segments, pieces } = segment(labels, size, [0.9, 0.7, 0.5], { index, seconds: index / 10 });
    const at = (x: number, y: number) => segments[pieces[y * size.width + x]];
    // Every piece has the name of its point.
    for (const [point, name] of labels.entries()) expect(segments[pieces[point]].name).toBe(name);
    return {
      left: at(4 + index, 6),
      right: at(32 - index, 12),
      speck: at(0, 0),
      road: at(39, 19),
      other: at(21, 1),
    };
  });
  const [{ left, right, speck, road, other }] = seen;
  expect(left).toMatchObject({ name: CAR, confidence: 0.7 });
  expect(left.track).not.toBe(right.track);
  expect([road.track, speck.track, other.track]).toEqual([ROAD + 1, CAR + 1, OTHER + 1]);
  for (const later of seen) expect(later).toEqual(seen[0]);
});
