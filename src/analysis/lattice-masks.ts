import type { MaskGeometry } from '../core/frame.ts';
import { createMaskBuilder, type LabelMask } from '../core/mask.ts';
import { heaviest, line } from './spread.ts';

/**
 * Masks of a lattice's labels at the picture's size, in order of label. `labels`: uint16, the lattice's
 * height × width, row-major; only read.
 */
export type LatticeMasks = (labels: Uint16Array) => LabelMask[];

/**
 * Makes the masks that `masksOf` makes of what `createSpreader` draws, without drawing: masks are runs down the
 * columns, and all columns of pixels between two columns of points cross the same blocks. `width`, `height`: of the
 * picture, in pixels. At least two points are needed across and down.
 */
export function createLatticeMasks(
  { width: points, height: rows }: { readonly width: number; readonly height: number },
  geometry: MaskGeometry,
  width: number,
  height: number,
): LatticeMasks {
  const { starts: lefts, parts: us } = line(points, geometry.width, width);
  const { starts: tops, parts: vs } = line(rows, geometry.height, height);
  const builder = createMaskBuilder(width, height);

  // The columns of pixels between two columns of points. Each is made of stretches, from above to below: a label and
  // its first pixel. Blocks of four points have at most four.
  const widest = Math.max(...lefts.map((left, point) => left - (lefts[point - 1] ?? 0)));
  const most = 4 * rows;
  const names = new Uint16Array(widest * most);
  const firsts = new Int32Array(widest * most);
  // For each column, where its next stretch goes.
  const nexts = new Int32Array(widest);

  function push(column: number, name: number, y: number): void {
    const next = nexts[column]++;
    names[next] = name;
    firsts[next] = y;
  }

  /** The pixels of a block whose points do not agree; `at` is its upper left one. */
  function divide(labels: Uint16Array, at: number, x0: number, x1: number, y0: number, y1: number): void {
    const [a, b, c, d] = [labels[at], labels[at + 1], labels[at + points], labels[at + points + 1]];
    const other = b !== a ? b : c !== a ? c : d;
    const two = (b === a || b === other) && (c === a || c === other) && (d === a || d === other);
    const [ofB, ofC, ofD] = [b === a ? 1 : -1, c === a ? 1 : -1, d === a ? 1 : -1];
    let border = y0 + 1;
    for (let x = x0; x < x1; x++) {
      const u = us[x];
      if (!two) {
        for (let y = y0, last = -1; y < y1; y++) {
          const name = heaviest(a, b, c, d, u, vs[y]);
          if (name !== last) push(x - x0, name, y);
          last = name;
        }
        continue;
      }
      // The weight of `a` less that of the other label, which is linear down the column.
      const above = 1 - u + ofB * u;
      const slope = ofC * (1 - u) + ofD * u - above;
      const wins = above + slope * vs[y0] >= 0;
      push(x - x0, wins ? a : other, y0);
      if (above + slope * vs[y1 - 1] >= 0 === wins) continue;
      // The border is near to where it was a column before.
      while (above + slope * vs[border - 1] >= 0 !== wins) border--;
      while (above + slope * vs[border] >= 0 === wins) border++;
      push(x - x0, wins ? other : a, border);
    }
  }

  /** The stretches of the columns from `x0` to before `x1`, right of a column of points. */
  function cut(labels: Uint16Array, point: number, x0: number, x1: number): void {
    for (let column = 0; column < widest; column++) nexts[column] = column * most;
    let last = -1;
    let [a, b] = [labels[point], labels[point + 1]];
    for (let row = 0, at = point; row + 1 < rows; row++, at += points) {
      const c = labels[at + points];
      const d = labels[at + points + 1];
      const [y0, y1] = [tops[row], tops[row + 1]];
      if (y0 < y1) {
        if (a !== b || a !== c || a !== d) {
          divide(labels, at, x0, x1, y0, y1);
          last = -1;
        } else if (a !== last) {
          for (let column = 0; column < x1 - x0; column++) push(column, a, y0);
          last = a;
        }
      }
      a = c;
      b = d;
    }
  }

  return (labels) => {
    for (let point = 0; point + 1 < points; point++) {
      const x0 = lefts[point];
      const x1 = lefts[point + 1];
      if (x0 === x1) continue;
      cut(labels, point, x0, x1);
      for (let column = 0; column < x1 - x0; column++) {
        const top = (x0 + column) * height;
        for (let i = column * most; i < nexts[column]; i++) builder.begin(names[i], top + firsts[i]);
      }
    }
    return builder.finish();
  };
}
