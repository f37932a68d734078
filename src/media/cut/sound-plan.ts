import { isSameStream } from '../live/kept.ts';
import type { NutStream } from '../nut.ts';
import type { SegmentFacts, SoundFacts } from './segment-facts.ts';
import { TICKS } from './segment-packets.ts';

/** How a clip comes by its sound: not at all; packets as they are; or coded anew, with silence where there is none. */
export type SoundPlan = { readonly kind: 'none' } | SoundFormat;

export interface SoundFormat {
  readonly kind: 'copy' | 'code';
  /** Samples a second. */
  readonly rate: number;
  readonly channels: number;
  /** Of a packet. */
  readonly samples: number;
  /** AAC's AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2). */
  readonly configuration: Uint8Array;
}

/** Ticks that may be missing between the sound of two files: times of cameras are not even. */
const HOLE = TICKS / 8;

/** AAC by NUT's names, with what decoders must know beforehand. */
const isAac = ({ fourcc, specific }: NutStream): boolean =>
  /^(ff000000|6d703461)$/.test(Buffer.from(fourcc).toString('hex')) && specific.length >= 2;

/**
 * `files`: those that the clip has pictures of, in order. Where sound has holes it is coded anew: players count its
 * samples, and would play what comes behind a hole too early.
 */
export function soundPlan(
  files: readonly Pick<SegmentFacts, 'sound'>[],
  { wanted, gaps }: { readonly wanted: boolean; readonly gaps: boolean },
): SoundPlan {
  const sounds = files.flatMap(({ sound }) => sound ?? []);
  const [first] = sounds;
  if (!wanted || !first) return { kind: 'none' };
  const whole =
    !gaps &&
    sounds.length === files.length &&
    isAac(first.stream) &&
    sounds.every(({ stream, steady }) => steady && isSameStream(stream, first.stream)) &&
    sounds.every((sound, i) => i === 0 || joins(sounds[i - 1], sound));
  const { rate, channels, samples, stream } = first;
  if (whole) return { kind: 'copy', rate, channels, samples, configuration: stream.specific };
  return codedFormat(rate, channels);
}

const joins = (before: SoundFacts, after: SoundFacts): boolean => Math.abs(after.begin - before.end) < HOLE;

/** Samples a second that AAC has, by number. */
const RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];

/** One or two channels of AAC-LC, at the rate that is asked for where AAC has it. */
function codedFormat(wanted: number, most: number): SoundFormat {
  const rate = RATES.includes(wanted) ? wanted : 48_000;
  const channels = Math.min(2, most);
  const bits = (2 << 11) | (RATES.indexOf(rate) << 7) | (channels << 3);
  const configuration = Uint8Array.from([bits >> 8, bits & 255]);
  return { kind: 'code', rate, channels, samples: 1024, configuration };
}
