import type { NutStream } from '../nut.ts';
import type { FfmpegPaths } from '../process.ts';
import { type Codec, codecOf } from '../rtsp/parameter-sets.ts';
import { type ParameterSets, parseConfiguration, prefixedUnits, typeOf, UNIT } from './h264.ts';
import { type KnownTracks, openPackets, TICKS } from './segment-packets.ts';

/** A recorded file. */
export interface CutSegment {
  readonly path: string;
  /** Ticks (1/90000 s since 1970) of its first picture. */
  readonly begin: number;
  /** Ticks at which its last picture is over. */
  readonly end: number;
}

/**
 * What a packet of pictures is good for. `key`: decoding may begin with it. `clean`: and nothing behind it looks back over
 * it, so that anything may stand before it.
 */
export const PICTURE = { lost: 0, usable: 1, key: 2, clean: 3 } as const;

/** What is known of a file without decoding it. Times are ticks since 1970. */
export interface SegmentFacts {
  readonly segment: CutSegment;
  readonly video: NutStream;
  readonly codec: Codec;
  /** Time of the first picture by the file's own clock, in ticks. */
  readonly zero: number;
  /** Of each packet of pictures, in the order of decoding. */
  readonly times: readonly number[];
  /** Of the same packets: values of PICTURE. */
  readonly kinds: readonly number[];
  /** Parameter sets of H.264, each variant once; undefined where they are not as MP4 has them. */
  readonly sets: readonly ParameterSets[] | undefined;
  readonly sound: SoundFacts | undefined;
  /** False where something of the file could not be read. */
  readonly whole: boolean;
}

export interface SoundFacts {
  readonly stream: NutStream;
  /** Ticks of its beginning and end. */
  readonly begin: number;
  readonly end: number;
  /** Samples a second, and channels. */
  readonly rate: number;
  readonly channels: number;
  /** Samples of a packet. */
  readonly samples: number;
  /** Without holes. */
  readonly steady: boolean;
}

/** Reads a file up to the first key frame at or after `until`, in ticks. Undefined: no picture of it can be read. */
export async function segmentFacts(
  segment: CutSegment,
  { until, sound: withSound }: { readonly until: number; readonly sound: boolean },
  deps: { readonly paths: FfmpegPaths; readonly tracks: KnownTracks },
  signal: AbortSignal,
): Promise<SegmentFacts | undefined> {
  const { packets, whole } = openPackets(segment.path, withSound ? 'coded' : 'none', deps, signal);
  const raw: number[] = [];
  const kinds: number[] = [];
  const judge = createJudge();
  const sound = createSoundWatch();
  let video: NutStream | undefined;
  let left = false;
  for await (const { stream, key, time, data } of packets) {
    if (stream.kind === 'audio') {
      sound.add(stream, time);
      continue;
    }
    video ??= stream;
    if (key && raw.length > 0 && time - raw[0] + segment.begin >= until) {
      left = true;
      break;
    }
    raw.push(time);
    kinds.push(judge.kindOf(stream, key, data));
  }
  if (!video || !kinds.some((kind) => kind !== PICTURE.lost)) return undefined;
  const wall = (time: number) => time - raw[0] + segment.begin;
  const heard = sound.facts();
  return {
    ...{ segment, video, codec: codecOf(video), zero: raw[0], times: raw.map(wall), kinds },
    sets: judge.sets(video),
    sound: heard && { ...heard, begin: wall(heard.begin), end: wall(heard.end) },
    whole: (left || whole()) && !kinds.includes(PICTURE.lost),
  };
}

/** Tells what packets are good for, one after the other; and gathers parameter sets. */
function createJudge() {
  const known = new Map<string, Uint8Array>();
  /** Without a key frame since the last damage nothing can be decoded. */
  let broken = true;
  return {
    kindOf({ fourcc, specific }: NutStream, key: boolean, data: Uint8Array): number {
      const codec = codecOf({ fourcc });
      const units = isPrefixed(codec, specific) ? prefixedUnits(data) : [];
      if (units === undefined || units.some(isDamaged)) {
        broken = true;
        return PICTURE.lost;
      }
      const clean = codec === 'h264' && units.some((unit) => typeOf(unit) === UNIT.idr);
      if (key || clean) broken = false;
      if (broken) return PICTURE.lost;
      if (codec === 'h264')
        for (const unit of units.filter(isSet)) known.set(Buffer.from(unit).toString('latin1'), unit.slice());
      if (clean) return PICTURE.clean;
      return key ? PICTURE.key : PICTURE.usable;
    },
    sets({ fourcc, specific }: NutStream): readonly ParameterSets[] | undefined {
      if (codecOf({ fourcc }) !== 'h264') return undefined;
      const told = parseConfiguration(specific);
      if (!told) return undefined;
      const of = (type: number) => [...known.values()].filter((unit) => typeOf(unit) === type);
      return [told, { sequence: of(UNIT.sequence), picture: of(UNIT.picture) }];
    },
  };
}

/** True where units have their lengths before them, in four bytes each (ISO/IEC 14496-15: avcC and hvcC). */
function isPrefixed(codec: Codec, specific: Uint8Array): boolean {
  if (codec !== 'h264' && codec !== 'hevc') return false;
  return specific[0] === 1 && (specific[codec === 'h264' ? 4 : 21] & 3) === 3;
}

const isSet = (unit: Uint8Array): boolean => typeOf(unit) === UNIT.sequence || typeOf(unit) === UNIT.picture;

/** Zeros that may stand behind a unit. */
const PADDING = 64;

/** Three zeros are in no unit: a disk that has lost a block gives zeros for it. */
function isDamaged(unit: Uint8Array): boolean {
  const bytes = Buffer.from(unit.buffer, unit.byteOffset, unit.length);
  const at = bytes.indexOf(ZEROS);
  if (at < 0) return false;
  return unit.length - at > PADDING || unit.subarray(at).some((byte) => byte !== 0);
}
const ZEROS = Buffer.alloc(3);

/** Ticks that may pass between packets of sound beyond their own length: times of cameras are not even. */
const HOLE = TICKS / 10;

function createSoundWatch() {
  let stream: NutStream | undefined;
  let begin = 0;
  let last = 0;
  let count = 0;
  let longest = 0;
  return {
    add(of: NutStream, time: number): void {
      if (count === 0) [stream, begin] = [of, time];
      else longest = Math.max(longest, time - last);
      last = time;
      count++;
    },
    facts(): SoundFacts | undefined {
      if (!stream || count < 2) return undefined;
      const usual = (last - begin) / (count - 1);
      const { rate, channels } = soundFormat(stream);
      if (!(usual > 0 && rate > 0)) return undefined;
      const samples = Math.round((usual * rate) / TICKS);
      const steady = longest < 2 * usual + HOLE;
      return { stream, begin, end: last + usual, rate, channels, samples, steady };
    },
  };
}

/** Samples a second and channels, as NUT describes sound: three numbers. */
export function soundFormat({ rest }: NutStream): { readonly rate: number; readonly channels: number } {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of rest) {
    value = value * 128 + (byte & 127);
    if (byte < 128) {
      numbers.push(value);
      value = 0;
    }
  }
  const [num = 0, den = 1, channels = 1] = numbers;
  return { rate: Math.round(num / Math.max(1, den)), channels: Math.max(1, channels) };
}
