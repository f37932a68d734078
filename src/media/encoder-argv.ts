import { type Pts, type Rational, rationalToNumber } from '../core/time.ts';

/** Arguments of ffmpeg's encoders. */

export type Container = 'mp4' | 'mov' | 'matroska' | 'webm';
export const isMov = (container: Container): boolean => container === 'mp4' || container === 'mov';

export interface EncoderSettings {
  /** ffmpeg's name of the encoder; undefined: libx264, or libvpx-vp9 in WebM. */
  readonly encoder: string | undefined;
  /** Constant quality, 0..51 for H.264, less is better. */
  readonly crf: number;
  /** libx264's speed, ultrafast to veryslow. */
  readonly preset: string;
}

export const defaultEncoder = (container: Container): string =>
  container === 'webm' ? 'libvpx-vp9' : 'libx264';

export function encoderArguments(
  encoder: string,
  { crf, preset }: EncoderSettings,
  interlaced: boolean,
): string[] {
  const quality = String(crf);
  const head = ['-c:v', encoder];
  if (encoder === 'libx264') {
    // Nothing that x264 decides may depend on what it saw before the last key frame, so that a piece that begins at one
    // comes out as it does within the whole: no B-frames (its search for them looks across), key frames by the same rule
    // first and later (factor 1), and no rule by how long frames last, which it remembers (force-cfr; the times of frames
    // stay as they are). It costs a seventh of the bytes.
    const even = ['-bf', '0', '-i_qfactor', '1', '-x264-params', 'force-cfr=1'];
    return [
      ...head,
      ...['-preset', preset, '-crf', quality, ...even],
      ...(interlaced ? ['-flags', '+ildct+ilme'] : []),
    ];
  }
  if (encoder === 'libvpx-vp9') {
    return [
      ...head,
      '-b:v',
      '0',
      '-crf',
      String(crf + 9),
      '-deadline',
      'realtime',
      '-cpu-used',
      '7',
      '-row-mt',
      '1',
    ];
  }
  if (encoder.endsWith('_nvenc')) return [...head, '-preset', 'p4', '-cq', quality, '-b:v', '0'];
  if (encoder.endsWith('_qsv')) return [...head, '-global_quality', quality];
  if (encoder.endsWith('_vaapi')) return [...head, '-qp', quality];
  if (encoder.endsWith('_videotoolbox')) return [...head, '-q:v', '60'];
  if (encoder.startsWith('lib')) return [...head, '-crf', quality];
  return head;
}

/** There is a key frame at least so often, in seconds: pictures up to the next one do not depend on those before. */
export const KEY_FRAME_SECONDS = 10;

/** The number of the stretch of KEY_FRAME_SECONDS, each of which begins with a key frame, that a frame falls into. */
export const stretchOf = (time: Pts, first: Pts, timeBase: Rational): number =>
  Math.floor(((time - first) * rationalToNumber(timeBase)) / KEY_FRAME_SECONDS + 1e-9);

/** A key frame where each stretch begins, as `stretchOf` counts them: ffmpeg's t counts from the first frame. */
export function keyFrameArguments(encoder: string): string[] {
  const stretch = (time: string) => `floor(${time}/${KEY_FRAME_SECONDS}+1e-9)`;
  const fresh = `if(isnan(prev_forced_t),1,gt(${stretch('t')},${stretch('prev_forced_t')}))`;
  return forcedKeyFrames(fresh, encoder);
}

export const forcedKeyFrames = (expression: string, encoder: string): string[] => [
  ...['-force_key_frames', `expr:${expression}`],
  // An I frame alone would not keep later frames from looking back over it.
  ...(/_(nvenc|qsv)$|^lib(x264|x265)$/.test(encoder) ? ['-forced-idr', '1'] : []),
];
