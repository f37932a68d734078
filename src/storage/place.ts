import { lstat, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isErrno, SidestreamError } from '../core/errors.ts';

/**
 * Where the object of a checked key lies, or a folder of keys, and the real path of the root above it. The key itself
 * cannot escape; a link that someone has put below the root could, and none is followed; the root itself may be reached
 * through some. Throws INPUT_UNREADABLE, and a system error where the root is gone.
 */
export async function placeWithin(root: string, key: string): Promise<{ top: string; path: string }> {
  const top = await realpath(root);
  // Without the slash at the end, which would make a link's own look that of its target.
  const path = resolve(top, key);
  for (let at = path; at !== top; at = dirname(at)) {
    try {
      if ((await lstat(at)).isSymbolicLink()) throw refused(key, at);
      // Nothing above is a link either when the whole path is its own real one.
      if ((await realpath(at)) === at) break;
    } catch (error) {
      // Not there (yet): what is above it must be seen to.
      if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENOTDIR')) throw error;
    }
  }
  return { top, path };
}

const refused = (key: string, link: string) =>
  new SidestreamError(
    'INPUT_UNREADABLE',
    `${key} is not used: ${link} is a link, and none below the storage folder is followed; replace it by a folder`,
  );
