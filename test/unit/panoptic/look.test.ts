import { describe, expect, it } from 'vitest';
import { createSpreader } from '../../../src/analysis/spread.ts';
import { createAreas } from '../../../src/panoptic/areas.ts';
import type { Lattice, PanopticFrame, PanopticSegment } from '../../../src/panoptic/format.ts';
import { createPainter, createPointer, inksOf } from '../../../src/panoptic/look.ts';
import { randomOf, video } from './films.ts';

/** A lattice over a picture of that size at the model's input. */
const latticeOf = (width: number, height: number): Lattice => ({
  width: Math.max(2, Math.ceil(width / 4)),
  height: Math.max(2, Math.ceil(height / 4)),
  step: 4,
  covered: { width, height },
});

type Draw = (x: number, y: number, random: () => number) => number;
const pictures: Record<string, Draw> = {
  'a street': (x, y, random) => {
    const disc = [0, 1, 2, 3, 4].find((i) => Math.hypot(x - 9 * i, y - 4 - ((i * 7) % 20)) < 2 + 2 * i);
    if (disc !== undefined) return 3 + disc;
    return random() < 0.01 ? 9 : y + Math.sin(x / 6) * 4 < 10 ? 2 : 0;
  },
  'one segment': () => 5,
  'four in turn': (x, y) => (x % 2) + 2 * (y % 2),
  'at random': (_x, _y, random) => Math.floor(random() * 10),
};

const table = Array.from({ length: 10 }, (_, i): PanopticSegment => {
  return { name: i % 3, track: 2 ** 33 - i, identified: i % 2 === 0 };
});
const sure = Uint8Array.from(table, (_, i) => 1 + 25 * i);

function frameOf({ width, height }: Lattice, draw: Draw, wide: boolean): PanopticFrame {
  const random = randomOf(7);
  const points = Array.from({ length: width * height }, (_, at) =>
    draw(at % width, Math.floor(at / width), random),
  );
  return { index: 0, pts: 0, table, sure, map: (wide ? Uint16Array : Uint8Array).from(points) };
}

/** How many numbers are not the same. */
const differing = (one: Uint32Array, other: Uint32Array): number =>
  one.reduce((sum, value, i) => sum + Number(value !== other[i]), Number(one.length !== other.length));

const inks = inksOf(table, ({ track }) => `#0102${(track % 256).toString(16).padStart(2, '0')}`, {
  opacity: 0.5,
  outline: 1,
});

describe.each([
  ['larger than the input', 161, 121, 322, 242],
  ['much larger', 130, 97, 702, 394],
  ['of the size of the input', 160, 96, 160, 96],
  ['smaller', 161, 121, 98, 60],
  ['five pixels for two points, so that weights are equal', 160, 96, 100, 60],
  ['smaller than the lattice', 161, 121, 24, 18],
  ['of few points', 5, 3, 40, 30],
  ['one pixel', 161, 121, 1, 1],
])('a picture %s', (_, inputWidth, inputHeight, width, height) => {
  const lattice = latticeOf(inputWidth, inputHeight);
  const spread = createSpreader(lattice, lattice.covered, width, height, 0x10000);
  const painter = createPainter(lattice, { width, height });
  const pointer = createPointer({ video: { ...video, width, height }, lattice });

  it.each(Object.keys(pictures))('of %s is painted, pointed at and counted as it is drawn', (name) => {
    const frame = frameOf(lattice, pictures[name]!, name === 'at random');
    const { labels } = spread(frame.map);
    const into = new Uint32Array(width * height).fill(0xdeadbeef);
    painter.paint(frame, inks, into);
    expect(
      differing(
        into,
        Uint32Array.from(labels, (label) => inks.inside[label]!),
      ),
    ).toBe(0);

    const areas = new Float64Array(table.length);
    createAreas(lattice, { width, height })(Uint16Array.from(frame.map), areas);
    const counted = table.map(() => 0);
    for (const label of labels) counted[label]!++;
    expect([...areas]).toEqual(counted);

    const wrong = Array.from({ length: 2000 }, (_, i) => (i * 7919) % labels.length).filter((at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return pointer(frame, x + 0.7, y + 0.2)?.place !== labels[at];
    });
    expect(wrong).toEqual([]);
    const place = labels[0]!;
    expect(pointer(frame, 0, 0)).toEqual({ ...table[place], place, score: (sure[place]! - 1) / 254 });
    for (const [x, y] of [
      [-1, 0],
      [0, -0.5],
      [width, 0],
      [0, height],
      [Number.NaN, 0],
    ] as const)
      expect(pointer(frame, x, y)).toBeUndefined();
  });

  it.each(Object.keys(pictures))('of %s is painted with its outlines', (name) => {
    const frame = frameOf(lattice, pictures[name]!, false);
    const { labels } = spread(frame.map);
    for (const reach of [1, 2]) {
      const into = new Uint32Array(width * height);
      painter.paint(frame, inks, into, reach);
      const wanted = Uint32Array.from(labels, (label, at) => {
        const [x, y] = [at % width, Math.floor(at / width)];
        for (let i = 1; i <= reach; i++) {
          const left = x >= i && labels[at - i] !== label;
          const right = x + i < width && labels[at + i] !== label;
          const above = y >= i && labels[at - i * width] !== label;
          const below = y + i < height && labels[at + i * width] !== label;
          if (left || right || above || below) return inks.border[label]!;
        }
        return inks.inside[label]!;
      });
      expect(differing(into, wanted)).toBe(0);
    }
  });
});

it('only what has changed is counted again', () => {
  const lattice = latticeOf(161, 121);
  const areas = createAreas(lattice, { width: 322, height: 242 });
  const random = randomOf(3);
  let before = Uint16Array.from(frameOf(lattice, pictures['a street']!, true).map);
  const counted = new Float64Array(table.length);
  areas(before, counted);
  for (let i = 0; i < 20; i++) {
    const now = before.slice();
    for (let k = 0; k < 9; k++) now[Math.floor(random() * now.length)] = Math.floor(random() * 10);
    areas(now, counted, before);
    const afresh = new Float64Array(table.length);
    areas(now, afresh);
    expect(counted).toEqual(afresh);
    before = now;
  }
});

describe('inks', () => {
  const [segment] = table;
  const bytes = (number: number) => [...new Uint8Array(Uint32Array.of(number).buffer)];

  it('are red, green, blue and alpha, with lighter and denser borders', () => {
    const { inside, border } = inksOf([segment!], () => '#1080ff', { opacity: 0.6, outline: 1 });
    expect(bytes(inside[0]!)).toEqual([16, 128, 255, 153]);
    expect(bytes(border[0]!)).toEqual([16 + 72, 128 + 38, 255, 255]);
    const plain = inksOf([segment!], () => '#1080ff', { opacity: 1, outline: 0 });
    expect(bytes(plain.inside[0]!)).toEqual([16, 128, 255, 255]);
    expect(plain.border).toEqual(plain.inside);
  });

  it('are none for what is not painted', () => {
    const { inside, border } = inksOf(table, ({ name }) => (name === 1 ? undefined : '#ffffff'), {
      opacity: 0.5,
      outline: 1,
    });
    expect([...inside, ...border].map((ink) => ink === 0)).toEqual(
      [...table, ...table].map(({ name }) => name === 1),
    );
  });
});
