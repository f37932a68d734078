import { createReadStream } from 'node:fs';
import { SidestreamError } from '../core/errors.ts';
import type { Pts, Rational } from '../core/time.ts';
import { PTS_SHIFT, type WriteOptions } from './argv.ts';
import { joinArguments, joinShift } from './chunk-argv.ts';
import { draft } from './draft.ts';
import { drained, type EncodeDeps } from './encode.ts';
import { explain } from './failures.ts';
import { nutFrameHeader, nutHeader } from './nut.ts';
import { type NutFrame, readNut } from './nut-read.ts';
import { pipe, runFfmpeg } from './process.ts';

/** A part of a video, coded: a NUT file as `openPiece` makes it. */
export interface Piece {
  readonly path: string;
  /** Its own first frame, and the first that is not its own, in ticks. What it has beyond is left out. */
  readonly from: Pts;
  readonly to: Pts | undefined;
  /** How many frames are its own. */
  readonly frames: number;
}

/** Larger than any coded frame. */
const LARGEST_FRAME = 1 << 28;

/** ffmpeg writes NUT in a time base of its own choice, which is never coarser than the video's. */
const ticksOf = ({ pts, stream }: NutFrame, timeBase: Rational): number =>
  Math.round(((pts - PTS_SHIFT) * stream.timeBase.num * timeBase.den) / (stream.timeBase.den * timeBase.num));

/** Frames that surely hold those shown first. */
const ENOUGH = 64;

/**
 * Decoding times of the first frames, which NUT does not tell and ffmpeg could only guess, as x264 counts them: frame i is
 * decoded when frame i - delay is shown, and the first ones as much earlier as the first is shown later.
 */
async function firstDecodingTimes(path: string, timeBase: Rational): Promise<number[]> {
  const shown: number[] = [];
  let delay = 0;
  for await (const frame of readNut(createReadStream(path), LARGEST_FRAME)) {
    delay = frame.stream.delay;
    shown.push(ticksOf(frame, timeBase));
    if (shown.length === ENOUGH) break;
  }
  shown.sort((a, b) => a - b);
  const last = Math.min(delay, shown.length - 1);
  return shown.slice(0, Math.max(0, last)).map((time) => time - (shown[last] - shown[0]));
}

/**
 * Puts pieces together, in their order, with everything else that the result has from the source. The coded frames are
 * handed on as they are. Throws FFMPEG_FAILED where a piece has not the frames that it should have.
 */
export async function joinPieces(
  path: string,
  pieces: readonly Piece[],
  options: WriteOptions,
  { paths }: EncodeDeps,
  signal: AbortSignal,
): Promise<{ readonly frames: number }> {
  const file = draft(path);
  const stream = pipe();
  const { timeBase } = options.probe.video;
  const { source, output } = joinArguments(options, await firstDecodingTimes(pieces[0].path, timeBase));
  const inputs = [{ source: stream, options: ['-f', 'nut'] }, source];
  const run = runFfmpeg({ inputs, outputOptions: output, output: file.path }, paths, signal);
  let frames = 0;
  try {
    let described = false;
    for (const piece of pieces) {
      let own = 0;
      // An ffmpeg that has ended tells why below.
      for await (const frame of readNut(createReadStream(piece.path), LARGEST_FRAME)) {
        signal.throwIfAborted();
        const time = ticksOf(frame, timeBase);
        if (time < piece.from || (piece.to !== undefined && time >= piece.to)) continue;
        own++;
        if (!described) stream.write(nutHeader(timeBase, [frame.stream]));
        described = true;
        const { key, stream: about } = frame;
        stream.write(
          nutFrameHeader(time + joinShift(timeBase), frame.data.length, { key, shift: about.shift }),
        );
        if (!stream.write(frame.data)) await drained(stream, run);
      }
      if (own !== piece.frames) {
        const message = `a piece has ${own} frames in place of ${piece.frames}: run again`;
        throw new SidestreamError('FFMPEG_FAILED', message);
      }
      frames += own;
    }
    stream.end();
    await run.ended;
    signal.throwIfAborted();
    await file.commit();
    return { frames };
  } catch (error) {
    run.kill();
    stream.destroy();
    const failure = await run.ended.then(
      () => error,
      (reason) => (error instanceof SidestreamError ? error : explain(reason, options.probe.name, path)),
    );
    await file.discard();
    signal.throwIfAborted();
    throw failure;
  }
}
