import type { Rational } from '../core/time.ts';

/**
 * NUT, FFmpeg's own container (nut.txt of the NUT project, version 3): what it is made of, and writing it. It carries
 * pictures, coded or not, between Node and ffmpeg because every one comes with its exact timestamp and time base, which
 * raw video has not, and Matroska only in milliseconds; and because it can be read and written as it flows.
 */

export const ID = Buffer.from('nut/multimedia container\0', 'latin1');
export const MAIN = 0x4e4d7a561f5f04adn;
export const STREAM = 0x4e5311405bf2f9dbn;
export const SYNCPOINT = 0x4e4be4adeeca4569n;

export const FLAG = {
  key: 1,
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;

/** CRC-32 with the generator 0x04C11DB7, most significant bit first, starting at 0. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  return value >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte];
  return crc >>> 0;
}

/** Pixel layouts by the codes that FFmpeg's raw video knows them by (libavcodec/raw.c). */
const FOURCC = {
  rgba: Buffer.from('RGBA'),
  yuva420p: Buffer.from([0x59, 0x34, 11, 8]),
  gray8: Buffer.from('Y800'),
} as const;
export type PixelLayout = keyof typeof FOURCC;

/** Bytes of one picture; planes follow each other without padding. */
export function pictureBytes(layout: PixelLayout, width: number, height: number): number {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  return { rgba: 4 * width * height, yuva420p: 2 * (width * height + chroma), gray8: width * height }[layout];
}

/** Variable-length unsigned integer: seven bits a byte, the first ones first. */
function vint(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift((rest % 128) | 128);
  return bytes;
}

const vbytes = (bytes: Uint8Array): number[] => [...vint(bytes.length), ...bytes];

function packet(startcode: bigint, payload: readonly number[]): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(startcode);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([head, Buffer.from(vint(body.length + 4)), body, checksum]);
}

/** Timestamps below this share of their range are coded by their last bits alone; all of ours are coded in full. */
const MSB_PTS_SHIFT = 7;

export interface PictureFormat {
  readonly layout: PixelLayout;
  readonly width: number;
  readonly height: number;
  readonly timeBase: Rational;
}

/** How a file describes one of its streams. */
export interface NutStream {
  readonly kind: 'video' | 'audio';
  /** The codec's name in the container. */
  readonly fourcc: Uint8Array;
  readonly timeBase: Rational;
  /** Bits by which timestamps coded in full are told from short ones. */
  readonly shift: number;
  /** Frames by which decoding runs ahead of showing, at most. */
  readonly delay: number;
  /** What the codec must know beforehand: parameter sets, for example. */
  readonly specific: Uint8Array;
  /** The fields behind that, as they are: size and aspect of a picture, rate and channels of sound. */
  readonly rest: Uint8Array;
  /** 0 for sound. */
  readonly width: number;
  readonly height: number;
  readonly sampleAspectRatio: Rational;
}

/** How pictures without compression are described. */
export const rawVideo = ({ layout, width, height, timeBase }: PictureFormat): NutStream => ({
  kind: 'video',
  fourcc: FOURCC[layout],
  timeBase,
  shift: MSB_PTS_SHIFT,
  delay: 0,
  specific: new Uint8Array(0),
  rest: Buffer.from([width, height, 1, 1, 0].flatMap(vint)), // size, sample aspect ratio, colour space: unknown
  width,
  height,
  sampleAspectRatio: { num: 1, den: 1 },
});

/** What comes before the first frame. All streams count time in the same ticks. */
export function nutHeader(timeBase: Rational, streams: readonly NutStream[]): Buffer {
  const divisor = gcd(timeBase.num, timeBase.den);
  const code = (flags: number, count: number) => [...vint(flags), ...vint(6), 0, 1, 0, 0, 0, ...vint(count)];
  const coded = FLAG.codedPts | FLAG.sizeMsb | FLAG.checksum | FLAG.streamId;
  const main = [
    ...vint(3), // version
    ...vint(streams.length),
    ...vint(32768), // longest distance of syncpoints
    ...vint(1), // time bases
    ...vint(timeBase.num / divisor),
    ...vint(timeBase.den / divisor),
    // Frame codes 1 and 2 are the only ones in use; "N" (78) may not be one and does not count.
    ...code(FLAG.invalid, 1),
    ...code(FLAG.key | coded, 1),
    ...code(coded, 1),
    ...code(FLAG.invalid, 252),
    ...vint(0), // elision headers
  ];
  const descriptions = streams.map(({ kind, fourcc, shift, delay, specific, rest }, id) => [
    ...vint(id),
    ...vint(kind === 'video' ? 0 : 1),
    ...vbytes(fourcc),
    ...vint(0), // time base
    ...vint(shift),
    ...vint(2 ** 40), // longest distance of timestamps
    ...vint(delay),
    ...vint(0), // flags
    ...vbytes(specific),
    ...rest,
  ]);
  return Buffer.concat([ID, packet(MAIN, main), ...descriptions.map((one) => packet(STREAM, one))]);
}

export interface NutFrameOptions {
  readonly key: boolean;
  /** Number of the stream. */
  readonly stream: number;
  /** That of the stream's description. */
  readonly shift: number;
}

/** What comes before each frame of `size` bytes. `pts` must not be negative: NUT cannot say that. */
export function nutFrameHeader(
  pts: number,
  size: number,
  { key = true, stream = 0, shift = MSB_PTS_SHIFT }: Partial<NutFrameOptions> = {},
): Buffer {
  const syncpoint = packet(SYNCPOINT, [...vint(pts), ...vint(0)]);
  const frame = Buffer.from([key ? 1 : 2, ...vint(stream), ...vint(pts + 2 ** shift), ...vint(size)]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(frame));
  return Buffer.concat([syncpoint, frame, checksum]);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
