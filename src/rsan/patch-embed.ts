import { interpolationMatrix } from './interpolate.ts';
import type { Tensor } from './onnx/graph.ts';
import * as ops from './onnx/ops.ts';
import type { Parameters } from './parameters.ts';

/** Preprocessing of a pack: value = (pixel − mean) / std, per channel, in units of 0..255. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** A padded picture in bytes, and what it takes to normalise it. */
export interface Picture {
  /** N × H × W × 3, uint8, zeros where it is padded. */
  readonly pixels: Tensor;
  readonly normalisation: Normalisation;
  /** Height and width of the frame inside the padding. */
  readonly covered: readonly [height: number, width: number];
}

/**
 * Patch embedding of the normalised, zero-padded picture, resized by `factor` beforehand where that is not 1:
 * N × P × C, with `position` (P × C) added. `parameters` holds the convolution's weight, C × 3 × k × k.
 *
 * All of it is linear, so normalisation costs nothing here: the bytes go straight into the product, 1/std is part of
 * the weights, and −mean/std, which counts only as far as a patch lies on the frame and not on its padding, is a
 * constant for each patch, part of the position embedding.
 */
export async function patchEmbed(
  { pixels, normalisation, covered }: Picture,
  parameters: Parameters,
  patch: number,
  position: Float32Array,
  factor = 1,
): Promise<Tensor> {
  const { graph } = pixels;
  const { mean, std } = normalisation;
  const image = factor === 1 ? pixels : ops.resizeBy(ops.cast(pixels, graph.float), factor);
  const [n, height, width, channels] = image.shape as [number, number, number, number];
  const rows = Math.floor(height / patch);
  const columns = Math.floor(width / patch);
  const whole = ops.slice(ops.slice(image, 1, 0, rows * patch), 2, 0, columns * patch);
  // Channels stay innermost, so that a patch's line is one run of bytes to move.
  const tiles = ops.reshape(whole, [n, rows, patch, columns, patch * channels]);
  const inner = patch * patch * channels;
  const lines = ops.reshape(ops.transpose(tiles, [0, 1, 3, 2, 4]), [n, rows * columns, inner]);

  const out = parameters.shape('weight')[0];
  const scaled = parameters.derived(`weight / std [${std}] by pixel`, [inner, out], async () => {
    const weight = await parameters.values('weight');
    const result = new Float32Array(inner * out);
    for (let i = 0; i < weight.length; i++) {
      const pixel = i % (patch * patch);
      const channel = Math.floor(i / (patch * patch)) % channels;
      result[(pixel * channels + channel) * out + Math.floor(i / inner)] = weight[i] / std[channel];
    }
    return result;
  });

  const kernel = await parameters.values('weight');
  const shift = mean.map((value, channel) => -value / std[channel]);
  const coverage = [
    coverageAlong(covered[0], pixels.shape[1], height, factor),
    coverageAlong(covered[1], pixels.shape[2], width, factor),
  ];
  const constant = position.slice();
  const cache = new Map<string, Float32Array>();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const down = coverage[0].subarray(row * patch, (row + 1) * patch);
      const across = coverage[1].subarray(column * patch, (column + 1) * patch);
      const key = `${down}/${across}`;
      const offset = cache.get(key) ?? shiftedPatch(kernel, shift, down, across);
      cache.set(key, offset);
      const start = (row * columns + column) * out;
      for (let c = 0; c < out; c++) constant[start + c] += offset[c];
    }
  }
  return ops.add(
    ops.matmul(ops.cast(lines, graph.float), scaled),
    graph.constant(constant, [1, rows * columns, out]),
  );
}

/** How much of each sample of a line, padded from `covered` to `padded` and resized to `output`, is picture: 0..1. */
function coverageAlong(covered: number, padded: number, output: number, factor: number): Float32Array {
  const line = new Float32Array(padded).fill(1, 0, covered);
  if (factor === 1) return line;
  const matrix = interpolationMatrix('bilinear', padded, output, 1 / factor);
  return Float32Array.from({ length: output }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < padded; i++) sum += matrix[row * padded + i] * line[i];
    return sum;
  });
}

/** The convolution's response to one patch that has the value `shift[channel]` × coverage everywhere. */
function shiftedPatch(
  kernel: Float32Array,
  shift: readonly number[],
  down: Float32Array,
  across: Float32Array,
): Float32Array {
  const patch = down.length;
  const size = shift.length * patch * patch;
  return Float32Array.from({ length: kernel.length / size }, (_, out) => {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const y = Math.floor(i / patch) % patch;
      sum += kernel[out * size + i] * shift[Math.floor(i / (patch * patch))] * down[y] * across[i % patch];
    }
    return sum;
  });
}
