/** Writers of pickles and ZIP archives that say whatever a test wants them to. */

type Part = number | string | Uint8Array;

export const bytes = (...parts: readonly Part[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))));
export const word = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
};

export const text = (value: string) => bytes(0x58, word(Buffer.byteLength(value)), value);
export const int = (value: number) => bytes(0x4a, word(value));
export const global = (name: string) =>
  bytes('c', name.slice(0, name.lastIndexOf('.')), '\n', name.slice(name.lastIndexOf('.') + 1), '\n');
export const tuple = (...items: readonly Uint8Array[]) => bytes('(', ...items, 't');
export const pickle = (...ops: readonly Part[]) => bytes(0x80, 2, ...ops, '.');
export const stateDict = (name: string, value: Uint8Array) => pickle('}', text(name), value, 's');

/** The persistent id of a storage of `count` elements. */
export const storageId = (count: number, type = 'torch.FloatStorage', key: Uint8Array = text('0')) =>
  bytes(tuple(text('storage'), global(type), key, text('cpu'), int(count)), 'Q');

/** A tensor over the storage "0" of `count` elements, float32 if not said otherwise. */
export const tensor = (count: number, offset: number, shape: number[], strides: number[], type?: string) => {
  const args = tuple(
    storageId(count, type),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    bytes(0x89),
    bytes('}'),
  );
  return bytes(global('torch._utils._rebuild_tensor_v2'), args, 'R');
};

export const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

export interface Entry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: number;
  /** Bytes of an extra field in the local header that the directory does not have, as PyTorch pads its entries. */
  readonly padding?: number;
  /** Sizes and offset in zip64 fields. */
  readonly wide?: boolean;
  /** What the directory says in place of the truth. */
  readonly lie?: { readonly size?: number; readonly stored?: number; readonly offset?: number };
}

const long = (value: number) => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
};

export function zip(entries: readonly Entry[], { comment = '', wide = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { name, data, method = 0, padding = 0, lie = {} } = entry;
    const local = Buffer.alloc(30 + name.length + padding);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(data.length, 22);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(padding, 28);
    local.write(name, 30);
    const size = lie.size ?? data.length;
    const stored = lie.stored ?? size;
    const place = lie.offset ?? offset;
    const extra = entry.wide
      ? bytes(0x99, 0x99, 2, 0, 7, 7, 1, 0, 24, 0, long(size), long(stored), long(place))
      : bytes();
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(entry.wide ? 0xffffffff : stored, 20);
    central.writeUInt32LE(entry.wide ? 0xffffffff : size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(entry.wide ? 0xffffffff : place, 42);
    parts.push(local, Buffer.from(data));
    directory.push(central, Buffer.from(name), extra);
    offset += local.length + data.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(wide ? 0xffff : entries.length, 8);
  end.writeUInt16LE(wide ? 0xffff : entries.length, 10);
  end.writeUInt32LE(wide ? 0xffffffff : size, 12);
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  const count = long(entries.length);
  const wideEnd = wide
    ? bytes(
        word(0x06064b50),
        ...[long(44), Buffer.alloc(12), count, count, long(size), long(offset)],
        ...[word(0x07064b50), word(0), long(offset + size), word(1)],
      )
    : bytes();
  return Buffer.concat([...parts, ...directory, wideEnd, end, Buffer.from(comment)]);
}
