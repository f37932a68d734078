import { parseConfiguration } from '../../../../src/media/cut/h264.ts';
import type { SegmentFacts } from '../../../../src/media/cut/segment-facts.ts';
import { PICTURE } from '../../../../src/media/cut/segment-facts.ts';
import { type NutStream, rawVideo } from '../../../../src/media/nut.ts';

/** What is known of files that are not there. */

export const AVCC = Buffer.from(
  '0164001effe1001a6764001eacd940a02ff97011000003000100000300320f162d9601000668ebe3cb22c0fdf8f800',
  'hex',
);

export const h264: NutStream = {
  ...rawVideo({ layout: 'gray8', width: 640, height: 360, timeBase: { num: 1, den: 90_000 } }),
  fourcc: Buffer.from('avc1'),
  specific: AVCC,
};

export interface FileOptions extends Partial<SegmentFacts> {
  readonly begin: number;
  /** Pictures by letter, in the order of decoding: I clean, K key, P usable, x lost. */
  readonly pictures: string;
  /** Ticks from one to the next. */
  readonly step?: number;
  /** In which place each is shown; in the order of decoding if it is not told. */
  readonly order?: readonly number[];
}

const KINDS: Readonly<Record<string, number>> = {
  I: PICTURE.clean,
  K: PICTURE.key,
  P: PICTURE.usable,
  x: PICTURE.lost,
};

export function file({ begin, pictures, step = 100, order, ...more }: FileOptions): SegmentFacts {
  const kinds = [...pictures].map((letter) => KINDS[letter]!);
  const times = kinds.map((_, i) => begin + step * (order?.[i] ?? i));
  return {
    segment: { path: `${begin}.mp4`, begin, end: begin + step * kinds.length },
    ...{ video: h264, codec: 'h264', zero: 0, times, kinds, sound: undefined },
    sets: [parseConfiguration(AVCC)!],
    whole: !pictures.includes('x'),
    ...more,
  };
}
