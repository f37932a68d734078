import { SidestreamError } from '../../core/errors.ts';
import { drained } from '../encode.ts';
import { explain } from '../failures.ts';
import { type NutFrame, readNut } from '../nut-read.ts';
import { type FfmpegPaths, pipe, runFfmpeg } from '../process.ts';

/** An ffmpeg that is fed and gives NUT at the same time: neither waits for the other for ever. */
export interface Piped {
  /** Waits where ffmpeg does not keep up. Throws why it has ended. */
  write(...parts: readonly Uint8Array[]): Promise<void>;
  /** Nothing more is coming: waits until all has come out. */
  finish(): Promise<void>;
  kill(): Promise<void>;
}

export interface PipedOptions {
  readonly input: readonly string[];
  readonly output: readonly string[];
  /** What it works on, for messages. */
  readonly name: string;
  /** Told of each frame that comes out. */
  readonly frame: (frame: NutFrame) => void;
}

const LARGEST_FRAME = 1 << 28;

export function openPiped(
  { input, output, name, frame }: PipedOptions,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Piped {
  const [stdin, stdout] = [pipe(), pipe()];
  const run = runFfmpeg(
    { inputs: [{ source: stdin, options: input }], outputOptions: output, output: stdout },
    paths,
    signal,
  );
  run.ended.catch((failure) => stdout.destroy(failure));
  stdin.on('error', () => {}); // It is gone: its end tells.
  let failed: unknown;
  const collect = async (): Promise<void> => {
    for await (const one of readNut(stdout, LARGEST_FRAME)) frame(one);
  };
  let over = false;
  const collected = collect()
    .catch((error) => {
      failed = error;
      run.kill();
    })
    .finally(() => {
      over = true;
    });

  const fail = async (): Promise<never> => {
    const reason = await run.ended.then(
      () => failed,
      (failure: unknown) => failure,
    );
    signal.throwIfAborted();
    const error = explain(reason, name);
    if (error instanceof SidestreamError) throw error;
    throw new SidestreamError('FFMPEG_FAILED', `ffmpeg cannot code ${name}: run again`, { cause: error });
  };

  return {
    async write(...parts) {
      signal.throwIfAborted();
      if (over) await fail();
      let room = true;
      for (const part of parts) room = stdin.write(part);
      if (!room) await drained(stdin, run);
    },
    async finish() {
      stdin.end();
      await collected;
      await run.ended.catch(fail);
      if (failed !== undefined) await fail();
      signal.throwIfAborted();
    },
    async kill() {
      run.kill();
      await run.ended.catch(() => {}); // It was ended on purpose.
      stdin.destroy();
      stdout.destroy();
      await collected;
    },
  };
}
