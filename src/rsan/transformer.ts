import type { Tensor } from './onnx/graph.ts';
import * as ops from './onnx/ops.ts';
import type { Parameters } from './parameters.ts';
import { int8Product } from './quantise.ts';

/** The transformer blocks of CLIP (OpenAI's names and QuickGELU) and of the side adapter (timm's ViT). */

export interface BlockOptions {
  readonly heads: number;
  readonly causal?: boolean;
}

/** A block's linear layer without its bias, which the caller's fused operator adds. `range`: outputs from..to. */
function linear(
  x: Tensor,
  parameters: Parameters,
  name = 'weight',
  range?: readonly [number, number],
): Tensor {
  const [from, to] = range ?? [0, parameters.shape(name)[0]];
  if (x.graph.products === 'int8') return int8Product(x, parameters, name, from, to);
  return ops.matmul(x, parameters.matrix(name, from, to));
}

/** The packed projection of one input to queries, keys and values; one product each. */
function project(x: Tensor, parameters: Parameters, name: string): [q: Tensor, k: Tensor, v: Tensor] {
  const width = x.shape.at(-1)!;
  const part = (index: number) => linear(x, parameters, name, [index * width, (index + 1) * width]);
  return [part(0), part(1), part(2)];
}

/** A CLIP block: x + attn(ln_1 x), then + mlp(ln_2 ·). x: N × T × C. */
export function clipBlock(x: Tensor, parameters: Parameters, options: BlockOptions): Tensor {
  const normed = norm(x, parameters.at('ln_1'), CLIP_EPSILON);
  const [q, k, v] = project(normed, parameters.at('attn'), 'in_proj_weight');
  const seen = ops.attention(q, k, v, parameters.tensor('attn.in_proj_bias'), options);
  return clipResidual(x, seen, parameters);
}

/**
 * One of CLIP's last blocks with region tokens beside the image tokens. Image tokens (class and patches) see only each
 * other; regions see the patches, through their attention bias, and themselves. Nobody sees a region, so the image
 * tokens do not depend on them (`advanceImage: false` leaves them out where nothing needs them any more).
 * image: N × (1 + P) × C; regions: N × Q × C; mask: N × heads × Q × (P + Q).
 */
export function clipRegionBlock(
  image: Tensor,
  regions: Tensor,
  mask: Tensor,
  parameters: Parameters,
  { heads, advanceImage }: { heads: number; advanceImage: boolean },
): { image?: Tensor; regions: Tensor } {
  const width = image.shape[2];
  const imageLength = image.shape[1];
  const all = ops.concat([image, regions], 1);
  const total = all.shape[1];
  const normed = norm(all, parameters.at('ln_1'), CLIP_EPSILON);
  const attn = parameters.at('attn');
  const bias = attn.tensor('in_proj_bias');
  const toImage = (tokens: Tensor) => ops.slice(tokens, 1, 0, imageLength);
  const toRegions = (tokens: Tensor) => ops.slice(tokens, 1, imageLength, total);
  // Patches and regions without the class token, which lies first.
  const toSeen = (tokens: Tensor) => ops.slice(tokens, 1, 1, total);

  const asking = advanceImage ? normed : toRegions(normed);
  const q = linear(asking, attn, 'in_proj_weight', [0, width]);
  const answering = advanceImage ? normed : toSeen(normed);
  const k = linear(answering, attn, 'in_proj_weight', [width, 2 * width]);
  const v = linear(answering, attn, 'in_proj_weight', [2 * width, 3 * width]);
  if (!advanceImage) {
    const seen = ops.attention(q, k, v, bias, { heads, bias: mask });
    return { regions: clipResidual(regions, seen, parameters) };
  }
  const imageSeen = ops.attention(toImage(q), toImage(k), toImage(v), bias, { heads });
  const regionSeen = ops.attention(toRegions(q), toSeen(k), toSeen(v), bias, { heads, bias: mask });
  const next = clipResidual(all, ops.concat([imageSeen, regionSeen], 1), parameters);
  return { image: toImage(next), regions: toRegions(next) };
}

const CLIP_EPSILON = 1e-5;
const TIMM_EPSILON = 1e-6;

function norm(x: Tensor, parameters: Parameters, epsilon: number): Tensor {
  return ops.layerNorm(x, parameters.tensor('weight'), parameters.tensor('bias'), epsilon);
}

/** The rest of a CLIP block after attention: output projection, residual, norm, MLP, residual. */
function clipResidual(x: Tensor, seen: Tensor, parameters: Parameters): Tensor {
  const out = parameters.at('attn.out_proj');
  const ln2 = parameters.at('ln_2');
  const { sum, normed } = ops.addLayerNorm(
    x,
    linear(seen, out),
    out.tensor('bias'),
    ln2.tensor('weight'),
    ln2.tensor('bias'),
    CLIP_EPSILON,
  );
  const fc = parameters.at('mlp.c_fc');
  const projection = parameters.at('mlp.c_proj');
  const hidden = ops.quickGelu(ops.add(linear(normed, fc), fc.tensor('bias')));
  return ops.add(sum, ops.add(linear(hidden, projection), projection.tensor('bias')));
}

/** A timm ViT block: exact GELU. x: N × T × C. */
export function adapterBlock(x: Tensor, parameters: Parameters, options: BlockOptions): Tensor {
  const normed = norm(x, parameters.at('norm1'), TIMM_EPSILON);
  const attn = parameters.at('attn');
  const [q, k, v] = project(normed, attn.at('qkv'), 'weight');
  const seen = ops.attention(q, k, v, attn.tensor('qkv.bias'), options);
  const out = attn.at('proj');
  const norm2 = parameters.at('norm2');
  const { sum, normed: second } = ops.addLayerNorm(
    x,
    linear(seen, out),
    out.tensor('bias'),
    norm2.tensor('weight'),
    norm2.tensor('bias'),
    TIMM_EPSILON,
  );
  const fc1 = parameters.at('mlp.fc1');
  const fc2 = parameters.at('mlp.fc2');
  const hidden = ops.biasGelu(linear(second, fc1), fc1.tensor('bias'));
  return ops.add(sum, ops.add(linear(hidden, fc2), fc2.tensor('bias')));
}

/** The decoder's three-layer MLP with ReLU between; of the first `depth` layers, ReLU after each but the third. */
export function mlp3(x: Tensor, parameters: Parameters, depth = 3): Tensor {
  let result = x;
  for (let layer = 0; layer < depth; layer++) {
    const part = parameters.at('layers').at(layer);
    result = ops.add(ops.matmul(result, part.matrix('weight')), part.tensor('bias'));
    if (layer < 2) result = ops.relu(result);
  }
  return result;
}
