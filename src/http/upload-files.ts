import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileConfigstore, FileStore } from '@tus/file-store';
import { ERRORS, Upload } from '@tus/server';
import { asSidestreamError, isErrno } from '../core/errors.ts';

/** Uploads that are not whole yet, as files: `<id>` holds the bytes, `<id>.json` what is known of them. */

/** The store of the tus server. A failure to write keeps its cause: a full disk is something people can act on. */
export function createUploadStore(directory: string, expiryMs: number): FileStore {
  const store = new FileStore({
    directory,
    configstore: new FileConfigstore(directory),
    expirationPeriodInMilliseconds: expiryMs,
  });
  // A length that comes later would escape the check for room.
  store.extensions = store.extensions.filter((name) => name !== 'creation-defer-length');
  store.write = async (readable: Readable, id: string, offset: number): Promise<number> => {
    let bytes = 0;
    const counted = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        yield chunk;
      }
    };
    const file = createWriteStream(join(directory, id), { flags: 'r+', start: offset });
    try {
      await pipeline(readable, counted, file);
    } catch (error) {
      throw isErrno(error) && error.syscall !== undefined ? asSidestreamError(error) : error;
    }
    return offset + bytes;
  };
  // The bytes of an upload that is whole are taken away: what is known of it stays for who missed the answer.
  store.getUpload = async (id) => {
    const { size, metadata, creation_date } = (await store.configstore.get(id)) ?? {};
    if (size === undefined) throw ERRORS.FILE_NOT_FOUND;
    return new Upload({
      id,
      size,
      offset: (await sizeOf(join(directory, id))) ?? size,
      ...(metadata === undefined ? {} : { metadata }),
      ...(creation_date === undefined ? {} : { creation_date }),
    });
  };
  return store;
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

/** Removes what nobody has added to for `ageMs` milliseconds; returns how many uploads. */
export async function removeOldUploads(folder: string, ageMs: number): Promise<number> {
  const newest = new Map<string, number>();
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => undefined); // It may be whole by now, and gone.
    const id = name.replace(/\.json$/, '');
    if (found?.isFile()) newest.set(id, Math.max(newest.get(id) ?? 0, found.mtimeMs));
  }
  const old = [...newest].filter(([, time]) => Date.now() - time > ageMs);
  for (const [id] of old) {
    await rm(join(folder, id), { force: true });
    await rm(join(folder, `${id}.json`), { force: true });
  }
  return old.length;
}

/** Makes the folder; throws where nothing can be written to it. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const probe = join(folder, `probe-${randomUUID()}`);
  await mkdir(probe);
  await rm(probe, { recursive: true });
}
