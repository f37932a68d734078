import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Segment } from '../core/frame.ts';
import type { LabelMask } from '../core/mask.ts';
import type { Seconds } from '../core/time.ts';
import type { Vocabulary } from '../core/vocabulary.ts';

export interface MasksOptions {
  readonly path: string;
  /** The video that the masks belong to. */
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second, the average where it varies. */
  readonly frameRate: number;
  readonly vocabulary: Vocabulary;
}

/** Writes masks JSON (YouTube-VIS layout) frame by frame. */
export interface MasksWriter {
  /** Adds the next frame. A mask's label is the index in `segments` of what it shows; no two have one name and track. */
  add(masks: readonly LabelMask[], pts: Seconds, segments: readonly Segment[]): Promise<void>;
  /** Writes the file under its name and removes the temporary ones. */
  finish(): Promise<void>;
  /** Removes everything; the file does not come to be. Does nothing after `finish`. */
  abort(): Promise<void>;
}

/** Bytes kept in memory before they go to disk. */
const SPILL = 1 << 23;
/** Bytes that are written at once at the end. */
const GATHERED = 1 << 20;

const NOTHING = Buffer.alloc(0);

/** What an annotation lists for every frame. */
const COLUMNS = ['segmentations', 'bboxes', 'areas'] as const;

/** One list of an annotation in the making: JSON in ASCII. */
interface Column {
  /** What is in the spill file, in order, as pairs of first byte and bytes. */
  readonly spilled: number[];
  /** What comes after it: the first `used` bytes. */
  held: Buffer;
  used: number;
}

interface Track {
  readonly id: number;
  readonly name: number;
  /** Things that could not be told apart. */
  readonly crowd: boolean;
  /** The first frame that shows it; the columns begin there. */
  readonly first: number;
  /** The frame after the last one in the columns. */
  next: number;
  readonly columns: readonly [segmentations: Column, bboxes: Column, areas: Column];
  /** Sum of confidence over the pixels, and the pixels. */
  sure: number;
  area: number;
  /** The same of margin, of frames that have one. */
  ahead: number;
  aheadArea: number;
}

/**
 * The layout wants one list of all frames per track, while frames come one by one: their JSON is gathered in memory,
 * and goes list by list to a file beside the output whenever it is much. At the end the pieces of each list are
 * put together. So memory does not grow with the video (but for one timestamp a frame and the places of the pieces).
 * Names that were not asked for ("other") are no categories: their pixels belong to no annotation.
 */
export async function createMasksWriter(options: MasksOptions): Promise<MasksWriter> {
  const { path, vocabulary } = options;
  const folder = await mkdtemp(join(dirname(path), `.${basename(path)}-`));
  const spill = await open(join(folder, 'spill'), 'wx+');
  const tracks = new Map<string, Track>();
  const times: number[] = [];
  let used = 0;
  let spilled = 0;

  // Bytes, not strings: many strings that live a while are what the garbage collector is slowest with.
  function append(column: Column, text: string): void {
    const end = column.used + text.length;
    if (end > column.held.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * column.held.length, end));
      column.held.copy(larger, 0, 0, column.used);
      column.held = larger;
    }
    column.held.write(text, column.used, 'latin1');
    column.used = end;
    used += text.length;
  }

  async function add(masks: readonly LabelMask[], pts: Seconds, segments: readonly Segment[]): Promise<void> {
    const frame = times.length;
    times.push(pts);
    for (const { label, rle, area, bbox } of masks) {
      const { name, track: id, confidence, margin } = segments[label];
      if (vocabulary[name].other) continue;
      // A track may change its name: that makes two annotations of one id.
      const key = `${id} ${name}`;
      let track = tracks.get(key);
      if (!track) {
        track = begin(segments[label], frame);
        tracks.set(key, track);
      }
      track.sure += confidence * area;
      track.area += area;
      if (margin !== undefined) {
        track.ahead += margin * area;
        track.aheadArea += area;
      }
      const before = nulls(track.next, frame) + (frame > 0 ? ',' : '');
      track.next = frame + 1;
      const [segmentations, bboxes, areas] = track.columns;
      append(segmentations, before + JSON.stringify(rle));
      append(bboxes, `${before}[${bbox[0]},${bbox[1]},${bbox[2]},${bbox[3]}]`);
      append(areas, before + area);
    }
    if (used >= SPILL) await spill.appendFile(unload());
  }

  /** All that is in memory, list by list, as it goes to the end of the spill file. Memory is free afterwards. */
  function unload(): Buffer {
    const parts: Buffer[] = [];
    for (const { columns } of tracks.values()) {
      for (const column of columns) {
        if (column.used === 0) continue;
        parts.push(column.held.subarray(0, column.used));
        column.spilled.push(spilled, column.used);
        spilled += column.used;
        column.held = NOTHING;
        column.used = 0;
      }
    }
    const all = Buffer.concat(parts, used);
    used = 0;
    return all;
  }

  async function finish(): Promise<void> {
    // What is left needs no way over the disk.
    const onDisk = spilled;
    const rest = unload();
    const part = join(folder, randomBytes(4).toString('hex'));
    const file = await open(part, 'wx');
    try {
      const out = gather(file);
      await out.write(`{"videos":[${JSON.stringify(video(options, times))}],`);
      await out.write(`"categories":${JSON.stringify(categories(vocabulary))},"annotations":[`);
      let id = 0;
      for (const track of [...tracks.values()].sort((a, b) => a.id - b.id || a.name - b.name)) {
        const head = JSON.stringify(headOf(track, ++id)).slice(0, -1);
        await out.write(`${id > 1 ? ',' : ''}\n${head}`);
        for (const [i, { spilled: pieces }] of track.columns.entries()) {
          await out.write(`,"${COLUMNS[i]}":[${nulls(0, track.first)}`);
          for (let k = 0; k < pieces.length; k += 2) {
            const [at, length] = [pieces[k], pieces[k + 1]];
            const inRest = at - onDisk;
            await out.write(
              inRest >= 0 ? rest.subarray(inRest, inRest + length) : await read(spill, at, length),
            );
          }
          await out.write(`${nulls(track.next, times.length)}]`);
        }
        await out.write('}');
      }
      await out.write(']}\n');
      await out.flush();
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    await abort();
  }

  async function abort(): Promise<void> {
    await spill.close();
    await rm(folder, { recursive: true, force: true });
  }

  return { add, finish, abort };
}

function begin({ track: id, name, identified }: Segment, frame: number): Track {
  const empty = (): Column => ({ spilled: [], held: NOTHING, used: 0 });
  const columns = [empty(), empty(), empty()] as const;
  const crowd = identified === false;
  return { id, name, crowd, first: frame, next: frame, columns, sure: 0, area: 0, ahead: 0, aheadArea: 0 };
}

/** What an annotation says of all frames together. */
function headOf({ id: track, name, crowd, sure, area, ahead, aheadArea }: Track, id: number) {
  const rounded = (value: number) => Number(value.toFixed(4));
  const head = { id, video_id: 1, category_id: name + 1, track_id: track, iscrowd: Number(crowd) };
  const margin = aheadArea > 0 ? { margin: rounded(ahead / aheadArea) } : {};
  return { ...head, score: rounded(sure / area), ...margin };
}

/** The frames of a list, from one to before another, as frames without a mask. */
function nulls(from: number, to: number): string {
  const text = ',null'.repeat(to - from);
  return from === 0 ? text.slice(1) : text;
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new Error('the spill file of the masks is shorter than what was written');
    done += bytesRead;
  }
  return bytes;
}

/** Writes many small pieces as few large ones. */
function gather(file: FileHandle) {
  let parts: Buffer[] = [];
  let size = 0;
  const flush = async () => {
    const all = Buffer.concat(parts, size);
    parts = [];
    size = 0;
    await file.appendFile(all);
  };
  return {
    flush,
    async write(part: string | Buffer): Promise<void> {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      parts.push(bytes);
      size += bytes.length;
      if (size >= GATHERED) await flush();
    },
  };
}

function video(options: MasksOptions, times: readonly number[]) {
  const { fileName, width, height, frameRate } = options;
  return {
    id: 1,
    file_name: fileName,
    width,
    height,
    length: times.length,
    frame_rate: frameRate,
    pts_s: times.map((time) => Number(time.toFixed(6))),
  };
}

function categories(vocabulary: Vocabulary) {
  return vocabulary.flatMap(({ name, isthing, other }, i) =>
    other ? [] : [{ id: i + 1, name, isthing: Number(isthing) }],
  );
}
