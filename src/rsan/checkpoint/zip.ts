import { SidestreamError } from '../../core/errors.ts';
import { type ByteFile, damaged } from './byte-file.ts';

/** The part of ZIP (PKWARE APPNOTE 6.3) that PyTorch writes: stored entries, a central directory, zip64. */

export interface ZipEntry {
  readonly name: string;
  /** Bytes of content. */
  readonly size: number;
  /** Where the content begins in the file. */
  readonly offset: () => Promise<number>;
}

const END = 0x06054b50;
const END64_LOCATOR = 0x07064b50;
const END64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end record's own length and the longest comment after it. */
const LONGEST_END = 22 + 0xffff;
const LARGEST_DIRECTORY = 64e6;

/** The entries of a ZIP file by name. */
export async function readZip(file: ByteFile): Promise<Map<string, ZipEntry>> {
  const { offset, size, count } = await findDirectory(file);
  if (size > LARGEST_DIRECTORY) throw damaged(file.path, `its directory claims ${size} bytes`);
  const bytes = await file.read(offset, size);
  const view = new DataView(bytes.buffer);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > size || view.getUint32(at, true) !== CENTRAL)
      throw damaged(file.path, 'its directory is cut off');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    );
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > size) throw damaged(file.path, 'its directory is cut off');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const method = view.getUint16(at + 10, true);
    if (method !== 0 || view.getUint16(at + 8, true) & 1) {
      throw new SidestreamError(
        'CHECKPOINT_INVALID',
        `${file.path}: ${name} is compressed or encrypted, which PyTorch never does`,
      );
    }
    const extra = new DataView(bytes.buffer, at + 46 + nameLength, extraLength);
    const [stored, content, header] = wideFields(file.path, extra, [
      view.getUint32(at + 20, true),
      view.getUint32(at + 24, true),
      view.getUint32(at + 42, true),
    ]);
    if (stored !== content) throw damaged(file.path, `${name} has two sizes`);
    if (entries.has(name)) throw damaged(file.path, `${name} is there twice`);
    entries.set(name, { name, size: content, offset: () => contentOffset(file, header, content) });
    at = next;
  }
  return entries;
}

/** Sizes and offset of an entry; those that are 0xffffffff stand in the zip64 extra field, in this order. */
function wideFields(
  path: string,
  extra: DataView,
  [stored, content, header]: readonly number[],
): [number, number, number] {
  let wide: DataView | undefined;
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const length = extra.getUint16(at + 2, true);
    if (at + 4 + length > extra.byteLength) break;
    if (extra.getUint16(at, true) === 1) wide = new DataView(extra.buffer, extra.byteOffset + at + 4, length);
    at += 4 + length;
  }
  let used = 0;
  const widen = (value: number): number => {
    if (value !== 0xffffffff) return value;
    if (!wide || used + 8 > wide.byteLength) throw damaged(path, 'a zip64 field is missing');
    used += 8;
    return safeNumber(path, wide.getBigUint64(used - 8, true));
  };
  // The order of zip64 fields is content, stored, header.
  const wideContent = widen(content);
  return [widen(stored), wideContent, widen(header)];
}

async function findDirectory(file: ByteFile): Promise<{ offset: number; size: number; count: number }> {
  const length = Math.min(LONGEST_END, file.size);
  const start = file.size - length;
  const tail = new DataView((await file.read(start, length)).buffer);
  for (let at = length - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    const [count, size, offset] = [
      tail.getUint16(at + 10, true),
      tail.getUint32(at + 12, true),
      tail.getUint32(at + 16, true),
    ];
    if (count !== 0xffff && size !== 0xffffffff && offset !== 0xffffffff) return { offset, size, count };
    if (at < 20 || tail.getUint32(at - 20, true) !== END64_LOCATOR)
      throw damaged(file.path, 'its zip64 locator is missing');
    const place = safeNumber(file.path, tail.getBigUint64(at - 12, true));
    const wide = new DataView((await file.read(place, 56)).buffer);
    if (wide.getUint32(0, true) !== END64) throw damaged(file.path, 'its zip64 end record is missing');
    const field = (position: number) => safeNumber(file.path, wide.getBigUint64(position, true));
    return { count: field(32), size: field(40), offset: field(48) };
  }
  throw damaged(file.path, 'it has no end: the file is cut off');
}

/** Content begins behind the local header, whose name and extra field may be longer than the directory's. */
async function contentOffset(file: ByteFile, header: number, size: number): Promise<number> {
  const local = new DataView((await file.read(header, 30)).buffer);
  if (local.getUint32(0, true) !== LOCAL) throw damaged(file.path, `no entry begins at ${header}`);
  const offset = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (offset + size > file.size) throw damaged(file.path, `the entry at ${header} reaches beyond the end`);
  return offset;
}

function safeNumber(path: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(path, `a size of ${value} bytes`);
  return Number(value);
}
