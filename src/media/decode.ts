import { SidestreamError } from '../core/errors.ts';
import type { Frame } from '../core/frame.ts';
import { pts } from '../core/time.ts';
import { decodeArguments, PTS_SHIFT, type ReadOptions } from './argv.ts';
import { explain, lastError } from './failures.ts';
import type { Size } from './geometry.ts';
import { readNut } from './nut-read.ts';
import { FfmpegFailure, type FfmpegPaths, pipe, runFfmpeg } from './process.ts';

export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly count: number;
}

export interface DecodeDeps {
  readonly paths: FfmpegPaths;
  /** Told of damage once decoding is over. */
  readonly warn: (warning: Warning) => void;
}

/**
 * The frames of the chosen video stream, scaled to `size`, as RGB, each at its own time. Bounded: ffmpeg waits when
 * nobody takes them. Leaving early, or aborting, ends ffmpeg.
 */
export async function* decode(
  options: ReadOptions,
  size: Size,
  { paths, warn }: DecodeDeps,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  const { input, output } = decodeArguments(options, size);
  const stream = pipe();
  const run = runFfmpeg({ inputs: [input], outputOptions: output, output: stream }, paths, signal);
  // A process that never starts leaves its stream open. One that succeeds may be gone before all of its output is here.
  run.ended.catch((failure) => stream.destroy(failure));
  const { timeBase } = options.probe.video;
  const { name } = options.probe;
  let index = 0;
  let broken: unknown;
  let taken = false;
  try {
    for await (const picture of readNut(stream, size.width * size.height * 3)) {
      const ticks =
        (picture.pts * picture.stream.timeBase.num * timeBase.den) /
        (picture.stream.timeBase.den * timeBase.num);
      const { data } = picture;
      yield {
        index: index++,
        pts: pts(Math.round(ticks) - PTS_SHIFT),
        width: size.width,
        height: size.height,
        data,
      };
    }
    taken = true;
  } catch (error) {
    broken = error;
    taken = true;
  } finally {
    if (!taken || broken !== undefined) run.kill();
    stream.destroy();
    // Whoever stops early waits for the process to be gone, whatever it says.
    if (!taken) await run.ended.catch(() => {});
  }

  // The stream's end is not yet a success: ffmpeg's own end tells.
  const end = await run.ended.then(
    (success) => ({ success, failure: undefined }),
    (failure: unknown) => ({ success: undefined, failure }),
  );
  signal.throwIfAborted();
  const failure = explain(end.failure ?? broken, name);
  if (failure === undefined && index > 0) {
    const { errors, lines } = end.success ?? { errors: 0, lines: [] };
    if (errors > 0) warn({ code: 'INPUT_DAMAGED', message: lastError(lines), count: errors });
    return;
  }
  if (failure instanceof SidestreamError && /^(FFMPEG_|DISK_)/.test(failure.code)) throw failure;
  if (index > 0) throw failure;
  const lines = end.success?.lines ?? (end.failure instanceof FfmpegFailure ? end.failure.lines : []);
  const reason = lines.length > 0 ? `: ${lastError(lines)}` : '';
  throw new SidestreamError(
    'INPUT_NO_FRAMES',
    `no frame of ${name} can be decoded${reason}; copy or record it again`,
  );
}
