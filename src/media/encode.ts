import { once } from 'node:events';
import { SidestreamError } from '../core/errors.ts';
import type { Pts, Rational } from '../core/time.ts';
import {
  audioArguments,
  indexVideoArguments,
  overlayArguments,
  PAINT_INPUT,
  PTS_SHIFT,
  type WriteOptions,
} from './argv.ts';
import { pieceArguments } from './chunk-argv.ts';
import type { Warning } from './decode.ts';
import { draft } from './draft.ts';
import { defaultEncoder } from './encoder-argv.ts';
import { explain } from './failures.ts';
import { nutFrameHeader, nutHeader, type PictureFormat, pictureBytes, rawVideo } from './nut.ts';
import { type FfmpegInput, type FfmpegPaths, type FfmpegRun, pipe, runFfmpeg, runShort } from './process.ts';

/** Takes pictures in the order of their times and makes a file of them. Disposal discards what is not finished. */
export interface PictureSink extends AsyncDisposable {
  /**
   * Hands over one picture, whose bytes must not be changed afterwards. Resolves when more may be written. Rejects when
   * ffmpeg has failed.
   */
  write(pts: Pts, data: Uint8Array): Promise<void>;
  /** Waits for the file to be whole, and gives it its name. */
  finish(): Promise<{ readonly frames: number }>;
}

export interface EncodeDeps {
  readonly paths: FfmpegPaths;
}

/** The source video with painted pictures laid over it, frame by frame, as the file `path`. */
export function openOverlay(
  path: string,
  options: WriteOptions,
  paint: Omit<PictureFormat, 'timeBase'>,
  deps: EncodeDeps,
  signal: AbortSignal,
): PictureSink {
  const { input, output } = overlayArguments(options);
  const format = { ...paint, timeBase: options.probe.video.timeBase };
  return openSink(path, options.probe.name, [input], output, format, deps, signal);
}

/**
 * The frames of `options.excerpt` with painted pictures laid over them, coded, alone, in NUT; see `joinPieces`. `keys`:
 * numbers of its frames, from 0, that are key frames.
 */
export function openPiece(
  path: string,
  options: WriteOptions,
  keys: readonly number[],
  paint: Omit<PictureFormat, 'timeBase'>,
  deps: EncodeDeps,
  signal: AbortSignal,
): PictureSink {
  const { input, output } = pieceArguments(options, keys);
  const format = { ...paint, timeBase: options.probe.video.timeBase };
  return openSink(path, options.probe.name, [input], output, format, deps, signal);
}

/** The pictures alone, gray8, losslessly: the value of a pixel is an index. */
export function openIndexVideo(
  path: string,
  format: { readonly width: number; readonly height: number; readonly timeBase: Rational },
  ffmpegMajor: number,
  deps: EncodeDeps,
  signal: AbortSignal,
): PictureSink {
  const output = indexVideoArguments(format.timeBase, ffmpegMajor);
  return openSink(path, path, [], output, { ...format, layout: 'gray8' }, deps, signal);
}

function openSink(
  path: string,
  reading: string,
  inputs: readonly FfmpegInput[],
  outputOptions: readonly string[],
  format: PictureFormat,
  { paths }: EncodeDeps,
  signal: AbortSignal,
): PictureSink {
  const file = draft(path);
  const stream = pipe();
  const run = runFfmpeg(
    { inputs: [...inputs, { source: stream, options: PAINT_INPUT }], outputOptions, output: file.path },
    paths,
    signal,
  );
  let over = false;
  run.ended
    .catch(() => {})
    .finally(() => {
      over = true;
    });
  const size = pictureBytes(format.layout, format.width, format.height);
  stream.write(nutHeader(format.timeBase, [rawVideo(format)]));

  const fail = async (): Promise<never> => {
    await run.ended.catch((error) => {
      signal.throwIfAborted();
      throw explain(error, reading, path);
    });
    // It stopped reading and is content: the source is shorter than the pictures.
    throw new SidestreamError(
      'FFMPEG_FAILED',
      `ffmpeg stopped before the last frame of ${reading}: run again`,
    );
  };

  let done = false;
  return {
    async write(pts, data) {
      signal.throwIfAborted();
      if (data.length !== size) throw new RangeError(`a picture of ${data.length} bytes in place of ${size}`);
      if (over) await fail();
      stream.write(nutFrameHeader(pts + PTS_SHIFT, size));
      if (!stream.write(data)) await drained(stream, run);
    },
    async finish() {
      stream.end();
      const end = await run.ended.catch(async (error) => {
        signal.throwIfAborted();
        throw explain(error, reading, path);
      });
      signal.throwIfAborted();
      await file.commit();
      done = true;
      return { frames: end.frames };
    },
    async [Symbol.asyncDispose]() {
      if (done) return;
      run.kill();
      await run.ended.catch(() => {}); // It was ended on purpose.
      stream.destroy();
      await file.discard();
    },
  };
}

/** When the stream takes more, or the process is gone and never will. */
export async function drained(stream: NodeJS.EventEmitter, run: FfmpegRun): Promise<void> {
  const waiting = new AbortController();
  await Promise.race([
    once(stream, 'drain', { signal: waiting.signal }).catch(() => {}), // Given up below.
    run.ended.then(
      () => {},
      () => {},
    ),
  ]);
  waiting.abort();
}

/** What a person should know of the encoding beforehand. Throws ENCODER_MISSING. */
export async function checkEncoding(
  options: WriteOptions,
  deps: EncodeDeps,
  signal: AbortSignal,
): Promise<Warning[]> {
  const encoder = options.settings.encoder ?? defaultEncoder(options.container);
  const { encoded } = audioArguments(options.probe, options.container);
  const needed = [encoder, ...encoded.map((change) => change.split(' → ')[1])];
  await requireEncoders(needed, deps.paths, signal);
  const { video, others } = options.probe;
  const warnings: Warning[] = encoded.map((message) => ({
    code: 'AUDIO_ENCODED',
    message: `audio ${message}`,
    count: 1,
  }));
  if (others.length > 0) {
    const kinds = others.map(({ type, codec }) => `${type} (${codec})`).join(', ');
    warnings.push({ code: 'STREAMS_LEFT_OUT', message: `left out: ${kinds}`, count: others.length });
  }
  if (options.span.start === undefined && options.probe.start > 1) {
    const begin = options.probe.start.toFixed(1);
    warnings.push({
      code: 'LATE_START',
      message: `begins at ${begin} s, and so does the result; --start 0 makes it begin at 0`,
      count: 1,
    });
  }
  if (/smpte2084|arib-std-b67/.test(video.colorTransfer ?? '')) {
    warnings.push({ code: 'HDR_TO_8_BIT', message: `${video.colorTransfer} is kept, in 8 bits`, count: 1 });
  }
  if (video.fieldOrder !== undefined && !options.deinterlace) {
    warnings.push({
      code: 'INTERLACED',
      message: 'interlaced: kept so; --deinterlace makes it progressive',
      count: 1,
    });
  }
  return warnings;
}

/** What a program says of itself stays as it is: it is asked once. */
const said = new Map<string, Promise<string>>();

async function ask(path: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const key = [path, ...args].join(' ');
  // Not by the signal of the first who asks: others wait for the same answer.
  const answer =
    said.get(key) ?? runShort(path, args, { timeout: 15_000, signal: forever }).then(({ stdout }) => stdout);
  said.set(key, answer);
  answer.catch(() => said.delete(key)); // Whoever awaits it is told; the next one asks again.
  return await answer;
}

const forever = new AbortController().signal;

/** Throws ENCODER_MISSING. */
export async function requireEncoders(
  needed: readonly string[],
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<void> {
  const there = await listEncoders(paths, signal);
  const absent = needed.find((name) => !there.has(name));
  if (absent === undefined) return;
  const choice = [...there].filter((name) => /264|265|vp9|av1/i.test(name)).join(', ');
  throw new SidestreamError(
    'ENCODER_MISSING',
    `this ffmpeg has no encoder ${absent}; for video it has ${choice || 'none'}`,
  );
}

/** Names of ffmpeg's encoders. */
export async function listEncoders(paths: FfmpegPaths, signal: AbortSignal): Promise<Set<string>> {
  const stdout = await ask(paths.ffmpeg, ['-hide_banner', '-encoders'], signal);
  return new Set([...stdout.matchAll(/^ [VAS][.A-Z]{5} (\S+)/gm)].map(([, name]) => name));
}

/** ffmpeg's version as it says it, and its major number; a build from sources counts as the newest. */
export async function ffmpegVersion(
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<{ text: string; major: number }> {
  const stdout = await ask(paths.ffmpeg, ['-version'], signal);
  const text = /^ff\w+ version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
  return { text, major: Number(/^n?(\d+)/.exec(text)?.[1] ?? 99) };
}
