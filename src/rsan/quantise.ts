import type { Tensor } from './onnx/graph.ts';
import * as ops from './onnx/ops.ts';
import type { Parameters } from './parameters.ts';

/**
 * Products in 8-bit integers for CPUs. Activations are uint8, their range measured in each run; weights are int8,
 * symmetric, with a scale for each output. Weights keep to 7 bits: without VNNI, x86 adds pairs of uint8 × int8
 * products in 16 bits that saturate (vpmaddubsw), and 2 · 255 · 63 is the most that fits.
 */
const WEIGHT_LIMIT = 63;

const quantised = new WeakMap<Tensor, ops.Quantised>();

/** x · W for outputs `from`..`to` of a stored (out, in) weight. */
export function int8Product(
  x: Tensor,
  parameters: Parameters,
  name: string,
  from: number,
  to: number,
): Tensor {
  // Queries, keys and values come from one input: it is quantised once.
  const input = quantised.get(x) ?? ops.quantise(x);
  quantised.set(x, input);

  const inner = x.shape.at(-1)!;
  const outputs = to - from;
  const recipe = `${name}[${from}:${to}]ᵀ`;
  let made: Promise<{ values: Int8Array; scales: Float32Array }> | undefined;
  const make = () => {
    made ??= parameters.transposed(name, from, to).then((matrix) => quantiseColumns(matrix, inner, outputs));
    return made;
  };
  const weight = parameters.bytes(`${recipe} int8`, 'int8', [inner, outputs], async () => {
    const { values } = await make();
    return new Uint8Array(values.buffer);
  });
  const scales = parameters.bytes(`${recipe} scales`, 'float32', [outputs], async () => {
    const result = new Uint8Array((await make()).scales.buffer);
    made = undefined; // The second of the two to be written: neither is needed any more.
    return result;
  });
  return ops.integerProduct(input, weight, scales);
}

/** Symmetric quantisation of each column of a row-major (in, out) matrix: value ≈ integer × scale of its column. */
function quantiseColumns(
  matrix: Float32Array,
  rows: number,
  columns: number,
): { values: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(columns);
  for (let i = 0; i < matrix.length; i++)
    scales[i % columns] = Math.max(scales[i % columns], Math.abs(matrix[i]));
  for (let column = 0; column < columns; column++) scales[column] = (scales[column] || 1) / WEIGHT_LIMIT;
  const values = new Int8Array(rows * columns);
  for (let i = 0; i < matrix.length; i++) values[i] = Math.round(matrix[i] / scales[i % columns]);
  return { values, scales };
}
