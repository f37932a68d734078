import type { Lattice, PanopticFrame, PanopticSegment } from './format.ts';

/** The frames of a chunk as bytes, before they are deflated. Numbers are little-endian, as they are in all browsers. */

/** Frames and segments, u32 each. */
const HEAD = 8;
/** Bits of a segment's and of a frame's flags. */
const [IDENTIFIED, SAME] = [1, 1];

/** Where the columns of a chunk begin. */
function columns(frames: number, segments: number) {
  const tracks = HEAD + 8 * frames;
  const names = tracks + 8 * segments;
  const kinds = names + 2 * segments;
  const flags = kinds + segments;
  const sure = flags + frames;
  return { times: HEAD, tracks, names, kinds, flags, sure, maps: sure + frames * segments };
}

const wide = (segments: number): boolean => segments > 256;

export function packChunk(
  { width, height }: Pick<Lattice, 'width' | 'height'>,
  table: readonly PanopticSegment[],
  frames: readonly Pick<PanopticFrame, 'pts' | 'sure' | 'map'>[],
): Uint8Array<ArrayBuffer> {
  const [n, s, points] = [frames.length, table.length, width * height];
  const at = columns(n, s);
  const isSame = frames.map(({ map }, i) => i > 0 && map === frames[i - 1]!.map);
  const maps = isSame.filter((same) => !same).length;
  const bytes = new Uint8Array(at.maps + maps * points * (wide(s) ? 2 : 1));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, n, true);
  view.setUint32(4, s, true);
  for (const [i, { name, track, identified }] of table.entries()) {
    view.setFloat64(at.tracks + 8 * i, track, true);
    view.setUint16(at.names + 2 * i, name, true);
    bytes[at.kinds + i] = identified ? IDENTIFIED : 0;
  }
  let next = at.maps;
  for (const [i, { pts, sure, map }] of frames.entries()) {
    view.setFloat64(at.times + 8 * i, pts, true);
    bytes[at.flags + i] = isSame[i] ? SAME : 0;
    const before = frames[i - 1];
    for (let k = 0; k < s; k++) bytes[at.sure + i * s + k] = (sure[k] ?? 0) - (before?.sure[k] ?? 0);
    if (isSame[i]) continue;
    const told = differences(map, before?.map, width);
    if (wide(s)) for (let k = 0; k < points; k++) view.setUint16(next + 2 * k, told[k]!, true);
    else bytes.set(told, next);
    next += points * (wide(s) ? 2 : 1);
  }
  return bytes;
}

/** A map as what differs from the one before or, where there is none, from the point above. */
function differences(
  map: PanopticFrame['map'],
  before: PanopticFrame['map'] | undefined,
  width: number,
): Uint16Array {
  const told = Uint16Array.from(map);
  if (before) for (let k = 0; k < told.length; k++) told[k]! ^= before[k]!;
  else for (let k = width; k < told.length; k++) told[k]! ^= map[k - width]!;
  return told;
}

/** The frames of a chunk, the first of which is number `first`. Throws RangeError where the bytes are no chunk. */
export function unpackChunk(
  { width, height }: Pick<Lattice, 'width' | 'height'>,
  bytes: Uint8Array<ArrayBuffer>,
  first: number,
): PanopticFrame[] {
  const points = width * height;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const short = () => new RangeError(`it holds ${bytes.length} bytes, fewer than it should`);
  if (bytes.length < HEAD) throw short();
  const [n, s] = [view.getUint32(0, true), view.getUint32(4, true)];
  const at = columns(n, s);
  if (bytes.length < at.maps) throw short();
  const table = Array.from({ length: s }, (_, i): PanopticSegment => {
    const identified = (bytes[at.kinds + i]! & IDENTIFIED) !== 0;
    return {
      name: view.getUint16(at.names + 2 * i, true),
      track: view.getFloat64(at.tracks + 8 * i, true),
      identified,
    };
  });
  const size = points * (wide(s) ? 2 : 1);
  const frames: PanopticFrame[] = [];
  let next = at.maps;
  for (let i = 0; i < n; i++) {
    const before = frames[i - 1];
    const sure = bytes.slice(at.sure + i * s, at.sure + (i + 1) * s);
    if (before) for (let k = 0; k < s; k++) sure[k]! += before.sure[k]!;
    let map = before?.map;
    if ((bytes[at.flags + i]! & SAME) === 0 || map === undefined) {
      if (bytes.length < next + size) throw short();
      // A copy, for uint16 must lie at even places.
      const part = bytes.slice(next, next + size);
      next += size;
      const made = wide(s) ? new Uint16Array(part.buffer) : part;
      if (map) for (let k = 0; k < points; k++) made[k]! ^= map[k]!;
      else for (let k = width; k < points; k++) made[k]! ^= made[k - width]!;
      map = made;
    }
    frames.push({ index: first + i, pts: view.getFloat64(at.times + 8 * i, true), table, sure, map });
  }
  if (next !== bytes.length) throw new RangeError(`it holds ${bytes.length} bytes, more than it should`);
  return frames;
}
