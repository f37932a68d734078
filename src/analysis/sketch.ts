import type { LabelMap, MaskGeometry } from '../core/frame.ts';

/**
 * Label maps for painting: a tenth of the work of `createLabeler`, and the same but for single pixels along borders.
 * Scores are computed exactly on a lattice of every fourth pixel of the model's input. Between lattice points they are
 * interpolated, and only where the points around do not agree: masks are smooth at that scale, for a mask logit stands
 * for 16 pixels.
 */
export interface Sketcher {
  /**
   * The most likely name of every pixel. `maskLogits`: float32, count × gridHeight × gridWidth. `probabilities`:
   * float32, count × classes. The labels returned are the sketcher's own buffer: the next call overwrites them.
   */
  sketch(maskLogits: Float32Array, probabilities: Float32Array, count: number): LabelMap;
}

/** Pixels of the model's input between lattice points, and that one mask logit stands for. */
const STEP = 4;
const CELL = 16;
/** A name's part in a region below which it cannot show. */
const FAINT = 0.004;

/** The sigmoid by table, to 0.002: far below what tells names apart. Beyond ±16 it is as good as 0 or 1. */
const SPAN = 16;
const STEPS = 64;
const SIGMOID = Float32Array.from(
  { length: 2 * SPAN * STEPS + 1 },
  (_, i) => 1 / (1 + Math.exp(SPAN - i / STEPS)),
);

/** A line of lattice points over a line of `grid` samples: for each point, its samples and how far it is to the second. */
interface Lattice {
  readonly points: number;
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly part: Float32Array;
  /** For each output pixel, how far it is from its lattice point to the next, 0..1. */
  readonly pixelPart: Float32Array;
  /** The first output pixel behind each lattice point. */
  readonly pixelStart: Int32Array;
}

function lattice(grid: number, side: number, pixels: number): Lattice {
  const points = Math.max(2, Math.ceil((side - 1) / STEP) + 1);
  const first = new Int32Array(points);
  const second = new Int32Array(points);
  const part = new Float32Array(points);
  for (let i = 0; i < points; i++) {
    // Half-pixel centres, clamped at the borders, as in the model's own interpolation.
    const at = Math.min(Math.max((i * STEP + 0.5) / CELL - 0.5, 0), grid - 1);
    first[i] = Math.floor(at);
    second[i] = Math.min(first[i] + 1, grid - 1);
    part[i] = at - first[i];
  }
  const pixelPart = new Float32Array(pixels);
  const pixelStart = new Int32Array(points).fill(pixels);
  for (let pixel = pixels - 1; pixel >= 0; pixel--) {
    const at = Math.min(Math.max(((pixel + 0.5) * side) / pixels - 0.5, 0), side - 1) / STEP;
    const point = Math.min(Math.floor(at), points - 2);
    pixelPart[pixel] = at - point;
    pixelStart.fill(pixel, 0, point + 1);
  }
  // `fill` above leaves at each point the first pixel at or behind it.
  return { points, first, second, part, pixelPart, pixelStart };
}

export function createSketcher(geometry: MaskGeometry, width: number, height: number): Sketcher {
  const { gridWidth, gridHeight } = geometry;
  const across = lattice(gridWidth, geometry.width, width);
  const down = lattice(gridHeight, geometry.height, height);
  const line = new Float32Array(gridWidth);
  let scores = new Float32Array(0);
  let labels: Uint8Array | Uint16Array = new Uint8Array(0);
  const winners = new Int32Array(across.points * down.points);

  /** Adds what each name has in one region to the scores of one row of lattice points. */
  function score(
    row: number,
    maskLogits: Float32Array,
    region: number,
    names: readonly number[],
    parts: readonly number[],
    classes: number,
  ): void {
    const top = (region * gridHeight + down.first[row]) * gridWidth;
    const bottom = (region * gridHeight + down.second[row]) * gridWidth;
    const part = down.part[row];
    for (let x = 0; x < gridWidth; x++) {
      line[x] = maskLogits[top + x] + part * (maskLogits[bottom + x] - maskLogits[top + x]);
    }
    const { points, first, second, part: partAcross } = across;
    const start = row * points * classes;
    const [name, share] = [names[0], parts[0]];
    const more = names.length;
    for (let i = 0, at = start; i < points; i++, at += classes) {
      const left = line[first[i]];
      const logit = left + partAcross[i] * (line[second[i]] - left);
      const inside = SIGMOID[((Math.min(Math.max(logit, -SPAN), SPAN) + SPAN) * STEPS + 0.5) | 0];
      scores[at + name] += share * inside;
      for (let k = 1; k < more; k++) scores[at + names[k]] += parts[k] * inside;
    }
  }

  /** The name of all four points around a block, or −1 where they do not agree. */
  function agreed(row: number, column: number): number {
    const point = row * across.points + column;
    const below = point + across.points;
    const name = winners[point];
    return name === winners[point + 1] && name === winners[below] && name === winners[below + 1] ? name : -1;
  }

  /** A row of blocks: runs of blocks of one name at once, the others pixel by pixel. */
  function fillRow(row: number, classes: number): void {
    const [y0, y1] = [down.pixelStart[row], down.pixelStart[row + 1]];
    const blocks = across.points - 1;
    for (let column = 0; column < blocks; ) {
      const name = agreed(row, column);
      const from = column++;
      if (name < 0) {
        fillBlock(row, from, classes);
        continue;
      }
      while (column < blocks && agreed(row, column) === name) column++;
      const [x0, x1] = [across.pixelStart[from], across.pixelStart[column]];
      for (let y = y0; y < y1; y++) labels.fill(name, y * width + x0, y * width + x1);
    }
  }

  /** The pixels between four lattice points that do not agree: by interpolation among their names. */
  function fillBlock(row: number, column: number, classes: number): void {
    const point = row * across.points + column;
    const below = point + across.points;
    const [a, b, c, d] = [winners[point], winners[point + 1], winners[below], winners[below + 1]];
    const [x0, x1] = [across.pixelStart[column], across.pixelStart[column + 1]];
    const [y0, y1] = [down.pixelStart[row], down.pixelStart[row + 1]];
    for (let y = y0; y < y1; y++) {
      const v = down.pixelPart[y];
      for (let x = x0; x < x1; x++) {
        const u = across.pixelPart[x];
        let best = a;
        let most = -1;
        for (let k = 0; k < 4; k++) {
          const name = k === 0 ? a : k === 1 ? b : k === 2 ? c : d;
          const upper = scores[point * classes + name] * (1 - u) + scores[(point + 1) * classes + name] * u;
          const lower = scores[below * classes + name] * (1 - u) + scores[(below + 1) * classes + name] * u;
          const value = upper + v * (lower - upper);
          if (value > most) {
            most = value;
            best = name;
          }
        }
        labels[y * width + x] = best;
      }
    }
  }

  return {
    sketch(maskLogits, probabilities, count) {
      const classes = probabilities.length / count;
      const size = winners.length * classes;
      if (scores.length !== size) {
        scores = new Float32Array(size);
        labels = classes <= 256 ? new Uint8Array(width * height) : new Uint16Array(width * height);
      }
      scores.fill(0);
      for (let region = 0; region < count; region++) {
        const names: number[] = [];
        const parts: number[] = [];
        for (let name = 0; name < classes; name++) {
          const part = probabilities[region * classes + name];
          if (part < FAINT) continue;
          names.push(name);
          parts.push(part);
        }
        if (names.length === 0) continue;
        for (let row = 0; row < down.points; row++) score(row, maskLogits, region, names, parts, classes);
      }
      for (let point = 0; point < winners.length; point++) {
        let best = 0;
        for (let name = 1; name < classes; name++) {
          if (scores[point * classes + name] > scores[point * classes + best]) best = name;
        }
        winners[point] = best;
      }
      for (let row = 0; row < down.points - 1; row++) fillRow(row, classes);
      return { width, height, labels };
    },
  };
}
