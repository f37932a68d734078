import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { createGunzip, gzipSync } from 'node:zlib';
import type { MaskGeometry, Segment } from '../../core/frame.ts';
import type { Pts } from '../../core/time.ts';
import type { Vocabulary } from '../../core/vocabulary.ts';
import type { Size } from '../../media/geometry.ts';
import type { Layout } from '../../overlay/layout.ts';

/**
 * What is to be painted over a part of a video, on its way from the one who names to the one who paints. It lives for
 * minutes, and both are of one version: gzip members of a length (4 bytes, little-endian) and JSON, each frame's followed by
 * its map (uint16, little-endian) where it is not that of the frame before.
 */
export interface NamedHead {
  readonly vocabulary: Vocabulary;
  readonly geometry: MaskGeometry;
  /** Size of the map. */
  readonly points: Size;
}

export interface PaintedFrame {
  readonly index: number;
  readonly pts: Pts;
  readonly segments: readonly Segment[];
  readonly layout: Layout;
  /** height × width of the head's `points`: index into `segments`. The same array as before where nothing has changed. */
  readonly pieces: Uint16Array;
}

export interface NamedWriter extends AsyncDisposable {
  add(frame: PaintedFrame): Promise<void>;
  finish(): Promise<void>;
}

export async function createNamedWriter(path: string, head: NamedHead): Promise<NamedWriter> {
  const file = await open(path, 'w');
  let last: Uint16Array | undefined;
  let whole = false;
  await append(file, head);
  return {
    async add({ pieces, ...rest }) {
      await append(file, { ...rest, same: pieces === last }, pieces === last ? undefined : pieces);
      last = pieces;
    },
    async finish() {
      whole = true;
      await file.close();
    },
    async [Symbol.asyncDispose]() {
      if (whole) return;
      await file.close();
      await rm(path, { force: true });
    },
  };
}

async function append(file: FileHandle, head: object, map?: Uint16Array): Promise<void> {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const bytes = map ? [Buffer.from(map.buffer, map.byteOffset, map.byteLength)] : [];
  await file.appendFile(gzipSync(Buffer.concat([length, text, ...bytes]), { level: 1 }));
}

/** Reads what a NamedWriter wrote. */
export async function readNamed(
  path: string,
): Promise<{ head: NamedHead; frames: AsyncGenerator<PaintedFrame> }> {
  const source = createReadStream(path).pipe(createGunzip());
  const bytes = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let waiting = Buffer.alloc(0);
  const take = async (count: number): Promise<Buffer | undefined> => {
    while (waiting.length < count) {
      const { value, done } = await bytes.next();
      if (done) return undefined;
      waiting = Buffer.concat([waiting, value]);
    }
    const taken = waiting.subarray(0, count);
    waiting = waiting.subarray(count);
    return taken;
  };
  const text = async () => {
    const length = await take(4);
    const body = length && (await take(length.readUInt32LE()));
    return body && JSON.parse(body.toString());
  };
  const head: NamedHead = await text();
  async function* frames(): AsyncGenerator<PaintedFrame> {
    let pieces = new Uint16Array(0);
    for (let next = await text(); next !== undefined; next = await text()) {
      const { same, ...frame } = next;
      if (!same) {
        const map = await take(head.points.width * head.points.height * 2);
        if (!map) throw new RangeError(`${path} ends too early`);
        pieces = new Uint16Array(Uint8Array.from(map).buffer);
      }
      yield { ...frame, pieces };
    }
  }
  return { head, frames: frames() };
}
