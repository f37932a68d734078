import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameRegions } from '../src/analysis/name.ts';
import { createLabeler } from '../src/analysis/pixels.ts';
import { createVocabulary } from '../src/analysis/vocabulary.ts';
import { projectFolder } from '../src/config/folders.ts';
import { pts } from '../src/core/time.ts';
import { parseArchitectureFile } from '../src/rsan/architecture.ts';
import { formulaFrames, formulaTensor, formulaWeights } from '../src/rsan/formula-weights.ts';
import { storeGraph } from '../src/rsan/graph-store.ts';
import { type ModelSource, openModel } from '../src/rsan/model.ts';
import { Graph } from '../src/rsan/onnx/graph.ts';
import * as ops from '../src/rsan/onnx/ops.ts';
import { CLIP_MEAN, CLIP_STD } from '../src/rsan/packs/convert.ts';
import { readArchitecture } from '../src/rsan/read-architecture.ts';
import { openRuntime } from '../src/rsan/session.ts';
import type { Precision } from '../src/rsan/session-messages.ts';
import { visionGraph } from '../src/rsan/vision.ts';
import { type BenchDeps, fastest, type Row } from './measure.ts';

const SIDE = 640;
const NAMES = 171;

/** ViT-B/16 with weights from a formula, against the machine's own bare matrix products of the same sizes. */
export async function modelBench(deps: BenchDeps): Promise<Row[]> {
  const { say, signal } = deps;
  const source = await formulaModel();
  say('ViT-B/16: bare matrix products of its sizes');
  const products = countProducts(await visionGraph(source, SQUARE, FP32, OUTPUTS));
  const bare = await bareSpeed(products, deps);
  const flops = products.reduce((sum, { flops, count }) => sum + flops * count, 0);

  const rows: Row[] = [];
  for (const precision of ['fp32', 'int8'] as const) {
    for (const width of [SIDE, 1137]) {
      say(`ViT-B/16 at ${SIDE}×${width}, ${precision}`);
      const { masks, pixels } = await timeModel(source, width, precision, deps);
      signal.throwIfAborted();
      if (precision === 'fp32' && width === SIDE) {
        rows.push({
          what: 'model ÷ bare MatMul, ViT-B/16 640×640',
          value: (flops / masks / 1e6 / bare).toFixed(2),
          aim: '≥ 0.85',
          how: `${(flops / masks / 1e6).toFixed(0)} ÷ ${bare.toFixed(0)} GFLOP/s; ${(flops / 1e9).toFixed(0)} GFLOP`,
        });
      }
      const times = PYTORCH[width === SIDE ? 'square' : 'wide'];
      rows.push({
        what: `ViT-B/16 ${SIDE}×${width} ${precision}, masks and embeddings`,
        value: `${(masks / 1000).toFixed(2)} s`,
        aim: `≤ ${(times.masks / (precision === 'int8' ? 2 : 1.4)).toFixed(2)} s`,
        how: `${(times.masks / (masks / 1000)).toFixed(2)} times as fast as PyTorch's ${times.masks} s`,
      });
      rows.push({
        what: `ViT-B/16 ${SIDE}×${width} ${precision}, with pixels of ${NAMES} names`,
        value: `${((masks + pixels) / 1000).toFixed(2)} s`,
        aim: precision === 'int8' ? '' : `≤ ${(times.pixels / 2).toFixed(2)} s`,
        how: `${(times.pixels / ((masks + pixels) / 1000)).toFixed(2)} times as fast as PyTorch's ${times.pixels} s`,
      });
    }
  }
  return rows;
}

/** Seconds of the public code on PyTorch 2.13, two cores. */
const PYTORCH = { square: { masks: 1.2, pixels: 1.53 }, wide: { masks: 2.9, pixels: 4.4 } };
const SQUARE = { batch: 1, height: SIDE, width: SIDE };
const FP32 = { float: 'float32', products: 'float' } as const;
const OUTPUTS = ['queries', 'mask_logits', 'mask_embeddings'] as const;

/** Weights from a formula: what it sees means nothing, what it takes does. */
export async function formulaModel(): Promise<ModelSource> {
  const fixture = (name: string) => readFile(join(projectFolder, 'test', 'fixtures', 'golden', name), 'utf8');
  const shapes = new Map<string, number[]>(Object.entries(JSON.parse(await fixture('vit-b-16.keys.json'))));
  const weights = formulaWeights(shapes);
  return {
    name: 'vit-b-16',
    architecture: readArchitecture(
      weights,
      parseArchitectureFile(await fixture('vit-b-16.architecture.json'), 'vit-b-16'),
    ),
    weights,
    normalisation: { mean: CLIP_MEAN, std: CLIP_STD },
    identity: 'formula vit-b-16',
    cpuPrecision: 'fp32',
  };
}

interface Product {
  /** Rows, inner and columns of one matrix product. */
  readonly shape: readonly [number, number, number];
  readonly flops: number;
  /** How often the model does it. */
  count: number;
  /** Part of attention: its operands are no weights. */
  readonly attention: boolean;
}

/** The matrix products of a graph, attention's two among them; 2 FLOP a multiply-add. */
function countProducts(graph: Graph): Product[] {
  const products = new Map<string, Product>();
  const add = (rows: number, inner: number, columns: number, attention: boolean, count = 1) => {
    const key = `${rows} ${inner} ${columns} ${attention}`;
    const known = products.get(key);
    if (known) known.count += count;
    else
      products.set(key, {
        shape: [rows, inner, columns],
        flops: 2 * rows * inner * columns,
        count,
        attention,
      });
  };
  for (const { op, inputShapes, heads } of graph.matrixProducts()) {
    const [a, b] = inputShapes;
    if (op === 'MatMul') {
      const batch = b.slice(0, -2).reduce((product, side) => product * side, 1);
      const rows = a.slice(0, -1).reduce((product, side) => product * side, 1);
      add(batch > 1 ? a.at(-2)! : rows, a.at(-1)!, b.at(-1)!, false, batch);
    } else {
      const [queries, keys, width] = [a[1], b[1], a[2] / heads];
      add(queries, width, keys, true, heads);
      add(queries, keys, width, true, heads);
    }
  }
  return [...products.values()];
}

/** GFLOP/s of ONNX Runtime on matrix products alone, in the sizes and the proportions of the model's linear layers. */
async function bareSpeed(
  products: readonly Product[],
  { settings, folder, signal }: BenchDeps,
): Promise<number> {
  const threads = settings.config.model.threads || (await import('node:os')).availableParallelism();
  await using runtime = openRuntime({ provider: 'cpu', kind: 'thread', lanes: 1, threads });
  let [flops, milliseconds] = [0, 0];
  for (const { shape, flops: one, count, attention } of products) {
    const [rows, inner, columns] = shape;
    if (attention || one < 1e7) continue;
    const graph = new Graph(FP32);
    const x = graph.input('x', 'float32', [rows, inner]);
    const weight = graph.constant(formulaTensor('bench.weight.proj', [inner, columns]), [inner, columns]);
    // One row is given out: the product is what is measured, not a copy of its result.
    graph.output('y', ops.slice(ops.matmul(x, weight), 0, 0, 1));
    const session = await runtime.load(
      await storeGraph(graph, folder, 'bench', `product-${rows}-${inner}-${columns}`),
    );
    const run = () =>
      session.run(
        { x: { dtype: 'float32', data: formulaTensor('x', [rows, inner]), shape: [rows, inner] } },
        signal,
      );
    const making = await fastest(5, async () => formulaTensor('x', [rows, inner]));
    const time = (await fastest(8, run)) - making;
    await session[Symbol.asyncDispose]();
    flops += one * count;
    milliseconds += time * count;
  }
  return flops / milliseconds / 1e6;
}

/** Milliseconds for masks and embeddings, and for naming all pixels after that. */
async function timeModel(
  source: ModelSource,
  width: number,
  precision: Precision,
  { settings, folder, signal }: BenchDeps,
): Promise<{ masks: number; pixels: number }> {
  const { provider, threads } = settings.config.model;
  const options = {
    provider: provider === 'auto' ? 'cpu' : provider,
    precision,
    threads,
    cache: folder,
    maxSessions: 1,
  };
  await using model = await openModel(source, options);
  const pixels = formulaFrames('bench', 1, SIDE, width);
  const look = () =>
    model.analyse(
      { index: 0, pts: pts(0), width, height: SIDE, data: pixels.slice() },
      { refined: false },
      signal,
    );
  const regions = await look();
  const masks = await fastest(3, look);

  const { embed } = source.architecture.clip;
  const vocabulary = createVocabulary([], { expand: 'coco-stuff' });
  const weights = formulaTensor('bench.classifier.proj', [NAMES + 1, embed]);
  for (let row = 0; row <= NAMES; row++) {
    const one = weights.subarray(row * embed, (row + 1) * embed);
    const length = Math.hypot(...one);
    for (let i = 0; i < embed; i++) one[i] *= 100 / length;
  }
  const rowEntry = Int32Array.from({ length: NAMES + 1 }, (_, row) => (row === NAMES ? -1 : row));
  const labeler = createLabeler(regions.geometry);
  const name = async () =>
    labeler.label(
      regions.maskLogits,
      nameRegions(regions, { dim: embed, weights, rowEntry }, vocabulary.length),
      regions.count,
    );
  await name();
  return { masks, pixels: await fastest(3, name) };
}
