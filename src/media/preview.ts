import { extname } from 'node:path';
import { SidestreamError } from '../core/errors.ts';
import { draft } from './draft.ts';
import { listEncoders } from './encode.ts';
import { ffmpegSource, probe } from './probe.ts';
import { type FfmpegPaths, runShort } from './process.ts';

export interface PreviewOptions {
  /** How long it plays, at most; 6 if it is not told. */
  readonly seconds?: number;
  /** In pixels; the height follows. */
  readonly width: number;
  /** Pictures a second. */
  readonly fps: number;
}

/** Milliseconds. */
const PATIENCE = 120_000;
const SECONDS = 6;
/** Seconds of the video from one picture to the next, from which on key frames alone are near enough. */
const SPARSE = 3;

/**
 * A small animation of a video without sound, as `.webp` or `.gif`, that is shown over and over: pictures taken evenly over
 * all of it. Throws OUTPUT_FORMAT for other names, ENCODER_MISSING, what `probe` throws, FFMPEG_FAILED.
 */
export async function preview(
  video: string,
  output: string,
  options: PreviewOptions,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<void> {
  const encoder = await encoderFor(output, paths, signal);
  const { duration } = await probe(video, paths, signal);
  const file = draft(output);
  const args = previewArguments(video, file.path, encoder, duration, options);
  try {
    const { failed, timedOut, stderr } = await runShort(paths.ffmpeg, args, { timeout: PATIENCE, signal });
    if (failed) {
      const why = timedOut ? `it takes longer than ${PATIENCE / 1000} s` : stderr.trim().slice(0, 200);
      throw new SidestreamError('FFMPEG_FAILED', `no preview of ${video} can be made: ${why}`);
    }
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

type PreviewEncoder = 'gif' | 'libwebp_anim';

async function encoderFor(output: string, paths: FfmpegPaths, signal: AbortSignal): Promise<PreviewEncoder> {
  const extension = extname(output).toLowerCase();
  if (extension === '.gif') return 'gif';
  if (extension !== '.webp')
    throw new SidestreamError('OUTPUT_FORMAT', `${output}: a preview is a .webp or a .gif`);
  if ((await listEncoders(paths, signal)).has('libwebp_anim')) return 'libwebp_anim';
  throw new SidestreamError(
    'ENCODER_MISSING',
    `${output}: this ffmpeg is built without libwebp: ask for a .gif, or install one that has it`,
  );
}

/** ffmpeg's arguments. `duration`: seconds of the video; undefined: not known. */
export function previewArguments(
  video: string,
  output: string,
  encoder: PreviewEncoder,
  duration: number | undefined,
  { seconds = SECONDS, width, fps }: PreviewOptions,
): string[] {
  const most = Math.max(1, Math.round(seconds * fps));
  // A short one is shown as fast as it is; a long one faster.
  const apart = Math.max(1 / fps, (duration ?? 0) / most);
  const scale = `scale='min(${width},iw)':-2:flags=area`;
  const taken = [
    `fps=${1 / apart}:eof_action=pass`,
    'settb=1/1000',
    `setpts=N*1000/${fps}`,
    `fps=${fps}`,
    scale,
  ].join(',');
  const coding =
    encoder === 'gif'
      ? // Colours of its own: a palette for all is none for any.
        [
          `${taken},split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle`,
          ...['-c:v', 'gif', '-loop', '0', '-f', 'gif'],
        ]
      : [
          taken,
          ...['-c:v', encoder, '-loop', '0', '-quality', '60', '-compression_level', '4', '-f', 'webp'],
        ];
  return [
    ...['-v', 'error', '-nostdin', '-y', ...(apart >= SPARSE ? ['-skip_frame', 'nokey'] : [])],
    ...['-i', ffmpegSource(video), '-an', '-sn', '-frames:v', String(most), '-filter_complex', ...coding],
    `file:${output}`,
  ];
}
