import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { BorrowedFile, StoredObject } from './storage.ts';

/** Local copies of objects, for one process. */
export interface ObjectCache extends AsyncDisposable {
  /**
   * The copy of exactly this object (key and etag). Where there is none, `fetch` makes it at a path that is free; all
   * who want it meanwhile wait for the same one. A waiter that is aborted leaves the others alone; `fetch` is aborted
   * when nobody waits any more, and what it throws reaches all who do.
   */
  borrow(
    object: Pick<StoredObject, 'key' | 'etag' | 'bytes'>,
    fetch: (path: string, signal: AbortSignal) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<BorrowedFile>;
  /** Removes the copies of caches of other processes that have not lived for so many milliseconds. */
  sweep(ageMs: number): Promise<void>;
}

interface Copy {
  readonly path: string;
  readonly bytes: number;
  readonly ready: Promise<void>;
  readonly stop: AbortController;
  whole: boolean;
  users: number;
}

/** How often a cache says that it lives: by the time of its folder, which others can see in any container. */
const HEARTBEAT_MS = 30_000;

/**
 * A cache in a folder of its own below `scratch`. Beyond `limitBytes` the copies that were used longest ago are removed,
 * but none that is lent: those may take more than the limit.
 */
export async function openObjectCache(scratch: string, limitBytes: number): Promise<ObjectCache> {
  const own = `${process.pid}-${randomUUID()}`;
  const folder = join(scratch, own);
  /** By key and etag; the one used last is the last. */
  const copies = new Map<string, Copy>();
  await mkdir(folder, { recursive: true });
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(folder, now, now).catch(() => {}); // Someone has cleared the scratch: the next fetch makes it anew.
  }, HEARTBEAT_MS).unref();

  const trim = async () => {
    const removed: string[] = [];
    let bytes = [...copies.values()].reduce((sum, copy) => sum + copy.bytes, 0);
    for (const [id, copy] of copies) {
      if (bytes <= limitBytes) break;
      if (copy.users > 0) continue;
      copies.delete(id);
      bytes -= copy.bytes;
      removed.push(copy.path);
    }
    await Promise.all(removed.map((path) => rm(path, { force: true })));
  };

  const begin = (
    id: string,
    object: Pick<StoredObject, 'key' | 'bytes'>,
    fetch: (path: string, signal: AbortSignal) => Promise<void>,
  ): Copy => {
    // Names are never used again, so that the removal of an old copy cannot meet a new one.
    const path = join(folder, `${randomUUID()}${extname(object.key)}`);
    const stop = new AbortController();
    const work = async () => {
      try {
        await mkdir(folder, { recursive: true });
        await trim();
        stop.signal.throwIfAborted();
        await fetch(path, stop.signal);
        copy.whole = true;
      } catch (error) {
        if (copies.get(id) === copy) copies.delete(id);
        throw error;
      }
    };
    const copy: Copy = { path, bytes: object.bytes, stop, whole: false, users: 0, ready: defer(work) };
    copy.ready.catch(() => {}); // All who waited may have left.
    return copy;
  };

  return {
    async borrow(object, fetch, signal) {
      signal?.throwIfAborted();
      const id = `${object.key} ${object.etag}`;
      let copy = copies.get(id);
      if (copy?.whole && !existsSync(copy.path)) copy = undefined; // Scratch folders get cleared.
      copy ??= begin(id, object, fetch);
      copies.delete(id);
      copies.set(id, copy);
      const giveBack = lend(copy, async () => {
        if (!copy.whole && copy.users === 0) {
          if (copies.get(id) === copy) copies.delete(id);
          copy.stop.abort();
        }
        await trim();
      });
      try {
        await unlessAborted(copy.ready, signal);
      } catch (error) {
        await giveBack();
        throw error;
      }
      return { path: copy.path, [Symbol.asyncDispose]: giveBack };
    },

    async sweep(ageMs) {
      const before = Date.now() - ageMs;
      for (const name of await readdir(scratch).catch(() => [])) {
        if (name === own) continue;
        const left = join(scratch, name);
        const info = await lstat(left).catch(() => undefined);
        if (info && info.mtimeMs < before) await rm(left, { recursive: true, force: true });
      }
    },

    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat);
      const all = [...copies.values()];
      copies.clear();
      for (const copy of all) if (!copy.whole) copy.stop.abort();
      await Promise.allSettled(all.map((copy) => copy.ready));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Begins after the caller has gone on, so that what it returns can be named in `work`. */
const defer = (work: () => Promise<void>): Promise<void> => Promise.resolve().then(work);

/** Counts one more user until the returned function is called for the first time, which ends with `after`. */
function lend(copy: Copy, after: () => Promise<void>): () => Promise<void> {
  let lent = true;
  copy.users++;
  return async () => {
    if (!lent) return;
    lent = false;
    copy.users--;
    await after();
  };
}

async function unlessAborted(work: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (!signal) return work;
  let leave = () => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
