import { readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes below which a disk is full, and a segment is none. */
const [LEAST_FREE, LEAST_SEGMENT] = [1 << 20, 512];

/**
 * Why HLS does not go on; undefined where it does. ffmpeg goes on without a word when it can write nothing, so what is there
 * has to be looked at. `patience`: milliseconds that the newest segment may be old.
 */
export async function hlsFault(
  folder: string,
  patience: number,
  now = Date.now(),
): Promise<string | undefined> {
  try {
    const playlist = await readFile(join(folder, 'index.m3u8'), 'utf8');
    const newest = playlist.match(/^\d+\.m4s$/gm)?.at(-1);
    const found = newest === undefined ? undefined : await stat(join(folder, newest));
    if (found && found.size >= LEAST_SEGMENT && now - found.mtimeMs < patience) return undefined;
  } catch {
    // It is not there: why, is told below.
  }
  const space = await statfs(folder).catch(() => undefined);
  if (!space) return 'its folder is not there';
  return space.bavail * space.bsize < LEAST_FREE ? 'No space left on device' : 'nothing is written';
}
