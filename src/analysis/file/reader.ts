import { type FileHandle, open } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { isErrno, SidestreamError } from '../../core/errors.ts';
import type { AnalysedFrame, Mixtures, TrackTable } from '../../core/frame.ts';
import { type Pts, pts } from '../../core/time.ts';
import {
  type AnalysisHeader,
  invalidAnalysis,
  isWhole,
  LARGEST_RECORD,
  RECORD_HEAD,
  readRecordHead,
  TAGS,
} from './format.ts';
import { findGroups } from './index-of.ts';
import { decodeMixtures } from './mixture-code.ts';
import { decodeRegions, decodeTracks, type RegionRows } from './rows.ts';
import { FRAME_HEAD, type IndexEntry, NOT_ANALYSED, REPEATS, type RegionsFrame } from './writer.ts';

/** What tracks look like in a group of frames. */
export interface TrackSpan {
  readonly tracks: TrackTable;
  /** Times of the group's first frame and of the next group's first; of the last group, of its last frame. */
  readonly from: Pts;
  readonly to: Pts;
}

/** An analysis, open for reading. */
export interface AnalysisFile extends AsyncDisposable {
  readonly path: string;
  readonly header: AnalysisHeader;
  /** False where its end is missing: it then has what was written whole. */
  readonly whole: boolean;
  readonly frames: number;
  /** Times of the first and the last frame; undefined where there is none. */
  readonly times: { readonly first: Pts; readonly last: Pts } | undefined;
  /** Frames whose regions are tracks, from the group that shows `from` to the last frame before `to`. */
  analysed(from?: Pts, to?: Pts): AsyncGenerator<AnalysedFrame>;
  /** Frames whose regions are not yet associated. */
  unassociated(): AsyncGenerator<RegionsFrame>;
  /** The tracks of every group, without reading frames. */
  spans(): AsyncGenerator<TrackSpan>;
}

/**
 * Opens an analysis. A file that was cut off is read up to its last whole frame; any other damage, and a later version,
 * throws ANALYSIS_INVALID, here or where the damage is met. Throws INPUT_NOT_FOUND.
 */
export async function openAnalysis(path: string): Promise<AnalysisFile> {
  const file = await openFile(path);
  try {
    const { header, groups, whole, frames, lastPts, end } = await findGroups(file, path);
    const times = groups.length > 0 ? { first: pts(groups[0].pts), last: pts(lastPts) } : undefined;
    const bytesOf = async (group: number): Promise<Buffer> => {
      const from = groups[group].offset;
      return await readAt(file, from, (groups[group + 1]?.offset ?? end) - from, path);
    };
    const tracked = () => {
      if (header.association !== null) return;
      throw invalidAnalysis(path, 'it is a part of an analysis, whose regions are not yet associated');
    };
    return {
      path,
      header,
      whole,
      frames,
      times,
      async *analysed(from, to) {
        tracked();
        for (let group = from === undefined ? 0 : groupAt(groups, from); group < groups.length; group++) {
          if (to !== undefined && groups[group].pts >= to) return;
          for (const frame of framesOf(await bytesOf(group), groups[group].index, header, path)) {
            if (to !== undefined && frame.pts >= to) return;
            if (!('tracks' in frame)) throw invalidAnalysis(path, `frame ${frame.index} has no tracks`);
            yield frame;
          }
        }
      },
      async *unassociated() {
        for (let group = 0; group < groups.length; group++) {
          for (const frame of framesOf(await bytesOf(group), groups[group].index, header, path)) {
            if ('tracks' in frame) throw invalidAnalysis(path, `frame ${frame.index} is already associated`);
            yield frame;
          }
        }
      },
      async *spans() {
        tracked();
        for (const [i, { offset, index, pts: from }] of groups.entries()) {
          const head = await readAt(file, offset, RECORD_HEAD, path);
          const length = readRecordHead(head)?.length ?? 0;
          const record = await readAt(file, offset, RECORD_HEAD + length, path);
          const [{ content }] = recordsOf(record, index, path);
          const tracks = decoded(path, index, () => decodeTracks(inflate(content), header.model.dim));
          yield { tracks, from: pts(from), to: pts(groups[i + 1]?.pts ?? lastPts) };
        }
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw invalidAnalysis(path, 'it is no file');
  } catch (error) {
    if (isErrno(error, 'ENOENT'))
      throw new SidestreamError('INPUT_NOT_FOUND', `${path} does not exist`, { cause: error });
    if (isErrno(error, 'EACCES'))
      throw new SidestreamError('INPUT_UNREADABLE', `${path} may not be read`, { cause: error });
    throw error;
  }
}

/** Throws ANALYSIS_INVALID where the file ends before. */
async function readAt(file: FileHandle, offset: number, length: number, path: string): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  if (bytesRead < length) throw invalidAnalysis(path, 'it ends before its index says so');
  return bytes;
}

/** The last group that begins at or before `at`, else the first. */
function groupAt(groups: readonly IndexEntry[], at: number): number {
  let [low, high] = [0, groups.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (groups[middle].pts <= at) low = middle;
    else high = middle;
  }
  return low;
}

/** The records in a row; throws ANALYSIS_INVALID at the first that is damaged. */
function* recordsOf(bytes: Buffer, index: number, path: string): Generator<{ tag: string; content: Buffer }> {
  for (let at = 0; at < bytes.length; ) {
    const head = readRecordHead(bytes.subarray(at, at + RECORD_HEAD));
    const content = bytes.subarray(at + RECORD_HEAD, at + RECORD_HEAD + (head?.length ?? 0));
    if (!head || !isWhole(head, content)) throw invalidAnalysis(path, `it is damaged near frame ${index}`);
    yield { tag: head.tag, content };
    at += RECORD_HEAD + head.length;
  }
}

/** What grows beyond all measure is no record. */
const inflate = (bytes: Buffer): Buffer => inflateRawSync(bytes, { maxOutputLength: LARGEST_RECORD });

function decoded<T>(path: string, index: number, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidAnalysis(path, `near frame ${index}: ${why}`, error);
  }
}

/** The frames of one group. `near`: the number of its first frame. */
function* framesOf(
  bytes: Buffer,
  near: number,
  header: AnalysisHeader,
  path: string,
): Generator<AnalysedFrame | RegionsFrame> {
  const { dim } = header.model;
  let tracks: TrackTable | undefined;
  let regions: RegionRows | undefined;
  let last: { points: Mixtures; seeds: Int32Array } | undefined;
  for (const { tag, content } of recordsOf(bytes, near, path)) {
    if (tag === TAGS.tracks) tracks = decoded(path, near, () => decodeTracks(inflate(content), dim));
    else if (tag === TAGS.regions) regions = decoded(path, near, () => decodeRegions(inflate(content), dim));
    // Records of kinds that later versions add are passed over.
    if (tag !== TAGS.frame) continue;
    const rows = tracks?.ids.length ?? regions?.count;
    if (content.length < FRAME_HEAD || rows === undefined)
      throw invalidAnalysis(path, 'a frame stands alone');
    const [index, flags] = [content.readUInt32LE(0), content.readUInt32LE(4)];
    if ((flags & REPEATS) === 0) {
      last = decoded(path, index, () => {
        const payload = inflate(content.subarray(FRAME_HEAD));
        const { points, length } = decodeMixtures(payload, header.lattice, rows);
        const seeds = new Int32Array(new Uint8Array(payload.subarray(length)).buffer);
        return { points, seeds };
      });
    }
    if (!last) throw invalidAnalysis(path, `frame ${index} repeats no other`);
    const frame = { index, pts: pts(content.readDoubleLE(8)), analysed: (flags & NOT_ANALYSED) === 0 };
    if (tracks) yield { ...frame, tracks, ...last };
    else if (regions) yield { ...frame, regions, points: last.points };
  }
}
