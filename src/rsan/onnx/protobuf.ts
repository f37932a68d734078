/**
 * The few Protocol Buffers wire types that an ONNX file needs (protobuf.dev, "Encoding").
 * Messages are built bottom-up as byte chunks; a chunk is never copied until the file is put together.
 */
export type Chunk = Uint8Array;

const text = new TextEncoder();

/** Base-128 varint of a non-negative integer, or of a negative one as 64-bit two's complement. */
export function varint(value: number | bigint): Chunk {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export function intField(field: number, value: number | bigint): Chunk[] {
  return [varint(field << 3), varint(value)];
}

export function floatField(field: number, value: number): Chunk[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [varint((field << 3) | 5), bytes];
}

export function bytesField(field: number, value: Uint8Array | string): Chunk[] {
  const bytes = typeof value === 'string' ? text.encode(value) : value;
  return [varint((field << 3) | 2), varint(bytes.length), bytes];
}

export function messageField(field: number, chunks: readonly Chunk[]): Chunk[] {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return [varint((field << 3) | 2), varint(length), ...chunks];
}
