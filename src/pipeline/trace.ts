import { classLogits, classProbabilities } from '../analysis/name.ts';
import { semSeg } from '../analysis/sem-seg.ts';
import { floats, type Model, maskGeometry } from '../rsan/model.ts';
import type { Tensors } from '../rsan/session-messages.ts';
import type { VisionOutput } from '../rsan/vision.ts';

/** A float32 tensor by name; row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TraceInput {
  /** uint8, count × height × width × 3, RGB: fed as they are, without a resize. */
  readonly frames: Uint8Array<ArrayBuffer>;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** float32, rows × D, already scaled, the background last. */
  readonly classifier?: { readonly weights: Float32Array; readonly rows: number };
  /** Also decode all frames with the mean of their queries, as the video branch does after clustering. */
  readonly shareQueries: boolean;
}

const TRACED: readonly VisionOutput[] = [
  'clip_input',
  'queries',
  'side_features',
  'mask_logits',
  'attn_bias',
  'mask_embeddings',
];
/** Frames in one run where the frames are small; larger ones go one by one, to bound memory. */
const BATCH_PIXELS = 1_000_000;

/** Every named intermediate of the model for raw frames, to be compared with other implementations. */
export async function trace(model: Model, input: TraceInput, signal: AbortSignal): Promise<NamedTensor[]> {
  const { count, height, width, classifier } = input;
  const batch = count * height * width <= BATCH_PIXELS ? count : 1;
  const runs: Tensors[] = [];
  const outputs = input.shareQueries ? [...TRACED, 'clip_memory' as const] : TRACED;
  for (let first = 0; first < count; first += batch) {
    const frames = input.frames.slice(first * height * width * 3, (first + batch) * height * width * 3);
    runs.push(await model.see(frames, { batch, height, width }, outputs, signal));
  }
  // The frame axis is the second of the attention biases' and the first of all others'.
  const results = TRACED.map((name): NamedTensor => {
    const shape = [...runs[0][name].shape];
    shape[name === 'attn_bias' ? 1 : 0] = count;
    return { name, shape, data: concatenate(runs.map((run) => floats(run, name))) };
  });
  const traced = (name: string) => results.find((tensor) => tensor.name === name)!;

  const { queries, embed } = {
    queries: model.architecture.side.queries,
    embed: model.architecture.clip.embed,
  };
  const classify = (embeddings: Float32Array, { weights, rows }: NonNullable<TraceInput['classifier']>) =>
    classLogits(embeddings, embeddings.length / embed, {
      dim: embed,
      weights,
      rowEntry: Int32Array.from({ length: rows }, (_, row) => (row === rows - 1 ? -1 : row)),
    });

  if (classifier) {
    const { rows } = classifier;
    const logits = classify(traced('mask_embeddings').data, classifier);
    results.push({ name: 'class_logits', shape: [count, queries, rows], data: logits });
    const geometry = maskGeometry(model.architecture, width, height);
    const cells = geometry.gridWidth * geometry.gridHeight;
    const rowEntry = Int32Array.from({ length: rows }, (_, row) => (row === rows - 1 ? -1 : row));
    const scores = Array.from({ length: count }, (_, frame) =>
      semSeg(
        traced('mask_logits').data.subarray(frame * queries * cells, (frame + 1) * queries * cells),
        geometry,
        classProbabilities(
          logits.subarray(frame * queries * rows, (frame + 1) * queries * rows),
          queries,
          rowEntry,
          rows - 1,
        ),
        queries,
      ),
    );
    results.push({ name: 'sem_seg', shape: [count, rows - 1, height, width], data: concatenate(scores) });
  }

  if (input.shareQueries) {
    const shared = meanOver(traced('queries').data, count);
    const decoded: Tensors[] = [];
    for (const run of runs) {
      const copies = new Float32Array(batch * shared.length);
      for (let frame = 0; frame < batch; frame++) copies.set(shared, frame * shared.length);
      const features = {
        queries: {
          dtype: 'float32' as const,
          data: copies,
          shape: [batch, queries, shared.length / queries],
        },
        side_features: run.side_features,
        clip_memory: run.clip_memory,
      };
      decoded.push(await model.decode(features, { batch, height, width }, signal));
    }
    results.push({ name: 'shared_queries', shape: [1, queries, shared.length / queries], data: shared });
    for (const name of ['mask_logits', 'mask_embeddings']) {
      const data = concatenate(decoded.map((run) => floats(run, name)));
      results.push({ name: `shared.${name}`, shape: traced(name).shape, data });
    }
    if (classifier) {
      const logits = classify(
        results.find(({ name }) => name === 'shared.mask_embeddings')!.data,
        classifier,
      );
      results.push({
        name: 'shared.mean_class_logits',
        shape: [queries, classifier.rows],
        data: meanOver(logits, count),
      });
    }
  }
  return results;
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The mean over the first of `count` equal parts. */
function meanOver(values: Float32Array, count: number): Float32Array {
  const size = values.length / count;
  return Float32Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let part = 0; part < count; part++) sum += values[part * size + i];
    return sum / count;
  });
}
