import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pts } from '../../core/time.ts';
import { type Draft, draft } from '../draft.ts';
import type { NutStream } from '../nut.ts';
import { FfmpegFailure, type FfmpegPaths } from '../process.ts';
import { LIVE_TIME_BASE, wallOf } from '../rtsp/clock.ts';
import { RECORD_INPUT, recordOptions } from './argv.ts';
import { type Fed, type FedPacket, openFed } from './fed.ts';
import { isSameStream } from './kept.ts';

/** Where a camera's own packets are kept: MP4 files of about `seconds` each, that begin at key frames. */
export interface RecordRequest {
  readonly folder: string;
  readonly seconds: number;
}

export interface RecordDeps {
  readonly paths: FfmpegPaths;
  /** Told why nothing is recorded; undefined: it goes on. */
  readonly tell: (error: unknown) => void;
  /** Told of every file. */
  readonly films?: Films | undefined;
}

/** Told of files as they are written. Times are ticks of LIVE_TIME_BASE; a file is known by that of its first picture. */
export interface Films {
  begun(begin: number, streams: readonly NutStream[]): void;
  /** A picture goes into the file begun last; not always in the order of their times. */
  picture(pts: number): void;
  /** `end`: where the next file begins at once; undefined: pictures are missing from here on. `slow`: the disk is too slow. */
  ended(begin: number, end: number | undefined, slow: boolean): void;
  /** It is whole, as `path`; undefined: there is none, and why. */
  kept(begin: number, path: string | undefined, error?: unknown): void;
}

/** Takes packets and never waits: what cannot be written in time is left out up to a key frame. */
export interface Recorder {
  take(packet: FedPacket): void;
  /** Finishes the present file: nothing comes for a while. */
  pause(): void;
  /** Lets the last file be finished, for at most a second. */
  close(): Promise<void>;
}

/** A file that is being written, by a process of its own: so it is whole when that has ended well. */
interface Part {
  readonly fed: Fed;
  readonly file: Draft;
  readonly path: string;
  readonly audio: NutStream | undefined;
  readonly begin: number;
}

/** Bytes that may wait for a file, and files that may be written at once: a slow disk fills no memory. */
const [MOST_WAITING, MOST_PARTS] = [16 << 20, 3];
/** Milliseconds from one that could not be written to the next. */
const PAUSE = 5000;
const [ALIVE, GOODBYE] = [1500, 1000];
/** Milliseconds after which what nobody has written to is a leftover. */
const FORGOTTEN = 10 * 60_000;
/** Bytes of a file without a picture, at most: it was ended before the first one. */
const EMPTY = 512;
const TICKS = LIVE_TIME_BASE.den;
/** Ticks before the first picture, for sound and pictures that are shown earlier. */
const LEAD = 10 * TICKS;

/** `20260131T120000Z.mp4`, by the time of the first picture in UTC; later ones of the same second sort behind it. */
export function recordName(wall: number, number = 1): string {
  const time = new Date(wall).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return `${time}${number > 1 ? `_${number}` : ''}.mp4`;
}

/** True where the file has just that sound. */
const isWith = (part: Part, audio: NutStream | undefined): boolean =>
  part.audio && audio ? isSameStream(part.audio, audio) : part.audio === audio;

/** In a folder that is there. */
export async function openRecorder(
  { folder, seconds }: RecordRequest,
  { paths, tell, films }: RecordDeps,
  signal: AbortSignal,
): Promise<Recorder> {
  await sweep(folder);
  let [video, audio]: (NutStream | undefined)[] = [];
  let part: Part | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;
  const names = new Set<string>();
  const works = new Map<Part, Promise<void>>();

  function begin({ stream, pts }: FedPacket): void {
    if (performance.now() < notBefore) return;
    if (works.size >= MOST_PARTS) {
      tell(new Error('files are written too slowly'));
      notBefore = performance.now() + PAUSE;
      return;
    }
    const name = freeName(wallOf(pts as Pts));
    names.add(name);
    const path = join(folder, name);
    const file = draft(path);
    const streams = audio ? [stream, audio] : [stream];
    const about = { input: RECORD_INPUT, options: recordOptions(streams) };
    const fed = openFed(streams, { ...about, output: file.path }, paths, signal);
    const mine: Part = { fed, file, path, audio, begin: pts };
    part = mine;
    films?.begun(pts, streams);
    const work = finished(mine).finally(() => {
      names.delete(name);
      works.delete(mine);
    });
    works.set(mine, work);
    // What cannot be begun ends sooner.
    setTimeout(() => works.has(mine) && tell(undefined), ALIVE).unref();
  }

  function freeName(wall: number): string {
    for (let number = 1; ; number++) {
      const name = recordName(wall, number);
      if (!names.has(name) && !existsSync(join(folder, name))) return name;
    }
  }

  async function finished(mine: Part): Promise<void> {
    const { fed, file, path, begin } = mine;
    try {
      const { lines } = await fed.ended.catch(orderly);
      if (part === mine) end(); // It ended by itself.
      // Its exit says nothing of what could not be written in the end.
      if (/No space left|Error writing trailer/i.test(lines.join('\n')))
        throw new FfmpegFailure('it could not be written', lines);
      const some = (await stat(file.path)).size > EMPTY;
      if (some) await file.commit();
      else await file.discard();
      tell(undefined);
      films?.kept(begin, some ? path : undefined);
    } catch (error) {
      if (part === mine) end();
      notBefore = performance.now() + PAUSE;
      await file.discard().catch(() => {});
      tell(error);
      films?.kept(begin, undefined, error);
    }
  }

  /** `next`: where the next file begins at once. */
  function end(next?: number, slow = false): void {
    if (!part) return;
    films?.ended(part.begin, next, slow);
    part.fed.end();
    part = undefined;
  }

  return {
    take(packet) {
      const { stream, key, pts } = packet;
      if (stream.kind === 'audio') {
        audio = stream;
        if (part?.audio && isWith(part, stream)) write(part, packet, 1);
        return;
      }
      // Another connection: what lies between is not a part of the film.
      if (stream !== video) end();
      video = stream;
      if (part && key && (pts - part.begin >= seconds * TICKS || !isWith(part, audio))) end(pts);
      if (!part && key) begin(packet);
      if (part) write(part, packet, 0);
    },
    pause: () => end(),
    async close() {
      end();
      const patience = setTimeout(() => {
        for (const { fed } of works.keys()) fed.kill();
      }, GOODBYE);
      await Promise.all(works.values());
      clearTimeout(patience);
    },
  };

  function write(to: Part, packet: FedPacket, number: number): void {
    if (to.fed.waiting > MOST_WAITING) {
      end(undefined, true);
      return;
    }
    to.fed.write({ ...packet, pts: Math.max(0, packet.pts - to.begin + LEAD) }, number);
    if (number === 0) films?.picture(packet.pts);
  }
}

/** Ctrl-C in a terminal reaches ffmpeg, too: it then finishes its file, and says so by this status. */
function orderly(error: unknown): { readonly lines: readonly string[] } {
  if (error instanceof FfmpegFailure && error.exitCode === 255) return error;
  throw error;
}

/** Removes what a process has left that was ended half-way. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\.\d{8}T\d{6}Z(_\d+)?\.mp4\.\d+\.partial\.mp4$/.test(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > FORGOTTEN) await rm(path, { force: true });
  }
}
