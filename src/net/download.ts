import { type FileHandle, open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoff } from '../core/backoff.ts';
import { SidestreamError } from '../core/errors.ts';
import { type Guard, nameAddress } from './address-guard.ts';
import { type Answer, atMost, exchange, Unanswered } from './fetch-guarded.ts';

export interface DownloadLimits {
  readonly maxBytes: number;
  /** Milliseconds without a byte after which a try is given up. */
  readonly timeoutMs: number;
  /** Tries altogether, at least 1. */
  readonly attempts: number;
}

export interface Downloaded {
  readonly bytes: number;
  /** As the server says; to be believed by nobody. */
  readonly contentType: string | undefined;
}

/** `total` is undefined where the server doesn't say. Both in bytes; `received` falls when a try begins anew. */
export type DownloadProgress = (progress: { received: number; total: number | undefined }) => void;

/** What of the file came so far, and the strong tag by which the rest can be asked for. */
interface Part {
  readonly file: FileHandle;
  bytes: number;
  tag: string | undefined;
}

/** No server makes a job wait longer than this between two tries, in milliseconds. */
const LONGEST_WAIT = 60_000;

/**
 * Downloads what a stranger's address leads to into `path`, which is emptied first, and removed again where this
 * throws. A connection that broke goes on where it was if the server has a strong ETag. Compressed answers are refused:
 * a few kilobytes of them may be as many gigabytes. Throws ADDRESS_REFUSED, INPUT_NOT_FOUND, INPUT_UNREADABLE,
 * INPUT_TOO_LARGE, INPUT_UNREACHABLE after the last try, the system's errors of writing, and the signal's reason.
 */
export async function download(
  url: string | URL,
  path: string,
  limits: DownloadLimits,
  guard: Guard,
  signal: AbortSignal,
  progress?: DownloadProgress,
): Promise<Downloaded> {
  signal.throwIfAborted();
  const file = await open(path, 'w');
  try {
    const part: Part = { file, bytes: 0, tag: undefined };
    const contentType = await keepTrying(url, part, limits, guard, signal, progress);
    return { bytes: part.bytes, contentType };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function keepTrying(
  url: string | URL,
  part: Part,
  limits: DownloadLimits,
  guard: Guard,
  signal: AbortSignal,
  progress: DownloadProgress | undefined,
): Promise<string | undefined> {
  const name = nameAddress(url);
  for (let attempt = 1; ; attempt++) {
    try {
      const headers: Record<string, string> =
        part.bytes > 0 && part.tag !== undefined
          ? { range: `bytes=${part.bytes}-`, 'if-range': part.tag }
          : {};
      return await exchange(url, { headers, timeoutMs: limits.timeoutMs }, guard, signal, (answer) =>
        take(answer, name, part, limits.maxBytes, progress),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Unanswered)) throw error;
      if (attempt >= limits.attempts) {
        const tries = attempt === 1 ? '' : ` after ${attempt} tries`;
        const message = `${name}: ${error.message}${tries}: check the address or try later`;
        throw new SidestreamError('INPUT_UNREACHABLE', message, { cause: error });
      }
      const asked = Math.min(LONGEST_WAIT, error.retryAfterMs);
      await sleep(Math.max(backoff(attempt), asked), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
    }
  }
}

/** Writes an answer behind what is there, or in its place. The content type. */
async function take(
  answer: Answer,
  name: string,
  part: Part,
  maxBytes: number,
  progress: DownloadProgress | undefined,
): Promise<string | undefined> {
  const { status, headers } = answer;
  const range = headers.get('content-range') ?? '';
  const contentType = headers.get('content-type');
  if (status === 416 && part.bytes > 0) {
    // All had come before the connection broke; else it is another file now.
    if (range === `bytes */${part.bytes}`) return contentType;
    part.tag = undefined;
    throw new Unanswered('the file has changed');
  }
  judgeStatus(answer, name, part);
  refuseCompressed(headers.get('content-encoding'), name);
  const resumed = status === 206;
  if (
    resumed &&
    (!range.startsWith(`bytes ${part.bytes}-`) || (headers.get('etag') ?? part.tag) !== part.tag)
  ) {
    part.tag = undefined;
    throw new Unanswered('the server does not send the rest that it was asked for');
  }
  if (!resumed) {
    await part.file.truncate(0);
    part.bytes = 0;
    const tag = headers.get('etag');
    part.tag = tag?.startsWith('"') ? tag : undefined;
  }
  const length = headers.get('content-length');
  const total = length === undefined ? undefined : part.bytes + Number(length);
  for await (const piece of atMost(maxBytes, answer, name, part.bytes)) {
    await writeAt(part.file, piece, part.bytes);
    part.bytes += piece.length;
    progress?.({ received: part.bytes, total });
  }
  if (total !== undefined && part.bytes !== total) {
    throw new Unanswered(`${part.bytes} of ${total} bytes came`);
  }
  return contentType;
}

function judgeStatus({ status, headers }: Answer, name: string, part: Part): void {
  if (status === 200 || (status === 206 && part.bytes > 0 && part.tag !== undefined)) return;
  const what = `the server answers ${status}`;
  if (status >= 500 || [408, 425, 429].includes(status)) {
    throw new Unanswered(what, { retryAfterMs: parseRetryAfter(headers.get('retry-after')) });
  }
  if (status === 404 || status === 410) {
    throw new SidestreamError('INPUT_NOT_FOUND', `${name}: ${what}: check the address`);
  }
  const todo = status === 401 || status === 403 ? 'give an address that needs no login' : 'check the address';
  throw new SidestreamError('INPUT_UNREADABLE', `${name}: ${what}: ${todo}`);
}

function refuseCompressed(encoding: string | undefined, name: string): void {
  if (encoding === undefined || /^(identity)?$/i.test(encoding.trim())) return;
  const message = `${name}: the server sends it compressed though asked not to: have it served as it is`;
  throw new SidestreamError('INPUT_UNREADABLE', message);
}

/** Seconds or a date, as milliseconds from now. 0 where it is neither, or past. */
function parseRetryAfter(value: string | undefined): number {
  if (value === undefined) return 0;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
}

/** A write may take less than it is given. */
async function writeAt(file: FileHandle, piece: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    done += (await file.write(piece, done, piece.length - done, position + done)).bytesWritten;
  }
}
