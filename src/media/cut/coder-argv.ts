import { type EncoderSettings, encoderArguments, keyFrameArguments } from '../encoder-argv.ts';
import { FED_TIME_BASE } from '../live/fed.ts';
import type { NutStream } from '../nut.ts';
import type { SequenceParameters } from './h264.ts';

/** Arguments of ffmpeg for pictures that are coded anew, and nothing but arguments. */

/** How pictures are coded anew. */
export interface CodingLook {
  /** Of the clip, in pixels; even. */
  readonly width: number;
  readonly height: number;
  /** Pictures a second, about. */
  readonly rate: number;
  readonly settings: EncoderSettings;
  /** Number of its parameter sets. */
  readonly id: number;
  /** What the pictures are like that they stand between; undefined: they stand alone. */
  readonly like: SequenceParameters | undefined;
}

const CODER = 'libx264';
const ratio = `${FED_TIME_BASE.num}/${FED_TIME_BASE.den}`;

/** Reads packets as they are: nothing is guessed, and all of them are given to the decoder. */
const FED: readonly string[] = [
  ...['-f', 'nut', '-fflags', 'noparse+nofillin', '-probesize', '32', '-analyzeduration', '0'],
  // A few broken pictures are no reason to end.
  ...['-fpsprobesize', '0', '-max_error_rate', '1'],
];

/** Packets of `stream` on standard input become pictures in NUT; those at odd times are decoded and not seen. */
export const coderArguments = (
  look: CodingLook,
  stream: Pick<NutStream, 'width' | 'height' | 'sampleAspectRatio'>,
  ffmpegMajor: number,
): { readonly input: readonly string[]; readonly output: string[] } => ({
  input: FED,
  output: [
    ...['-map', '0:v:0', '-vf', ["select='not(mod(pts,2))'", ...shapeFilters(look, stream)].join(',')],
    ...codingArguments(look),
    ...(look.like ? [] : keyFrameArguments(encoderOf(look))),
    ...['-copyts', ffmpegMajor >= 5 ? '-fps_mode' : '-vsync', 'passthrough', '-enc_time_base', ratio],
    ...['-f', 'nut'],
  ],
});

/** One gray picture on standard input, raw, coded the same way: with it the parameter sets are known beforehand. */
export const headerArguments = (
  look: CodingLook,
): { readonly input: readonly string[]; readonly output: string[] } => ({
  input: ['-f', 'nut'],
  output: [
    ...['-map', '0:v:0', '-vf', shapeFilters(look, undefined).join(',')],
    ...codingArguments(look),
    ...['-enc_time_base', ratio, '-f', 'nut'],
  ],
});

/** Size, shape of pixels and colours of the clip. `stream`: undefined where it has the size already. */
function shapeFilters(
  { width, height, like }: CodingLook,
  stream: Pick<NutStream, 'width' | 'height' | 'sampleAspectRatio'> | undefined,
): string[] {
  const filters: string[] = [];
  const [right, bottom] = [width - (stream?.width ?? width), height - (stream?.height ?? height)];
  if (right < 0 || bottom < 0 || right > 1 || bottom > 1) {
    filters.push(`scale=${width}:${height}:force_original_aspect_ratio=decrease`);
    filters.push(`pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`);
  } else if (right > 0 || bottom > 0) filters.push(`pad=${width}:${height}`);
  const { num, den } = like?.sampleAspectRatio ?? stream?.sampleAspectRatio ?? { num: 1, den: 1 };
  filters.push(`setsar=${num}/${den}`);
  if (!like) return [...filters, 'format=yuv420p'];
  const { fullRange, primaries, transfer, matrix } = like;
  filters.push(`format=${fullRange ? 'yuvj420p' : 'yuv420p'}`);
  const colours = `color_primaries=${primaries}:color_trc=${transfer}:colorspace=${matrix}`;
  return [...filters, `setparams=range=${fullRange ? 'pc' : 'tv'}:${colours}`];
}

const encoderOf = ({ settings: { encoder = CODER }, like }: CodingLook): string =>
  !like && /264/.test(encoder) && !encoder.endsWith('_vaapi') ? encoder : CODER;

/** The encoders that are needed. */
export const encodersOf = (look: CodingLook): string[] => [encoderOf(look)];

function codingArguments(look: CodingLook): string[] {
  const { settings, id, like, rate } = look;
  const encoder = encoderOf(look);
  if (encoder !== CODER) return [...encoderArguments(encoder, settings, false), '-bf', '0'];
  const level = Math.max(like?.level ?? 0, like ? 0 : levelOf(look));
  const parameters = [
    ...[`sps-id=${id}`, `level=${level / 10}`, `fps=${Math.max(1, Math.round(rate))}`],
    // As many as the others, so that a decoder's memory need not change at the seam.
    ...(like ? [`ref=${Math.min(16, Math.max(1, like.references))}`, ...toolsOf(like.profile)] : []),
  ];
  const profile = like ? NAMES.get(like.profile) : 'high';
  return [
    ...['-c:v', CODER, '-preset', settings.preset, '-crf', String(settings.crf), '-bf', '0'],
    ...['-profile:v', profile ?? 'high', '-x264-params', parameters.join(':')],
  ];
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [66, 'baseline'],
  [77, 'main'],
  [100, 'high'],
]);

/** x264 says the least profile by what it uses: it is told to use what makes it this one. */
const toolsOf = (profile: number): string[] => {
  if (profile === 66) return [];
  return profile === 77 ? ['cabac=1', '8x8dct=0'] : ['cabac=1', '8x8dct=1'];
};

/** Macroblocks a second and in a picture, by level (ITU-T H.264, table A-1). */
const LEVELS = [
  [10, 1485, 99],
  [11, 3000, 396],
  [12, 6000, 396],
  [20, 11_880, 396],
  [21, 19_800, 792],
  [22, 20_250, 1620],
  [30, 40_500, 1620],
  [31, 108_000, 3600],
  [32, 216_000, 5120],
  [40, 245_760, 8192],
  [42, 522_240, 8704],
  [50, 589_824, 22_080],
  [51, 983_040, 36_864],
  [52, 2_073_600, 36_864],
  [60, 4_177_920, 139_264],
] as const;

/** The least level for pictures of that size and number. Without, x264 goes by the ticks of the clock. */
export function levelOf({ width, height, rate }: Pick<CodingLook, 'width' | 'height' | 'rate'>): number {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const found = LEVELS.find(([, second, picture]) => blocks <= picture && blocks * rate <= second);
  return found?.[0] ?? 62;
}
