import { FED_TIME_BASE, ticksOf } from '../live/fed.ts';
import { type NutStream, nutFrameHeader, nutHeader, pictureBytes, rawVideo } from '../nut.ts';
import type { FfmpegPaths } from '../process.ts';
import { type CodingLook, coderArguments, headerArguments } from './coder-argv.ts';
import { type ParameterSets, parseConfiguration, prefixed, separatedUnits, typeOf, UNIT } from './h264.ts';
import { openPiped } from './piped.ts';

/** A coded picture, in the order of decoding. */
export interface CodedPicture {
  /** When it is shown, in ticks of the clip. */
  readonly time: number;
  readonly key: boolean;
  /** Units with their lengths before them. */
  readonly data: Uint8Array;
}

/** An ffmpeg that decodes packets and codes some of their pictures anew, as H.264 whose pictures are all in order. */
export interface Coder {
  /** `time`: ticks of the clip. `seen`: its picture comes out. Waits where ffmpeg does not keep up. */
  feed(
    packet: { readonly key: boolean; readonly data: Uint8Array },
    time: number,
    seen: boolean,
  ): Promise<void>;
  /** Pictures that have come out since it was asked last. */
  take(): readonly CodedPicture[];
  /** Waits for the rest of them. */
  finish(): Promise<readonly CodedPicture[]>;
  /** Of its pictures; known from the first one on. */
  readonly sets: ParameterSets | undefined;
  kill(): Promise<void>;
}

export interface CoderOptions {
  readonly stream: NutStream;
  readonly look: CodingLook;
  /** Ticks of the clip before which nothing is fed; may be negative. */
  readonly zero: number;
  /** What is decoded, for messages. */
  readonly name: string;
  readonly ffmpegMajor: number;
}

export async function openCoder(
  { stream, look, zero, name, ffmpegMajor }: CoderOptions,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<Coder> {
  let ready: CodedPicture[] = [];
  let sets: ParameterSets | undefined;
  const ffmpeg = openPiped(
    {
      ...coderArguments(look, stream, ffmpegMajor),
      name,
      frame(frame) {
        sets ??= setsOf(frame.stream.specific);
        const units = separatedUnits(frame.data);
        ready.push({ time: ticksOf(frame) + zero, key: frame.key, data: prefixed(units) });
      },
    },
    paths,
    signal,
  );
  await ffmpeg.write(nutHeader(FED_TIME_BASE, [stream]));
  const take = () => {
    const taken = ready;
    ready = [];
    return taken;
  };
  return {
    feed({ key, data }, time, seen) {
      // An odd time marks what is not to be seen.
      const ticks = 2 * (time - zero) + (seen ? 0 : 1);
      return ffmpeg.write(nutFrameHeader(ticks, data.length, { key, shift: stream.shift }), data);
    },
    take,
    async finish() {
      await ffmpeg.finish();
      return take();
    },
    get sets() {
      return sets;
    },
    kill: () => ffmpeg.kill(),
  };
}

/** The parameter sets that pictures of such a look come with: those of a gray one. */
export async function codedSets(
  look: CodingLook,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<ParameterSets> {
  const { width, height } = look;
  let sets: ParameterSets = { sequence: [], picture: [] };
  const ffmpeg = openPiped(
    {
      ...headerArguments(look),
      name: 'a gray picture',
      frame({ stream }) {
        sets = setsOf(stream.specific);
      },
    },
    paths,
    signal,
  );
  try {
    const format = { layout: 'gray8', width, height, timeBase: FED_TIME_BASE } as const;
    const picture = Buffer.alloc(pictureBytes('gray8', width, height), 128);
    const head = nutFrameHeader(0, picture.length);
    await ffmpeg.write(nutHeader(FED_TIME_BASE, [rawVideo(format)]), head, picture);
    await ffmpeg.finish();
  } finally {
    await ffmpeg.kill();
  }
  return sets;
}

/** Of what an encoder tells beforehand: units between start codes, or an avcC box. */
function setsOf(specific: Uint8Array): ParameterSets {
  const units = separatedUnits(specific);
  const of = (type: number) => units.filter((unit) => typeOf(unit) === type).map((unit) => unit.slice());
  return parseConfiguration(specific) ?? { sequence: of(UNIT.sequence), picture: of(UNIT.picture) };
}
