import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isErrno, SidestreamError } from '../core/errors.ts';

/** The size in bytes of a local file that is to be stored. Throws INPUT_NOT_FOUND, INPUT_UNREADABLE. */
export async function sizeToStore(path: string): Promise<number> {
  try {
    const file = await stat(path);
    if (!file.isFile()) throw unreadable(path, 'it is no file');
    await access(path, constants.R_OK);
    return file.size;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) {
      throw new SidestreamError('INPUT_NOT_FOUND', `${path} does not exist: it cannot be stored`, {
        cause: error,
      });
    }
    if (isErrno(error)) throw unreadable(path, error.code ?? error.message, error);
    throw error;
  }
}

const unreadable = (path: string, why: string, cause?: Error) =>
  new SidestreamError('INPUT_UNREADABLE', `${path} cannot be stored: it may not be read (${why})`, { cause });
