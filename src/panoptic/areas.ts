import { heaviest, line } from '../analysis/spread.ts';
import type { Lattice } from './format.ts';

/** Adds to `into`, by label, the pixels that each label of the lattice has in the picture. */
export type Areas = (labels: Uint16Array, into: Float64Array) => void;

/** Counts what `createSpreader` draws, without drawing; `width`, `height`: of the picture, in pixels. */
export function createAreas(
  { width: points, height: rows, covered }: Lattice,
  { width, height }: { readonly width: number; readonly height: number },
): Areas {
  const across = line(points, covered.width, width);
  const down = line(rows, covered.height, height);
  return (labels, into) => {
    for (let row = 0; row + 1 < rows; row++) {
      const [y0, y1] = [down.starts[row]!, down.starts[row + 1]!];
      for (let point = 0; point + 1 < points; point++) {
        const at = row * points + point;
        const [x0, x1] = [across.starts[point]!, across.starts[point + 1]!];
        const [a, b] = [labels[at]!, labels[at + 1]!];
        const [c, d] = [labels[at + points]!, labels[at + points + 1]!];
        if (a === b && a === c && a === d) {
          into[a]! += (x1 - x0) * (y1 - y0);
          continue;
        }
        for (let y = y0; y < y1; y++) {
          const v = down.parts[y]!;
          for (let x = x0; x < x1; x++) into[heaviest(a, b, c, d, across.parts[x]!, v)]!++;
        }
      }
    }
  };
}
