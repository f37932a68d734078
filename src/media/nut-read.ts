import type { Rational } from '../core/time.ts';
import { crc32, FLAG, ID, MAIN, type NutStream, STREAM, SYNCPOINT } from './nut.ts';

/** Reading NUT; see nut.ts. */

export interface NutFrame {
  /** The very same object for all frames of a stream. */
  readonly stream: NutStream;
  readonly key: boolean;
  /** In ticks of the stream's time base. */
  readonly pts: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

interface FrameCode {
  readonly flags: number;
  readonly stream: number;
  readonly sizeMul: number;
  readonly sizeLsb: number;
  readonly ptsDelta: number;
  readonly reserved: number;
  readonly headerIndex: number;
}

/** Larger than any header, far smaller than memory. */
const LARGEST_PACKET = 1 << 20;
const MOST_STREAMS = 8;

/** Frames of a NUT file, raw or coded, as they come. Throws RangeError where the bytes are not that. */
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
  const streams: { readonly about: NutStream; last: number }[] = [];

  while (!(await input.atEnd())) {
    const first = await input.peekByte();
    if (first === 0x4e) {
      const { startcode, body } = await readPacket(input);
      if (startcode === MAIN) ({ timeBases, codes, elisions } = parseMain(body));
      else if (startcode === STREAM) {
        const { id, about } = parseStream(body, timeBases);
        // The headers are repeated now and then.
        streams[id] ??= { about, last: 0 };
      } else if (startcode === SYNCPOINT) {
        const key = body.vint();
        const base = timeBases[key % timeBases.length];
        const ticks = Math.floor(key / timeBases.length);
        for (const stream of streams) {
          const { num, den } = stream.about.timeBase;
          stream.last = Math.floor((ticks * base.num * den) / (base.den * num));
        }
      }
      continue;
    }
    const header = new VintReader(input);
    const code = codes[await header.byte()];
    let flags = code?.flags ?? FLAG.invalid;
    if (flags & FLAG.coded) flags ^= await header.vint();
    if (flags & FLAG.invalid) throw new RangeError('an unknown NUT frame code');
    const stream = streams[flags & FLAG.streamId ? await header.vint() : code.stream];
    if (!stream) throw new RangeError('a NUT frame before its stream');
    let pts = stream.last + code.ptsDelta;
    if (flags & FLAG.codedPts) pts = decodePts(await header.vint(), stream.last, stream.about.shift);
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
    stream.last = pts;
    const data = new Uint8Array(size);
    data.set(elision);
    await input.fill(data.subarray(elision.length));
    yield { stream: stream.about, key: (flags & FLAG.key) !== 0, pts, data };
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
  if (body.vint() > MOST_STREAMS) throw new RangeError('a NUT file of too many streams');
  body.vint(); // longest distance of syncpoints
  const timeBases = Array.from({ length: body.count() }, () => ({ num: body.vint(), den: body.vint() }));
  const codes: FrameCode[] = [];
  let [ptsDelta, sizeMul, stream, headerIndex] = [0, 1, 0, 0];
  while (codes.length < 256) {
    const flags = body.vint();
    const fields = body.vint();
    if (fields > 0) ptsDelta = body.signed();
    if (fields > 1) sizeMul = body.vint();
    if (fields > 2) stream = body.vint();
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
        codes.push({ flags: FLAG.invalid, stream, sizeMul, sizeLsb, ptsDelta, reserved, headerIndex });
      codes.push({ flags, stream, sizeMul, sizeLsb: sizeLsb + j, ptsDelta, reserved, headerIndex });
    }
  }
  codes.length = 256;
  const elisions = [new Uint8Array(0), ...Array.from({ length: body.count() }, () => body.vbytes())];
  return { timeBases, codes, elisions };
}

function parseStream(
  body: Body,
  timeBases: readonly Rational[],
): { readonly id: number; readonly about: NutStream } {
  const id = body.vint();
  const kind = body.vint();
  if (id >= MOST_STREAMS || kind > 1) throw new RangeError('a NUT stream that is neither video nor audio');
  const fourcc = body.vbytes();
  const timeBase = timeBases[body.vint()];
  const shift = body.vint();
  body.vint(); // longest distance of timestamps
  const delay = body.vint();
  body.vint(); // flags
  const specific = body.vbytes();
  const rest = body.rest();
  const [width, height, num, den] = kind === 0 ? [0, 1, 2, 3].map(() => body.vint()) : [0, 0, 0, 0];
  const sampleAspectRatio = num > 0 && den > 0 ? { num, den } : { num: 1, den: 1 };
  if (!timeBase || timeBase.den === 0) throw new RangeError('the NUT stream has no time base');
  const about = { fourcc, timeBase, shift, delay, specific, rest, width, height, sampleAspectRatio };
  return { id, about: { kind: kind === 0 ? 'video' : 'audio', ...about } };
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

  /** What is still to come. */
  rest(): Uint8Array {
    return this.bytes.slice(this.#at);
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
