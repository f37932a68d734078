import type { FfmpegPaths } from '../process.ts';
import { configurationOf, type ParameterSets, prefixed } from './h264.ts';
import { type Chapter, type Mux, openMux } from './mux.ts';
import { TICKS } from './segment-packets.ts';
import type { SoundPacket } from './sound.ts';
import type { SoundPlan } from './sound-plan.ts';

/** What is written of a picture. */
export interface ClipPicture {
  /** When it is shown and decoded, in ticks of the clip. */
  readonly time: number;
  readonly decoded: number;
  readonly key: boolean;
  readonly data: Uint8Array;
}

export interface ClipWriter {
  /** In the order of decoding. `sets`: what the picture needs, where it is one that begins anew. */
  picture(picture: ClipPicture, sets?: ParameterSets): Promise<void>;
  sound(packets: readonly SoundPacket[]): Promise<void>;
  /** `end`: ticks at which the last picture is over for the decoder. Gives the file its name. */
  finish(end: number): Promise<void>;
  discard(): Promise<void>;
}

export interface ClipWriterOptions {
  readonly output: string;
  readonly width: number;
  readonly height: number;
  /** All that pictures need; undefined: what the first one comes with. */
  readonly sets: ParameterSets | undefined;
  readonly sound: SoundPlan;
  readonly chapters: readonly Chapter[];
  /** ISO 8601. */
  readonly created: string;
}

/** Writes pictures of H.264 and sound of AAC to an MP4. Nothing is there before its first picture. */
export function createClipWriter(
  options: ClipWriterOptions,
  paths: FfmpegPaths,
  signal: AbortSignal,
): ClipWriter {
  const { output, width, height, sound, chapters, created } = options;
  let mux: Mux | undefined;
  let known: readonly Uint8Array[] = [];
  let inBand = false;
  /** Sound from before the first picture. */
  let early: SoundPacket[] = [];
  let soundEnd = 0;

  function open(sets: ParameterSets): Mux {
    const video = {
      kind: 'video',
      timescale: TICKS,
      width,
      height,
      configuration: configurationOf(sets),
    } as const;
    const heard =
      sound.kind === 'none'
        ? []
        : [
            {
              ...({ kind: 'audio', timescale: sound.rate, channels: sound.channels } as const),
              configuration: sound.configuration,
            },
          ];
    known = [...sets.sequence, ...sets.picture];
    return openMux({ output, chapters, created, tracks: [video, ...heard] }, paths, signal);
  }

  async function writeSound(to: Mux, packets: readonly SoundPacket[]): Promise<void> {
    if (sound.kind === 'none') return;
    for (const { at, data } of packets) {
      await to.add(1, { decoded: at, shown: at, key: true, data });
      soundEnd = at + sound.samples;
    }
  }

  return {
    async picture({ time, decoded, key, data }, sets) {
      const needed = options.sets ?? sets;
      if (!mux && needed) {
        mux = open(needed);
        await writeSound(mux, early);
        early = [];
      }
      if (!mux) throw new RangeError('a first picture without parameter sets');
      const own = sets ? [...sets.sequence, ...sets.picture] : [];
      const isKnown = own.every((unit) => known.some((one) => Buffer.compare(one, unit) === 0));
      // What the index does not know stands before the pictures that need it; from then on, what it knows does, too.
      inBand ||= !isKnown;
      const whole = inBand && own.length > 0 ? Buffer.concat([prefixed(own), data]) : data;
      await mux.add(0, { decoded, shown: time, key, data: whole });
    },
    async sound(packets) {
      if (mux) await writeSound(mux, packets);
      else early.push(...packets);
    },
    async finish(end) {
      await mux?.finish(sound.kind === 'none' ? [end] : [end, soundEnd]);
    },
    async discard() {
      await mux?.discard();
    },
  };
}
