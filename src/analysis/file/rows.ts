import { fromFloat16, toFloat16 } from '../../core/float16.ts';
import type { TrackTable } from '../../core/frame.ts';
import { joinBytes, shorts } from './bytes.ts';

/** Tables of tracks and rows of regions as bytes. */

/** Rows of a table, after them its sections. */
const HEAD = 4;
/** int8 without −128: scaled symmetrically. */
const STEPS = 127;

/** Embeddings as int8 with one float32 scale a row: value ≈ step × scale. */
interface Steps {
  readonly scales: Float32Array;
  readonly steps: Int8Array;
}

function stepsOf(values: Float32Array, rows: number): Steps {
  const dim = rows === 0 ? 0 : values.length / rows;
  const scales = new Float32Array(rows);
  const steps = new Int8Array(values.length);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let i = row * dim; i < (row + 1) * dim; i++) largest = Math.max(largest, Math.abs(values[i]));
    if (largest === 0) continue;
    scales[row] = fewBits(largest / STEPS);
    for (let i = row * dim; i < (row + 1) * dim; i++) {
      steps[i] = Math.max(-STEPS, Math.min(STEPS, Math.round(values[i] / scales[row])));
    }
  }
  return { scales, steps };
}

/**
 * A float32 of eleven significant bits that is hardly larger: its products with steps are exact, so that of rounded
 * values the same steps and scales are found again.
 */
function fewBits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = (bits[0] + 0x1fff) & ~0x1fff;
  return new Float32Array(bits.buffer)[0];
}

function valuesOf({ scales, steps }: Steps): Float32Array {
  const values = new Float32Array(steps.length);
  const dim = scales.length === 0 ? 0 : steps.length / scales.length;
  for (let i = 0; i < steps.length; i++) values[i] = steps[i] * scales[Math.floor(i / dim)];
  return values;
}

/** The table as it will be read from a file, so that what is named at once and what is named later is named alike. */
export function roundTracks(table: TrackTable): TrackTable {
  return { ...table, embeddings: valuesOf(stepsOf(table.embeddings, table.ids.length)) };
}

/** Of a table that `roundTracks` gave, the steps are found again exactly. */
export function encodeTracks({ ids, embeddings, shares }: TrackTable): Buffer {
  const { scales, steps } = stepsOf(embeddings, ids.length);
  return joinBytes([Uint32Array.of(ids.length), ids, shares, scales, steps]);
}

/** Throws RangeError where the bytes are not a table of `dim` numbers a track. */
export function decodeTracks(bytes: Buffer, dim: number): TrackTable {
  const rows = bytes.length < HEAD ? 0 : bytes.readUInt32LE(0);
  if (bytes.length !== HEAD + rows * (12 + dim)) throw new RangeError('a table of tracks has the wrong size');
  const words = new Uint8Array(bytes.subarray(HEAD, HEAD + 12 * rows)).buffer;
  const steps = new Int8Array(new Uint8Array(bytes.subarray(HEAD + 12 * rows)).buffer);
  const ids = new Int32Array(words, 0, rows);
  const scales = new Float32Array(words, 8 * rows, rows);
  if (!scales.every(Number.isFinite)) throw new RangeError('a table of tracks has numbers that are none');
  return { ids, shares: new Float32Array(words, 4 * rows, rows), embeddings: valuesOf({ scales, steps }) };
}

/** What association wants of the regions of a frame; both as float16 has them. */
export interface RegionRows {
  readonly count: number;
  /** float32, count × D, rows of unit length. */
  readonly embeddings: Float32Array;
  /** float32, count × width. */
  readonly queries: Float32Array;
}

export function encodeRegions({ count, embeddings, queries }: RegionRows): Buffer {
  return joinBytes([Uint32Array.of(count), toFloat16(embeddings), toFloat16(queries)]);
}

/** Throws RangeError where the bytes are not rows of `dim` numbers and some more. */
export function decodeRegions(bytes: Buffer, dim: number): RegionRows {
  const count = bytes.length < HEAD ? 0 : bytes.readUInt32LE(0);
  const numbers = (bytes.length - HEAD) / 2;
  const rest = numbers - count * dim;
  if (!Number.isInteger(numbers) || rest < 0 || (count === 0 ? rest !== 0 : rest % count !== 0))
    throw new RangeError('the regions of a frame have the wrong size');
  const values = fromFloat16(shorts(bytes.subarray(HEAD)));
  return { count, embeddings: values.slice(0, count * dim), queries: values.slice(count * dim) };
}
