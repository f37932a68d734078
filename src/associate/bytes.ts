/** Little-endian bytes, grown as they are written. Floats are kept bit for bit. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** May replace the view: call it before looking at that. */
  #reserve(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Any array of 32-bit elements, by its bits, without its length. */
  words(values: Float32Array | Int32Array | Uint32Array): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    let at = this.#reserve(bits.length * 4);
    for (const word of bits) {
      this.#view.setUint32(at, word, true);
      at += 4;
    }
  }

  float64s(values: Float64Array): void {
    for (const value of values) this.float64(value);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what ByteWriter wrote. Every method throws RangeError when the bytes end too early. */
export class ByteReader {
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  /** `what` the bytes are, for messages. */
  constructor(bytes: Uint8Array, what: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  #take(size: number): number {
    if (size > this.#view.byteLength - this.#at) throw new RangeError(`${this.#what} is cut off`);
    const at = this.#at;
    this.#at += size;
    return at;
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  uint32s(count: number): Uint32Array {
    let at = this.#take(count * 4);
    const values = new Uint32Array(count);
    for (let i = 0; i < count; i++, at += 4) values[i] = this.#view.getUint32(at, true);
    return values;
  }

  int32s(count: number): Int32Array {
    return new Int32Array(this.uint32s(count).buffer);
  }

  float32s(count: number): Float32Array {
    return new Float32Array(this.uint32s(count).buffer);
  }

  float64s(count: number): Float64Array {
    let at = this.#take(count * 8);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++, at += 8) values[i] = this.#view.getFloat64(at, true);
    return values;
  }

  /** Throws RangeError unless `sound`. */
  expect(sound: boolean, why: string): void {
    if (!sound) throw new RangeError(`${this.#what} is damaged: ${why}`);
  }

  /** Throws RangeError when bytes are left over. */
  end(): void {
    this.expect(this.#at === this.#view.byteLength, 'bytes are left over');
  }
}
