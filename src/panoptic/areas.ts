import { heaviest, line } from '../analysis/spread.ts';
import type { Lattice } from './format.ts';

/**
 * Adds to `into`, by label, the pixels that each label of the lattice has in the picture. With `before`, whose pixels
 * are those in `into`, only what has changed since is counted.
 */
export type Areas = (labels: Uint16Array, into: Float64Array, before?: Uint16Array) => void;

/** Counts what `createSpreader` draws, without drawing; `width`, `height`: of the picture, in pixels. */
export function createAreas(
  { width: points, height: rows, covered }: Lattice,
  { width, height }: { readonly width: number; readonly height: number },
): Areas {
  const across = line(points, covered.width, width);
  const down = line(rows, covered.height, height);

  /** Counts each pixel of the block right and below of a point as `one`. */
  function count(labels: Uint16Array, row: number, point: number, into: Float64Array, one: 1 | -1): void {
    const at = row * points + point;
    const [x0, x1] = [across.starts[point]!, across.starts[point + 1]!];
    const [y0, y1] = [down.starts[row]!, down.starts[row + 1]!];
    const [a, b] = [labels[at]!, labels[at + 1]!];
    const [c, d] = [labels[at + points]!, labels[at + points + 1]!];
    if (a === b && a === c && a === d) {
      into[a]! += one * (x1 - x0) * (y1 - y0);
      return;
    }
    for (let y = y0; y < y1; y++) {
      const v = down.parts[y]!;
      for (let x = x0; x < x1; x++) into[heaviest(a, b, c, d, across.parts[x]!, v)]! += one;
    }
  }

  return (labels, into, before) => {
    for (let row = 0; row + 1 < rows; row++) {
      for (let point = 0, at = row * points; point + 1 < points; point++, at++) {
        if (before) {
          const same =
            labels[at] === before[at] &&
            labels[at + 1] === before[at + 1] &&
            labels[at + points] === before[at + points] &&
            labels[at + points + 1] === before[at + points + 1];
          if (same) continue;
          count(before, row, point, into, -1);
        }
        count(labels, row, point, into, 1);
      }
    }
  };
}
