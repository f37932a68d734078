import { type NutStream, nutFrameHeader, nutHeader } from '../nut.ts';
import { type NutFrame, readNut } from '../nut-read.ts';
import { type FfmpegEnd, type FfmpegPaths, pipe, runFfmpeg } from '../process.ts';

/** Ticks in which packets are handed to ffmpeg. An odd one marks a picture that is decoded and not shown. */
export const FED_TIME_BASE = { num: 1, den: 180_000 };

export interface FedPacket {
  readonly stream: NutStream;
  readonly key: boolean;
  /** In ticks of LIVE_TIME_BASE. */
  readonly pts: number;
  readonly data: Uint8Array;
}

/** An ffmpeg that is fed packets as they come. */
export interface Fed {
  /** Hands over a packet of one of the streams, by number. Never waits: look at `waiting`. */
  write(packet: FedPacket, stream: number, hidden?: boolean): void;
  /** Bytes that it has not taken yet. */
  readonly waiting: number;
  /** What it makes, where that is NUT. Ends when it does. */
  frames(): AsyncGenerator<NutFrame>;
  /** No more is coming: it finishes what it has. */
  end(): void;
  kill(): void;
  /** Settles when it is gone; rejects with `FfmpegFailure`. */
  readonly ended: Promise<FfmpegEnd>;
}

/** ffmpeg's arguments to read that, with nothing guessed and nothing kept back. */
export const FED_INPUT: readonly string[] = [
  ...['-f', 'nut', '-fflags', 'noparse+nofillin', '-probesize', '32', '-analyzeduration', '0'],
  // Threads that take a frame each hold as many back.
  ...['-fpsprobesize', '0', '-threads', '1'],
];

/** The same for what only passes packets on: it works out decoding times, which NUT does not have, and containers want. */
export const PASSED_INPUT: readonly string[] = FED_INPUT.filter(
  (word) => !/^(-fflags|noparse\+nofillin)$/.test(word),
);

const LARGEST_FRAME = 1 << 28;

/** `output`: a file or address for what it makes; undefined: it is read by `frames`. */
export function openFed(
  streams: readonly NutStream[],
  { input = FED_INPUT, options, output }: FedArguments,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Fed {
  const [stdin, stdout] = [pipe(), pipe()];
  const run = runFfmpeg(
    { inputs: [{ source: stdin, options: input }], outputOptions: options, output: output ?? stdout },
    paths,
    signal,
  );
  const over = () => {
    stdout.end();
    stdin.destroy();
  };
  run.ended.then(over, over);
  stdin.on('error', () => {}); // It is gone: `ended` tells.
  stdin.write(nutHeader(FED_TIME_BASE, streams));
  return {
    write({ key, pts, data, stream }, number, hidden = false) {
      if (stdin.destroyed) return;
      const ticks = 2 * pts + (hidden ? 1 : 0);
      stdin.write(nutFrameHeader(ticks, data.length, { key, stream: number, shift: stream.shift }));
      stdin.write(data);
    },
    get waiting() {
      return stdin.destroyed ? 0 : stdin.writableLength + stdin.readableLength;
    },
    frames: () => readNut(stdout, LARGEST_FRAME),
    end: () => stdin.end(),
    kill: () => run.kill(),
    ended: run.ended,
  };
}

export interface FedArguments {
  readonly input?: readonly string[];
  readonly options: readonly string[];
  readonly output?: string;
}

/** In ticks of LIVE_TIME_BASE; `hidden` ones lie between. */
export const ticksOf = ({ pts, stream: { timeBase } }: NutFrame): number =>
  Math.round((pts * timeBase.num * FED_TIME_BASE.den) / timeBase.den) / 2;
