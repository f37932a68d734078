import type { Rational } from '../core/time.ts';

/**
 * NUT, FFmpeg's own container (nut.txt of the NUT project, version 3), as far as one stream of raw pictures needs it.
 * It is what carries pictures between Node and ffmpeg because every picture comes with its exact timestamp and time
 * base, which raw video has not, and Matroska only in milliseconds.
 */

const ID = Buffer.from('nut/multimedia container\0', 'latin1');
const MAIN = 0x4e4d7a561f5f04adn;
const STREAM = 0x4e5311405bf2f9dbn;
const SYNCPOINT = 0x4e4be4adeeca4569n;

const FLAG = {
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

// Writing -------------------------------------------------------------------------------------------------------------

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

/** What comes before the first picture. */
export function nutHeader({ layout, width, height, timeBase }: PictureFormat): Buffer {
  return codedHeader(timeBase, [
    ...vint(0), // stream
    ...vint(0), // class: video
    ...vbytes(FOURCC[layout]),
    ...vint(0), // time base
    ...vint(MSB_PTS_SHIFT),
    ...vint(2 ** 40), // longest distance of timestamps
    ...vint(0), // decode delay
    ...vint(0), // flags
    ...vbytes(new Uint8Array(0)),
    ...[width, height, 1, 1, 0].flatMap(vint), // size, sample aspect ratio, colour space: unknown
  ]);
}

/** What comes before the first frame of a stream that is described as in another file, by `NutFrame.stream`. */
export const nutHeaderOf = ({ timeBase, stream }: Pick<NutFrame, 'timeBase' | 'stream'>): Buffer =>
  codedHeader(timeBase, [...stream]);

function codedHeader(timeBase: Rational, stream: readonly number[]): Buffer {
  const divisor = gcd(timeBase.num, timeBase.den);
  const code = (flags: number, count: number) => [...vint(flags), ...vint(6), 0, 1, 0, 0, 0, ...vint(count)];
  const main = [
    ...vint(3), // version
    ...vint(1), // streams
    ...vint(32768), // longest distance of syncpoints
    ...vint(1), // time bases
    ...vint(timeBase.num / divisor),
    ...vint(timeBase.den / divisor),
    // Frame codes 1 and 2 are the only ones in use; "N" (78) may not be one and does not count.
    ...code(FLAG.invalid, 1),
    ...code(FLAG.key | FLAG.codedPts | FLAG.sizeMsb | FLAG.checksum, 1),
    ...code(FLAG.codedPts | FLAG.sizeMsb | FLAG.checksum, 1),
    ...code(FLAG.invalid, 252),
    ...vint(0), // elision headers
  ];
  return Buffer.concat([ID, packet(MAIN, main), packet(STREAM, stream)]);
}

/** What comes before each frame of `size` bytes. `pts` must not be negative: NUT cannot say that. */
export function nutFrameHeader(
  pts: number,
  size: number,
  { key, shift }: Pick<NutFrame, 'key' | 'shift'> = { key: true, shift: MSB_PTS_SHIFT },
): Buffer {
  const syncpoint = packet(SYNCPOINT, [...vint(pts), ...vint(0)]);
  const frame = Buffer.from([key ? 1 : 2, ...vint(pts + 2 ** shift), ...vint(size)]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(frame));
  return Buffer.concat([syncpoint, frame, checksum]);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

// Reading -------------------------------------------------------------------------------------------------------------

export interface NutFrame {
  /** How the file describes its stream: codec, its private data, size; for `nutHeaderOf`. */
  readonly stream: Uint8Array;
  /** Bits by which that stream tells timestamps coded in full from short ones. */
  readonly shift: number;
  /** Frames by which decoding runs ahead of showing, at most. */
  readonly delay: number;
  readonly key: boolean;
  /** In ticks of `timeBase`. */
  readonly pts: number;
  readonly timeBase: Rational;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

interface FrameCode {
  readonly flags: number;
  readonly sizeMul: number;
  readonly sizeLsb: number;
  readonly ptsDelta: number;
  readonly reserved: number;
  readonly headerIndex: number;
}

/** Larger than any header, far smaller than memory. */
const LARGEST_PACKET = 1 << 20;

/** Frames of a NUT file with one stream of video, raw or coded. Throws RangeError where the bytes are not that. */
export async function* readNut(
  source: AsyncIterable<Uint8Array>,
  largestFrame: number,
): AsyncGenerator<NutFrame> {
  const input = new ByteQueue(source);
  if (await input.atEnd()) return;
  if (!ID.equals(await input.take(ID.length))) throw new RangeError('not a NUT stream');
  let timeBases: Rational[] = [];
  let codes: FrameCode[] = [];
  let elisions: Uint8Array[] = [];
  let stream: ReturnType<typeof parseStream> | undefined;
  let last = 0;

  while (!(await input.atEnd())) {
    const first = await input.peekByte();
    if (first === 0x4e) {
      const { startcode, body } = await readPacket(input);
      if (startcode === MAIN) ({ timeBases, codes, elisions } = parseMain(body));
      else if (startcode === STREAM) stream = parseStream(body, timeBases);
      else if (startcode === SYNCPOINT && stream) {
        const key = body.vint();
        const base = timeBases[key % timeBases.length];
        const ticks = Math.floor(key / timeBases.length);
        last = Math.floor((ticks * base.num * stream.timeBase.den) / (base.den * stream.timeBase.num));
      }
      continue;
    }
    if (!stream) throw new RangeError('a NUT frame before its stream');
    const header = new VintReader(input);
    const code = codes[await header.byte()];
    let flags = code?.flags ?? FLAG.invalid;
    if (flags & FLAG.coded) flags ^= await header.vint();
    if (flags & FLAG.invalid) throw new RangeError('an unknown NUT frame code');
    if (flags & FLAG.streamId && (await header.vint()) !== 0)
      throw new RangeError('a NUT frame of another stream');
    let pts = last + code.ptsDelta;
    if (flags & FLAG.codedPts) pts = decodePts(await header.vint(), last, stream.shift);
    let size = code.sizeLsb;
    if (flags & FLAG.sizeMsb) size += code.sizeMul * (await header.vint());
    if (flags & FLAG.matchTime) await header.vint();
    const elision =
      elisions[flags & FLAG.headerIndex ? await header.vint() : code.headerIndex] ?? new Uint8Array(0);
    let reserved = code.reserved;
    if (flags & FLAG.reserved) reserved = await header.vint();
    for (let i = 0; i < reserved; i++) await header.vint();
    if (flags & FLAG.checksum) await header.checksum();
    if (size > largestFrame || size < elision.length) throw new RangeError(`a NUT frame of ${size} bytes`);
    last = pts;
    const data = new Uint8Array(size);
    data.set(elision);
    await input.fill(data.subarray(elision.length));
    const { timeBase, width, height, description, shift, delay } = stream;
    yield {
      stream: description,
      shift,
      delay,
      key: (flags & FLAG.key) !== 0,
      pts,
      timeBase,
      width,
      height,
      data,
    };
  }
}

/** A timestamp coded in full, or by its last bits, near `last`. */
function decodePts(coded: number, last: number, shift: number): number {
  const range = 2 ** shift;
  if (coded >= range) return coded - range;
  const delta = last - Math.floor((range - 1) / 2);
  return ((((coded - delta) % range) + range) % range) + delta;
}

function parseMain(body: Body): { timeBases: Rational[]; codes: FrameCode[]; elisions: Uint8Array[] } {
  const version = body.vint();
  if (version > 3) body.vint(); // minor version
  if (body.vint() !== 1) throw new RangeError('a NUT file of several streams');
  body.vint(); // longest distance of syncpoints
  const timeBases = Array.from({ length: body.count() }, () => ({ num: body.vint(), den: body.vint() }));
  const codes: FrameCode[] = [];
  let [ptsDelta, sizeMul, headerIndex] = [0, 1, 0];
  while (codes.length < 256) {
    const flags = body.vint();
    const fields = body.vint();
    if (fields > 0) ptsDelta = body.signed();
    if (fields > 1) sizeMul = body.vint();
    if (fields > 2) body.vint(); // stream
    const sizeLsb = fields > 3 ? body.vint() : 0;
    const reserved = fields > 4 ? body.vint() : 0;
    const count = fields > 5 ? body.vint() : sizeMul - sizeLsb;
    if (fields > 6) body.signed(); // match time
    if (fields > 7) headerIndex = body.vint();
    for (let i = 8; i < fields; i++) body.vint();
    if (count <= 0) throw new RangeError('a NUT frame code table that does not grow');
    for (let j = 0; j < count && codes.length < 256; j++) {
      // "N" begins startcodes and is no frame code.
      if (codes.length === 0x4e)
        codes.push({ flags: FLAG.invalid, sizeMul, sizeLsb, ptsDelta, reserved, headerIndex });
      codes.push({ flags, sizeMul, sizeLsb: sizeLsb + j, ptsDelta, reserved, headerIndex });
    }
  }
  codes.length = 256;
  const elisions = [new Uint8Array(0), ...Array.from({ length: body.count() }, () => body.vbytes())];
  return { timeBases, codes, elisions };
}

function parseStream(body: Body, timeBases: readonly Rational[]) {
  if (body.vint() !== 0 || body.vint() !== 0) throw new RangeError('the NUT stream is no video');
  body.vbytes(); // fourcc
  const timeBase = timeBases[body.vint()];
  const shift = body.vint();
  body.vint(); // longest distance of timestamps
  const delay = body.vint();
  body.vint(); // flags
  body.vbytes(); // codec specific
  const [width, height] = [body.vint(), body.vint()];
  if (!timeBase || timeBase.den === 0) throw new RangeError('the NUT stream has no time base');
  return { timeBase, shift, delay, width, height, description: body.bytes };
}

async function readPacket(input: ByteQueue): Promise<{ startcode: bigint; body: Body }> {
  const startcode = Buffer.from(await input.take(8)).readBigUInt64BE();
  const header = new VintReader(input);
  const length = await header.vint();
  if (length > LARGEST_PACKET || length < 4) throw new RangeError(`a NUT packet of ${length} bytes`);
  // Only packets of more than 4,096 bytes have a checksum of their header, too.
  if (length > 4096) await input.take(4);
  const bytes = await input.take(length);
  if (crc32(bytes) !== 0) throw new RangeError('a NUT packet whose checksum is wrong');
  return { startcode, body: new Body(bytes.subarray(0, length - 4)) };
}

/** The fields of a packet that is in memory. */
class Body {
  readonly bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  vint(): number {
    let value = 0;
    for (;;) {
      if (this.#at >= this.bytes.length) throw new RangeError('a NUT packet that ends too early');
      const byte = this.bytes[this.#at++];
      value = value * 128 + (byte & 127);
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a NUT integer beyond 53 bits');
      if (byte < 128) return value;
    }
  }

  signed(): number {
    const value = this.vint() + 1;
    return value % 2 === 1 ? -(value - 1) / 2 : value / 2;
  }

  /** The length of a list that is still to come, so at most what is left. */
  count(): number {
    const value = this.vint();
    if (value > this.bytes.length) throw new RangeError('a NUT list longer than its packet');
    return value;
  }

  vbytes(): Uint8Array {
    const length = this.count();
    const start = this.#at;
    this.#at += length;
    return this.bytes.slice(start, start + length);
  }
}

/** The fields of a frame header, read as they come, for its checksum at the end. */
class VintReader {
  readonly #input: ByteQueue;
  readonly #seen: number[] = [];

  constructor(input: ByteQueue) {
    this.#input = input;
  }

  async byte(): Promise<number> {
    const [byte] = await this.#input.take(1);
    this.#seen.push(byte);
    return byte;
  }

  async vint(): Promise<number> {
    let value = 0;
    for (;;) {
      const byte = await this.byte();
      value = value * 128 + (byte & 127);
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a NUT integer beyond 53 bits');
      if (byte < 128) return value;
    }
  }

  async checksum(): Promise<void> {
    const stored = Buffer.from(await this.#input.take(4)).readUInt32BE();
    if (stored !== crc32(Uint8Array.from(this.#seen)))
      throw new RangeError('a NUT frame whose checksum is wrong');
  }
}

/** Bytes of a stream of chunks, by the number. */
class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** True where no byte is left; else at least one is at hand. */
  async atEnd(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const { value, done } = await this.#chunks.next();
      if (done) return true;
      this.#chunk = value;
      this.#at = 0;
    }
    return false;
  }

  async peekByte(): Promise<number> {
    await this.#more();
    return this.#chunk[this.#at];
  }

  async take(length: number): Promise<Uint8Array> {
    if (this.#chunk.length - this.#at >= length) {
      this.#at += length;
      return this.#chunk.subarray(this.#at - length, this.#at);
    }
    const bytes = new Uint8Array(length);
    await this.fill(bytes);
    return bytes;
  }

  async fill(target: Uint8Array): Promise<void> {
    for (let done = 0; done < target.length; ) {
      await this.#more();
      const part = this.#chunk.subarray(this.#at, this.#at + target.length - done);
      target.set(part, done);
      this.#at += part.length;
      done += part.length;
    }
  }

  async #more(): Promise<void> {
    if (await this.atEnd()) throw new RangeError('the NUT stream ends in the middle of a picture');
  }
}
