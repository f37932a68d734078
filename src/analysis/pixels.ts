import type { LabelMap, MaskGeometry } from '../core/frame.ts';
import { createCellNamer } from './cells.ts';
import { axisSampling } from './sampling.ts';
import { fastSigmoid } from './sigmoid.ts';

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
   * How sure the frame just labelled is of each name: of all names' scores at the name's pixels (taken at mask
   * resolution), the part that is its own. float64, one per class, in [0, 1], 0 for absent names.
   */
  confidence(maskLogits: Float32Array, probabilities: Float32Array, count: number): Float64Array;
}

/** A labeler for pictures of `width` × `height`; when they differ from the model's input, masks are resized to them. */
export function createLabeler(
  geometry: MaskGeometry,
  width = geometry.width,
  height = geometry.height,
): Labeler {
  const { gridWidth, gridHeight } = geometry;
  const samples = gridWidth * gridHeight;
  const columns = axisSampling(gridWidth, geometry.paddedWidth, geometry.width, width);
  const rows = axisSampling(gridHeight, geometry.paddedHeight, geometry.height, height);
  const grid = { width: gridWidth, height: gridHeight, columns, rows };
  let shape = '';
  let labels: Uint8Array | Uint16Array = new Uint8Array(0);
  let nameCells = createCellNamer(grid, 1, 1);

  function label(maskLogits: Float32Array, probabilities: Float32Array, count: number): LabelMap {
    const classes = probabilities.length / count;
    if (!Number.isInteger(classes) || classes < 1 || maskLogits.length !== count * samples) {
      throw new RangeError(
        `labels: ${maskLogits.length} logits and ${probabilities.length} probabilities do not fit ${count} regions of ${samples} samples`,
      );
    }
    if (shape !== `${count}×${classes}`) {
      shape = `${count}×${classes}`;
      labels = classes <= 256 ? new Uint8Array(width * height) : new Uint16Array(width * height);
      nameCells = createCellNamer(grid, count, classes);
    }
    nameCells({ maskLogits, probabilities }, labels);
    return { width, height, labels };
  }

  function confidence(maskLogits: Float32Array, probabilities: Float32Array, count: number): Float64Array {
    const classes = probabilities.length / count;
    const named = new Float64Array(count);
    for (let i = 0; i < probabilities.length; i++) named[Math.floor(i / classes)] += probabilities[i];
    const own = new Float64Array(classes);
    const all = new Float64Array(classes);
    const add = (name: number, sample: number) => {
      for (let q = 0; q < count; q++) {
        const inside = fastSigmoid(maskLogits[q * samples + sample]);
        own[name] += inside * probabilities[q * classes + name];
        all[name] += inside * named[q];
      }
    };
    for (let gy = 0; gy < gridHeight; gy++) {
      const y = pixelOf(gy, gridHeight, geometry.paddedHeight, geometry.height, height);
      for (let gx = 0; gx < gridWidth; gx++) {
        const x = pixelOf(gx, gridWidth, geometry.paddedWidth, geometry.width, width);
        if (x < width && y < height) add(labels[y * width + x], gy * gridWidth + gx);
      }
    }
    // A name too small to hold a sample takes the one beside its first pixel.
    const seen = Uint8Array.from(all, Math.sign);
    for (let i = 0; i < labels.length; i++) {
      if (seen[labels[i]]) continue;
      seen[labels[i]] = 1;
      const y = Math.floor(i / width);
      add(labels[i], rows.first[y] * gridWidth + columns.first[i - y * width]);
    }
    for (let c = 0; c < classes; c++) if (all[c] > 0) own[c] /= all[c];
    return own;
  }

  return { width, height, label, confidence };
}

/** The output pixel under grid sample i. */
function pixelOf(i: number, grid: number, padded: number, size: number, length: number): number {
  return Math.floor(((i + 0.5) * padded * length) / (grid * size));
}
