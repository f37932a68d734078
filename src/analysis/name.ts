import type { FrameRegions } from '../core/frame.ts';
import type { Classifier } from '../core/vocabulary.ts';

/**
 * How alike each region is to each word: `embeddings · weightsᵀ`.
 * `embeddings`: float32, count × dim. Returns float32, count × rows, the background in the last column.
 */
export function classLogits(embeddings: Float32Array, count: number, classifier: Classifier): Float32Array {
  const { dim, weights } = classifier;
  const rows = classifier.rowEntry.length;
  if (embeddings.length !== count * dim || weights.length !== rows * dim) {
    throw new RangeError(
      `class logits: ${embeddings.length} and ${weights.length} numbers do not make ${count} × ${dim} and ${rows} × ${dim}`,
    );
  }
  const logits = new Float32Array(count * rows);
  for (let region = 0; region < count; region++) {
    const embedding = embeddings.subarray(region * dim, (region + 1) * dim);
    for (let row = 0; row < rows; row++) {
      const from = row * dim;
      // Four sums apart: the adder's latency, not its width, is the limit of one.
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      let i = 0;
      for (; i + 3 < dim; i += 4) {
        a += embedding[i] * weights[from + i];
        b += embedding[i + 1] * weights[from + i + 1];
        c += embedding[i + 2] * weights[from + i + 2];
        d += embedding[i + 3] * weights[from + i + 3];
      }
      for (; i < dim; i++) a += embedding[i] * weights[from + i];
      logits[region * rows + row] = a + b + (c + d);
    }
  }
  return logits;
}

/**
 * A name's logit is that of its likeliest synonym: the maximum, so that a synonym more never takes from a name, and ten
 * that say the same give it no more than one. Then softmax over the names and the background, which is dropped.
 * With one synonym a name this is the published rule.
 * `logits`: float32, count × rows. `rowEntry`: the entry of each row, −1 for the background, in any order.
 * Returns float32, count × entries, each in [0, 1], rows summing to at most 1.
 */
export function classProbabilities(
  logits: Float32Array,
  count: number,
  rowEntry: Int32Array,
  entries: number,
): Float32Array {
  const rows = rowEntry.length;
  const probabilities = new Float32Array(count * entries);
  // The background's place is behind the names.
  const best = new Float64Array(entries + 1);
  for (let region = 0; region < count; region++) {
    best.fill(-Infinity);
    let peak = -Infinity;
    for (let row = 0; row < rows; row++) {
      const logit = logits[region * rows + row];
      const entry = rowEntry[row] < 0 ? entries : rowEntry[row];
      if (logit > best[entry]) best[entry] = logit;
      if (logit > peak) peak = logit;
    }
    let sum = 0;
    for (let entry = 0; entry <= entries; entry++) sum += best[entry] = Math.exp(best[entry] - peak);
    for (let entry = 0; entry < entries; entry++) probabilities[region * entries + entry] = best[entry] / sum;
  }
  return probabilities;
}

/** The probability of every name for every region, or track: float32, count × entries, `entries` = vocabulary size. */
export function nameRegions(
  regions: Pick<FrameRegions, 'count' | 'embeddings'>,
  classifier: Classifier,
  entries: number,
): Float32Array {
  const logits = classLogits(regions.embeddings, regions.count, classifier);
  return classProbabilities(logits, regions.count, classifier.rowEntry, entries);
}
