import { describe, expect, it } from 'vitest';
import { createLatticeMasks } from '../../../src/analysis/lattice-masks.ts';
import { createSpreader } from '../../../src/analysis/spread.ts';
import type { MaskGeometry } from '../../../src/core/frame.ts';
import { masksOf } from '../../../src/core/mask.ts';

/** The model's input, padded to multiples of 32, and its lattice. */
function inputOf(width: number, height: number) {
  const [paddedWidth, paddedHeight] = [Math.ceil(width / 32) * 32, Math.ceil(height / 32) * 32];
  const [gridWidth, gridHeight] = [paddedWidth / 16, paddedHeight / 16];
  const geometry: MaskGeometry = { gridWidth, gridHeight, paddedWidth, paddedHeight, width, height };
  return { geometry, lattice: { width: paddedWidth / 4, height: paddedHeight / 4 } };
}

type Draw = (x: number, y: number, random: () => number) => number;

/** Stuff with things before it, as in a street. */
const street: Draw = (x, y, random) => {
  const disc = [0, 1, 2, 3, 4].find((i) => Math.hypot(x - 9 * i, y - 4 - ((i * 7) % 20)) < 2 + 2 * i);
  if (disc !== undefined) return 300 + disc;
  if (random() < 0.02) return 11;
  return y + Math.sin(x / 6) * 4 < 10 ? 2 : x + y > 50 ? 0 : 1;
};

const lattices: Record<string, Draw> = {
  'a street': street,
  'one label': () => 65535,
  'a checkerboard': (x, y) => (x + y) % 2,
  'a checkerboard of four': (x, y) => (x % 2) + 2 * (y % 2),
  'two labels at random': (_x, _y, random) => Math.floor(random() * 2) * 65535,
  'three labels at random': (_x, _y, random) => Math.floor(random() * 3),
  'many labels at random': (_x, _y, random) => Math.floor(random() * 65536),
  columns: (x) => Math.floor(x / 3) % 4,
  rows: (_, y) => Math.floor(y / 3) % 4,
};

describe.each([
  ['the size of the input', 160, 96, 160, 96],
  ['odd sides and a lattice beyond them', 161, 121, 161, 121],
  ['twice as large', 161, 121, 322, 242],
  ['much larger', 130, 97, 1001, 563],
  ['smaller', 161, 121, 97, 60],
  ['five pixels for two points, so that weights are equal', 160, 96, 100, 60],
  ['two pixels a point across, three down', 160, 96, 80, 72],
  ['smaller than the lattice', 161, 121, 23, 17],
  ['one pixel', 161, 121, 1, 1],
  ['one line', 161, 121, 200, 1],
  ['another shape', 161, 121, 50, 300],
  ['of an input of few points', 5, 3, 40, 30],
])('masks of a picture: %s', (_, inputWidth, inputHeight, width, height) => {
  const { geometry, lattice } = inputOf(inputWidth, inputHeight);
  const spread = createSpreader(lattice, geometry, width, height, 0x10000);
  // One for all lattices: nothing of one may be left in the next.
  const masks = createLatticeMasks(lattice, geometry, width, height);

  it.each(Object.keys(lattices))('%s: the masks of what is drawn', (name) => {
    let state = 3;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const labels = Uint16Array.from({ length: lattice.width * lattice.height }, (_, i) =>
      lattices[name](i % lattice.width, Math.floor(i / lattice.width), random),
    );
    const before = labels.slice();
    expect(masks(labels)).toEqual(masksOf(spread(labels)));
    expect(labels).toEqual(before);
  });
});
