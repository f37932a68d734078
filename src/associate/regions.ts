import { INSIDE, type Mixtures } from '../core/frame.ts';

/** The regions of one frame, as the model gives them. Nothing here is written to. */
export interface RegionFrame {
  /** The frame's number in the video; grows from call to call. */
  readonly index: number;
  /** Presentation time. */
  readonly seconds: number;
  readonly count: number;
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly masks: Masks;
  /** One a region: not 0 where it is anywhere in the picture, however faintly. */
  readonly shown: Uint8Array;
  /** float32, count × dim, rows of unit length. */
  readonly embeddings: Float32Array;
  /** float32, count × width, of any length; undefined where they were not kept. */
  readonly queries: Float32Array | undefined;
}

/** One vector after the other, made to be compared. Rows that are all zero are like nothing. */
export interface Vectors {
  readonly count: number;
  readonly dim: number;
  readonly values: Float32Array;
  /** 1 ÷ length of each row; 0 for a row of zeros. */
  readonly scales: Float64Array;
  /** Signs, 32 a word: rows that point the same way differ in few of them. */
  readonly signs: Uint32Array;
}

/** Where regions are, 32 points of the grid a word. */
export interface Masks {
  readonly count: number;
  /** Words of a mask. */
  readonly words: number;
  readonly bits: Uint32Array;
  /** Points of each. */
  readonly areas: Int32Array;
}

export function vectorsOf(values: Float32Array, count: number): Vectors {
  const dim = count === 0 ? 0 : values.length / count;
  const words = Math.ceil(dim / 32);
  const scales = new Float64Array(count);
  const signs = new Uint32Array(count * words);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let i = 0, at = row * dim; i < dim; i++, at++) {
      sum += values[at] * values[at];
      if (values[at] > 0) signs[row * words + (i >>> 5)] |= 1 << (i & 31);
    }
    scales[row] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  }
  return { count, dim, values, scales, signs };
}

/** Points of the lattice, across and down, for each point of the masks' grid: overlaps need no more. */
const STRIDE = 4;

/** The grid of masks over a lattice of points. */
export const gridOf = ({ width, height }: Pick<Mixtures, 'width' | 'height'>) => ({
  gridWidth: Math.ceil(width / STRIDE),
  gridHeight: Math.ceil(height / STRIDE),
});

/** The masks of `count` regions, and which of them show at all: a point lies in a region from half the full level on. */
export function masksOf(points: Mixtures, count: number): Pick<RegionFrame, 'masks' | 'shown'> {
  const { width, height, codes, starts, regions, levels } = points;
  const { gridWidth, gridHeight } = gridOf(points);
  const words = Math.ceil((gridWidth * gridHeight) / 32);
  const bits = new Uint32Array(count * words);
  const areas = new Int32Array(count);
  const shown = new Uint8Array(count);
  for (const region of regions) shown[region] = 1;
  for (let row = 0, cell = 0; row < gridHeight; row++) {
    const y = Math.min(row * STRIDE + STRIDE / 2, height - 1);
    for (let column = 0; column < gridWidth; column++, cell++) {
      const code = codes[y * width + Math.min(column * STRIDE + STRIDE / 2, width - 1)];
      for (let part = starts[code]; part < starts[code + 1]; part++) {
        if (2 * levels[part] < INSIDE) continue;
        bits[regions[part] * words + (cell >>> 5)] |= 1 << (cell & 31);
        areas[regions[part]]++;
      }
    }
  }
  return { masks: { count, words, bits, areas }, shown };
}

/** Masks from the bits that `masksOf` made. */
export function masksFrom(bits: Uint32Array, count: number): Masks {
  const words = count === 0 ? 0 : bits.length / count;
  const areas = new Int32Array(count);
  for (let i = 0; i < bits.length; i++) areas[Math.floor(i / words)] += ones(bits[i]);
  return { count, words, bits, areas };
}

/** Cosine of two rows; 0 where one has no direction. */
export function cosine(a: Vectors, row: number, b: Vectors, other: number): number {
  const { dim, values } = a;
  const others = b.values;
  let i = row * dim;
  let j = other * dim;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const end = i + dim;
  for (; i + 3 < end; i += 4, j += 4) {
    s0 += values[i] * others[j];
    s1 += values[i + 1] * others[j + 1];
    s2 += values[i + 2] * others[j + 2];
    s3 += values[i + 3] * others[j + 3];
  }
  for (; i < end; i++, j++) s0 += values[i] * others[j];
  return (s0 + s1 + (s2 + s3)) * a.scales[row] * b.scales[other];
}

/** Intersection over union of two masks; 1 where both are empty, as nothing speaks against them. */
export function overlapOf(a: Masks, row: number, b: Masks, other: number): number {
  if (a.areas[row] === 0 && b.areas[other] === 0) return 1;
  const both = shared(a.bits, row * a.words, b.bits, other * b.words, a.words);
  return both / (a.areas[row] + b.areas[other] - both);
}

/** Signs in which two rows differ. */
export function differingSigns(a: Vectors, row: number, b: Vectors, other: number): number {
  const words = Math.ceil(a.dim / 32);
  let sum = 0;
  for (let i = 0; i < words; i++) sum += ones(a.signs[row * words + i] ^ b.signs[other * words + i]);
  return sum;
}

function shared(a: Uint32Array, atA: number, b: Uint32Array, atB: number, words: number): number {
  let sum = 0;
  for (let i = 0; i < words; i++) {
    const word = a[atA + i] & b[atB + i];
    if (word !== 0) sum += ones(word);
  }
  return sum;
}

/** Bits set in a word of 32. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
