import { access, constants, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, SidestreamError } from '../../core/errors.ts';
import { redact } from '../../core/redact.ts';
import { lastError } from '../failures.ts';
import type { NutStream } from '../nut.ts';
import { FfmpegFailure, type FfmpegPaths } from '../process.ts';
import { hlsArguments, pictureArguments, publishArguments } from './argv.ts';
import { FED_TIME_BASE, type FedPacket, openFed, PASSED_INPUT, ticksOf } from './fed.ts';
import { createGop } from './gop.ts';
import { hlsFault } from './hls-watch.ts';
import { createKept, type Kept } from './kept.ts';
import { openRecorder, type RecordRequest } from './record.ts';

/** Where the painted stream goes. Each has a process of its own: what befalls one is nothing to the others. */
export interface OutputsRequest {
  readonly hls: { readonly folder: string; readonly seconds: number; readonly segments: number } | undefined;
  /** Address of an RTSP server to publish at. */
  readonly rtsp: string | undefined;
  /** The camera's own pictures and sound, without paint. */
  readonly record?: RecordRequest | undefined;
}

export interface OutputsDeps {
  readonly paths: FfmpegPaths;
  readonly ffmpegMajor: number;
  /** Told when an output stops or goes on. */
  readonly changed: (name: string, reason: string | undefined) => void;
}

export interface Picture {
  readonly jpeg: Uint8Array;
  /** Of the frame, in ticks of LIVE_TIME_BASE. */
  readonly pts: number;
}

export interface Outputs {
  /** A coded picture as it leaves the encoder. */
  video(packet: FedPacket): void;
  audio(packet: FedPacket): void;
  /** A packet of the camera as it came; undefined where nobody wants any. */
  readonly camera: ((packet: FedPacket) => void) | undefined;
  /** Every picture as JPEG, until what it returns is called. Made only while somebody watches. */
  watch(picture: (picture: Picture) => void): () => void;
  /** By name: undefined where it goes on, else why not. */
  readonly status: Map<string, string | undefined>;
  /** Tells of an output that is kept elsewhere: why it has stopped; undefined: it goes on. */
  tell(name: string, error: unknown): void;
  close(): Promise<void>;
}

const MEGABYTE = 1 << 20;
/** Bytes that may wait for an output, and that pictures up to the next key frame may have. */
const [MOST_WAITING, MOST_GROUP] = [16 * MEGABYTE, 32 * MEGABYTE];
/** Milliseconds that pictures are made for after the last one has looked. */
const LINGER = 5000;
/** Milliseconds between two looks at HLS, and that it may take to begin, or to write a segment, beside its length. */
const [HLS_LOOK, HLS_PATIENCE] = [1000, 4000];
/** Ticks that are left before the first picture, for sound that came earlier. */
const LEAD = 10 * 90_000;
const NOT_YET = 'it has not begun';

/** Throws OUTPUT_UNWRITABLE. */
export async function openOutputs(
  { hls, rtsp, record }: OutputsRequest,
  deps: OutputsDeps,
  signal: AbortSignal,
): Promise<Outputs> {
  const { paths, ffmpegMajor, changed } = deps;
  const status = new Map<string, string | undefined>();
  const sinks: Kept[] = [];
  const gop = createGop<FedPacket>(MOST_GROUP);
  const watchers = new Set<(picture: Picture) => void>();
  let base: number | undefined;
  /** When pictures began to come without a gap, and when the last one came. */
  let [begun, last] = [0, 0];
  let watch: NodeJS.Timeout | undefined;
  let [video, audio]: (NutStream | undefined)[] = [];
  let pictures: Kept | undefined;
  let idle: NodeJS.Timeout | undefined;

  const tell = (name: string, reason: string | undefined) => {
    if (status.has(name) && status.get(name) === reason) return;
    status.set(name, reason);
    changed(name, reason);
  };
  const recording = {
    paths,
    tell: (error: unknown) => tell('record', error === undefined ? undefined : whyOf(error)),
  };
  type Made = { readonly options: string[]; readonly output: string };
  const keep = (name: string, make: (audio: NutStream | undefined) => Made) => {
    status.set(name, NOT_YET);
    const open = (streams: readonly NutStream[]) =>
      openFed(streams, { ...make(streams[1]), input: PASSED_INPUT }, paths, signal);
    const down = (error: unknown) => tell(name, whyOf(error));
    // It counts as going on once it has lived a while: an address that refuses does so at once.
    let lives: NodeJS.Timeout | undefined;
    const up = () => {
      clearTimeout(lives);
      lives = setTimeout(() => sink.running && tell(name, undefined), 1500).unref();
    };
    const sink = createKept({ open, down, up, mostWaiting: MOST_WAITING });
    sinks.push(sink);
    return sink;
  };
  if (hls) {
    await writableFolder(hls.folder);
    await prepare(hls.folder);
    const first = () => Math.floor(Date.now() / 1000);
    const sink = keep('hls', (sound) => hlsArguments(hls.folder, { ...hls, first: first() }, sound));
    let faults = 0;
    watch = setInterval(async () => {
      // Where no pictures come, none are written.
      if (!sink.running || Date.now() - begun < HLS_PATIENCE || Date.now() - last > 1000) return;
      const fault = await hlsFault(hls.folder, hls.seconds * 3000 + HLS_PATIENCE);
      faults = fault === undefined ? 0 : faults + 1;
      if (faults !== 1) tell('hls', fault); // It may just have been looked at in between.
      if (faults % 5 === 4) sink.restart();
    }, HLS_LOOK);
  }
  if (record) await writableFolder(record.folder);
  const recorder = record && (await openRecorder(record, recording, signal));
  if (recorder) status.set('record', NOT_YET);
  if (rtsp !== undefined) keep('rtsp', () => ({ options: publishArguments(ffmpegMajor), output: rtsp }));

  const describe = () => {
    if (!video) return;
    for (const sink of sinks) sink.describe(audio ? [video, audio] : [video]);
    pictures?.describe([video]);
  };
  const shifted = (packet: FedPacket): FedPacket => {
    base ??= packet.pts - LEAD;
    return { ...packet, pts: Math.max(0, packet.pts - base) };
  };

  function makePictures(): Kept {
    return createKept({
      open: (streams) =>
        openFed(streams, { options: pictureArguments(undefined, FED_TIME_BASE, ffmpegMajor) }, paths, signal),
      frame: (frame) => {
        const picture = { jpeg: frame.data, pts: ticksOf(frame) };
        for (const watcher of watchers) watcher(picture);
      },
      replay: () => gop.packets.map((packet) => ({ packet, to: 0 })),
      down: () => {},
      mostWaiting: MOST_WAITING,
    });
  }

  return {
    status,
    tell: (name, error) => tell(name, error === undefined ? undefined : whyOf(error)),
    video(packet) {
      const now = Date.now();
      if (now - last > 1000) begun = now;
      last = now;
      if (packet.stream !== video) {
        video = packet.stream;
        gop.clear();
        describe();
      }
      gop.push(packet);
      const timed = shifted(packet);
      for (const sink of sinks) sink.write(timed, 0);
      pictures?.write(packet, 0);
    },
    audio(packet) {
      if (packet.stream !== audio) {
        audio = packet.stream;
        describe();
      }
      if (base === undefined) return;
      const timed = shifted(packet);
      for (const sink of sinks) sink.write(timed, 1);
    },
    camera: recorder && ((packet) => recorder.take(packet)),
    watch(picture) {
      clearTimeout(idle);
      watchers.add(picture);
      if (!pictures) {
        pictures = makePictures();
        if (video) pictures.describe([video]);
      }
      return () => {
        watchers.delete(picture);
        if (watchers.size > 0) return;
        clearTimeout(idle);
        idle = setTimeout(() => {
          void pictures?.close();
          pictures = undefined;
        }, LINGER);
      };
    },
    async close() {
      clearTimeout(idle);
      clearInterval(watch);
      const open = [...sinks, ...(pictures ? [pictures] : []), ...(recorder ? [recorder] : [])];
      await Promise.all(open.map((sink) => sink.close()));
    },
  };
}

const whyOf = (error: unknown): string =>
  error instanceof FfmpegFailure && error.lines.length > 0
    ? lastError(error.lines)
    : redact(error instanceof Error ? error.message : String(error));

/** Makes the folder where it is not there. Throws OUTPUT_UNWRITABLE where nothing can be written there. */
export async function writableFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new SidestreamError('OUTPUT_UNWRITABLE', `${folder} may not be written to (${error.code})`);
  }
}

/** An empty folder for segments: what another run has left is not part of this one. */
async function prepare(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^(\d+\.m4s|init-\d+\.mp4|index\.m3u8(\.tmp)?)$/.test(name))
      await rm(join(folder, name), { force: true });
  }
}
