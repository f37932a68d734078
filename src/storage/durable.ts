import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno, SidestreamError } from '../core/errors.ts';

/**
 * Sets a whole file's time to now and waits until it is on the disk: without that, a crash after the rename can leave
 * an empty file by the final name.
 */
export async function stampAndFlush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    // Finer than the kernel's own tick, so that no two files of one inode and size share a time.
    const now = (performance.timeOrigin + performance.now()) / 1000;
    await handle.utimes(now, now).catch(unlessNotAllowed);
    await handle.sync().catch(unlessNotAllowed);
  } finally {
    await handle.close();
  }
}

/**
 * Renames a file to `path`, making the folders between `top` and it, and waits until the names are on the disk.
 * Throws OUTPUT_UNWRITABLE where a part of the path is a file, or all of it a folder.
 */
export async function moveInto(from: string, path: string, top: string): Promise<void> {
  let made: string | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      made = (await mkdir(dirname(path), { recursive: true })) ?? made;
      await rename(from, path);
      break;
    } catch (error) {
      // Whoever removed the last object of the folder just now may have taken the folder, too.
      if (isErrno(error, 'ENOENT') && attempt < 20) continue;
      if (['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'].some((code) => isErrno(error, code))) {
        throw new SidestreamError(
          'OUTPUT_UNWRITABLE',
          `${path} cannot be stored: it is a folder of other objects, or an object lies where its folder would; take another key`,
          { cause: error },
        );
      }
      throw error;
    }
  }
  await flushFolder(dirname(path));
  // New folders are names in the folders above them.
  if (made === undefined) return;
  for (let at = dirname(path); at !== top && at.length >= made.length; ) {
    at = dirname(at);
    await flushFolder(at);
  }
}

async function flushFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) unlessNotAllowed(error); // Gone: what was in it was removed again.
  }
}

/** Some systems refuse to flush a folder or what is open for reading, and setting times needs the owner. */
function unlessNotAllowed(error: unknown): void {
  const refusals = ['EPERM', 'EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EROFS'];
  if (!refusals.some((code) => isErrno(error, code))) throw error;
}
