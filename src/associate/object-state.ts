import { ByteReader, ByteWriter } from './bytes.ts';

/** An object that is followed: seen in the last frame, or lost a short while ago. Lengths are in lattice points. */
export interface Followed {
  readonly id: number;
  readonly name: number;
  /** int32 pairs (first point, length) in reading order: its mask when it was last seen; no run leaves its row. */
  readonly runs: Int32Array;
  /** Centroid, filtered, at that time. */
  readonly runsX: number;
  readonly runsY: number;
  /** Points that the whole of it is believed to have; more than are seen while something hides a part of it. */
  readonly size: number;
  /** Centroid, filtered, when it was last seen. */
  readonly x: number;
  readonly y: number;
  /** Points per second. */
  readonly vx: number;
  readonly vy: number;
  /** float64: how far the whole of it is believed to reach from its centroid to the left, up, right and down. */
  readonly reach: Float64Array;
  /** When it was last seen, in seconds. */
  readonly seconds: number;
  /** Frames in which it was seen. */
  readonly frames: number;
}

/** Everything that following objects remembers. Never changed in place. */
export interface ObjectState {
  readonly width: number;
  readonly height: number;
  /** The last frame's number; −1 before the first. */
  readonly index: number;
  /** The last frame's time. Objects that have it were seen in that frame; the others are lost. */
  readonly seconds: number;
  /** Ordered by id. */
  readonly objects: readonly Followed[];
}

export const noObjects: ObjectState = { width: 0, height: 0, index: -1, seconds: 0, objects: [] };

/** "SSOB" in little-endian. */
const MAGIC = 0x424f5353;
const VERSION = 1;

/** The state as bytes: following goes on from them with byte-identical results. */
export function encodeObjects(state: ObjectState): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  for (const word of [MAGIC, VERSION, state.width, state.height, state.objects.length]) writer.uint32(word);
  writer.float64(state.index);
  writer.float64(state.seconds);
  for (const { id, name, runs, runsX, runsY, size, x, y, vx, vy, reach, seconds, frames } of state.objects) {
    for (const value of [id, runsX, runsY, size, x, y, vx, vy, seconds]) writer.float64(value);
    writer.float64s(reach);
    for (const word of [name, frames, runs.length]) writer.uint32(word);
    writer.words(runs);
  }
  return writer.finish();
}

/** Throws RangeError when the bytes are cut, damaged or of another version. */
export function decodeObjects(bytes: Uint8Array): ObjectState {
  const reader = new ByteReader(bytes, 'the state of the objects');
  reader.expect(reader.uint32() === MAGIC, 'it begins wrongly');
  const version = reader.uint32();
  reader.expect(version === VERSION, `its version is ${version}, not ${VERSION}`);
  const width = reader.uint32();
  const height = reader.uint32();
  const count = reader.uint32();
  const index = reader.float64();
  const now = reader.float64();
  reader.expect(Number.isFinite(now), 'its frame has no time');
  reader.expect(Number.isSafeInteger(index) && index >= -1, 'its frame has no number');
  const objects: Followed[] = [];
  for (let i = 0; i < count; i++) {
    const id = reader.float64();
    const [runsX, runsY, size, x, y, vx, vy, seconds] = reader.float64s(8);
    const reach = reader.float64s(4);
    const [name, frames, words] = reader.uint32s(3);
    const runs = reader.int32s(words);
    reader.expect(Number.isSafeInteger(id) && id > (objects.at(-1)?.id ?? 0), 'an id is out of order');
    reader.expect(
      [runsX, runsY, size, x, y, vx, vy, seconds, ...reach].every(Number.isFinite),
      'a measure is not finite',
    );
    reader.expect(words % 2 === 0 && isMask(runs, width, height), 'a mask is not of its picture');
    objects.push({ id, name, runs, runsX, runsY, size, x, y, vx, vy, reach, seconds, frames });
  }
  reader.end();
  return { width, height, index, seconds: now, objects };
}

/** True for pairs in reading order that lie within the picture. */
function isMask(runs: Int32Array, width: number, height: number): boolean {
  let end = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const first = runs[i];
    const length = runs[i + 1];
    if (!(first >= end && length > 0 && (first % width) + length <= width && first < width * height))
      return false;
    end = first + length;
  }
  return true;
}
