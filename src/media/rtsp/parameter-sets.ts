import type { NutStream } from '../nut.ts';

/** What of a stream says how large its pictures are and how they are coded, within the stream itself. */

export type Codec = 'h264' | 'hevc' | 'mjpeg' | 'other';

export function codecOf({ fourcc }: Pick<NutStream, 'fourcc'>): Codec {
  const name = Buffer.from(fourcc).toString('latin1').toLowerCase();
  if (/^(h264|avc1|x264)$/.test(name)) return 'h264';
  if (/^(hevc|h265|hvc1|hev1)$/.test(name)) return 'hevc';
  return /^(mjpg|jpeg)$/.test(name) ? 'mjpeg' : 'other';
}

/**
 * Bytes that change when pictures change their size or their coding; undefined where this frame does not say. `specific`:
 * what the stream has told beforehand.
 */
export function parametersOf(
  stream: Pick<NutStream, 'fourcc' | 'specific'>,
  data: Uint8Array,
): string | undefined {
  const codec = codecOf(stream);
  if (codec === 'mjpeg') return frameHeader(data);
  if (codec === 'other') return undefined;
  const prefix = prefixOf(codec, stream.specific);
  // Sequence parameter sets stand before the picture.
  for (const unit of prefix === undefined ? unitsOf(data) : prefixedUnitsOf(data, prefix)) {
    if (unit.length === 0) continue;
    const type = codec === 'h264' ? unit[0] & 31 : (unit[0] >> 1) & 63;
    if (type === (codec === 'h264' ? 7 : 33)) return Buffer.from(unit).toString('base64');
    const picture = codec === 'h264' ? type >= 1 && type <= 5 : type < 32;
    if (picture) return undefined;
  }
  return undefined;
}

/**
 * Bytes of the lengths before units, where units have lengths: RTMP and files have them (ISO/IEC 14496-15, avcC and hvcC).
 * Such a length may look like the beginning of a unit of Annex B.
 */
function prefixOf(codec: Codec, specific: Uint8Array): number | undefined {
  const at = codec === 'h264' ? 4 : 21;
  return specific[0] === 1 && specific.length > at ? (specific[at] & 3) + 1 : undefined;
}

function* prefixedUnitsOf(data: Uint8Array, prefix: number): Generator<Uint8Array> {
  for (let at = 0; at + prefix < data.length; ) {
    let length = 0;
    for (let i = 0; i < prefix; i++) length = length * 256 + data[at + i];
    at += prefix;
    yield data.subarray(at, at + length);
    at += length;
  }
}

/** Network abstraction layer units of Annex B (ITU-T H.264, H.265), without what separates them. */
function* unitsOf(data: Uint8Array): Generator<Uint8Array> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  let at = bytes.indexOf(START);
  while (at >= 0) {
    const next = bytes.indexOf(START, at + 3);
    let end = next < 0 ? bytes.length : next;
    while (next >= 0 && end > at + 3 && bytes[end - 1] === 0) end--;
    yield bytes.subarray(at + 3, end);
    at = next;
  }
}
const START = Buffer.from([0, 0, 1]);

/** Size in a JPEG's start of frame (ITU-T T.81, B.2.2). */
function frameHeader(data: Uint8Array): string | undefined {
  for (let at = 2; at + 8 < data.length && data[at] === 0xff; ) {
    const marker = data[at + 1];
    if (marker === 0xff) {
      at++; // Any number of them may come before a marker.
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xc2) return Buffer.from(data.subarray(at + 5, at + 9)).toString('hex');
    if (marker === 0xda) return undefined;
    at += 2 + data[at + 2] * 256 + data[at + 3];
  }
  return undefined;
}
