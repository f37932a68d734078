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
}

/** Takes packets and never waits: what cannot be written in time is left out up to a key frame. */
export interface Recorder {
  take(packet: FedPacket): void;
  /** Lets the last file be finished, for at most a second. */
  close(): Promise<void>;
}

/** A file that is being written, by a process of its own: so it is whole when that has ended well. */
interface Part {
  readonly fed: Fed;
  readonly file: Draft;
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
  { paths, tell }: RecordDeps,
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
    const file = draft(join(folder, name));
    const streams = audio ? [stream, audio] : [stream];
    const about = { input: RECORD_INPUT, options: recordOptions(streams) };
    const fed = openFed(streams, { ...about, output: file.path }, paths, signal);
    const mine: Part = { fed, file, audio, begin: pts };
    part = mine;
    const work = finished(mine).finally(() => {
      names.delete(name);
      works.delete(mine);
      if (part === mine) part = undefined; // It ended by itself.
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

  async function finished({ fed, file }: Part): Promise<void> {
    try {
      const { lines } = await fed.ended.catch(orderly);
      // Its exit says nothing of what could not be written in the end.
      if (/No space left|Error writing trailer/i.test(lines.join('\n')))
        throw new FfmpegFailure('it could not be written', lines);
      if ((await stat(file.path)).size > EMPTY) await file.commit();
      else await file.discard();
      tell(undefined);
    } catch (error) {
      notBefore = performance.now() + PAUSE;
      await file.discard().catch(() => {});
      tell(error);
    }
  }

  function end(): void {
    part?.fed.end();
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
      if (part && key && (pts - part.begin >= seconds * TICKS || !isWith(part, audio))) end();
      if (!part && key) begin(packet);
      if (part) write(part, packet, 0);
    },
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
      end();
      return;
    }
    to.fed.write({ ...packet, pts: Math.max(0, packet.pts - to.begin + LEAD) }, number);
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
