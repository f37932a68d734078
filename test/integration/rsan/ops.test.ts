import '../../../src/rsan/no-telemetry.ts';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeFloats, Graph, type Tensor } from '../../../src/rsan/onnx/graph.ts';
import { encodeModel } from '../../../src/rsan/onnx/model-file.ts';
import * as ops from '../../../src/rsan/onnx/ops.ts';

/** Writes a graph of one expression, runs it in ONNX Runtime and gives its values. */
async function evaluate(
  build: (graph: Graph) => Tensor,
  plain = false,
): Promise<{ shape: readonly number[]; data: number[] }> {
  const graph = new Graph({ float: 'float32', products: 'float', plain });
  const result = build(graph);
  graph.output('result', ops.cast(result, 'float32'));
  const session = await ort.InferenceSession.create(
    encodeModel(graph, { file: '', offsets: new Map() }, 'test'),
    {
      graphOptimizationLevel: 'disabled',
    },
  );
  try {
    const { result: output } = await session.run({});
    expect(output.dims).toEqual(result.shape);
    return { shape: output.dims, data: [...(output.data as Float32Array)] };
  } finally {
    await session.release();
  }
}

const noise = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233) * 1.5);

function closeTo(actual: readonly number[], expected: ArrayLike<number>, digits = 5): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], digits);
  });
}

/** Scaled dot-product attention the plain way; q: tq × c, k and v: tk × c. */
function expectedAttention(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  width: number,
  heads: number,
  bias: (h: number, i: number, j: number) => number,
) {
  const size = width / heads;
  const [tq, tk] = [q.length / width, k.length / width];
  const out = new Float32Array(q.length);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < tq; i++) {
      const scores = Array.from({ length: tk }, (_, j) => {
        let dot = 0;
        for (let c = 0; c < size; c++) dot += q[i * width + h * size + c] * k[j * width + h * size + c];
        return Math.exp(dot / Math.sqrt(size) + bias(h, i, j));
      });
      const sum = scores.reduce((a, b) => a + b, 0);
      for (let c = 0; c < size; c++) {
        out[i * width + h * size + c] = scores.reduce(
          (total, p, j) => total + (p / sum) * v[j * width + h * size + c],
          0,
        );
      }
    }
  }
  return out;
}

const HOW = [
  ['by fused operators', false],
  ['by plain ones', true],
] as const;

describe('operators in ONNX Runtime', () => {
  it('broadcasts, slices, joins and moves axes', async () => {
    const { data } = await evaluate((g) => {
      const x = ops.add(g.constant([1, 2, 3, 4, 5, 6], [2, 3]), g.constant([10, 20, 30], [3]));
      const turned = ops.transpose(ops.concat([x, ops.slice(x, 0, 1, 2)], 0), [1, 0]);
      return ops.gather(turned, [2, 0], 0);
    });
    expect(data).toEqual([33, 36, 36, 11, 14, 14]);
  });

  it('multiplies matrices over a broadcast batch', async () => {
    const { shape, data } = await evaluate((g) =>
      ops.matmul(g.constant([1, 2, 3, 4], [2, 1, 2]), g.constant([1, 0, 0, 1, 1, 1], [1, 2, 3])),
    );
    expect(shape).toEqual([2, 1, 3]);
    expect(data).toEqual([3, 2, 2, 7, 4, 4]);
  });

  it('normalises layers and adds residuals in one operator', async () => {
    const x = noise(12, 1);
    const y = noise(12, 2);
    const scale = [1.1, 0.9, 1.3];
    const bias = [0.1, -0.2, 0.3];
    const yBias = [0.5, -0.5, 0.25];
    const sum = x.map((value, i) => value + y[i] + yBias[i % 3]);
    const expected = sum.map((_, i) => {
      const row = sum.subarray(Math.floor(i / 3) * 3, Math.floor(i / 3) * 3 + 3);
      const mean = (row[0] + row[1] + row[2]) / 3;
      const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / 3;
      return ((sum[i] - mean) / Math.sqrt(variance + 1e-5)) * scale[i % 3] + bias[i % 3];
    });
    const fused = await evaluate((g) => {
      const [s, b, yb] = [scale, bias, yBias].map((values) => g.constant(values, [3]));
      return ops.addLayerNorm(g.constant(x, [2, 2, 3]), g.constant(y, [2, 2, 3]), yb, s, b, 1e-5).normed;
    });
    closeTo(fused.data, expected, 4);
    const apart = await evaluate((g) =>
      ops.layerNorm(g.constant(sum, [2, 2, 3]), g.constant(scale, [3]), g.constant(bias, [3]), 1e-5),
    );
    closeTo(apart.data, expected, 4);
  });

  it.each(HOW)('attends with a bias for each head, %s', async (_how, plain) => {
    const [q, k, v] = [noise(3 * 8, 3), noise(5 * 8, 4), noise(5 * 8, 5)];
    const mask = noise(2 * 3 * 5, 6);
    const { data } = await evaluate(
      (g) =>
        ops.attention(g.constant(q, [1, 3, 8]), g.constant(k, [1, 5, 8]), g.constant(v, [1, 5, 8]), null, {
          heads: 2,
          bias: g.constant(mask, [1, 2, 3, 5]),
        }),
      plain,
    );
    closeTo(
      data,
      expectedAttention(q, k, v, 8, 2, (h, i, j) => mask[(h * 3 + i) * 5 + j]),
      4,
    );
  });

  it('attends in parts where all scores would take too much room', async () => {
    const [queries, keys] = [700, 1000];
    const attend = (g: Graph) => {
      const [q, k] = [g.constant(noise(queries * 64, 13), [1, queries, 64]), noise(keys * 64, 14)];
      const bias = g.constant(noise(queries * keys, 15), [1, 1, queries, keys]);
      const seen = g.constant(k, [1, keys, 64]);
      return ops.attention(q, seen, seen, g.constant(noise(192, 16), [192]), { heads: 64, bias });
    };
    const [fused, plain] = [await evaluate(attend), await evaluate(attend, true)];
    closeTo(plain.data, fused.data, 4);
  });

  it.each(HOW)('attends causally, with the projection bias added, %s', async (_how, plain) => {
    const [q, k, v] = [noise(4 * 8, 7), noise(4 * 8, 8), noise(4 * 8, 9)];
    const bias = noise(24, 10);
    const plus = (x: Float32Array, part: number) => x.map((value, i) => value + bias[part * 8 + (i % 8)]);
    const { data } = await evaluate(
      (g) =>
        ops.attention(
          g.constant(q, [1, 4, 8]),
          g.constant(k, [1, 4, 8]),
          g.constant(v, [1, 4, 8]),
          g.constant(bias, [24]),
          { heads: 4, causal: true },
        ),
      plain,
    );
    const future = (_: number, i: number, j: number) => (j > i ? Number.NEGATIVE_INFINITY : 0);
    closeTo(data, expectedAttention(plus(q, 0), plus(k, 1), plus(v, 2), 8, 4, future), 4);
  });

  it('has the activations of CLIP and of timm', async () => {
    const x = noise(16, 11);
    const quick = await evaluate((g) => ops.quickGelu(g.constant(x, [16])));
    closeTo(
      quick.data,
      x.map((value) => value / (1 + Math.exp(-1.702 * value))),
    );
    const bias = noise(4, 12);
    const exact = await evaluate((g) => ops.biasGelu(g.constant(x, [4, 4]), g.constant(bias, [4])));
    const erf = (z: number) => {
      // Abramowitz and Stegun 7.1.26, good to 1.5e-7.
      const t = 1 / (1 + 0.3275911 * Math.abs(z));
      const series =
        ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
      return Math.sign(z) * (1 - series * Math.exp(-z * z));
    };
    closeTo(
      exact.data,
      x.map((value, i) => ((value + bias[i % 4]) * (1 + erf((value + bias[i % 4]) / Math.SQRT2))) / 2),
    );
  });

  it.each(HOW)('resizes pictures by a factor, channels last, %s', async (_how, plain) => {
    const picture = Float32Array.from({ length: 4 * 4 * 3 }, (_, i) => i);
    const resize = (g: Graph) => ops.resizeBy(g.constant(picture, [1, 4, 4, 3]), 0.5);
    const { shape, data } = await evaluate(resize, plain);
    expect(shape).toEqual([1, 2, 2, 3]);
    closeTo(
      data.slice(0, 3),
      [0, 1, 2].map((c) => (c + (c + 3) + (c + 12) + (c + 15)) / 4),
    );
  });

  it('multiplies in 8-bit integers without saturating', async () => {
    // The largest values in pairs: 2 · 255 · 63 is what 16 bits can hold, 2 · 255 · 127 is not.
    const x = new Float32Array(64).fill(1);
    const weight = new Uint8Array(Int8Array.from({ length: 64 }, () => 63).buffer);
    const { data } = await evaluate((g) =>
      ops.integerProduct(
        ops.quantise(g.constant(x, [1, 1, 64])),
        g.raw(weight, 'int8', [64, 1]),
        g.constant([1 / 63], [1]),
      ),
    );
    expect(data[0]).toBeCloseTo(64, 3);
  });

  it('names both shapes of what does not fit', () => {
    const graph = new Graph({ float: 'float32', products: 'float' });
    const a = graph.constant([1, 2], [1, 2]);
    expect(() => ops.matmul(a, graph.constant([1, 2, 3], [3, 1]))).toThrow('MatMul of [1,2] and [3,1]');
    expect(() => ops.reshape(a, [3])).toThrow('Reshape of [1,2] and [3]');
    expect(() => ops.slice(a, 1, 1, 3)).toThrow('Slice 1..3 of [1,2]');
  });
});

describe('encodeFloats', () => {
  it('rounds to the nearest half, ties to even', () => {
    const values = Float32Array.of(
      0,
      -0,
      1,
      -2,
      65504,
      65520,
      2 ** -24,
      2 ** -25,
      2 ** -14,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      Number.NaN,
    );
    const halves = new Uint16Array(encodeFloats(values, 'float16').buffer);
    expect([...halves]).toEqual([
      0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x7c00, 1, 0, 0x0400, 0x3c00, 0x3c02, 0x7e00,
    ]);
  });
});
