import { INSIDE, POINT_STEP } from '../core/frame.ts';
import { interpolationMatrix } from './interpolate.ts';
import type { Shape, Tensor } from './onnx/graph.ts';
import * as ops from './onnx/ops.ts';

/**
 * Masks whose borders follow the picture. A mask logit stands for 16×16 pixels; between them the picture knows better
 * where a border runs. That is the guided filter of He, Sun and Tang (TPAMI 2013) with the colour picture as guide: in
 * every window the mask is taken to be a linear function of the colours, fitted by least squares. As in their fast
 * variant (arXiv 1505.00996) the functions are fitted at an eighth of the picture's sides and applied at a quarter.
 */

/** Pixels between the points at which the functions are fitted. */
const FIT_STEP = 2 * POINT_STEP;
/** Half the window's side, in fitted points: windows of 40×40 pixels. */
const RADIUS = 2;
/** How much colours must differ within a window to be believed: the variance of noise, of values 0..1. */
const EPSILON = 1e-4;

export interface RefinedSize {
  readonly width: number;
  readonly height: number;
}

/** The points of refined masks over a picture of `width` × `height` pixels: one for each 4×4 of them, an even number. */
export function refinedSize(width: number, height: number): RefinedSize {
  const side = (pixels: number) => Math.ceil(pixels / FIT_STEP) * (FIT_STEP / POINT_STEP);
  return { width: side(width), height: side(height) };
}

/**
 * `pixels`: N × H × W × 3 bytes, padded, of which `covered` are the picture's. `maskLogits`: N × Q × H/16 × W/16.
 * Gives N × 4 × h × w × Q bytes, 0 to INSIDE: h × w blocks of 2×2 points, and for each of the four (row by
 * row) all regions.
 */
export function refineMasks(
  pixels: Tensor,
  covered: readonly [height: number, width: number],
  maskLogits: Tensor,
): Tensor {
  const [n, count] = maskLogits.shape as [number, number, number, number];
  const { fine, coarse, sides } = guides(pixels, covered);
  const [height, width] = sides;
  const mask = upsample(ops.cast(maskLogits, 'float32'), sides);

  const means = box(coarse);
  const channel = (x: Tensor, c: number) => ops.slice(x, 1, c, c + 1);
  const inverse = inverseCovariance(coarse, means);
  const meanMask = box(mask);
  const covariance = [0, 1, 2].map((c) =>
    ops.sub(box(ops.mul(mask, channel(coarse, c))), ops.mul(meanMask, channel(means, c))),
  );
  const slopes = [0, 1, 2].map((c) =>
    sum([0, 1, 2].map((other) => ops.mul(covariance[other], inverse(c, other)))),
  );
  const offset = ops.sub(meanMask, sum(slopes.map((slope, c) => ops.mul(slope, channel(means, c)))));
  const [smoothSlopes, smoothOffset] = [slopes.map(box), box(offset)];

  // The four points of a block one after the other: each is as large as what was fitted, so nothing is repeated.
  const points = fine.map((colours) => {
    const value = ops.add(
      sum(smoothSlopes.map((slope, c) => ops.mul(slope, channel(colours, c)))),
      smoothOffset,
    );
    // Half a step more, for casting cuts off.
    const levels = ops.add(ops.mul(value, scalar(value, INSIDE)), scalar(value, 0.5));
    const bytes = ops.cast(ops.clip(levels, 0, INSIDE), 'uint8');
    return ops.reshape(ops.transpose(bytes, [0, 2, 3, 1]), [n, 1, height, width, count]);
  });
  return ops.concat(points, 1);
}

const sum = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => ops.add(a, b));
/** Variances of colours are too small for half precision: all of this is float32, whatever the model is. */
const constant = ({ graph }: Tensor, values: Float32Array | readonly number[], shape: Shape): Tensor =>
  graph.constant(values, shape, 'float32');
const scalar = (x: Tensor, value: number): Tensor => constant(x, [value], [1]);
const box = (x: Tensor): Tensor => ops.boxFilter(x, RADIUS);

/** The picture at the points of the fit, N × 3 × h × w, and at each of the four points of its blocks; values 0..1. */
function guides(pixels: Tensor, covered: readonly [height: number, width: number]) {
  const [n, paddedHeight, paddedWidth] = pixels.shape as [number, number, number, number];
  const sides = covered.map((side) => Math.ceil(side / FIT_STEP)) as [number, number];
  const [rows, columns] = [paddedHeight / POINT_STEP, paddedWidth / POINT_STEP];
  const tall = ops.reshape(ops.cast(pixels, 'float32'), [n, rows, POINT_STEP, paddedWidth * 3]);
  // The mean of four neighbours' colours as a product: many times as fast as a mean over an axis with a short one behind it.
  const mean = Float32Array.from({ length: POINT_STEP * 9 }, (_, i) =>
    Math.floor(i / 3) % 3 === i % 3 ? 1 / POINT_STEP : 0,
  );
  const quads = ops.reshape(ops.reduceMean(tall, 2), [n * rows * columns, POINT_STEP * 3]);
  const means = ops.matmul(quads, constant(pixels, mean, [POINT_STEP * 3, 3]));
  const planes = ops.transpose(ops.reshape(means, [n, rows, columns, 3]), [0, 3, 1, 2]);
  const blocks = ops.transpose(ops.reshape(planes, [n, 3, rows / 2, 2, columns / 2, 2]), [0, 3, 5, 1, 2, 4]);
  const corner = (y: number, x: number) => {
    const all = ops.reshape(ops.slice(ops.slice(blocks, 1, y, y + 1), 2, x, x + 1), [
      n,
      3,
      rows / 2,
      columns / 2,
    ]);
    return ops.slice(ops.slice(all, 2, 0, sides[0]), 3, 0, sides[1]);
  };
  const raw = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)];
  // Means over squares that the picture covers in part have zeros in them.
  const shares = (axis: 0 | 1, step: number, place: number): number[] =>
    Array.from({ length: sides[axis] }, (_, i) => {
      const start = i * FIT_STEP + place * POINT_STEP;
      return step / Math.min(Math.max(covered[axis] - start, 1), step);
    });
  const mended = (x: Tensor, step: number, y: number, z: number): Tensor => {
    const down = constant(
      x,
      shares(0, step, y).map((share) => share / 255),
      [1, 1, sides[0], 1],
    );
    return ops.mul(x, ops.mul(down, constant(x, shares(1, step, z), [1, 1, 1, sides[1]])));
  };
  const fine = raw.map((x, i) => mended(x, POINT_STEP, Math.floor(i / 2), i % 2));
  const coarse = mended(ops.mul(sum(raw), scalar(raw[0], 1 / 4)), FIT_STEP, 0, 0);
  return { fine, coarse, sides };
}

/** Sigmoids of mask logits, interpolated bilinearly to the points of the fit: N × Q × sides. */
function upsample(maskLogits: Tensor, sides: readonly [number, number]): Tensor {
  const [n, count, height, width] = maskLogits.shape as [number, number, number, number];
  const matrix = (from: number, to: number): Float32Array =>
    interpolationMatrix('bilinear', from, 2 * from).subarray(0, to * from);
  const vertical = constant(maskLogits, matrix(height, sides[0]), [sides[0], height]);
  const tall = ops.matmul(vertical, ops.reshape(maskLogits, [n * count, height, width]));
  const horizontal = constant(maskLogits, transposed(matrix(width, sides[1]), width), [width, sides[1]]);
  const full = ops.matmul(ops.reshape(tall, [n * count * sides[0], width]), horizontal);
  return ops.sigmoid(ops.reshape(full, [n, count, ...sides]));
}

function transposed(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]);
}

/** Of the 3×3 covariance of colours in each window, with EPSILON on its diagonal, the inverse's entries: N × 1 × h × w. */
function inverseCovariance(picture: Tensor, means: Tensor): (row: number, column: number) => Tensor {
  const [one, other] = [
    [0, 0, 0, 1, 1, 2],
    [0, 1, 2, 1, 2, 2],
  ];
  const products = (x: Tensor) => ops.mul(ops.gather(x, one, 1), ops.gather(x, other, 1));
  const noise = constant(picture, [EPSILON, 0, 0, EPSILON, 0, EPSILON], [1, 6, 1, 1]);
  const covariance = ops.add(ops.sub(box(products(picture)), products(means)), noise);
  const [rr, rg, rb, gg, gb, bb] = [0, 1, 2, 3, 4, 5].map((c) => ops.slice(covariance, 1, c, c + 1));
  const minor = (a: Tensor, b: Tensor, c: Tensor, d: Tensor) => ops.sub(ops.mul(a, b), ops.mul(c, d));
  const cofactors = [
    minor(gg, bb, gb, gb),
    minor(rb, gb, rg, bb),
    minor(rg, gb, rb, gg),
    minor(rr, bb, rb, rb),
    minor(rg, rb, rr, gb),
    minor(rr, gg, rg, rg),
  ];
  const determinant = sum([ops.mul(rr, cofactors[0]), ops.mul(rg, cofactors[1]), ops.mul(rb, cofactors[2])]);
  const entries = cofactors.map((cofactor) => ops.div(cofactor, determinant));
  const place = [
    [0, 1, 2],
    [1, 3, 4],
    [2, 4, 5],
  ];
  return (row, column) => entries[place[row][column]];
}
