import type { MaskGeometry } from '../core/frame.ts';
import { axisSampling } from './sampling.ts';

/**
 * Every score of every pixel, the plain way: score(c, y, x) = Σ_q p(q, c) · sigmoid(mask(q, y, x)).
 * `maskLogits`: float32, count × gridHeight × gridWidth. `probabilities`: float32, count × classes.
 * Returns float32, classes × height × width. For comparing and checking; `createLabeler` gives the winners much faster.
 */
export function semSeg(
  maskLogits: Float32Array,
  geometry: MaskGeometry,
  probabilities: Float32Array,
  count: number,
  width = geometry.width,
  height = geometry.height,
): Float32Array {
  const { gridWidth, gridHeight } = geometry;
  const classes = probabilities.length / count;
  const columns = axisSampling(gridWidth, geometry.paddedWidth, geometry.width, width);
  const rows = axisSampling(gridHeight, geometry.paddedHeight, geometry.height, height);
  const scores = new Float32Array(classes * height * width);
  const line = new Float64Array(gridWidth);
  for (let region = 0; region < count; region++) {
    const mask = maskLogits.subarray(region * gridHeight * gridWidth, (region + 1) * gridHeight * gridWidth);
    for (let y = 0; y < height; y++) {
      line.fill(0);
      for (let tap = 0; tap < 3; tap++) {
        const weight = rows.weights[y * 3 + tap];
        if (weight === 0) continue;
        const from = (rows.first[y] + tap) * gridWidth;
        for (let x = 0; x < gridWidth; x++) line[x] += weight * mask[from + x];
      }
      for (let x = 0; x < width; x++) {
        let logit = 0;
        for (let tap = 0; tap < 3; tap++) {
          const weight = columns.weights[x * 3 + tap];
          if (weight !== 0) logit += weight * line[columns.first[x] + tap];
        }
        const inside = 1 / (1 + Math.exp(-logit));
        for (let c = 0; c < classes; c++) {
          scores[(c * height + y) * width + x] += probabilities[region * classes + c] * inside;
        }
      }
    }
  }
  return scores;
}
