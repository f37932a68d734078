import { readFile, stat } from 'node:fs/promises';
import { SidestreamError } from '../../core/errors.ts';
import type { NutStream } from '../nut.ts';
import { readNut } from '../nut-read.ts';
import { ffmpegSource } from '../probe.ts';
import { FfmpegFailure, type FfmpegPaths, pipe, runFfmpeg } from '../process.ts';
import { LIVE_TIME_BASE } from '../rtsp/clock.ts';
import { type IndexedTrack, indexOf } from './movie-index.ts';

/** Ticks of 1/90000 s. */
export const TICKS = LIVE_TIME_BASE.den;

/** A packet of a file. */
export interface FilePacket {
  /** The very same object for all packets of a track. */
  readonly stream: NutStream;
  readonly key: boolean;
  /** In ticks of the file's own time; not always whole for sound. */
  readonly time: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** How sound is handed over: as it is, decoded to 16 bits a sample, or not at all. */
export type SoundAs = 'coded' | 'none' | { readonly rate: number; readonly channels: number };

export interface SegmentPackets {
  /** Of the first track of pictures and the first of sound, in the order of the file. Leaving early ends ffmpeg. */
  readonly packets: AsyncGenerator<FilePacket>;
  /** False where ffmpeg could not read all of it. Settled when `packets` have ended. */
  readonly whole: () => boolean;
}

/** NUT has no negative times, which edit lists make: seconds that all times travel later. */
const LATER = 100;
const LARGEST_PACKET = 1 << 28;
/** Bytes of a file that is read as a whole. */
const LARGEST_READ = 1 << 26;

/** ffmpeg's arguments behind the input. */
export const packetArguments = (sound: SoundAs): string[] => [
  ...['-map', '0:v:0', '-c:v', 'copy'],
  ...(sound === 'none' ? [] : ['-map', '0:a:0?', ...soundCodec(sound)]),
  ...['-copyts', '-output_ts_offset', String(LATER), '-avoid_negative_ts', 'disabled', '-f', 'nut'],
];

const soundCodec = (sound: Exclude<SoundAs, 'none'>): string[] =>
  sound === 'coded'
    ? ['-c:a', 'copy']
    : ['-c:a', 'pcm_s16le', '-ar', String(sound.rate), '-ac', String(sound.channels)];

/** What ffmpeg has said of tracks, by their descriptions. */
export type KnownTracks = Map<string, NutStream>;

/**
 * Reads a file's packets: by ffmpeg, or where it is as the recorder writes it, and ffmpeg has read one whose tracks are
 * described alike, without it. What cannot be read ends them early; throws FFMPEG_MISSING and the reason of `signal`.
 */
export function openPackets(
  path: string,
  sound: SoundAs,
  { paths, tracks: known }: { readonly paths: FfmpegPaths; readonly tracks: KnownTracks },
  signal: AbortSignal,
): SegmentPackets {
  let whole = false;
  async function* read(): AsyncGenerator<FilePacket> {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) return; // It is missing: nothing of it can be read.
    const file = found.size <= LARGEST_READ ? await readFile(path, { signal }) : undefined;
    const index = file && tracksOf(indexOf(file), sound);
    if (
      file &&
      index &&
      typeof sound === 'string' &&
      index.every(({ description }) => known.has(description))
    ) {
      yield* indexed(file, index, known);
      signal.throwIfAborted();
      whole = true;
      return;
    }
    const stream = pipe();
    const input = { source: ffmpegSource(path), options: [] };
    const run = runFfmpeg(
      { inputs: [input], outputOptions: packetArguments(sound), output: stream },
      paths,
      signal,
    );
    run.ended.catch((failure) => stream.destroy(failure));
    let ended = false;
    try {
      for await (const { stream: about, key, pts, data } of readNut(stream, LARGEST_PACKET)) {
        const { num, den } = about.timeBase;
        const time = (pts * num * TICKS) / den - LATER * TICKS;
        const track = index?.find(({ kind }) => kind === about.kind);
        if (track && typeof sound === 'string') known.set(track.description, about);
        yield { stream: about, key, time: about.kind === 'video' ? Math.round(time) : time, data };
      }
      const { errors } = await run.ended;
      whole = errors === 0;
      ended = true;
    } catch (error) {
      ended = true;
      run.kill();
      signal.throwIfAborted();
      const reason = await run.ended.then(
        () => error,
        (failure: unknown) => failure,
      );
      if (reason instanceof SidestreamError) throw reason;
      // Damage ends a file, and is no reason to end the clip.
      if (!(reason instanceof FfmpegFailure || reason instanceof RangeError)) throw reason;
    } finally {
      if (!ended) run.kill();
      stream.destroy();
      if (!ended) await run.ended.catch(() => {}); // It was ended on purpose.
    }
    signal.throwIfAborted();
  }
  return { packets: read(), whole: () => whole };
}

/** The tracks that ffmpeg would be asked for; undefined where there are no pictures. */
function tracksOf(index: readonly IndexedTrack[] | undefined, sound: SoundAs): IndexedTrack[] | undefined {
  const first = (kind: IndexedTrack['kind']) => index?.find((track) => track.kind === kind);
  const [video, audio] = [first('video'), sound === 'none' ? undefined : first('audio')];
  return video && [video, ...(audio ? [audio] : [])];
}

/** In the order of decoding; of two at a time, pictures first. */
function* indexed(
  file: Buffer<ArrayBuffer>,
  tracks: readonly IndexedTrack[],
  known: KnownTracks,
): Generator<FilePacket> {
  const packets = tracks.flatMap(({ kind, timescale, description, samples }) =>
    samples.map((sample) => ({ ...sample, kind, timescale, stream: known.get(description)! })),
  );
  packets.sort((a, b) => a.decoded / a.timescale - b.decoded / b.timescale);
  for (const { stream, key, shown, timescale, kind, offset, size } of packets) {
    const time = (shown * TICKS) / timescale;
    const data = file.subarray(offset, offset + size);
    yield { stream, key, time: kind === 'video' ? Math.round(time) : time, data };
  }
}
