import type { LabelMap, MaskGeometry } from '../core/frame.ts';
import { axisSampling, type SamplingRun } from './sampling.ts';
import { fastSigmoid, SIGMOID_ERROR, sigmoid } from './sigmoid.ts';
import { type SparseRows, sparseRows } from './sparse-rows.ts';

/** What the regions left out of a cell may add to a score there, all together: larger is faster per pixel, with more pixels scored twice. */
const BUDGET = 1e-2;

/** Error of a score per unit of probability: the table's, on both sides of a comparison, and float32's. */
const ROUNDING = 4 * SIGMOID_ERROR;

/** Names the pixels of frames of one geometry. Owns its scratch, so it serves one frame at a time. */
export interface Labeler {
  readonly width: number;
  readonly height: number;
  /**
   * The most likely name of every pixel, exactly the argmax of `semSeg` (but for ties within float rounding).
   * `maskLogits`: float32, count × gridHeight × gridWidth. `probabilities`: float32, count × classes.
   * The labels returned are this labeler's own buffer: the next call overwrites them.
   */
  label(maskLogits: Float32Array, probabilities: Float32Array, count: number): LabelMap;
  /**
   * How sure the regions are of each name in the frame just labelled: the mean over the name's pixels (at mask
   * resolution) of the probability that the regions lying there give it. float64, one per class, 0 for absent names.
   */
  confidence(maskLogits: Float32Array, probabilities: Float32Array, count: number): Float64Array;
}

/**
 * A labeler for pictures of `width` × `height`.
 *
 * Inside a cell, between four neighbouring mask samples, every interpolated logit lies between its corners', and so
 * does its sigmoid. That bounds every score over the cell. Mostly one name's lower bound beats all others' upper
 * bounds and the cell is done. Else only the names still possible are scored, pixel by pixel, from the regions that
 * matter there; what was left out is bounded too, and a pixel won by less than that is scored again in full.
 */
export function createLabeler(
  geometry: MaskGeometry,
  width = geometry.width,
  height = geometry.height,
): Labeler {
  const { gridWidth, gridHeight } = geometry;
  const samples = gridWidth * gridHeight;
  const columns = axisSampling(gridWidth, geometry.paddedWidth, geometry.width, width);
  const rows = axisSampling(gridHeight, geometry.paddedHeight, geometry.height, height);
  const widest = Math.max(...columns.runs.map((run) => run.end - run.start));
  let scratch = allocate(0, 0);
  let slack = 0;
  let labels: Uint8Array | Uint16Array = new Uint8Array(width * height);

  function allocate(count: number, classes: number) {
    return {
      count,
      classes,
      /** Sigmoids of the mask samples, sample by sample: samples × count. */
      inside: new Float32Array(samples * count),
      active: new Int32Array(count),
      low: new Float64Array(count),
      high: new Float64Array(count),
      least: new Float64Array(classes),
      most: new Float64Array(classes),
      names: new Int32Array(classes),
      weights: new Float32Array(classes * count),
      line: new Float32Array(widest),
      scores: new Float64Array(classes * widest),
      exact: new Float64Array(classes),
    };
  }

  function label(maskLogits: Float32Array, probabilities: Float32Array, count: number): LabelMap {
    const classes = checkedClasses(maskLogits, probabilities, count, samples);
    if (scratch.count !== count || scratch.classes !== classes) {
      scratch = allocate(count, classes);
      labels = classes <= 256 ? new Uint8Array(width * height) : new Uint16Array(width * height);
    }
    transposeSigmoids(maskLogits, scratch.inside, samples, count);
    const sparse = sparseRows(probabilities, count, classes);
    slack = ROUNDING * sparse.peak.reduce((sum, peak) => sum + peak, 0);
    for (const down of rows.runs) {
      for (const across of columns.runs) {
        const left = activeRegions(across, down, sparse);
        const names = possibleNames(left.active, left.bound, sparse, probabilities);
        if (names === 1) fill(across, down, scratch.names[0]);
        else score(across, down, names, left, maskLogits, probabilities);
      }
    }
    return { width, height, labels };
  }

  function confidence(maskLogits: Float32Array, probabilities: Float32Array, count: number): Float64Array {
    const classes = checkedClasses(maskLogits, probabilities, count, samples);
    const sure = new Float64Array(classes);
    const total = new Float64Array(classes);
    const add = (name: number, sample: number) => {
      for (let q = 0; q < count; q++) {
        const inside = scratch.inside[sample * count + q];
        sure[name] += inside * probabilities[q * classes + name];
        total[name] += inside;
      }
    };
    const pixelOf = (sample: number, padded: number, grid: number, size: number, length: number) =>
      Math.floor(((sample + 0.5) * padded * length) / (grid * size));
    for (let gy = 0; gy < gridHeight; gy++) {
      const y = pixelOf(gy, geometry.paddedHeight, gridHeight, geometry.height, height);
      for (let gx = 0; gx < gridWidth; gx++) {
        const x = pixelOf(gx, geometry.paddedWidth, gridWidth, geometry.width, width);
        if (x < width && y < height) add(labels[y * width + x], gy * gridWidth + gx);
      }
    }
    // A name too small to hold a sample takes the one beside its first pixel.
    for (let i = 0; i < labels.length; i++) {
      if (total[labels[i]] > 0) continue;
      const y = Math.floor(i / width);
      add(labels[i], rows.first[y] * gridWidth + columns.first[i - y * width]);
      total[labels[i]] += Number.MIN_VALUE;
    }
    for (let c = 0; c < classes; c++) if (total[c] > 0) sure[c] /= total[c];
    return sure;
  }

  /** Collects the regions that can matter in a cell with their bounds; `bound` is what the others add to a score at most. */
  function activeRegions(across: SamplingRun, down: SamplingRun, sparse: SparseRows) {
    const { inside, count, active, low, high } = scratch;
    const { peak } = sparse;
    const a = (down.first * gridWidth + across.first) * count;
    const right = across.span > 1 ? count : 0;
    const below = down.span > 1 ? gridWidth * count : 0;
    const wide = across.span > 2 || down.span > 2;
    const negligible = BUDGET / count;
    let found = 0;
    let bound = 0;
    for (let q = 0; q < count; q++) {
      const s00 = inside[a + q];
      const s01 = inside[a + right + q];
      const s10 = inside[a + below + q];
      const s11 = inside[a + below + right + q];
      let most = s00 > s01 ? s00 : s01;
      if (s10 > most) most = s10;
      if (s11 > most) most = s11;
      let least = s00 < s01 ? s00 : s01;
      if (s10 < least) least = s10;
      if (s11 < least) least = s11;
      if (wide) {
        for (let y = 0; y < down.span; y++) {
          for (let x = 0; x < across.span; x++) {
            const s = inside[a + (y * gridWidth + x) * count + q];
            if (s > most) most = s;
            if (s < least) least = s;
          }
        }
      }
      const share = most * peak[q];
      if (share < negligible) {
        bound += share;
        continue;
      }
      active[found] = q;
      low[found] = least;
      high[found] = most;
      found++;
    }
    return { active: found, bound };
  }

  /** Collects the names that can win somewhere in the cell, in order of index; returns how many. */
  function possibleNames(
    active: number,
    bound: number,
    sparse: SparseRows,
    probabilities: Float32Array,
  ): number {
    const { classes, active: regions, low, high, least, most, names } = scratch;
    const { starts, columns: entries, values, rest } = sparse;
    least.fill(0);
    most.fill(0);
    let tail = bound + slack;
    for (let i = 0; i < active; i++) {
      const q = regions[i];
      tail += high[i] * rest[q];
      for (let e = starts[q]; e < starts[q + 1]; e++) {
        least[entries[e]] += values[e] * low[i];
        most[entries[e]] += values[e] * high[i];
      }
    }
    let best = 0;
    for (let c = 1; c < classes; c++) if (least[c] + most[c] > least[best] + most[best]) best = c;
    let found = 0;
    for (let c = 0; c < classes; c++) {
      if (c === best) {
        names[found++] = c;
        continue;
      }
      if (most[c] + tail < least[best]) continue;
      // The two scores hang on the same sigmoids, so their difference is bounded more closely than each alone.
      let lead = -bound - slack;
      for (let i = 0; i < active; i++) {
        const from = regions[i] * classes;
        const difference = probabilities[from + best] - probabilities[from + c];
        lead += difference * (difference > 0 ? low[i] : high[i]);
      }
      if (lead <= 0) names[found++] = c;
    }
    return found;
  }

  function fill(across: SamplingRun, down: SamplingRun, name: number): void {
    for (let y = down.start; y < down.end; y++) {
      const row = y * width;
      for (let x = across.start; x < across.end; x++) labels[row + x] = name;
    }
  }

  function score(
    across: SamplingRun,
    down: SamplingRun,
    names: number,
    left: { active: number; bound: number },
    maskLogits: Float32Array,
    probabilities: Float32Array,
  ): void {
    const { classes, active, names: candidates, weights, line, scores } = scratch;
    const cells = across.end - across.start;
    for (let i = 0; i < left.active; i++) {
      for (let k = 0; k < names; k++) {
        weights[i * names + k] = probabilities[active[i] * classes + candidates[k]];
      }
    }
    const doubt = left.bound + slack;
    const right = Math.min(1, across.span - 1);
    const farRight = across.span - 1;
    for (let y = down.start; y < down.end; y++) {
      const top = rows.weights[y * 3];
      const middle = rows.weights[y * 3 + 1];
      const bottom = rows.weights[y * 3 + 2];
      const below = down.span > 1 ? gridWidth : 0;
      const farBelow = down.span > 2 ? 2 * gridWidth : below;
      scores.fill(0, 0, names * cells);
      for (let i = 0; i < left.active; i++) {
        const at = active[i] * samples + down.first * gridWidth + across.first;
        const a = top * maskLogits[at] + middle * maskLogits[at + below] + bottom * maskLogits[at + farBelow];
        const b =
          top * maskLogits[at + right] +
          middle * maskLogits[at + below + right] +
          bottom * maskLogits[at + farBelow + right];
        const c =
          farRight < 2
            ? b
            : top * maskLogits[at + 2] +
              middle * maskLogits[at + below + 2] +
              bottom * maskLogits[at + farBelow + 2];
        for (let x = 0, w = across.start * 3; x < cells; x++, w += 3) {
          line[x] = fastSigmoid(
            columns.weights[w] * a + columns.weights[w + 1] * b + columns.weights[w + 2] * c,
          );
        }
        for (let k = 0; k < names; k++) {
          const weight = weights[i * names + k];
          if (weight < 1e-12) continue;
          const to = k * cells;
          for (let x = 0; x < cells; x++) scores[to + x] += weight * line[x];
        }
      }
      pick(y, across.start, cells, names, doubt, maskLogits, probabilities);
    }
  }

  /** Writes the winners of one row of a cell. */
  function pick(
    y: number,
    start: number,
    cells: number,
    names: number,
    doubt: number,
    maskLogits: Float32Array,
    probabilities: Float32Array,
  ): void {
    const { names: candidates, scores } = scratch;
    for (let x = 0; x < cells; x++) {
      let best = 0;
      let first = scores[x];
      let second = -1;
      for (let k = 1; k < names; k++) {
        const value = scores[k * cells + x];
        if (value > first) {
          second = first;
          first = value;
          best = k;
        } else if (value > second) second = value;
      }
      if (first - second <= doubt) best = exactly(y, start + x, names, maskLogits, probabilities);
      labels[y * width + start + x] = candidates[best];
    }
  }

  /** Position among the candidates of the winner at one pixel, from all regions in double precision. */
  function exactly(
    y: number,
    x: number,
    names: number,
    maskLogits: Float32Array,
    probabilities: Float32Array,
  ): number {
    const { count, classes, names: candidates, exact } = scratch;
    exact.fill(0, 0, names);
    for (let q = 0; q < count; q++) {
      let logit = 0;
      for (let j = 0; j < 3; j++) {
        const down = rows.weights[y * 3 + j];
        if (down === 0) continue;
        const from = q * samples + (rows.first[y] + j) * gridWidth + columns.first[x];
        for (let i = 0; i < 3; i++) {
          const across = columns.weights[x * 3 + i];
          if (across !== 0) logit += down * across * maskLogits[from + i];
        }
      }
      const inside = sigmoid(logit);
      for (let k = 0; k < names; k++) exact[k] += inside * probabilities[q * classes + candidates[k]];
    }
    let best = 0;
    for (let k = 1; k < names; k++) if (exact[k] > exact[best]) best = k;
    return best;
  }

  return { width, height, label, confidence };
}

function checkedClasses(
  maskLogits: Float32Array,
  probabilities: Float32Array,
  count: number,
  samples: number,
): number {
  const classes = probabilities.length / count;
  if (!Number.isInteger(classes) || classes < 1 || maskLogits.length !== count * samples) {
    throw new RangeError(
      `labels: ${maskLogits.length} logits and ${probabilities.length} probabilities do not fit ${count} regions of ${samples} samples`,
    );
  }
  return classes;
}

/** `logits`: count × samples. Fills `inside`, samples × count, so that a sample's regions lie side by side. */
function transposeSigmoids(logits: Float32Array, inside: Float32Array, samples: number, count: number): void {
  for (let q = 0; q < count; q++) {
    const from = q * samples;
    for (let i = 0, to = q; i < samples; i++, to += count) inside[to] = fastSigmoid(logits[from + i]);
  }
}
