import type { AxisSampling, SamplingRun } from './sampling.ts';
import { fastSigmoid, SIGMOID_ERROR, sigmoid } from './sigmoid.ts';
import { sparseRows } from './sparse-rows.ts';

/** What the regions left out may add to a score, all together: larger is faster per pixel, with more pixels scored twice. */
const BUDGET = 2e-2;

/** Error of a score per unit of probability: the table's, on both sides of a comparison, and float32's. */
const ROUNDING = 4 * SIGMOID_ERROR;

/** Side, in pixels, of the blocks that an undecided cell is cut into. */
const BLOCK = 4;

export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly columns: AxisSampling;
  readonly rows: AxisSampling;
}

/** Regions and names of one frame, see `createLabeler`. */
export interface CellFrame {
  readonly maskLogits: Float32Array;
  readonly probabilities: Float32Array;
}

/**
 * Names all pixels of a frame of `count` regions and `classes` names into `labels`, cell by cell.
 *
 * Inside a cell, between four neighbouring mask samples, every interpolated logit lies between its corners', and so
 * does its sigmoid. That bounds every score over the cell. Mostly one name's lower bound beats all others' upper
 * bounds and the cell is done. Else the cell is cut into small blocks, which are bounded again, with only the
 * regions that matter and the names still possible; what they do not decide is scored pixel by pixel. What was left
 * out is bounded all along, and a pixel won by less than that is scored again from all regions.
 */
export function createCellNamer(grid: Grid, count: number, classes: number) {
  const { columns, rows } = grid;
  const samples = grid.width * grid.height;
  const stride = columns.length;
  const wx = columns.weights;
  const wy = rows.weights;
  const negligible = BUDGET / 2 / count;
  const inside = new Float32Array(samples * count);
  const order = new Int32Array(count);
  const most = new Float64Array(classes);
  const least = new Float64Array(classes);
  // Of the cell: its regions, their logits at its (up to 3 × 3) samples, the names still possible and their weights.
  const regions = new Int32Array(count);
  const corners = new Float64Array(count * 9);
  const names = new Int32Array(classes);
  const weights = new Float64Array(count * classes);
  // Of the block at each depth: positions in the cell's lists. Depth 0 is the cell.
  const depths = 2 + Math.ceil(Math.log2(Math.max(1, longestRun(columns), longestRun(rows))));
  const regionsAt = new Int32Array(depths * count);
  const namesAt = new Int32Array(depths * classes);
  const low = new Float64Array(count);
  const high = new Float64Array(count);
  const row = new Float64Array(3);
  const inBlock = new Float64Array(BLOCK * BLOCK);
  const scores = new Float64Array(classes * BLOCK * BLOCK);
  const exact = new Float64Array(classes);
  const tapWeight = new Float64Array(9);
  const tapSample = new Int32Array(9);

  return function nameCells(frame: CellFrame, labels: Uint8Array | Uint16Array): void {
    const { maskLogits, probabilities } = frame;
    const { starts, columns: entries, values, peak, rest } = sparseRows(probabilities, count, classes);
    // Regions that show nothing with a name, most of them, together cannot add more than this.
    const weak = weakest(peak, BUDGET / 2, order);
    const strong = order.subarray(weak);
    let always = 0;
    for (let q = 0; q < count; q++) always += ROUNDING * peak[q];
    for (let i = 0; i < weak; i++) always += peak[order[i]];
    // Sample by sample, so that the regions of a sample lie side by side.
    const step = strong.length;
    for (let i = 0; i < step; i++) {
      const from = strong[i] * samples;
      for (let k = 0, to = i; k < samples; k++, to += step) inside[to] = fastSigmoid(maskLogits[from + k]);
    }
    let cellNames = 0;

    for (const down of rows.runs) {
      for (const across of columns.runs) nameCell(across, down);
    }

    function nameCell(across: SamplingRun, down: SamplingRun): void {
      let active = 0;
      let bound = always;
      let tail = 0;
      least.fill(0);
      most.fill(0);
      const corner = (down.first * grid.width + across.first) * step;
      const right = across.span > 1 ? step : 0;
      const below = down.span > 1 ? grid.width * step : 0;
      const wide = across.span > 2 || down.span > 2;
      for (let j = 0; j < step; j++) {
        const q = strong[j];
        const a = inside[corner + j];
        const b = inside[corner + right + j];
        const c = inside[corner + below + j];
        const d = inside[corner + below + right + j];
        let top = Math.max(Math.max(a, b), Math.max(c, d));
        let bottom = Math.min(Math.min(a, b), Math.min(c, d));
        if (wide) {
          for (let y = 0; y < down.span; y++) {
            for (let x = 0; x < across.span; x++) {
              const s = inside[corner + (y * grid.width + x) * step + j];
              top = Math.max(top, s);
              bottom = Math.min(bottom, s);
            }
          }
        }
        if (top * peak[q] < negligible) {
          bound += top * peak[q];
          continue;
        }
        regions[active] = q;
        low[active] = bottom;
        high[active++] = top;
        tail += top * rest[q];
        for (let e = starts[q]; e < starts[q + 1]; e++) {
          least[entries[e]] += values[e] * bottom;
          most[entries[e]] += values[e] * top;
        }
      }
      const possible = possibleNames(active, bound, tail);
      if (possible === 1) {
        fill(across.start, across.end, down.start, down.end, names[0]);
        return;
      }
      for (let k = 0; k < possible; k++) namesAt[k] = k;
      for (let i = 0; i < active; i++) {
        regionsAt[i] = i;
        const at = regions[i] * samples + down.first * grid.width + across.first;
        for (let y = 0; y < 3; y++) {
          for (let x = 0; x < 3; x++) {
            corners[i * 9 + y * 3 + x] =
              y < down.span && x < across.span ? maskLogits[at + y * grid.width + x] : 0;
          }
        }
        for (let k = 0; k < possible; k++) {
          weights[i * possible + k] = probabilities[regions[i] * classes + names[k]];
        }
      }
      cellNames = possible;
      nameParts(across.start, across.end, down.start, down.end, 0, active, possible, bound);
    }

    /** Collects, in order of index, the names that can win somewhere in the cell; returns how many. */
    function possibleNames(active: number, bound: number, tail: number): number {
      let best = 0;
      for (let c = 1; c < classes; c++) if (least[c] + most[c] > least[best] + most[best]) best = c;
      let found = 0;
      for (let c = 0; c < classes; c++) {
        if (c !== best) {
          if (most[c] + tail + bound < least[best]) continue;
          // Both scores hang on the same sigmoids: their difference is bounded more closely than each alone.
          let lead = -bound;
          for (let i = 0; i < active; i++) {
            const from = regions[i] * classes;
            const difference = probabilities[from + best] - probabilities[from + c];
            lead += difference * (difference > 0 ? low[i] : high[i]);
          }
          if (lead > 0) continue;
        }
        names[found++] = c;
      }
      return found;
    }

    function fill(x0: number, x1: number, y0: number, y1: number, name: number): void {
      for (let y = y0; y < y1; y++) {
        for (let x = x0, at = y * stride + x0; x < x1; x++) labels[at++] = name;
      }
    }

    /** Names an undecided block: in halves each way while it is large, then pixel by pixel. */
    function nameParts(
      x0: number,
      x1: number,
      y0: number,
      y1: number,
      depth: number,
      used: number,
      left: number,
      doubt: number,
    ): void {
      const across = x1 - x0 > BLOCK ? (x0 + x1) >> 1 : x1;
      const down = y1 - y0 > BLOCK ? (y0 + y1) >> 1 : y1;
      if (across === x1 && down === y1) {
        score(x0, x1, y0, y1, depth, used, left, doubt);
        return;
      }
      for (let y = y0; y < y1; y = y < down ? down : y1) {
        for (let x = x0; x < x1; x = x < across ? across : x1) {
          nameBlock(x, x < across ? across : x1, y, y < down ? down : y1, depth + 1, used, left, doubt);
        }
      }
    }

    /** Bounds a block by the sigmoids at its corner pixels, with the `used` regions and `left` names of the depth above. */
    function nameBlock(
      x0: number,
      x1: number,
      y0: number,
      y1: number,
      depth: number,
      used: number,
      left: number,
      doubt: number,
    ): void {
      const fromRegions = (depth - 1) * count;
      const fromNames = (depth - 1) * classes;
      const toRegions = depth * count;
      const toNames = depth * classes;
      const possible = cellNames;
      let active = 0;
      let bound = doubt;
      for (let k = 0; k < left; k++) most[k] = least[k] = 0;
      for (let i = 0; i < used; i++) {
        const region = regionsAt[fromRegions + i];
        readRow(region, y0);
        const a = at(x0);
        const b = at(x1 - 1);
        readRow(region, y1 - 1);
        const c = at(x0);
        const d = at(x1 - 1);
        const top = fastSigmoid(Math.max(Math.max(a, b), Math.max(c, d)));
        const share = top * peak[regions[region]];
        if (share < negligible) {
          bound += share;
          continue;
        }
        const bottom = fastSigmoid(Math.min(Math.min(a, b), Math.min(c, d)));
        regionsAt[toRegions + active] = region;
        low[active] = bottom;
        high[active++] = top;
        const w = region * possible;
        for (let k = 0; k < left; k++) {
          const weight = weights[w + namesAt[fromNames + k]];
          least[k] += weight * bottom;
          most[k] += weight * top;
        }
      }
      let best = 0;
      for (let k = 1; k < left; k++) if (least[k] + most[k] > least[best] + most[best]) best = k;
      const winner = namesAt[fromNames + best];
      let remain = 0;
      for (let k = 0; k < left; k++) {
        const name = namesAt[fromNames + k];
        if (k !== best) {
          if (most[k] + bound < least[best]) continue;
          let lead = -bound;
          for (let i = 0; i < active; i++) {
            const from = regionsAt[toRegions + i] * possible;
            const difference = weights[from + winner] - weights[from + name];
            lead += difference * (difference > 0 ? low[i] : high[i]);
          }
          if (lead > 0) continue;
        }
        namesAt[toNames + remain++] = name;
      }
      if (remain === 1) fill(x0, x1, y0, y1, names[winner]);
      else nameParts(x0, x1, y0, y1, depth, active, remain, bound);
    }

    /** Names the pixels of a block one by one, from its regions and among its names. */
    function score(
      x0: number,
      x1: number,
      y0: number,
      y1: number,
      depth: number,
      used: number,
      left: number,
      doubt: number,
    ): void {
      const size = (x1 - x0) * (y1 - y0);
      const fromNames = depth * classes;
      scores.fill(0, 0, left * size);
      for (let i = 0; i < used; i++) {
        const region = regionsAt[depth * count + i];
        for (let y = y0, pixel = 0; y < y1; y++) {
          readRow(region, y);
          for (let x = x0; x < x1; x++) inBlock[pixel++] = fastSigmoid(at(x));
        }
        for (let k = 0; k < left; k++) {
          const weight = weights[region * cellNames + namesAt[fromNames + k]];
          if (weight < 1e-9) continue;
          const to = k * size;
          for (let pixel = 0; pixel < size; pixel++) scores[to + pixel] += weight * inBlock[pixel];
        }
      }
      for (let y = y0, pixel = 0; y < y1; y++) {
        for (let x = x0; x < x1; x++, pixel++) {
          let best = 0;
          let first = scores[pixel];
          let second = -1;
          for (let k = 1; k < left; k++) {
            const value = scores[k * size + pixel];
            if (value > first) {
              second = first;
              first = value;
              best = k;
            } else if (value > second) second = value;
          }
          if (first - second <= doubt) best = exactly(x, y, fromNames, left);
          labels[y * stride + x] = names[namesAt[fromNames + best]];
        }
      }
    }

    /** Sets the logits of a region of the cell at pixel row y, at the cell's samples, for `at`. */
    function readRow(region: number, y: number): void {
      const c = region * 9;
      const p = wy[y * 3];
      const q = wy[y * 3 + 1];
      const r = wy[y * 3 + 2];
      row[0] = p * corners[c] + q * corners[c + 3] + r * corners[c + 6];
      row[1] = p * corners[c + 1] + q * corners[c + 4] + r * corners[c + 7];
      row[2] = p * corners[c + 2] + q * corners[c + 5] + r * corners[c + 8];
    }

    /** The logit at pixel column x of the row read last. */
    function at(x: number): number {
      return wx[x * 3] * row[0] + wx[x * 3 + 1] * row[1] + wx[x * 3 + 2] * row[2];
    }

    /** The winner at one pixel among the block's names, from all regions in double precision. */
    function exactly(x: number, y: number, fromNames: number, left: number): number {
      exact.fill(0, 0, left);
      let taps = 0;
      for (let j = 0; j < 3; j++) {
        for (let i = 0; i < 3; i++) {
          const weight = wy[y * 3 + j] * wx[x * 3 + i];
          if (weight === 0) continue;
          tapWeight[taps] = weight;
          tapSample[taps++] = (rows.first[y] + j) * grid.width + columns.first[x] + i;
        }
      }
      for (let q = 0; q < count; q++) {
        let logit = 0;
        for (let i = 0; i < taps; i++) logit += tapWeight[i] * maskLogits[q * samples + tapSample[i]];
        if (logit < -25) continue;
        const value = sigmoid(logit);
        for (let k = 0; k < left; k++)
          exact[k] += value * probabilities[q * classes + names[namesAt[fromNames + k]]];
      }
      let best = 0;
      for (let k = 1; k < left; k++) if (exact[k] > exact[best]) best = k;
      return best;
    }
  };
}

function longestRun(axis: AxisSampling): number {
  return Math.max(...axis.runs.map((run) => run.end - run.start));
}

/** Orders the regions by their greatest probability and returns how many of the first have a sum within `budget`. */
function weakest(peak: Float32Array, budget: number, order: Int32Array): number {
  for (let q = 0; q < order.length; q++) order[q] = q;
  order.sort((a, b) => peak[a] - peak[b]);
  let weak = 0;
  for (let sum = 0; weak < order.length; weak++) {
    sum += peak[order[weak]];
    if (sum > budget) break;
  }
  return weak;
}
