import type { Architecture } from './architecture.ts';
import type { Weights } from './checkpoint/weights.ts';
import { interpolationMatrix, resizeGrid } from './interpolate.ts';
import { type Arithmetic, Graph, type Tensor } from './onnx/graph.ts';
import * as ops from './onnx/ops.ts';
import { Parameters } from './parameters.ts';
import { type Normalisation, type Picture, patchEmbed } from './patch-embed.ts';
import { refineMasks } from './refine.ts';
import { adapterBlock, clipBlock, clipRegionBlock, mlp3 } from './transformer.ts';

/**
 * R-SAN's vision half as an ONNX graph for one input shape (Xu et al., "SAN: Side Adapter Network for Open-Vocabulary
 * Semantic Segmentation", IEEE TPAMI 2023). No word of any vocabulary is used in it.
 */

/** What the graph can give, float32 where nothing else is said; N frames, Q queries, h × w the mask grid. Layouts are row-major. */
export const VISION_OUTPUTS = [
  /** N × 3 × h' × w': the padded, normalised frames as the CLIP tower takes them. */
  'clip_input',
  /** N × Q × side width: the side adapter's query tokens. */
  'queries',
  /** N × side width × h × w: the side adapter's patch tokens. */
  'side_features',
  /** N × Q × h × w: before the sigmoid. */
  'mask_logits',
  /** 1 × N × heads × Q × h × w: attention biases, before they are pooled to the CLIP grid. */
  'attn_bias',
  /** N × Q × D: unit length. */
  'mask_embeddings',
  /** Masks whose borders follow the picture, uint8: see refineMasks. */
  'refined_masks',
  /** K × N × (1 + P) × CLIP width: class and patch tokens that enter each of the K last CLIP blocks. */
  'clip_memory',
] as const;
export type VisionOutput = (typeof VISION_OUTPUTS)[number];

export interface VisionShape {
  /** Frames in one run. */
  readonly batch: number;
  /** Sides of the frames as they are fed, in pixels; they are padded inside the graph. */
  readonly height: number;
  readonly width: number;
}

export interface VisionModel {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly normalisation: Normalisation;
}

/** Sides derived from the input's: padded to a multiple of 32, the mask grid, the CLIP tower's input and grid. */
export interface VisionSides {
  readonly padded: readonly [height: number, width: number];
  readonly grid: readonly [height: number, width: number];
  readonly clipGrid: readonly [height: number, width: number];
}

const PAD_MULTIPLE = 32;

export function visionSides(architecture: Architecture, height: number, width: number): VisionSides {
  const each = (side: (size: number) => number): readonly [number, number] => [side(height), side(width)];
  const pad = (size: number) => Math.ceil(size / PAD_MULTIPLE) * PAD_MULTIPLE;
  const { clip, side, clipResolution } = architecture;
  return {
    padded: each(pad),
    grid: each((size) => pad(size) / side.patch),
    clipGrid: each((size) => Math.floor(Math.floor(pad(size) * clipResolution) / clip.vision.patch)),
  };
}

/** frames (N × height × width × 3, uint8 RGB) → the outputs asked for. */
export async function visionGraph(
  model: VisionModel,
  shape: VisionShape,
  arithmetic: Arithmetic,
  outputs: readonly VisionOutput[],
): Promise<Graph> {
  const { architecture } = model;
  const graph = new Graph(arithmetic);
  const parameters = new Parameters(graph, model.weights);
  const sides = visionSides(architecture, shape.height, shape.width);
  const { split, layers } = architecture.clip.vision;

  const frames = graph.input('frames', 'uint8', [shape.batch, shape.height, shape.width, 3]);
  const image: Picture = {
    pixels: padFrames(frames, sides),
    normalisation: model.normalisation,
    covered: [shape.height, shape.width],
  };
  const clipFeatures = await clipTower(image, architecture, parameters.at('clip_visual_extractor'), sides);
  const adapter = parameters.at('side_adapter_network');
  const { queries, patches } = await sideAdapter(image, clipFeatures, architecture, adapter, sides);
  const { maskLogits, attentionBias } = decode(
    queries,
    patches,
    architecture,
    adapter.at('mask_decoder'),
    sides,
  );

  const head = parameters.at('clip_rec_head');
  const memory = [clipFeatures[split]];
  let regions = regionTokens(clipFeatures[split], architecture);
  const mask = regionMask(attentionBias, architecture, sides);
  for (let block = split; block < layers; block++) {
    const last = block === layers - 1;
    const next = clipRegionBlock(memory.at(-1)!, regions, mask, head.at('resblocks').at(block - split), {
      heads: architecture.clip.vision.heads,
      advanceImage: !last,
    });
    regions = next.regions;
    if (next.image) memory.push(next.image);
  }

  const results: Record<VisionOutput, () => Tensor> = {
    clip_input: () => clipInput(frames, model.normalisation, sides, architecture.clipResolution),
    queries: () => queries,
    side_features: () =>
      ops.reshape(ops.transpose(patches, [0, 2, 1]), [shape.batch, architecture.side.width, ...sides.grid]),
    mask_logits: () => maskLogits,
    attn_bias: () => ops.reshape(attentionBias, [1, ...attentionBias.shape]),
    mask_embeddings: () => embed(regions, head),
    refined_masks: () => refineMasks(image.pixels, image.covered, maskLogits),
    clip_memory: () =>
      ops.concat(
        memory.map((tokens) => ops.reshape(tokens, [1, ...tokens.shape])),
        0,
      ),
  };
  for (const name of outputs) {
    const result = results[name]();
    graph.output(name, result.dtype === 'uint8' ? result : ops.cast(result, 'float32'));
  }
  return graph;
}

/**
 * The second half alone, for queries that were shared over frames: (queries, side_features, clip_memory) →
 * mask_logits, mask_embeddings. The towers are not run again. With `refined`, the frames are an input too, and
 * refined_masks an output.
 */
export function decodeGraph(
  model: VisionModel,
  shape: VisionShape,
  arithmetic: Arithmetic,
  refined = false,
): Graph {
  const { architecture } = model;
  const { clip, side } = architecture;
  const graph = new Graph(arithmetic);
  const parameters = new Parameters(graph, model.weights);
  const sides = visionSides(architecture, shape.height, shape.width);
  const blocks = clip.vision.layers - clip.vision.split;
  const gridCells = sides.grid[0] * sides.grid[1];
  const clipTokens = 1 + sides.clipGrid[0] * sides.clipGrid[1];

  const input = (name: string, dims: readonly number[]) =>
    ops.cast(graph.input(name, 'float32', dims), graph.float);
  const queries = input('queries', [shape.batch, side.queries, side.width]);
  const features = input('side_features', [shape.batch, side.width, ...sides.grid]);
  const memory = input('clip_memory', [blocks, shape.batch, clipTokens, clip.vision.width]);

  const patches = ops.transpose(ops.reshape(features, [shape.batch, side.width, gridCells]), [0, 2, 1]);
  const decoder = parameters.at('side_adapter_network.mask_decoder');
  const { maskLogits, attentionBias } = decode(queries, patches, architecture, decoder, sides);
  const head = parameters.at('clip_rec_head');
  const mask = regionMask(attentionBias, architecture, sides);
  const imageAt = (block: number) =>
    ops.reshape(ops.slice(memory, 0, block, block + 1), [shape.batch, clipTokens, clip.vision.width]);
  let regions = regionTokens(imageAt(0), architecture);
  for (let block = 0; block < blocks; block++) {
    const options = { heads: clip.vision.heads, advanceImage: false };
    regions = clipRegionBlock(imageAt(block), regions, mask, head.at('resblocks').at(block), options).regions;
  }
  graph.output('mask_logits', ops.cast(maskLogits, 'float32'));
  graph.output('mask_embeddings', ops.cast(embed(regions, head), 'float32'));
  if (refined) {
    const frames = graph.input('frames', 'uint8', [shape.batch, shape.height, shape.width, 3]);
    const covered = [shape.height, shape.width] as const;
    graph.output('refined_masks', refineMasks(padFrames(frames, sides), covered, maskLogits));
  }
  return graph;
}

/** N × h × w × 3 bytes → N × H × W × 3 bytes, padded with zeros on the right and below. */
function padFrames(frames: Tensor, { padded }: VisionSides): Tensor {
  const [, height, width] = frames.shape as [number, number, number, number];
  return ops.padEnd(frames, [0, padded[0] - height, padded[1] - width, 0]);
}

/** The published order of things: normalise, then pad with zeros, then resize for CLIP. */
function clipInput(
  frames: Tensor,
  { mean, std }: Normalisation,
  { padded }: VisionSides,
  factor: number,
): Tensor {
  const { graph } = frames;
  const [, height, width] = frames.shape as [number, number, number, number];
  const centred = ops.sub(ops.cast(frames, graph.float), graph.constant(mean, [3]));
  const scaled = ops.mul(
    centred,
    graph.constant(
      std.map((value) => 1 / value),
      [3],
    ),
  );
  const resized = ops.resizeBy(ops.padEnd(scaled, [0, padded[0] - height, padded[1] - width, 0]), factor);
  return ops.transpose(resized, [0, 3, 1, 2]);
}

/** CLIP's blocks before `split`. Result [i]: N × (1 + P) × width, after ln_pre (i = 0) or after block i. */
async function clipTower(
  image: Picture,
  { clip, clipResolution }: Architecture,
  parameters: Parameters,
  { clipGrid }: VisionSides,
): Promise<Tensor[]> {
  const { graph } = image.pixels;
  const { width, heads, patch, split, imageSize } = clip.vision;
  const trained = Math.floor(imageSize / patch);
  const position = await parameters.values('positional_embedding');
  const classPosition = position.subarray(0, width);
  const patchPosition = resizeGrid(position.subarray(width), [trained, trained], clipGrid);

  const classValues = await parameters.values('class_embedding');
  const classToken = graph.constant(
    classValues.map((value, i) => value + classPosition[i]),
    [1, 1, width],
  );
  const patches = await patchEmbed(image, parameters.at('conv1'), patch, patchPosition, clipResolution);
  const tokens = ops.concat([ops.expand(classToken, [patches.shape[0], 1, width]), patches], 1);
  const pre = parameters.at('ln_pre');
  const features = [ops.layerNorm(tokens, pre.tensor('weight'), pre.tensor('bias'), 1e-5)];
  for (let block = 0; block < split; block++) {
    features.push(clipBlock(features[block], parameters.at('resblocks').at(block), { heads }));
  }
  return features;
}

/** The side adapter: a ViT on the full image whose patch tokens are joined by CLIP's features. */
async function sideAdapter(
  image: Picture,
  clipFeatures: readonly Tensor[],
  { side }: Architecture,
  parameters: Parameters,
  sides: VisionSides,
): Promise<{ queries: Tensor; patches: Tensor }> {
  const { graph } = image.pixels;
  const n = image.pixels.shape[0];
  const vit = parameters.at('vit_model');
  const cells = sides.grid[0] * sides.grid[1];
  const trained = side.imageSize.map((size) => size / side.patch) as [number, number];
  const patchPosition = resizeGrid(await vit.values('pos_embed'), trained, sides.grid);
  const queryPosition = await parameters.values('query_pos_embed');
  const queryStart = (await parameters.values('query_embed')).map((value, i) => value + queryPosition[i]);
  const together = new Float32Array(queryPosition.length + patchPosition.length);
  together.set(queryPosition);
  together.set(patchPosition, queryPosition.length);
  const position = graph.constant(together, [1, side.queries + cells, side.width]);

  const fuse = (tokens: Tensor, index: number): Tensor => {
    const layer = side.fusion.findIndex(({ block }) => block === index);
    if (layer < 0) return tokens;
    const projection = parameters.at('fusion_layers').at(`layer_${layer}`).at('input_proj');
    const borrowed = clipToSide(clipFeatures[side.fusion[layer].feature], projection, sides);
    return ops.concat(
      [
        ops.slice(tokens, 1, 0, side.queries),
        ops.add(ops.slice(tokens, 1, side.queries, tokens.shape[1]), borrowed),
      ],
      1,
    );
  };

  const projection = vit.at('patch_embed.proj');
  const projectionBias = await projection.values('bias');
  const placed = patchPosition.map((value, i) => value + projectionBias[i % side.width]);
  const patches = await patchEmbed(image, projection, side.patch, placed);
  const start = ops.expand(graph.constant(queryStart, [1, side.queries, side.width]), [
    n,
    side.queries,
    side.width,
  ]);
  let tokens = fuse(ops.concat([start, patches], 1), 0);
  for (let block = 0; block < side.depth; block++) {
    tokens = fuse(adapterBlock(tokens, vit.at('blocks').at(block), { heads: side.heads }), block + 1);
    if (block < side.depth - 1) tokens = ops.add(tokens, position);
  }
  return {
    queries: ops.slice(tokens, 1, 0, side.queries),
    patches: ops.slice(tokens, 1, side.queries, side.queries + cells),
  };
}

/** A CLIP feature map for the side adapter: normalised, projected, and resized to the mask grid one axis at a time. */
function clipToSide(feature: Tensor, projection: Parameters, { grid, clipGrid }: VisionSides): Tensor {
  const { graph } = feature;
  const n = feature.shape[0];
  const patches = ops.slice(feature, 1, 1, feature.shape[1]);
  const norm = projection.at(0);
  const normed = ops.layerNorm(patches, norm.tensor('weight'), norm.tensor('bias'), 1e-6);
  // A 1×1 convolution commutes with a resize whose weights sum to 1: fewer products on the smaller grid.
  const linear = projection.at(1);
  const projected = ops.add(ops.matmul(normed, linear.matrix('weight')), linear.tensor('bias'));
  const width = projected.shape[2];
  const vertical = graph.constant(interpolationMatrix('bilinear', clipGrid[0], grid[0]), [
    grid[0],
    clipGrid[0],
  ]);
  const horizontal = graph.constant(interpolationMatrix('bilinear', clipGrid[1], grid[1]), [
    grid[1],
    clipGrid[1],
  ]);
  const tall = ops.matmul(vertical, ops.reshape(projected, [n, clipGrid[0], clipGrid[1] * width]));
  const full = ops.matmul(horizontal, ops.reshape(tall, [n, grid[0], clipGrid[1], width]));
  return ops.reshape(full, [n, grid[0] * grid[1], width]);
}

/**
 * Query tokens and patch tokens → mask logits (N × Q × h × w) and attention biases (N × heads × Q × h × w).
 * Both are products q · (W x + b) with a last layer W of the patches' MLP; they are computed as (q W) · x + q · b,
 * which is the same and takes W to the few queries instead of to the many patches.
 */
function decode(
  queries: Tensor,
  patches: Tensor,
  { clip, side }: Architecture,
  parameters: Parameters,
  { grid }: VisionSides,
): { maskLogits: Tensor; attentionBias: Tensor } {
  const n = patches.shape[0];
  const { heads } = clip.vision;
  const { queries: count, embed: width } = side;
  const query = mlp3(queries, parameters.at('query_mlp'));

  const product = (name: string, groups: number, scaled: Tensor): Tensor => {
    const layers = parameters.at(name).at('layers');
    const hidden = mlp3(patches, parameters.at(name), 2);
    const inner = hidden.shape[2];
    const last = layers.at(2);
    const perGroup = ops.reshape(scaled, [n, 1, count, width]);
    const weight = last.tensor('weight', [1, groups, width, inner]);
    const moved = ops.reshape(ops.matmul(perGroup, weight), [n, groups * count, inner]);
    const offset = ops.reshape(ops.matmul(perGroup, last.tensor('bias', [1, groups, width, 1])), [
      n,
      groups * count,
      1,
    ]);
    return ops.add(ops.matmul(moved, ops.transpose(hidden, [0, 2, 1])), offset);
  };

  const scaling = parameters.at('bias_scaling');
  const scaled = ops.mul(query, scaling.tensor('weight', [1]));
  const bias = ops.add(product('attn_mlp', heads, scaled), scaling.tensor('bias', [1]));
  return {
    maskLogits: ops.reshape(product('pix_mlp', 1, query), [n, count, ...grid]),
    attentionBias: ops.reshape(bias, [n, heads, count, ...grid]),
  };
}

/** Q copies of the class token: what the region tokens start as. */
function regionTokens(image: Tensor, { side }: Architecture): Tensor {
  const [n, , width] = image.shape as [number, number, number];
  return ops.expand(ops.slice(image, 1, 0, 1), [n, side.queries, width]);
}

/**
 * N × heads × Q × (P + Q), added to the region tokens' attention scores: what each region wants to look at among the
 * patches, pooled to the CLIP grid; and of the region tokens, itself alone.
 */
function regionMask(attentionBias: Tensor, { side }: Architecture, sides: VisionSides): Tensor {
  const { graph } = attentionBias;
  const [n, heads, count] = attentionBias.shape as [number, number, number];
  const maps = ops.reshape(attentionBias, [n, heads * count, ...sides.grid]);
  const clipCells = sides.clipGrid[0] * sides.clipGrid[1];
  const pooled = ops.reshape(adaptiveMaxPool(maps, sides.clipGrid), [n, heads, count, clipCells]);
  const apart = new Float32Array(side.queries * side.queries).fill(-100);
  for (let region = 0; region < side.queries; region++) apart[region * side.queries + region] = 0;
  const self = graph.constant(apart, [1, 1, side.queries, side.queries]);
  return ops.concat([pooled, ops.expand(self, [n, heads, side.queries, side.queries])], 3);
}

/** PyTorch's adaptive max pooling: window i is [floor(i·in/out), ceil((i+1)·in/out)). x: N × C × H × W. */
function adaptiveMaxPool(x: Tensor, size: readonly [number, number]): Tensor {
  const [, , height, width] = x.shape as [number, number, number, number];
  if (height % size[0] === 0 && width % size[1] === 0)
    return ops.maxPool(x, [height / size[0], width / size[1]]);
  return adaptiveMaxAxis(adaptiveMaxAxis(x, 2, size[0]), 3, size[1]);
}

/** The maximum over each window as the maximum of gathers, one for each place in the longest window. */
function adaptiveMaxAxis(x: Tensor, axis: number, output: number): Tensor {
  const input = x.shape[axis];
  const windows = Array.from({ length: output }, (_, i) => ({
    start: Math.floor((i * input) / output),
    end: Math.ceil(((i + 1) * input) / output),
  }));
  const longest = Math.max(...windows.map(({ start, end }) => end - start));
  let result: Tensor | undefined;
  for (let place = 0; place < longest; place++) {
    const indices = windows.map(({ start, end }) => Math.min(start + place, end - 1));
    const part = ops.gather(x, indices, axis);
    result = result ? ops.max(result, part) : part;
  }
  return result!;
}

/** Region tokens → mask embeddings in the joint space, N × Q × D, unit length. */
function embed(regions: Tensor, head: Parameters): Tensor {
  const post = head.at('ln_post');
  const normed = ops.layerNorm(regions, post.tensor('weight'), post.tensor('bias'), 1e-5);
  return ops.normalise(ops.matmul(normed, head.tensor('proj')));
}
