import { SidestreamError } from '../core/errors.ts';
import { ffmpegSource } from './probe.ts';
import { type FfmpegPaths, runShort } from './process.ts';

/** Milliseconds. */
const PATIENCE = 60_000;

/** One picture of a video, `seconds` from its beginning, as the JPEG `path`; `height`: its pixels, at most. */
export async function thumbnail(
  video: string,
  path: string,
  { seconds, height }: { readonly seconds: number; readonly height: number },
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<void> {
  const args = [
    ...['-v', 'error', '-nostdin', '-y', '-ss', String(Math.max(0, seconds)), '-i', ffmpegSource(video)],
    ...[
      '-frames:v',
      '1',
      '-an',
      '-vf',
      `scale=-2:'min(${height},ih)'`,
      '-q:v',
      '4',
      '-f',
      'mjpeg',
      `file:${path}`,
    ],
  ];
  const { failed, stderr } = await runShort(paths.ffmpeg, args, { timeout: PATIENCE, signal });
  if (failed) throw new SidestreamError('FFMPEG_FAILED', `no thumbnail can be made: ${stderr.slice(0, 200)}`);
}
