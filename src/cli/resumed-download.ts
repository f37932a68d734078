import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isErrno, SidestreamError } from '../core/errors.ts';
import type { Client } from './client.ts';

/** A file of a server that is known by its checksum. */
export interface Wanted {
  /** Its address below the server. */
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

interface Saving {
  readonly signal: AbortSignal;
  /** Told of bytes as they come. */
  readonly progress: (bytes: number) => void;
}

/** Codes after which what has come is of no use. */
const USELESS: ReadonlySet<string> = new Set([
  'CLIP_NOT_FOUND',
  'RESULT_NOT_FOUND',
  'OBJECT_NOT_FOUND',
  'USAGE',
]);

/**
 * Saves what is wanted as `file`, which gets its name when its checksum is right. What has come until it breaks off stays
 * beside it under a hidden name, and the next call goes on from there. Throws CHECKSUM_MISMATCH, and what the server says;
 * where that has it no more, nothing stays.
 */
export async function resumedDownload(
  client: Client,
  wanted: Wanted,
  file: string,
  saving: Saving,
): Promise<void> {
  // By its checksum, so that nothing goes on that was begun of other bytes.
  const part = join(dirname(file), `.${basename(file)}.${wanted.sha256.slice(0, 12)}.partial`);
  // What was there before may have been damaged meanwhile: that is no reason to give up.
  for (const tries = (await sizeOf(part)) ? [1, 2] : [1]; tries.length > 0; tries.pop()) {
    try {
      await fetchAll(client, wanted, part, saving);
    } catch (error) {
      if (error instanceof SidestreamError && USELESS.has(error.code)) await rm(part, { force: true });
      throw error;
    }
    if ((await sha256Of(part, saving.signal)) === wanted.sha256) return await rename(part, file);
    await rm(part, { force: true });
  }
  throw new SidestreamError(
    'CHECKSUM_MISMATCH',
    `${wanted.path} is not what its checksum says: try again; if that does not help, the server's storage is damaged`,
  );
}

/** Fetches what is missing of the part, over interruptions. */
async function fetchAll(
  client: Client,
  { path, bytes }: Wanted,
  part: string,
  { signal, progress }: Saving,
): Promise<void> {
  let etag: string | undefined;
  for (let broken = 0; ; ) {
    const had = (await sizeOf(part)) ?? 0;
    if (had === bytes && had > 0) return;
    try {
      if (had > 0) etag ??= await tagOf(client, path);
      const rest = etag !== undefined && had > 0 && had < bytes;
      const headers: Record<string, string> = rest ? { range: `bytes=${had}-`, 'if-range': etag ?? '' } : {};
      const answer = await client.open(path, headers);
      etag = strongTag(answer);
      // Another object than the one that was begun comes from its beginning.
      const start = answer.status === 206 ? had : 0;
      await pipeline(
        Readable.fromWeb(answer.body as never),
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            progress(chunk.length);
            yield chunk;
          }
        },
        createWriteStream(part, start > 0 ? { flags: 'r+', start } : {}),
        { signal },
      );
      return;
    } catch (error) {
      // What has brought something on was not in vain.
      if (((await sizeOf(part)) ?? 0) > had) broken = 0;
      await client.bear(error, broken++);
    }
  }
}

/** The tag of a file, which is made where it is made on demand. A HEAD would not say what is wrong. */
export async function tagOf(client: Client, path: string): Promise<string | undefined> {
  const answer = await client.open(path, { range: 'bytes=0-0' });
  await answer.body?.cancel();
  return strongTag(answer);
}

/** A strong entity tag, as it is in the header; the others say nothing of bytes. */
const strongTag = ({ headers }: Response): string | undefined =>
  /^"[^"]*"$/.exec(headers.get('etag') ?? '')?.[0];

export async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}

/** Bytes of a file; undefined where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
