import { SidestreamError } from '../../core/errors.ts';
import { type ElementType, elements, type Shape, type Tensor } from './graph.ts';

/**
 * The operators that R-SAN is written in. Each checks shapes while the graph is written, so that a mistake is found
 * here with both shapes named, not by the runtime. Shapes are row-major; N is the batch.
 */

const MICROSOFT = 'com.microsoft';

const normalAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** NumPy's broadcasting of two shapes. */
function broadcast(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const left = a[index - rank + a.length] ?? 1;
    const right = b[index - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) throw mismatch(op, a, b);
    return Math.max(left, right);
  });
}

function mismatch(op: string, ...shapes: Shape[]): SidestreamError {
  return new SidestreamError(
    'MODEL_INVALID',
    `${op} of ${shapes.map((shape) => `[${shape}]`).join(' and ')}`,
  );
}

const elementwise = (op: string) => (a: Tensor, b: Tensor) =>
  a.graph.apply(op, [a, b], { shape: broadcast(op, a.shape, b.shape), dtype: a.dtype });
export const add = elementwise('Add');
export const sub = elementwise('Sub');
export const mul = elementwise('Mul');
export const div = elementwise('Div');
export const max = elementwise('Max');

const unary =
  (op: string, domain = '', attributes = {}) =>
  (x: Tensor) =>
    x.graph.apply(op, [x], { shape: x.shape, dtype: x.dtype }, attributes, domain);
export const relu = unary('Relu');
export const sigmoid = unary('Sigmoid');
/** x·σ(1.702x), as in OpenAI's CLIP. */
export const quickGelu = unary('QuickGelu', MICROSOFT, { alpha: { float: 1.702 } });

/** x·Φ(x) of x + bias with the error function, as in timm, in one pass; `bias` is one-dimensional. */
export function biasGelu(x: Tensor, bias: Tensor): Tensor {
  return x.graph.apply('BiasGelu', [x, bias], { shape: x.shape, dtype: x.dtype }, {}, MICROSOFT);
}

export function cast(x: Tensor, dtype: ElementType): Tensor {
  if (x.dtype === dtype) return x;
  const to = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 }[dtype];
  return x.graph.apply('Cast', [x], { shape: x.shape, dtype }, { to });
}

/** The matrix product over the last two axes, batched over the others. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const inner = a.shape.at(-1);
  if (inner === undefined || inner !== b.shape.at(-2)) throw mismatch('MatMul', a.shape, b.shape);
  const batch = broadcast('MatMul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, a.shape.at(-2)!, b.shape.at(-1)!];
  return a.graph.apply('MatMul', [a, b], { shape, dtype: a.dtype });
}

export function reshape(x: Tensor, shape: Shape): Tensor {
  if (elements(shape) !== elements(x.shape)) throw mismatch('Reshape', x.shape, shape);
  return x.graph.apply('Reshape', [x, x.graph.integers(shape)], { shape, dtype: x.dtype });
}

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  return x.graph.apply(
    'Transpose',
    [x],
    { shape: perm.map((axis) => x.shape[axis]), dtype: x.dtype },
    { perm },
  );
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first, ...others] = parts as [Tensor, ...Tensor[]];
  const along = normalAxis(axis, first.shape.length);
  for (const part of others) {
    if (part.shape.some((side, index) => index !== along && side !== first.shape[index])) {
      throw mismatch('Concat', ...parts.map(({ shape }) => shape));
    }
  }
  const shape = first.shape.with(
    along,
    parts.reduce((sum, part) => sum + part.shape[along], 0),
  );
  return first.graph.apply('Concat', parts, { shape, dtype: first.dtype }, { axis: along });
}

/** The half-open range [start, end) along one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const along = normalAxis(axis, x.shape.length);
  if (start < 0 || end > x.shape[along] || start >= end) throw mismatch(`Slice ${start}..${end}`, x.shape);
  if (start === 0 && end === x.shape[along]) return x;
  const { graph } = x;
  const ranges = [graph.integers([start]), graph.integers([end]), graph.integers([along])];
  return graph.apply('Slice', [x, ...ranges], { shape: x.shape.with(along, end - start), dtype: x.dtype });
}

/** Rows of `x` along `axis` by constant index. */
export function gather(x: Tensor, indices: readonly number[], axis: number): Tensor {
  const along = normalAxis(axis, x.shape.length);
  const shape = x.shape.with(along, indices.length);
  return x.graph.apply('Gather', [x, x.graph.integers(indices)], { shape, dtype: x.dtype }, { axis: along });
}

/** Rows of a table by index: table V × C, indices of any shape → indices' shape × C. */
export function lookUp(table: Tensor, indices: Tensor): Tensor {
  const shape = [...indices.shape, ...table.shape.slice(1)];
  return table.graph.apply('Gather', [table, indices], { shape, dtype: table.dtype }, { axis: 0 });
}

/** Repeats axes of length 1 so that the result has `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (shape.every((side, index) => side === x.shape[index])) return x;
  return x.graph.apply('Expand', [x, x.graph.integers(shape)], { shape, dtype: x.dtype });
}

/** Appends zeros: `after[i]` of them at the end of axis i. */
export function padEnd(x: Tensor, after: readonly number[]): Tensor {
  if (after.every((amount) => amount === 0)) return x;
  const { graph } = x;
  const pads = graph.integers([...after.map(() => 0), ...after]);
  const shape = x.shape.map((side, index) => side + after[index]);
  return graph.apply('Pad', [x, pads], { shape, dtype: x.dtype });
}

/** Divides the last axis by its Euclidean length. */
export function normalise(x: Tensor): Tensor {
  return x.graph.apply('LpNormalization', [x], { shape: x.shape }, { axis: -1, p: 2 });
}

/** Layer normalisation over the last axis. */
export function layerNorm(x: Tensor, scale: Tensor, bias: Tensor, epsilon: number): Tensor {
  if (scale.shape[0] !== x.shape.at(-1)) throw mismatch('LayerNormalization', x.shape, scale.shape);
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  return x.graph.apply('LayerNormalization', [x, scale, bias], { shape: x.shape }, attributes);
}

/**
 * sum = x + y + yBias and layerNorm(sum), in one pass over memory: a residual connection and the norm after it.
 * x, y: N × T × C.
 */
export function addLayerNorm(
  x: Tensor,
  y: Tensor,
  yBias: Tensor,
  scale: Tensor,
  bias: Tensor,
  epsilon: number,
): { sum: Tensor; normed: Tensor } {
  if (x.shape.join() !== y.shape.join()) throw mismatch('SkipLayerNormalization', x.shape, y.shape);
  const result = { shape: x.shape };
  const [normed, sum] = x.graph.applyAll(
    'SkipLayerNormalization',
    [x, y, scale, bias, yBias],
    [result, null, null, result],
    { epsilon: { float: epsilon } },
    MICROSOFT,
  );
  return { sum: sum!, normed: normed! };
}

/** Values below `low` or above `high` become these. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  const limit = (value: number) =>
    x.graph.constant([value], [], x.dtype === 'float16' ? 'float16' : 'float32');
  return x.graph.apply('Clip', [x, limit(low), limit(high)], { shape: x.shape, dtype: x.dtype });
}

/** The mean along one axis, which goes. */
export function reduceMean(x: Tensor, axis: number): Tensor {
  const shape = x.shape.filter((_, index) => index !== axis);
  return x.graph.apply('ReduceMean', [x], { shape, dtype: x.dtype }, { axes: [axis], keepdims: 0 });
}

/** The mean of the window of ±radius around each place, without what is beyond the borders; x: N × C × H × W. */
export function boxFilter(x: Tensor, radius: number): Tensor {
  const side = 2 * radius + 1;
  const attributes = {
    kernel_shape: [side, side],
    pads: [radius, radius, radius, radius],
    count_include_pad: 0,
  };
  return x.graph.apply('AveragePool', [x], { shape: x.shape, dtype: x.dtype }, attributes);
}

/** Non-overlapping max pooling; x: N × C × H × W with sides divisible by the kernel's. */
export function maxPool(x: Tensor, kernel: readonly [number, number]): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const shape = [n, channels, height / kernel[0], width / kernel[1]];
  return x.graph.apply('MaxPool', [x], { shape }, { kernel_shape: kernel, strides: kernel });
}

/**
 * Bilinear resize of N × H × W × C by a scale factor: half-pixel centres, coordinate step 1/factor, output sides
 * floor(side × factor); no antialias (as `F.interpolate(scale_factor=…, recompute_scale_factor=False)`).
 */
export function resizeBy(x: Tensor, factor: number): Tensor {
  const [n, height, width, channels] = x.shape as [number, number, number, number];
  const shape = [n, Math.floor(height * factor), Math.floor(width * factor), channels];
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  const resize = (y: Tensor, to: Shape, scales: readonly number[]) => {
    const bytes = new Uint8Array(Float32Array.from(scales).buffer);
    const inputs = [y, null, y.graph.raw(bytes, 'float32', [4])];
    return y.graph.apply('Resize', inputs, { shape: to, dtype: y.dtype }, attributes);
  };
  if (!x.graph.plain) return resize(x, shape, [1, factor, factor, 1]);
  // The WebGPU provider of ONNX Runtime 1.30 resizes the last two axes, whatever the scales say.
  const planes = transpose(x, [0, 3, 1, 2]);
  const resized = resize(planes, [n, channels, shape[1], shape[2]], [1, 1, factor, factor]);
  return transpose(resized, [0, 2, 3, 1]);
}

export interface AttentionOptions {
  readonly heads: number;
  /** N or 1 × heads or 1 × T_q × T_k, added to the scaled scores. */
  readonly bias?: Tensor;
  /** Each token sees itself and those before it. */
  readonly causal?: boolean;
}

/**
 * Multi-head attention; q: N × T_q × C, k and v: N × T_k × C, scores scaled by 1/sqrt(C / heads).
 * `projectionBias` is [q | k | v], 3C, added before the product.
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  projectionBias: Tensor | null,
  options: AttentionOptions,
): Tensor {
  const width = q.shape.at(-1)!;
  if (k.shape.at(-1) !== width || k.shape.join() !== v.shape.join())
    throw mismatch('Attention', q.shape, k.shape);
  if (q.graph.plain) return plainAttention(q, k, v, projectionBias, options);
  return q.graph.apply(
    'MultiHeadAttention',
    [q, k, v, projectionBias, null, options.bias ?? null],
    { shape: q.shape },
    { num_heads: options.heads, ...(options.causal ? { unidirectional: 1 } : {}) },
    MICROSOFT,
  );
}

/** Scores of so many queries and keys, over all heads, are there at once: devices bound the size of a buffer. */
const MOST_SCORES = 1 << 25;
/** Added to a score that must not count; float16 has it. */
const NEVER = -30_000;

/**
 * The same, of products and softmax. In the WebGPU provider of ONNX Runtime 1.30 the fused one leaves out keys where a
 * subgroup of the device is not as wide as its loop (microsoft/onnxruntime#28520).
 */
function plainAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  projectionBias: Tensor | null,
  { heads, bias, causal }: AttentionOptions,
): Tensor {
  const { graph } = q;
  const [n, queries, width] = q.shape as [number, number, number];
  const keys = k.shape[1];
  const size = width / heads;
  const biased = (x: Tensor, part: number) =>
    projectionBias ? add(x, slice(projectionBias, 0, part * width, (part + 1) * width)) : x;
  const byHead = (x: Tensor, perm: readonly number[]) =>
    transpose(reshape(x, [n, x.shape[1], heads, size]), perm);
  // Scaled beforehand: float16 ends at 65504.
  const asked = mul(byHead(biased(q, 0), [0, 2, 1, 3]), graph.constant([1 / Math.sqrt(size)], []));
  const offered = byHead(biased(k, 1), [0, 2, 3, 1]);
  const values = byHead(biased(v, 2), [0, 2, 1, 3]);
  const before = causal
    ? Float32Array.from({ length: queries * keys }, (_, i) => (i % keys > Math.floor(i / keys) ? NEVER : 0))
    : undefined;
  const masked = before && graph.constant(before, [1, 1, queries, keys]);
  const rows = Math.max(1, Math.floor(MOST_SCORES / (n * heads * keys)));
  const seen = Array.from({ length: Math.ceil(queries / rows) }, (_, i) => {
    const [from, to] = [i * rows, Math.min(queries, (i + 1) * rows)];
    const some = (x: Tensor) => (x.shape[2] === 1 ? x : slice(x, 2, from, to));
    let scores = matmul(some(asked), offered);
    for (const added of [bias, masked]) if (added) scores = add(scores, some(added));
    return matmul(softmax(scores), values);
  });
  return reshape(transpose(concat(seen, 2), [0, 2, 1, 3]), [n, queries, width]);
}

/** Over the last axis. */
function softmax(x: Tensor): Tensor {
  return x.graph.apply('Softmax', [x], { shape: x.shape, dtype: x.dtype }, { axis: -1 });
}

/** uint8 values with value ≈ (integer − zero) × scale; scale and zero are scalars. */
export interface Quantised {
  readonly values: Tensor;
  readonly scale: Tensor;
  readonly zero: Tensor;
}

/** Quantises to uint8 over the range that the values have in this run. */
export function quantise(x: Tensor): Quantised {
  const [values, scale, zero] = x.graph.applyAll(
    'DynamicQuantizeLinear',
    [x],
    [
      { shape: x.shape, dtype: 'uint8' },
      { shape: [], dtype: 'float32' },
      { shape: [], dtype: 'uint8' },
    ],
  );
  return { values: values!, scale: scale!, zero: zero! };
}

/** x · W as floats; W: int8, in × out, with a scale for each output. */
export function integerProduct(x: Quantised, weight: Tensor, scales: Tensor): Tensor {
  const shape = x.values.shape.with(-1, weight.shape[1]);
  if (x.values.shape.at(-1) !== weight.shape[0])
    throw mismatch('MatMulIntegerToFloat', x.values.shape, weight.shape);
  const inputs = [x.values, weight, x.scale, scales, x.zero];
  return x.values.graph.apply('MatMulIntegerToFloat', inputs, { shape, dtype: 'float32' }, {}, MICROSOFT);
}
