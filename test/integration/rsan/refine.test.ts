import '../../../src/rsan/no-telemetry.ts';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { INSIDE, POINT_STEP } from '../../../src/core/frame.ts';
import { type FloatType, Graph } from '../../../src/rsan/onnx/graph.ts';
import { encodeModel } from '../../../src/rsan/onnx/model-file.ts';
import * as ops from '../../../src/rsan/onnx/ops.ts';
import { refinedSize, refineMasks } from '../../../src/rsan/refine.ts';

type Plane = { width: number; height: number; at: (x: number, y: number) => number };

const plane = (width: number, height: number, at: (x: number, y: number) => number): Plane => {
  const values = Float64Array.from({ length: width * height }, (_, i) =>
    at(i % width, Math.floor(i / width)),
  );
  return { width, height, at: (x, y) => values[y * width + x] };
};

/** The mean of a window of ±2 points, of those that there are. */
const box = ({ width, height, at }: Plane): Plane =>
  plane(width, height, (x, y) => {
    let sum = 0;
    let count = 0;
    for (let j = Math.max(0, y - 2); j <= Math.min(height - 1, y + 2); j++)
      for (let i = Math.max(0, x - 2); i <= Math.min(width - 1, x + 2); i++, count++) sum += at(i, j);
    return sum / count;
  });
const times = (a: Plane, b: Plane): Plane => plane(a.width, a.height, (x, y) => a.at(x, y) * b.at(x, y));

/** Solves a 3×3 system by elimination. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let i = 0; i < 3; i++) {
    const pivot = rows.findIndex(
      (row, j) => j >= i && Math.abs(row[i]) === Math.max(...rows.slice(i).map((r) => Math.abs(r[i]))),
    );
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let j = 0; j < 3; j++) {
      if (j === i) continue;
      const factor = rows[j][i] / rows[i][i];
      for (let k = i; k < 4; k++) rows[j][k] -= factor * rows[i][k];
    }
  }
  return rows.map((row, i) => row[3] / row[i]);
}

/** The guided filter as its paper has it, from the picture's pixels and a mask's logits. */
function guided(
  pixel: (x: number, y: number, c: number) => number,
  w: number,
  h: number,
  logits: Plane,
): Plane {
  const mean = (step: number) =>
    [0, 1, 2].map((c) =>
      plane(Math.ceil(w / step), Math.ceil(h / step), (x, y) => {
        let sum = 0;
        let count = 0;
        for (let j = y * step; j < Math.min(h, (y + 1) * step); j++)
          for (let i = x * step; i < Math.min(w, (x + 1) * step); i++, count++) sum += pixel(i, j, c);
        return sum / count / 255;
      }),
    );
  const [coarse, fine] = [mean(8), mean(4)];
  const { width, height } = coarse[0];
  const mask = plane(width, height, (x, y) => {
    const place = (i: number, length: number) => Math.min(Math.max((i + 0.5) / 2 - 0.5, 0), length - 1);
    const [u, v] = [place(x, logits.width), place(y, logits.height)];
    const [i, j] = [Math.min(Math.floor(u), logits.width - 2), Math.min(Math.floor(v), logits.height - 2)];
    const row = (r: number) => logits.at(i, r) * (1 - (u - i)) + logits.at(i + 1, r) * (u - i);
    return 1 / (1 + Math.exp(-(row(j) * (1 - (v - j)) + row(j + 1) * (v - j))));
  });
  const means = coarse.map(box);
  const meanMask = box(mask);
  const squares = coarse.map((a) => coarse.map((b) => box(times(a, b))));
  const shared = coarse.map((a) => box(times(a, mask)));
  const fits = (x: number, y: number) => {
    const covariance = [0, 1, 2].map((a) =>
      [0, 1, 2].map(
        (b) => squares[a][b].at(x, y) - means[a].at(x, y) * means[b].at(x, y) + (a === b ? 1e-4 : 0),
      ),
    );
    const slopes = solve(
      covariance,
      [0, 1, 2].map((a) => shared[a].at(x, y) - means[a].at(x, y) * meanMask.at(x, y)),
    );
    return [
      ...slopes,
      meanMask.at(x, y) - slopes.reduce((sum, slope, a) => sum + slope * means[a].at(x, y), 0),
    ];
  };
  const parameters = [0, 1, 2, 3].map((k) => box(plane(width, height, (x, y) => fits(x, y)[k])));
  return plane(fine[0].width, fine[0].height, (x, y) => {
    const [i, j] = [Math.floor(x / 2), Math.floor(y / 2)];
    return [0, 1, 2].reduce(
      (sum, c) => sum + parameters[c].at(i, j) * fine[c].at(x, y),
      parameters[3].at(i, j),
    );
  });
}

async function refine(
  frames: Uint8Array,
  logits: Float32Array,
  [w, h]: number[],
  [gw, gh]: number[],
  n: number,
  q: number,
  float: FloatType,
) {
  const graph = new Graph({ float, products: 'float' });
  const input = graph.input('frames', 'uint8', [n, h, w, 3]);
  const masks = graph.input('logits', 'float32', [n, q, gh, gw]);
  const padded = ops.padEnd(input, [0, gh * 16 - h, gw * 16 - w, 0]);
  graph.output('levels', refineMasks(padded, [h, w], masks));
  const model = encodeModel(graph, { file: '', offsets: new Map() }, 'test');
  const session = await ort.InferenceSession.create(model);
  try {
    const { levels } = await session.run({
      frames: new ort.Tensor('uint8', frames, [n, h, w, 3]),
      logits: new ort.Tensor('float32', logits, [n, q, gh, gw]),
    });
    return levels.data as Uint8Array;
  } finally {
    await session.release();
  }
}

it.each([
  [96, 64, 6, 4, 'float32'],
  [83, 57, 6, 4, 'float32'],
  [33, 41, 4, 4, 'float32'],
  // Of a model in half precision, this part is not.
  [83, 57, 6, 4, 'float16'],
] as const)(
  'masks of a %i × %i picture follow it as the guided filter does (grid %i × %i, %s)',
  async (w, h, gw, gh, float) => {
    const [n, q] = [2, 3];
    const hash = (i: number) => Math.abs(Math.sin(i * 127.1) * 43758.5453) % 1;
    const pixel = (k: number) => (x: number, y: number, c: number) =>
      Math.floor(
        200 * Number(x * (c + 1) + y * (k + 1) > w + 20) * (1 - 0.2 * c) + 55 * hash(x + 131 * y + 7 * c + k),
      );
    const frames = Uint8Array.from({ length: n * h * w * 3 }, (_, i) =>
      pixel(Math.floor(i / (3 * w * h)))(Math.floor(i / 3) % w, Math.floor(i / (3 * w)) % h, i % 3),
    );
    const logit = (k: number, region: number, x: number, y: number) =>
      6 * Math.sin(x * 0.9 + region + k) + 5 * Math.cos(y * 0.7 - region);
    const logits = Float32Array.from({ length: n * q * gw * gh }, (_, i) =>
      logit(Math.floor(i / (q * gw * gh)), Math.floor(i / (gw * gh)) % q, i % gw, Math.floor(i / gw) % gh),
    );
    const levels = await refine(frames, logits, [w, h], [gw, gh], n, q, float);
    const { width, height } = refinedSize(w, h);
    expect(levels).toHaveLength(n * q * width * height);
    let differences = 0;
    let points = 0;
    for (let k = 0; k < n; k++) {
      for (let region = 0; region < q; region++) {
        const want = guided(
          pixel(k),
          w,
          h,
          plane(gw, gh, (x, y) => logit(k, region, x, y)),
        );
        for (let y = 0; y < Math.ceil(h / POINT_STEP); y++) {
          for (let x = 0; x < Math.ceil(w / POINT_STEP); x++, points++) {
            const block = Math.floor(y / 2) * (width / 2) + Math.floor(x / 2);
            const corner = (y % 2) * 2 + (x % 2);
            const got = levels[(((k * 4 + corner) * (width * height)) / 4 + block) * q + region];
            const level = Math.min(Math.max(want.at(x, y), 0), 1) * INSIDE;
            // Rounded; a number that lies half-way may go either way.
            expect(Math.abs(got - level), `${k} ${region} ${x} ${y}`).toBeLessThan(0.52);
            if (got !== Math.round(level)) differences++;
          }
        }
      }
    }
    expect(differences / points).toBeLessThan(0.01);
  },
);
