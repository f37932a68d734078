import { unpackChunk } from './chunk.ts';
import {
  END,
  FOOTER,
  MAGIC,
  type PanopticFrame,
  type PanopticIndex,
  type PanopticSegment,
  type PanopticTrack,
  SUFFIX,
  VERSION,
} from './format.ts';

/**
 * Reads a panoptic file piece by piece, in browsers and in Node alike:
 *
 *     const panoptic = await openPanoptic(rangesOf('/v1/jobs/…/panoptic'));
 *     const pointer = createPointer(panoptic.index);                    // look.ts
 *     const painter = createPainter(panoptic.index.lattice, size);      // look.ts
 *     // In requestVideoFrameCallback:
 *     const frame = panoptic.peek(mediaTime) ?? (await panoptic.frameAt(mediaTime));
 *
 * Times are those of the masks JSON (`pts_s`). Players count from `index.video.start`: where that is not 0 it has to be
 * added to theirs.
 */

/**
 * Bytes `start` to before `end`, as `Blob.slice` has it: all from `start` on without an end, and of a negative `start`
 * the last so many, or all where there are fewer.
 */
export type ReadPart = (start: number, end?: number) => Promise<ArrayBuffer>;

export interface Panoptic {
  readonly index: PanopticIndex;
  /** The frames of a chunk by its place in the index. Rejects with RangeError where it is damaged, and as `read` does. */
  frames(chunk: number): Promise<readonly PanopticFrame[]>;
  /**
   * The frame that is shown at a time in seconds; before the first one that, and after the last one that. Fetches what
   * is needed, and what comes after it. Undefined where the file has no frames.
   */
  frameAt(seconds: number): Promise<PanopticFrame | undefined>;
  /** The same at once, where it is in memory; else undefined, and it is being fetched. */
  peek(seconds: number): PanopticFrame | undefined;
  /** What the index says of a segment over all frames. */
  trackOf(segment: Pick<PanopticSegment, 'track' | 'name'>): PanopticTrack | undefined;
}

/** Chunks in memory: what is shown, what comes next, and some of what has been. */
const KEPT = 6;

/** Players tell times rounded to microseconds or worse: a frame that begins so soon, in seconds, has begun. */
const NEAR = 0.0005;

/** Throws RangeError where the file is cut off, damaged, too new or something else, and rejects as `read` does. */
export async function openPanoptic(
  read: ReadPart,
  { kept = KEPT }: { readonly kept?: number } = {},
): Promise<Panoptic> {
  const index = await readIndex(read);
  const { video, chunks, lattice } = index;
  const tracks = new Map(index.tracks.map((track) => [`${track.id} ${track.name}`, track]));
  /** By place, the one that was wanted last at the end. */
  const loaded = new Map<number, { readonly coming: Promise<PanopticFrame[]>; frames?: PanopticFrame[] }>();

  function load(place: number) {
    const known = loaded.get(place);
    loaded.delete(place);
    const entry = known ?? begin(place);
    loaded.set(place, entry);
    for (const [oldest] of loaded) {
      if (loaded.size <= kept) break;
      loaded.delete(oldest);
    }
    return entry;
  }

  function begin(place: number) {
    const coming = readChunk(place);
    const entry: { readonly coming: typeof coming; frames?: PanopticFrame[] } = { coming };
    coming.then(
      (frames) => {
        entry.frames = frames;
      },
      // Whoever waits for it is told; whoever wants it later asks again.
      () => {
        if (loaded.get(place) === entry) loaded.delete(place);
      },
    );
    return entry;
  }

  async function readChunk(place: number): Promise<PanopticFrame[]> {
    const chunk = chunks[place];
    if (!chunk) throw new RangeError(`the panoptic file has ${chunks.length} chunks, and no chunk ${place}`);
    const what = `chunk ${place} of the panoptic file`;
    const bytes = await exactly(read, chunk.at, chunk.bytes, what);
    const frames = unpack(what, await inflate(bytes, what), chunk.frame);
    if (frames.length !== chunk.frames)
      throw new RangeError(`${what} is damaged: it holds ${frames.length} frames, not ${chunk.frames}`);
    return frames;
  }

  function unpack(what: string, bytes: Uint8Array<ArrayBuffer>, first: number): PanopticFrame[] {
    try {
      return unpackChunk(lattice, bytes, first);
    } catch (error) {
      throw new RangeError(`${what} is damaged: ${(error as Error).message}`, { cause: error });
    }
  }

  const ticksOf = (seconds: number): number => (seconds * video.time_base.den) / video.time_base.num;
  const near = ticksOf(NEAR);

  /** The chunk of a time, and the one after it on its way. */
  function chunkAt(ticks: number) {
    const { length } = chunks;
    const place = shownAt(
      length,
      ticks,
      near,
      (i) => chunks[i]!.from,
      (i) => chunks[i]!.last,
    );
    // The next one first: what is wanted now stays longest.
    if (place + 1 < chunks.length) load(place + 1);
    return load(place);
  }

  const frameOf = (frames: readonly PanopticFrame[], ticks: number): PanopticFrame =>
    frames[shownAt(frames.length, ticks, near, (i) => frames[i]!.pts)]!;

  return {
    index,
    frames: (place) => load(place).coming,
    async frameAt(seconds) {
      if (chunks.length === 0) return undefined;
      const ticks = ticksOf(seconds);
      return frameOf(await chunkAt(ticks).coming, ticks);
    },
    peek(seconds) {
      if (chunks.length === 0) return undefined;
      const ticks = ticksOf(seconds);
      const { frames } = chunkAt(ticks);
      return frames && frameOf(frames, ticks);
    },
    trackOf: ({ track, name }) => tracks.get(`${track} ${name}`),
  };
}

/**
 * The place of what is shown at a time: the last one that has begun, by when each begins and its last frame does. One that begins no later than `near` has begun too,
 * unless the one before it is nearer. Before all of them it is the first one.
 */
function shownAt(
  count: number,
  ticks: number,
  near: number,
  fromOf: (place: number) => number,
  lastOf = fromOf,
): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fromOf(middle) <= ticks + near) low = middle;
    else high = middle - 1;
  }
  while (low > 0 && fromOf(low) - ticks > Math.abs(lastOf(low - 1) - ticks)) low--;
  return low;
}

async function readIndex(read: ReadPart): Promise<PanopticIndex> {
  const tail = new Uint8Array(await read(-SUFFIX));
  if (tail.length < MAGIC.length + FOOTER)
    throw new RangeError(`the panoptic file has ${tail.length} bytes: it was cut off, or is none`);
  const footer = tail.subarray(tail.length - FOOTER);
  const view = new DataView(footer.buffer, footer.byteOffset, FOOTER);
  if (latin1(footer.subarray(16)) !== END)
    throw new RangeError('the panoptic file does not end as one: it was cut off, or is none');
  const [at, bytes, version] = [view.getFloat64(0, true), view.getUint32(8, true), view.getUint32(12, true)];
  if (version > VERSION)
    throw new RangeError(
      `the panoptic file is of version ${version}, and versions up to ${VERSION} can be read`,
    );
  const what = 'the index of the panoptic file';
  const here = tail.length - FOOTER - bytes;
  const deflated = here >= 0 ? tail.slice(here, here + bytes) : await exactly(read, at, bytes, what);
  const text = new TextDecoder().decode(await inflate(deflated, what));
  const index: PanopticIndex = JSON.parse(text);
  const last = index.chunks.at(-1);
  if (last && last.at + last.bytes !== at)
    throw new RangeError('the panoptic file is shorter or longer than its index says: it was cut off');
  return index;
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Throws RangeError where there are fewer bytes. */
async function exactly(
  read: ReadPart,
  at: number,
  bytes: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const part = new Uint8Array(await read(at, at + bytes));
  if (part.length === bytes) return part;
  throw new RangeError(`${what} should have ${bytes} bytes and has ${part.length}: the file was cut off`);
}

/** What was deflated as RFC 1950 has it, checksum and all. Throws RangeError where it is damaged. */
async function inflate(bytes: Uint8Array<ArrayBuffer>, what: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Uint8Array(await new Response(plain).arrayBuffer());
  } catch (error) {
    throw new RangeError(`${what} is damaged: it cannot be inflated`, { cause: error });
  }
}
