import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LabelMap, Segment } from '../core/frame.ts';
import { masksOf } from '../core/mask.ts';
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
  /**
   * Adds the next frame, whose map says for each pixel which of `segments` it belongs to.
   * The map is read before the first await, so its buffer may be used again at once.
   */
  add(map: LabelMap, pts: Seconds, segments: readonly Segment[]): Promise<void>;
  /** Writes the file under its name and removes the temporary ones. */
  finish(): Promise<void>;
  /** Removes everything; the file does not come to be. Does nothing after `finish`. */
  abort(): Promise<void>;
}

/** Characters kept in memory for one track, and for all of them, before they go to disk. */
const SPILL = 1 << 16;
const SPILL_ALL = 1 << 24;

interface Track {
  readonly name: number;
  readonly spill: string;
  pending: string;
  /** Sum of confidence over the pixels, and the pixels. */
  sure: number;
  area: number;
}

/**
 * The layout wants one list of all frames per track, while frames come one by one: each track's masks go to a file of
 * its own beside the output, one line a frame, and are put together at the end. So memory does not grow with the video
 * (but for one timestamp a frame). Names that were not asked for ("other") are no categories: their pixels belong to no annotation.
 */
export async function createMasksWriter(options: MasksOptions): Promise<MasksWriter> {
  const { path, vocabulary } = options;
  const folder = await mkdtemp(join(dirname(path), `.${basename(path)}-`));
  const tracks = new Map<number, Track>();
  const times: number[] = [];
  let pending = 0;

  async function add(map: LabelMap, pts: Seconds, segments: readonly Segment[]): Promise<void> {
    const frame = times.length;
    times.push(pts);
    const full: Track[] = [];
    for (const { label, rle, area, bbox } of masksOf(map)) {
      const { name, track: id, confidence } = segments[label];
      if (vocabulary[name].other) continue;
      let track = tracks.get(id);
      if (!track) {
        track = { name, spill: join(folder, String(id)), pending: '', sure: 0, area: 0 };
        tracks.set(id, track);
      }
      track.sure += confidence * area;
      track.area += area;
      const line = `${frame}\t${JSON.stringify(rle)}\t${JSON.stringify(bbox)}\t${area}\n`;
      track.pending += line;
      pending += line.length;
      if (track.pending.length >= SPILL) full.push(track);
    }
    // Many short tracks are as much as few long ones.
    if (pending >= SPILL_ALL) full.splice(0, full.length, ...tracks.values());
    for (const track of full) {
      pending -= track.pending.length;
      await spill(track);
    }
  }

  async function finish(): Promise<void> {
    const part = join(folder, randomBytes(4).toString('hex'));
    for (const track of tracks.values()) await spill(track);
    const file = await open(part, 'wx');
    try {
      const write = (text: string) => file.appendFile(text);
      await write(`{"videos":[${JSON.stringify(video(options, times))}],`);
      await write(`"categories":${JSON.stringify(categories(vocabulary))},"annotations":[`);
      let id = 0;
      for (const [trackId, track] of [...tracks].sort(([a], [b]) => a - b)) {
        const head = { id: ++id, video_id: 1, category_id: track.name + 1, track_id: trackId, iscrowd: 0 };
        const score = Number((track.sure / track.area).toFixed(4));
        await write(`${id > 1 ? ',' : ''}\n${JSON.stringify({ ...head, score }).slice(0, -1)}`);
        for (const [column, key] of [
          [1, 'segmentations'],
          [2, 'bboxes'],
          [3, 'areas'],
        ] as const) {
          await write(`,"${key}":[`);
          for await (const text of frames(track.spill, column, times.length)) await write(text);
          await write(']');
        }
        await write('}');
      }
      await write(']}\n');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    await abort();
  }

  async function abort(): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }

  return { add, finish, abort };
}

async function spill(track: Track): Promise<void> {
  if (track.pending === '') return;
  const text = track.pending;
  track.pending = '';
  await appendFile(track.spill, text);
}

/** One column of a spill as the inside of a JSON array, `null` for frames without a line, in pieces. */
async function* frames(path: string, column: number, length: number): AsyncGenerator<string> {
  let next = 0;
  let piece = '';
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const fields = line.split('\t');
    for (const frame = Number(fields[0]); next < frame; next++) piece += next > 0 ? ',null' : 'null';
    piece += (next++ > 0 ? ',' : '') + fields[column];
    if (piece.length < SPILL) continue;
    yield piece;
    piece = '';
  }
  for (; next < length; next++) piece += next > 0 ? ',null' : 'null';
  yield piece;
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
