import { createHash, randomUUID } from 'node:crypto';
import { type BigIntStats, createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { contentTypeOf } from './content-types.ts';
import { moveInto, stampAndFlush } from './durable.ts';
import { guardStream } from './guard-stream.ts';
import { checkFolder, checkKey, checkPrefix, checkRange, isSegment } from './keys.ts';
import { sizeToStore } from './local-file.ts';
import { placeWithin } from './place.ts';
import type { Storage, StoredObject } from './storage.ts';

/** Where objects are written until they are whole. No key begins with a dot. */
const INCOMING = '.incoming';

/**
 * Storage in a folder, which is made where it is missing. Several processes may share it. Links below the folder are
 * not followed. Throws STORAGE_UNREACHABLE.
 */
export async function openFilesystem(options: { readonly root: string }): Promise<Storage> {
  const root = resolve(options.root);
  const explain = (error: unknown, signal?: AbortSignal) => explainErrno(error, root, signal);

  const guard = async <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      throw explain(error, signal);
    }
  };
  const missing = (key: string) =>
    new SidestreamError('OBJECT_NOT_FOUND', `${key} is not in ${root}: it was never stored, or is removed`);

  /** A name for a file to come. Not recursive: a root that has vanished, such as a lost mount, is not made anew. */
  const incoming = async (): Promise<string> => {
    const folder = join(root, INCOMING);
    await mkdir(folder).catch((error) => (isErrno(error, 'EEXIST') ? undefined : Promise.reject(error)));
    return join(folder, `${process.pid}-${randomUUID()}`);
  };

  const write = async (
    key: string,
    fill: (temporary: string) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> => {
    const { top, path } = await placeWithin(root, key);
    const temporary = await incoming();
    try {
      await fill(temporary);
      await stampAndFlush(temporary);
      signal?.throwIfAborted();
      await moveInto(temporary, path, top);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  };

  /** False where only a copy will do: another device, or a file that others can write to by another name. */
  const take = async (key: string, from: string): Promise<boolean> => {
    const file = await lstat(from);
    if (!file.isFile() || file.nlink > 1) return false;
    const { top, path } = await placeWithin(root, key);
    await incoming(); // Where the root is gone, this fails; the rename would make it anew.
    await stampAndFlush(from);
    try {
      await moveInto(from, path, top);
      return true;
    } catch (error) {
      if (isErrno(error, 'EXDEV')) return false;
      throw error;
    }
  };

  const file = async (key: string) => {
    checkKey(key);
    const place = await placeWithin(root, key);
    const info = await lstat(place.path, { bigint: true }).catch(absent);
    return info?.isFile() ? { ...place, info } : undefined;
  };

  const openAt: Storage['open'] = (key, range, signal) =>
    guard(signal, async () => {
      checkRange(range);
      const found = await file(key);
      const handle = found && (await open(found.path).catch(absent));
      if (!handle) throw missing(key);
      return guardStream(handle.createReadStream(range), signal);
    });

  await guard(undefined, () => mkdir(root, { recursive: true }));

  return {
    kind: 'fs',

    put: (key, data, signal) =>
      guard(signal, () => {
        checkKey(key);
        const fill = (temporary: string) =>
          writeFile(temporary, data, { flag: 'wx', ...(signal && { signal }) });
        return write(key, fill, signal);
      }),

    putFile: (key, from, { move = false }, signal) =>
      guard(signal, async () => {
        checkKey(key);
        await sizeToStore(from);
        if (move && (await take(key, from))) return;
        const fill = (temporary: string) =>
          pipeline(createReadStream(from), createWriteStream(temporary, { flags: 'wx' }), {
            ...(signal && { signal }),
          });
        await write(key, fill, signal);
        if (move) await rm(from, { force: true });
      }),

    open: openAt,

    read: async (key, signal) => {
      const stream = await openAt(key, undefined, signal);
      return guard(signal, () => buffer(stream));
    },

    stat: (key) =>
      guard(undefined, async () => {
        const found = await file(key);
        return found && describe(key, found.info);
      }),

    async *list(prefix) {
      checkPrefix(prefix);
      try {
        const cut = prefix.lastIndexOf('/') + 1;
        const { path } = await placeWithin(root, prefix.slice(0, cut));
        yield* walk(path, prefix.slice(0, cut), prefix.slice(cut));
      } catch (error) {
        throw explain(error);
      }
    },

    remove: (key) =>
      guard(undefined, async () => {
        const found = await file(key);
        if (!found) return;
        await rm(found.path, { force: true });
        await prune(dirname(found.path), found.top);
      }),

    removeAll: (prefix) =>
      guard(undefined, async () => {
        checkFolder(prefix);
        const { top, path } = await placeWithin(root, prefix.slice(0, -1));
        if (!(await lstat(path).catch(absent))?.isDirectory()) return;
        // Others may be storing into it meanwhile: try again rather than fail over a folder that is not empty.
        await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
        await prune(dirname(path), top);
      }),

    borrow: (key, signal) =>
      guard(signal, async () => {
        const found = await file(key);
        if (!found) throw missing(key);
        return { path: found.path, [Symbol.asyncDispose]: async () => {} };
      }),

    presign: (key) =>
      guard(undefined, async () => {
        checkKey(key);
        return undefined;
      }),

    space: () =>
      guard(undefined, async () => {
        const { bavail, blocks, bsize } = await statfs(root);
        return { free: bavail * bsize, total: blocks * bsize };
      }),

    sweep: (ageMs) =>
      guard(undefined, async () => {
        const folder = join(root, INCOMING);
        const before = Date.now() - ageMs;
        for (const name of (await readdir(folder).catch(absent)) ?? []) {
          const left = join(folder, name);
          const info = await lstat(left).catch(absent);
          if (info && info.mtimeMs < before) await rm(left, { recursive: true, force: true });
        }
      }),

    check: (signal) =>
      guard(signal, async () => {
        const probe = await incoming();
        try {
          await writeFile(probe, probe, { flag: 'wx' });
          await stampAndFlush(probe);
          const found = await readFile(probe, 'utf8');
          if (found !== probe) throw unreachable(root, 'it gives back other bytes than it was given');
        } finally {
          await rm(probe, { force: true }).catch(() => {});
        }
      }),

    [Symbol.asyncDispose]: async () => {},
  };
}

/** The files below `folder`, whose keys begin with `base`; at first only names that begin with `start`. */
async function* walk(folder: string, base: string, start: string): AsyncGenerator<StoredObject> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(absent)) ?? [];
  // A folder sorts by what its objects' keys have next, a slash: 'a.b' comes before 'a/b'.
  const names = entries
    .filter((entry) => isSegment(entry.name) && entry.name.startsWith(start))
    .flatMap((entry) => (entry.isDirectory() ? [`${entry.name}/`] : entry.isFile() ? [entry.name] : []))
    .sort();
  for (const name of names) {
    if (name.endsWith('/')) yield* walk(join(folder, name), base + name, '');
    else {
      const info = await lstat(join(folder, name), { bigint: true }).catch(absent);
      if (info?.isFile()) yield describe(base + name, info);
    }
  }
}

function describe(key: string, { ino, size, mtimeNs, mtimeMs }: BigIntStats): StoredObject {
  return {
    key,
    bytes: Number(size),
    modified: new Date(Number(mtimeMs)),
    etag: createHash('sha256').update(`${ino} ${size} ${mtimeNs}`).digest('hex').slice(0, 32),
    contentType: contentTypeOf(key),
  };
}

/** Removes folders that are empty, from `folder` up. One that someone stores into just now is not, or is made anew. */
async function prune(folder: string, top: string): Promise<void> {
  try {
    for (let at = folder; at !== top; at = dirname(at)) await rmdir(at);
  } catch {
    // Not empty, or gone already: whoever took it goes on with its parents.
  }
}

/** For `catch`: what is not there is undefined. A part of the path that is no folder: not there either. */
function absent(error: unknown): undefined {
  if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
  throw error;
}

const unreachable = (root: string, why: string, cause?: unknown) =>
  new SidestreamError(
    'STORAGE_UNREACHABLE',
    `the storage folder ${root} cannot be used (${why}): see that it exists, is mounted and may be written to`,
    { cause },
  );

/** What a system error of the folder means to a person. */
function explainErrno(error: unknown, root: string, signal?: AbortSignal): unknown {
  if (error instanceof SidestreamError) return error;
  if (signal?.aborted) return signal.reason;
  if (!isErrno(error)) return error;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SidestreamError('DISK_FULL', `no space is left in ${root}: free some and run again`, {
        cause: error,
      });
    default:
      return unreachable(root, error.code ?? error.message, error);
  }
}
