import { ByteReader, ByteWriter } from './bytes.ts';

/**
 * What region tracking remembers: one row a track, in order of id. Never changed in place; two states may share arrays.
 */
export interface RegionState {
  /** The id that the next new track gets, from 1. */
  readonly nextId: number;
  /** The last frame's number; −1 before the first. */
  readonly index: number;
  /** The last frame's time. */
  readonly seconds: number;
  /** Values of an embedding; of a query, 0 where there are none. */
  readonly dim: number;
  readonly width: number;
  readonly gridWidth: number;
  readonly gridHeight: number;
  /** int32, one a track. */
  readonly ids: Int32Array;
  /** int32: the region that was the track in the last frame, −1 where it is lost. */
  readonly slots: Int32Array;
  /** float64: when each was last seen. */
  readonly seen: Float64Array;
  /** float32, tracks × dim: smoothed over time, of unit length. */
  readonly embeddings: Float32Array;
  /** float32, tracks × width: the last ones. */
  readonly queries: Float32Array;
  /** uint32, tracks × ⌈gridWidth × gridHeight ÷ 32⌉: the last masks' bits. */
  readonly bits: Uint32Array;
}

export const noRegions: RegionState = {
  nextId: 1,
  index: -1,
  seconds: 0,
  dim: 0,
  width: 0,
  gridWidth: 0,
  gridHeight: 0,
  ids: new Int32Array(0),
  slots: new Int32Array(0),
  seen: new Float64Array(0),
  embeddings: new Float32Array(0),
  queries: new Float32Array(0),
  bits: new Uint32Array(0),
};

/** Words of one mask's bits. */
export const maskWords = (gridWidth: number, gridHeight: number): number =>
  Math.ceil((gridWidth * gridHeight) / 32);

/** "SSRG" in little-endian. */
const MAGIC = 0x47525353;
const VERSION = 1;
/** No model or grid comes near; keeps products of damaged numbers small. */
const LARGEST = 1 << 16;

/** The state as bytes: tracking goes on from them with byte-identical results. */
export function encodeState(state: RegionState): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  const { nextId, dim, width, gridWidth, gridHeight, ids } = state;
  for (const word of [MAGIC, VERSION, nextId, dim, width, gridWidth, gridHeight, ids.length])
    writer.uint32(word);
  writer.float64(state.index);
  writer.float64(state.seconds);
  writer.float64s(state.seen);
  for (const words of [ids, state.slots, state.embeddings, state.queries, state.bits]) writer.words(words);
  return writer.finish();
}

/** Throws RangeError when the bytes are cut, damaged or of another version. */
export function decodeState(bytes: Uint8Array): RegionState {
  const reader = new ByteReader(bytes, 'the state of the regions');
  reader.expect(reader.uint32() === MAGIC, 'it begins wrongly');
  const version = reader.uint32();
  reader.expect(version === VERSION, `its version is ${version}, not ${VERSION}`);
  const nextId = reader.uint32();
  const sizes = reader.uint32s(5);
  reader.expect(
    sizes.every((size) => size < LARGEST),
    'a size is out of range',
  );
  const [dim, width, gridWidth, gridHeight, count] = sizes;
  const index = reader.float64();
  const seconds = reader.float64();
  reader.expect(Number.isSafeInteger(index) && index >= -1, 'its frame has no number');
  const seen = reader.float64s(count);
  reader.expect(Number.isFinite(seconds) && seen.every(Number.isFinite), 'a time is not finite');
  const ids = reader.int32s(count);
  reader.expect(
    ids.every((id, i) => id > (i === 0 ? 0 : ids[i - 1]) && id < nextId),
    'an id is out of order',
  );
  const slots = reader.int32s(count);
  const live = slots.filter((slot) => slot !== -1);
  reader.expect(
    new Set(live).size === live.length && live.every((slot) => slot >= 0),
    'a region has two tracks',
  );
  const embeddings = reader.float32s(count * dim);
  const queries = reader.float32s(count * width);
  reader.expect(embeddings.every(Number.isFinite) && queries.every(Number.isFinite), 'a value is not finite');
  const bits = reader.uint32s(count * maskWords(gridWidth, gridHeight));
  reader.end();
  return {
    nextId,
    index,
    seconds,
    dim,
    width,
    gridWidth,
    gridHeight,
    ids,
    slots,
    seen,
    embeddings,
    queries,
    bits,
  };
}
