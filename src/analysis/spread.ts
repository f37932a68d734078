import { type LabelMap, type MaskGeometry, POINT_STEP } from '../core/frame.ts';

/** Spreads labels of a lattice's points over the pixels of a picture. Owns the map, which the next call overwrites. */
export type Spreader = (labels: Uint8Array | Uint16Array) => LabelMap;

/** A line of pixels over a line of points. */
export interface Line {
  /** For each point but the last, the first pixel between it and the next; and one more, the number of pixels. */
  readonly starts: Int32Array;
  /** How far each pixel is from its point to the next, 0..1; never falls from one pixel between them to the next. */
  readonly parts: Float32Array;
}

/**
 * Parts are multiples of this, so that weights, which are their products, and sums of weights are exact: what is
 * equal in weight is equal for whoever asks.
 */
const FINEST = 2 ** -20;

/** `points` of the lattice, of which those over the `covered` pixels of the model's input go over `pixels`. */
export function line(points: number, covered: number, pixels: number): Line {
  const last = Math.max(1, Math.min(points, Math.ceil(covered / POINT_STEP)) - 1);
  const starts = new Int32Array(points).fill(pixels);
  const parts = new Float32Array(pixels);
  for (let pixel = pixels - 1; pixel >= 0; pixel--) {
    const at = ((pixel + 0.5) * covered) / pixels / POINT_STEP - 0.5;
    const inside = Math.min(Math.max(at, 0), last);
    const point = Math.min(Math.floor(inside), last - 1);
    parts[pixel] = Math.round((inside - point) / FINEST) * FINEST;
    starts.fill(pixel, 0, point + 1);
  }
  return { starts, parts };
}

/**
 * The label with the most weight of bilinear interpolation between four points, `a b` above `c d`; the first of equal
 * ones. `u`, `v`: how far right and down, 0..1. Along a straight line across or down, weights are linear: a label wins
 * on one stretch of it or nowhere.
 */
export function heaviest(a: number, b: number, c: number, d: number, u: number, v: number): number {
  const wa = (1 - u) * (1 - v);
  const wb = u * (1 - v);
  const wc = (1 - u) * v;
  const wd = u * v;
  const forA = wa + (b === a ? wb : 0) + (c === a ? wc : 0) + (d === a ? wd : 0);
  const forB = b === a ? 0 : wb + (c === b ? wc : 0) + (d === b ? wd : 0);
  const forC = c === a || c === b ? 0 : wc + (d === c ? wd : 0);
  let best = a;
  let most = forA;
  if (forB > most) {
    best = b;
    most = forB;
  }
  if (forC > most) {
    best = c;
    most = forC;
  }
  return d !== a && d !== b && d !== c && wd > most ? d : best;
}

/**
 * Pixels between four points of one label take it; elsewhere the label wins that has the most weight of bilinear
 * interpolation, so that borders run straight from point to point. `names`: how many labels there may be.
 */
export function createSpreader(
  { width: points, height: rows }: { readonly width: number; readonly height: number },
  geometry: Pick<MaskGeometry, 'width' | 'height'>,
  width: number,
  height: number,
  names: number,
): Spreader {
  const across = line(points, geometry.width, width);
  const down = line(rows, geometry.height, height);
  const pixels = names <= 256 ? new Uint8Array(width * height) : new Uint16Array(width * height);

  return (labels) => {
    for (let row = 0; row + 1 < rows; row++) {
      const [y0, y1] = [down.starts[row]!, down.starts[row + 1]!];
      if (y0 === y1) continue;
      for (let point = 0; point + 1 < points; ) {
        const at = row * points + point;
        const name = labels[at]!;
        const x0 = across.starts[point]!;
        // Runs of agreeing blocks are filled at once.
        let end = point;
        while (
          end + 1 < points &&
          labels[row * points + end + 1] === name &&
          labels[(row + 1) * points + end] === name &&
          labels[(row + 1) * points + end + 1] === name
        )
          end++;
        if (end > point) {
          const x1 = across.starts[end]!;
          for (let y = y0; y < y1; y++) pixels.fill(name, y * width + x0, y * width + x1);
          point = end;
          continue;
        }
        const x1 = across.starts[point + 1]!;
        const [b, c, d] = [labels[at + 1]!, labels[at + points]!, labels[at + points + 1]!];
        for (let y = y0; y < y1; y++) {
          const v = down.parts[y]!;
          for (let x = x0; x < x1; x++) pixels[y * width + x] = heaviest(name, b, c, d, across.parts[x]!, v);
        }
        point++;
      }
    }
    return { width, height, labels: pixels };
  };
}
