import type { NutStream } from '../nut.ts';

/** What of a stream says how large its pictures are and how they are coded, within the stream itself. */

export type Codec = 'h264' | 'hevc' | 'mjpeg' | 'other';

export function codecOf({ fourcc }: NutStream): Codec {
  const name = Buffer.from(fourcc).toString('latin1').toLowerCase();
  if (/^(h264|avc1|x264)$/.test(name)) return 'h264';
  if (/^(hevc|h265|hvc1|hev1)$/.test(name)) return 'hevc';
  return /^(mjpg|jpeg)$/.test(name) ? 'mjpeg' : 'other';
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

/** Bytes that change when pictures change their size or their coding; undefined where this frame does not say. */
export function parametersOf(codec: Codec, data: Uint8Array): string | undefined {
  if (codec === 'mjpeg') return frameHeader(data);
  if (codec === 'other') return undefined;
  // Sequence parameter sets stand before the picture.
  for (const unit of unitsOf(data)) {
    const type = codec === 'h264' ? unit[0] & 31 : (unit[0] >> 1) & 63;
    if (type === (codec === 'h264' ? 7 : 33)) return Buffer.from(unit).toString('base64');
    const picture = codec === 'h264' ? type >= 1 && type <= 5 : type < 32;
    if (picture) return undefined;
  }
  return undefined;
}

/** Size in a JPEG's start of frame (ITU-T T.81, B.2.2). */
function frameHeader(data: Uint8Array): string | undefined {
  for (let at = 2; at + 9 < data.length && data[at] === 0xff; ) {
    const marker = data[at + 1];
    if (marker >= 0xc0 && marker <= 0xc2) return Buffer.from(data.subarray(at + 5, at + 9)).toString('hex');
    if (marker === 0xda) return undefined;
    at += 2 + data[at + 2] * 256 + data[at + 3];
  }
  return undefined;
}
