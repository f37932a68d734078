import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { type MaskGeometry, POINT_STEP, type Segment } from '../core/frame.ts';
import { createAreas } from './areas.ts';
import { packChunk } from './chunk.ts';
import {
  byteOf,
  END,
  FOOTER,
  type Lattice,
  MAGIC,
  type PanopticChunk,
  type PanopticFrame,
  type PanopticIndex,
  type PanopticSegment,
  VERSION,
} from './format.ts';
import { createTally } from './tally.ts';

export interface PanopticOptions extends Pick<PanopticIndex, 'video' | 'style' | 'names'> {
  readonly path: string;
  readonly geometry: MaskGeometry;
  /** Points across and down, those beyond the picture among them. */
  readonly points: { readonly width: number; readonly height: number };
}

export interface PanopticWriter {
  /** Adds the next frame, later than the one before. `pieces`: for each point an index into `segments`; only read. */
  add(frame: {
    readonly pts: number;
    readonly segments: readonly Segment[];
    readonly pieces: Uint16Array;
  }): Promise<void>;
  /** Writes the index and gives the file its name. */
  finish(): Promise<void>;
  /** Removes everything; the file does not come to be. Does nothing after `finish`. */
  abort(): Promise<void>;
}

/** What a chunk has at most: frames, seconds, and bytes of maps in memory (one frame may have more). */
const [FRAMES, SECONDS, BYTES] = [64, 2, 1 << 23];
/** Rows of a chunk's table that a map can tell apart. */
const ROWS = 0x10000;

const deflated = promisify<Uint8Array, Buffer>(deflate);

/** Writes a panoptic file chunk by chunk. Memory grows by a line of the index a chunk and a track, and by nothing else. */
export async function createPanopticWriter(options: PanopticOptions): Promise<PanopticWriter> {
  const { path, video, style, names, geometry, points } = options;
  const lattice = latticeOf(points, geometry);
  const areas = createAreas(lattice, video);
  const tally = createTally(video, names.length);
  const most = Math.max(1, Math.min(FRAMES, Math.floor(BYTES / (2 * lattice.width * lattice.height))));
  const ticks = (SECONDS * video.time_base.den) / video.time_base.num;

  const part = join(dirname(path), `.${basename(path)}-${randomBytes(4).toString('hex')}`);
  const file = await open(part, 'wx');
  const chunks: PanopticChunk[] = [];
  let at = 0;
  let count = 0;
  let isOpen = true;

  // The chunk in the making.
  let frames: (Omit<PanopticFrame, 'index' | 'table'> & { readonly map: Uint16Array })[] = [];
  let table: PanopticSegment[] = [];
  let rows = new Map<string, number>();
  /** Pixels of the rows of the table in the last frame. */
  let area = new Float64Array(0);
  /** Row of the table by index of a frame's segment. */
  const placeOf = new Int32Array(ROWS);

  async function append(bytes: Uint8Array): Promise<void> {
    await file.appendFile(bytes);
    at += bytes.length;
  }

  function rowOf({ name, track, identified = true }: Segment): number {
    const key = `${track} ${name} ${identified}`;
    const known = rows.get(key);
    if (known !== undefined) return known;
    rows.set(key, table.length);
    return table.push({ name, track, identified }) - 1;
  }

  /** The lattice of a frame as rows of the table, and for each row the frame's segment. */
  function told(segments: readonly Segment[], pieces: Uint16Array) {
    const map = new Uint16Array(lattice.width * lattice.height);
    const found = new Map<number, Segment>();
    placeOf.fill(-1, 0, segments.length);
    for (let y = 0, to = 0; y < lattice.height; y++)
      for (let x = 0, from = y * points.width; x < lattice.width; x++, from++, to++) {
        const label = pieces[from]!;
        let place = placeOf[label]!;
        if (place < 0) {
          place = placeOf[label] = rowOf(segments[label]!);
          found.set(place, segments[label]!);
        }
        map[to] = place;
      }
    return { map, found };
  }

  async function closeChunk(to: number): Promise<void> {
    if (frames.length === 0) return;
    const bytes = await deflated(packChunk(lattice, table, frames));
    const from = frames[0]!.pts;
    const last = frames.at(-1)!.pts;
    const frame = count - frames.length;
    chunks.push({ frame, frames: frames.length, from, to, last, at, bytes: bytes.length });
    frames = [];
    table = [];
    rows = new Map();
    area = new Float64Array(0);
    await append(bytes);
  }

  async function abort(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
    await rm(part, { force: true });
  }

  await append(Buffer.from(MAGIC, 'latin1'));
  return {
    async add({ pts, segments, pieces }) {
      const full = frames.length > 0 && (frames.length >= most || pts - frames[0]!.pts >= ticks);
      if (full || table.length + segments.length > ROWS) await closeChunk(pts);
      const { map, found } = told(segments, pieces);
      const before = frames.at(-1)?.map;
      const same = before !== undefined && equal(before, map);
      if (!same) {
        const counted = new Float64Array(table.length);
        counted.set(area);
        areas(map, counted, before);
        area = counted;
      }
      const sure = new Uint8Array(table.length);
      for (const [place, { confidence }] of found) sure[place] = byteOf(confidence);
      frames.push({ pts, sure, map: same ? before : map });
      count++;
      const drawn = [...found].filter(([place]) => area[place]! > 0);
      tally.add(
        pts,
        drawn.map(([place, { confidence }]) => ({ ...table[place]!, confidence, area: area[place]! })),
      );
    },
    async finish() {
      const end = tally.end();
      await closeChunk(end);
      const index: PanopticIndex = {
        ...{ version: VERSION, video, lattice, style, names, frames: count, end, chunks },
        ...tally.finish(),
      };
      const place = at;
      const bytes = await deflated(Buffer.from(JSON.stringify(index)));
      const footer = Buffer.alloc(FOOTER);
      footer.writeDoubleLE(place, 0);
      footer.writeUInt32LE(bytes.length, 8);
      footer.writeUInt32LE(VERSION, 12);
      footer.write(END, 16, 'latin1');
      await append(bytes);
      await append(footer);
      await file.sync();
      isOpen = false;
      await file.close();
      await rename(part, path);
    },
    abort,
  };
}

/** Points that lie beyond the picture, where it is padded, make no pixel: they are left out. */
function latticeOf(points: PanopticOptions['points'], { width, height }: MaskGeometry): Lattice {
  const used = (count: number, covered: number) =>
    Math.min(count, Math.max(2, Math.ceil(covered / POINT_STEP)));
  return {
    width: used(points.width, width),
    height: used(points.height, height),
    step: POINT_STEP,
    covered: { width, height },
  };
}

const equal = (a: Uint8Array | Uint16Array, b: Uint8Array | Uint16Array): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
