import type { FileHandle } from 'node:fs/promises';
import {
  type AnalysisHeader,
  invalidAnalysis,
  isWhole,
  parseHeader,
  RECORD_HEAD,
  type RecordHead,
  readRecordHead,
  TAGS,
} from './format.ts';
import { INDEX_ENTRY, INDEX_HEAD, type IndexEntry } from './writer.ts';

/** Where things are in an analysis. */
interface Groups {
  readonly header: AnalysisHeader;
  readonly groups: readonly IndexEntry[];
  /** False where the file was cut off. */
  readonly whole: boolean;
  readonly frames: number;
  readonly lastPts: number;
  /** Where the last group ends, in bytes. */
  readonly end: number;
}

/** Bytes of the last record of a whole file. */
const END = RECORD_HEAD + 8;

/** From the index, or, where the file was cut off, from the records themselves. Throws ANALYSIS_INVALID. */
export async function findGroups(file: FileHandle, path: string): Promise<Groups> {
  const { size } = await file.stat();
  const first = await recordAt(file, 0);
  if (first?.head?.tag !== TAGS.header)
    throw invalidAnalysis(path, size < RECORD_HEAD ? 'it ends before its header' : 'it is no analysis');
  if (!isWhole(first.head, first.content)) {
    const cut = first.content.length < first.head.length;
    throw invalidAnalysis(path, cut ? 'it ends before its header' : 'its header is damaged');
  }
  const header = parseHeader(first.content, path);
  const start = RECORD_HEAD + first.head.length;
  const index = await indexOf(file, size);
  return { header, ...(index ?? (await scan(file, start, path))) };
}

type Found = Omit<Groups, 'header'>;

/** What the index at the file's end says; undefined where there is none. */
async function indexOf(file: FileHandle, size: number): Promise<Found | undefined> {
  const last = size > END ? await recordAt(file, size - END) : undefined;
  if (last?.head?.tag !== TAGS.end || !isWhole(last.head, last.content) || last.head.length !== 8)
    return undefined;
  const end = last.content.readDoubleLE(0);
  const record = await recordAt(file, end);
  if (record?.head?.tag !== TAGS.index || !isWhole(record.head, record.content)) return undefined;
  return parseIndex(record.content, end);
}

function parseIndex(bytes: Buffer, end: number): Found | undefined {
  if (bytes.length < INDEX_HEAD || bytes.length !== INDEX_HEAD + bytes.readUInt32LE(0) * INDEX_ENTRY)
    return undefined;
  const groups = Array.from({ length: bytes.readUInt32LE(0) }, (_, i) => {
    const at = INDEX_HEAD + i * INDEX_ENTRY;
    return {
      offset: bytes.readDoubleLE(at),
      pts: bytes.readDoubleLE(at + 8),
      index: bytes.readUInt32LE(at + 16),
    };
  });
  return { groups, whole: true, frames: bytes.readUInt32LE(4), lastPts: bytes.readDoubleLE(8), end };
}

/** Goes from record to record. A file may end anywhere; a record that is there and damaged is an error. */
async function scan(file: FileHandle, start: number, path: string): Promise<Found> {
  const groups: IndexEntry[] = [];
  let begun: number | undefined;
  let [frames, lastPts, end] = [0, 0, start];
  for (let at = start; ; ) {
    const record = await recordAt(file, at);
    // Fewer bytes than a record begins with, or than this one says that it has: here it was cut.
    if (!record || (record.head && record.content.length < record.head.length)) break;
    if (!record.head || !isWhole(record.head, record.content))
      throw invalidAnalysis(path, `it is damaged after ${frames} frames`);
    const { tag } = record.head;
    if (tag === TAGS.index) break;
    if (tag === TAGS.tracks || tag === TAGS.regions) begun = at;
    at += RECORD_HEAD + record.head.length;
    if (tag !== TAGS.frame) continue;
    const index = record.content.readUInt32LE(0);
    lastPts = record.content.readDoubleLE(8);
    // A group counts from its first whole frame on.
    if (begun !== undefined) groups.push({ offset: begun, index, pts: lastPts });
    begun = undefined;
    frames++;
    end = at;
  }
  return { groups, whole: false, frames, lastPts, end };
}

interface FoundRecord {
  /** Undefined where these bytes begin no record. */
  readonly head: RecordHead | undefined;
  /** Shorter than the head says where the file ends. */
  readonly content: Buffer;
}

/** The record at `at`; undefined where the file has not even the beginning of one there. */
async function recordAt(file: FileHandle, at: number): Promise<FoundRecord | undefined> {
  const bytes = await read(file, at, RECORD_HEAD);
  if (bytes.length < RECORD_HEAD) return undefined;
  const head = readRecordHead(bytes);
  return { head, content: head ? await read(file, at + RECORD_HEAD, head.length) : Buffer.alloc(0) };
}

/** As many of `length` bytes as there are. */
async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}
