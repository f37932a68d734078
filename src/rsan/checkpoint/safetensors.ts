import { open, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { SidestreamError } from '../../core/errors.ts';
import { type ByteFile, damaged } from './byte-file.ts';
import { DTYPES, type DType, toFloat32, type Weights } from './weights.ts';

/** The safetensors format (huggingface/safetensors, "Format"): header length, JSON header, one run of data. */

const CODES: Readonly<Record<string, DType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

/** The format's own limit. */
const LARGEST_HEADER = 100_000_000;

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});
const headerSchema = z.record(z.string(), z.unknown());

interface Place {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

export async function readSafetensors(file: ByteFile): Promise<Weights> {
  const { path } = file;
  const headerLength = Number(new DataView((await file.read(0, 8)).buffer).getBigUint64(0, true));
  if (headerLength > LARGEST_HEADER || headerLength + 8 > file.size) {
    throw damaged(path, `its header claims ${headerLength} bytes`);
  }
  const header = parseHeader(path, await file.read(8, headerLength));
  const metadata: Record<string, string> = {};
  const places = new Map<string, Place>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(z.record(z.string(), z.string()).catch({}).parse(value)))
        metadata[key] = text;
    } else {
      places.set(name, parseEntry(path, name, value, 8 + headerLength, file.size));
    }
  }
  refuseOverlap(path, places);

  const place = (name: string): Place => {
    const found = places.get(name);
    if (!found) throw new SidestreamError('CHECKPOINT_INVALID', `${path} has no tensor ${name}`);
    return found;
  };
  const bytes = (name: string) => file.read(place(name).offset, place(name).length);
  return {
    names: [...places.keys()],
    metadata,
    has: (name) => places.has(name),
    info: (name) => ({ dtype: place(name).dtype, shape: place(name).shape }),
    bytes,
    float32: async (name) => toFloat32(await bytes(name), place(name).dtype),
    close: () => file.close(),
  };
}

function parseHeader(path: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (error) {
    throw new SidestreamError('CHECKPOINT_INVALID', `${path}: its header is not JSON; get the file again`, {
      cause: error,
    });
  }
}

function parseEntry(path: string, name: string, value: unknown, start: number, end: number): Place {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) throw damaged(path, `the header's entry of ${name} is malformed`);
  const { dtype: code, shape, data_offsets: offsets } = parsed.data;
  const dtype = CODES[code];
  if (!dtype) throw damaged(path, `${name} has the unknown type ${code}`);
  const length = shape.reduce((product, side) => product * side, DTYPES[dtype]);
  const [from, to] = offsets;
  if (to - from !== length || start + to > end) {
    throw damaged(path, `${name} is said to be at ${from} to ${to}, which does not hold ${code} [${shape}]`);
  }
  return { dtype, shape, offset: start + from, length };
}

function refuseOverlap(path: string, places: ReadonlyMap<string, Place>): void {
  // An empty tensor is before what begins where it is.
  const sorted = [...places].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  for (let i = 1; i < sorted.length; i++) {
    const [before, first] = sorted[i - 1];
    const [name, second] = sorted[i];
    if (first.offset + first.length > second.offset) throw damaged(path, `${before} and ${name} overlap`);
  }
}

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Row-major little-endian bytes; asked for once, when the tensor's turn comes. */
  readonly bytes: () => Promise<Uint8Array> | Uint8Array;
}

/** Writes tensors one after the other, under a temporary name that is renamed when all is written. */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {};
  let offset = 0;
  const code = (dtype: DType) => Object.keys(CODES).find((key) => CODES[key] === dtype)!;
  for (const { name, dtype, shape } of tensors) {
    const length = shape.reduce((product, side) => product * side, DTYPES[dtype]);
    header[name] = { dtype: code(dtype), shape, data_offsets: [offset, offset + length] };
    offset += length;
  }
  // Blanks at the end of the header align the data to 8 bytes, as the format asks.
  const json = JSON.stringify(header);
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));

  const temporary = `${path}.${process.pid}.partial`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writev([length, text]);
      for (const { name, dtype, shape, bytes } of tensors) {
        const data = await bytes();
        const expected = shape.reduce((product, side) => product * side, DTYPES[dtype]);
        if (data.length !== expected)
          throw new Error(`${name} has ${data.length} bytes in place of ${expected}`);
        await file.writeFile(data);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
