import { join } from 'node:path';
import { writeGraph } from './graph-store.ts';
import { arithmeticOf, type ModelSource } from './model.ts';
import type { Precision } from './session-messages.ts';
import { textGraph } from './text.ts';
import { decodeGraph, type VisionShape, visionGraph } from './vision.ts';

/**
 * Writes a model's graphs under plain names: vision.onnx (frames → queries, mask_logits, mask_embeddings and what
 * decode.onnx takes), decode.onnx (given queries → mask_logits, mask_embeddings) and text.onnx, each with a .weights
 * file beside it. Returns the .onnx files.
 */
export async function exportGraphs(
  source: ModelSource,
  shape: VisionShape,
  precision: Precision,
  folder: string,
): Promise<string[]> {
  const arithmetic = arithmeticOf(precision);
  const outputs = ['queries', 'mask_logits', 'mask_embeddings', 'side_features', 'clip_memory'] as const;
  const text = { batch: 1, length: source.architecture.clip.text.context };
  const graphs = {
    vision: await visionGraph(source, shape, arithmetic, outputs),
    decode: decodeGraph(source, shape, arithmetic),
    text: await textGraph(source, text, { ...arithmetic, products: 'float' }),
  };
  const files: string[] = [];
  for (const [name, graph] of Object.entries(graphs)) {
    const file = join(folder, `${name}.onnx`);
    await writeGraph(graph, folder, name, () => ({ graph: `${name}.onnx`, weights: `${name}.weights` }));
    files.push(file);
  }
  return files;
}
