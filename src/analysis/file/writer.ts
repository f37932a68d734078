import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { AnalysedFrame, Mixtures } from '../../core/frame.ts';
import type { Pts } from '../../core/time.ts';
import { type AnalysisHeader, encodeHeader, encodeRecord, TAGS } from './format.ts';
import { encodeMixtures } from './mixture-code.ts';
import { encodeRegions, encodeTracks, type RegionRows } from './rows.ts';

/** A frame whose regions are not yet associated: what one of several machines makes of its part of a video. */
export interface RegionsFrame {
  readonly index: number;
  readonly pts: Pts;
  /** False where the frame shows what the one before it shows. */
  readonly analysed: boolean;
  readonly regions: RegionRows;
  /** `regions` are rows of `regions`. */
  readonly points: Mixtures;
}

/** Writes an analysis, frame by frame. Disposal discards what is not finished. */
export interface AnalysisWriter extends AsyncDisposable {
  /** Frames come in order, all with tracks or all without. */
  add(frame: AnalysedFrame | RegionsFrame): Promise<void>;
  /** Completes the file and gives it its name. */
  finish(): Promise<void>;
}

/** Where a group of frames begins: at the record that has its tracks or regions. */
export interface IndexEntry {
  /** Bytes from the file's beginning. */
  readonly offset: number;
  /** Number and time of its first frame. */
  readonly index: number;
  readonly pts: number;
}

/** Bytes gathered before they go to disk. */
const BUFFER = 1 << 18;
/** Sections of different kinds follow each other closely: small blocks let deflate keep up with them. */
const DEFLATE = { level: 6, memLevel: 5 } as const;

/**
 * The file grows under a hidden name in the same folder and gets its own when it is whole. What a program that was
 * killed leaves behind can be read up to its last whole frame.
 */
export async function createAnalysisWriter(path: string, header: AnalysisHeader): Promise<AnalysisWriter> {
  const whole = resolve(path);
  const partial = join(dirname(whole), `.${basename(whole)}.${process.pid}.partial`);
  const file = await open(partial, 'w');
  const entries: IndexEntry[] = [];
  let pending: Buffer[] = [encodeHeader(header)];
  let waiting = pending[0].length;
  let written = 0;
  let frames = 0;
  let last: { table: object; points: Mixtures; pts: number } | undefined;
  let closed = false;

  const put = (record: Buffer) => {
    pending.push(record);
    waiting += record.length;
  };
  const flush = async () => {
    const bytes = Buffer.concat(pending);
    pending = [];
    waiting = 0;
    await file.appendFile(bytes);
    written += bytes.length;
  };
  const begin = ({ index, pts }: { index: number; pts: Pts }, record: Buffer) => {
    entries.push({ offset: written + waiting, index, pts });
    put(record);
  };

  return {
    async add(frame) {
      const table = 'tracks' in frame ? frame.tracks : frame.regions;
      const rows = 'tracks' in frame ? frame.tracks.ids.length : frame.regions.count;
      if (table !== last?.table) {
        if ('tracks' in frame) begin(frame, encodeRecord(TAGS.tracks, deflate(encodeTracks(frame.tracks))));
        else begin(frame, encodeRecord(TAGS.regions, deflate(encodeRegions(frame.regions))));
      }
      // The first frame of a group is complete: reading may begin with it.
      const repeats = !frame.analysed && frame.points === last?.points && table === last.table;
      put(encodeRecord(TAGS.frame, encodeFrame(frame, repeats, rows)));
      last = { table, points: frame.points, pts: frame.pts };
      frames++;
      if (waiting >= BUFFER) await flush();
    },
    async finish() {
      const index = encodeRecord(TAGS.index, encodeIndex(entries, frames, last?.pts ?? 0));
      const offset = Buffer.alloc(8);
      offset.writeDoubleLE(written + waiting, 0);
      put(index);
      put(encodeRecord(TAGS.end, offset));
      await flush();
      await file.sync();
      await file.close();
      closed = true;
      await rename(partial, whole);
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      await file.close();
      await rm(partial, { force: true });
    },
  };
}

const deflate = (bytes: Buffer): Buffer => deflateRawSync(bytes, DEFLATE);

/** Bytes of a frame's record before its mixtures: number (uint32), flags (uint32), pts (float64). */
export const FRAME_HEAD = 16;
/** The model did not run on this frame. */
export const NOT_ANALYSED = 1;
/** It shows what the frame before it shows, and its record has nothing more. */
export const REPEATS = 2;

function encodeFrame(frame: AnalysedFrame | RegionsFrame, repeats: boolean, rows: number): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32LE(frame.index, 0);
  head.writeUInt32LE((frame.analysed ? 0 : NOT_ANALYSED) | (repeats ? REPEATS : 0), 4);
  head.writeDoubleLE(frame.pts, 8);
  if (repeats) return head;
  const seeds = 'seeds' in frame ? frame.seeds : new Int32Array(0);
  const mixtures = encodeMixtures(frame.points, rows);
  const bytes = new Uint8Array(seeds.buffer, seeds.byteOffset, seeds.byteLength);
  return Buffer.concat([head, deflate(Buffer.concat([mixtures, bytes]))]);
}

/** Groups and frames (uint32), the last frame's pts (float64); for each group its offset and pts (float64) and its index (uint32). */
function encodeIndex(entries: readonly IndexEntry[], frames: number, lastPts: number): Buffer {
  const bytes = Buffer.alloc(INDEX_HEAD + entries.length * INDEX_ENTRY);
  bytes.writeUInt32LE(entries.length, 0);
  bytes.writeUInt32LE(frames, 4);
  bytes.writeDoubleLE(lastPts, 8);
  entries.forEach(({ offset, pts, index }, i) => {
    const at = INDEX_HEAD + i * INDEX_ENTRY;
    bytes.writeDoubleLE(offset, at);
    bytes.writeDoubleLE(pts, at + 8);
    bytes.writeUInt32LE(index, at + 16);
  });
  return bytes;
}

export const INDEX_HEAD = 16;
export const INDEX_ENTRY = 20;
