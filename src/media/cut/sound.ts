import type { FfmpegPaths } from '../process.ts';
import { openPiped } from './piped.ts';
import type { Place } from './plan.ts';
import { TICKS } from './segment-packets.ts';
import { createSoundLine } from './sound-line.ts';
import type { SoundFormat } from './sound-plan.ts';

/** A packet of AAC. */
export interface SoundPacket {
  /** In samples from the clip's beginning; the first one may be before it. */
  readonly at: number;
  readonly data: Uint8Array;
}

/** Makes a clip's sound of that of files, which comes in order. */
export interface Sound {
  /** `time`: ticks since 1970. `data`: a packet, or samples, as the plan has it. */
  add(time: number, data: Uint8Array): Promise<void>;
  /** Packets that are there since it was asked last. */
  take(): readonly SoundPacket[];
  /** Waits for the rest of them. */
  finish(): Promise<readonly SoundPacket[]>;
  kill(): Promise<void>;
}

export interface SoundOptions {
  readonly pieces: readonly Place[];
  /** Of the clip, in ticks. */
  readonly length: number;
}

export const openSound = (
  plan: SoundFormat,
  options: SoundOptions,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Sound => (plan.kind === 'copy' ? copied(plan, options) : coded(plan, options, paths, signal));

/** Packets as they are: the clip is of one piece. */
function copied({ rate, samples }: SoundFormat, { pieces: [piece], length }: SoundOptions): Sound {
  let ready: SoundPacket[] = [];
  let next = Number.NEGATIVE_INFINITY;
  const take = () => {
    const taken = ready;
    ready = [];
    return taken;
  };
  return {
    async add(time, data) {
      const at = Math.round(((time - piece.from) * rate) / TICKS);
      // What two files both have is taken once.
      if (at + samples <= 0 || at >= (length * rate) / TICKS || at < next) return;
      ready.push({ at, data });
      next = at + samples / 2;
    },
    take,
    finish: async () => take(),
    kill: async () => {},
  };
}

/** NUT has no negative times, which the packet has that primes decoders: seconds that all times travel later. */
const LATER = 10;
/** Bits a second for each channel. */
const bitrate = (rate: number): number => Math.min(64_000, 4 * rate);

/** Samples coded anew, as AAC. */
function coded(
  { rate, channels }: SoundFormat,
  { pieces, length }: SoundOptions,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Sound {
  const line = createSoundLine(pieces, rate, channels);
  let ready: SoundPacket[] = [];
  const ffmpeg = openPiped(
    {
      input: ['-f', 's16le', '-ar', String(rate), '-ac', String(channels)],
      output: [
        ...['-c:a', 'aac', '-b:a', String(bitrate(rate) * channels), '-output_ts_offset', String(LATER)],
        ...['-avoid_negative_ts', 'disabled', '-f', 'nut'],
      ],
      name: 'the sound',
      frame({ stream: { timeBase }, pts, data }) {
        ready.push({ at: Math.round((pts * timeBase.num * rate) / timeBase.den) - LATER * rate, data });
      },
    },
    paths,
    signal,
  );
  const take = () => {
    const taken = ready;
    ready = [];
    return taken;
  };
  return {
    async add(time, data) {
      for (const part of line.place(time, data)) await ffmpeg.write(part);
    },
    take,
    async finish() {
      for (const part of line.rest(length)) await ffmpeg.write(part);
      await ffmpeg.finish();
      return take();
    },
    kill: () => ffmpeg.kill(),
  };
}
