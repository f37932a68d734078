import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { SidestreamError } from '../core/errors.ts';

/** Bytes that can be asked for by ranges. */
export interface RangedSource {
  /** How it is called in errors. */
  readonly name: string;
  readonly bytes: number;
  /** Bytes of one request. */
  readonly partBytes: number;
  /** Requests at the same time. */
  readonly parallel: number;
  /** Bytes `start` to `end`, both inclusive. Not tried again when it throws. */
  open(start: number, end: number, signal: AbortSignal): Promise<Readable>;
}

/** A part whose connection breaks goes on where it stood; this often in all. */
const ATTEMPTS = 4;

/**
 * Writes the source to a file, which appears at `path` only when it is whole; nothing is left otherwise. Throws
 * DOWNLOAD_FAILED, what the source throws, the signal's reason, and system errors of the file.
 */
export async function downloadRanges(path: string, source: RangedSource, signal: AbortSignal): Promise<void> {
  const temporary = `${path}.partial`;
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  try {
    const file = await open(temporary, 'wx');
    try {
      // One iterator for all lanes: a part is handed out once, and none any more after a lane has failed.
      const ranges = rangesOf(source);
      const lane = async () => {
        for (const [start, end] of ranges) await fetchPart(file, source, start, end, stop);
      };
      const lanes = Array.from({ length: source.parallel }, () =>
        lane().catch((error) => {
          failure.abort(error);
          throw error;
        }),
      );
      await Promise.allSettled(lanes); // The file must not be closed under those that still write.
      signal.throwIfAborted();
      failure.signal.throwIfAborted();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

function* rangesOf({ bytes, partBytes }: RangedSource): Generator<[start: number, end: number]> {
  for (let start = 0; start < bytes; start += partBytes)
    yield [start, Math.min(bytes, start + partBytes) - 1];
}

async function fetchPart(
  file: FileHandle,
  source: RangedSource,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<void> {
  let at = start;
  let broke: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS && at <= end; attempt++) {
    const body = addAbortSignal(signal, await source.open(at, end, signal));
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        if (at + chunk.length > end + 1) throw failed(source, `it sends more than bytes ${start} to ${end}`);
        await writeAll(file, chunk, at);
        at += chunk.length;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SidestreamError) throw error;
      broke = error;
    }
  }
  if (at <= end) throw failed(source, 'the connection breaks again and again', broke);
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}

const failed = ({ name }: RangedSource, why: string, cause?: unknown) =>
  new SidestreamError('DOWNLOAD_FAILED', `${name} cannot be fetched whole: ${why}; run again`, { cause });
