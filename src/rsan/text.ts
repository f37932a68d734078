import type { Architecture } from './architecture.ts';
import type { Weights } from './checkpoint/weights.ts';
import { type Arithmetic, Graph } from './onnx/graph.ts';
import * as ops from './onnx/ops.ts';
import { Parameters } from './parameters.ts';
import { clipBlock } from './transformer.ts';

export interface TextShape {
  /** Texts in one run. */
  readonly batch: number;
  /** Tokens of each, at most the model's context. The attention is causal, so what follows the end may be cut off. */
  readonly length: number;
}

/**
 * CLIP's text tower (Radford et al., 2021) as an ONNX graph.
 * tokens: N × T int64; ends: N × 1 × T, float32, 1 at each text's end token and 0 elsewhere.
 * embeddings: N × D float32, unit length.
 */
export async function textGraph(
  model: { readonly architecture: Architecture; readonly weights: Weights },
  shape: TextShape,
  arithmetic: Arithmetic,
): Promise<Graph> {
  const { width, heads, layers } = model.architecture.clip.text;
  const graph = new Graph(arithmetic);
  const parameters = new Parameters(graph, model.weights).at('ov_classifier');
  const tokens = graph.input('tokens', 'int64', [shape.batch, shape.length]);
  const ends = ops.cast(graph.input('ends', 'float32', [shape.batch, 1, shape.length]), graph.float);

  const words = ops.lookUp(parameters.tensor('token_embedding.weight'), tokens);
  const position = (await parameters.values('positional_embedding')).subarray(0, shape.length * width);
  let x = ops.add(words, graph.constant(position, [1, shape.length, width]));
  for (let block = 0; block < layers; block++) {
    x = clipBlock(x, parameters.at('transformer.resblocks').at(block), { heads, causal: true });
  }
  const final = parameters.at('ln_final');
  const normed = ops.layerNorm(x, final.tensor('weight'), final.tensor('bias'), 1e-5);
  const atEnd = ops.reshape(ops.matmul(ends, normed), [shape.batch, width]);
  const projected = ops.normalise(ops.matmul(atEnd, parameters.tensor('text_projection')));
  graph.output('embeddings', ops.cast(projected, 'float32'));
  return graph;
}
