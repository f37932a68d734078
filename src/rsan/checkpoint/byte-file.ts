import { type FileHandle, open, stat } from 'node:fs/promises';
import { isErrno, SidestreamError } from '../../core/errors.ts';

/** A file read by position, with every range checked against its size first. */
export interface ByteFile {
  readonly path: string;
  readonly size: number;
  /** Exactly `length` bytes at `offset`; throws CHECKPOINT_INVALID where the file ends before that. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** One pread takes less than 2 GiB. */
const LARGEST_READ = 2 ** 30;

export async function openByteFile(path: string): Promise<ByteFile> {
  const handle = await openHandle(path);
  const { size } = await handle.stat();
  return {
    path,
    size,
    async read(offset, length) {
      if (
        !Number.isSafeInteger(offset) ||
        !Number.isSafeInteger(length) ||
        offset < 0 ||
        length < 0 ||
        offset + length > size
      ) {
        throw damaged(path, `bytes ${offset} to ${offset + length} are asked for and the file has ${size}`);
      }
      const data = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(
          data,
          done,
          Math.min(length - done, LARGEST_READ),
          offset + done,
        );
        if (bytesRead === 0) throw damaged(path, 'the file became shorter while it was read');
        done += bytesRead;
      }
      return data;
    },
    close: () => handle.close(),
  };
}

async function openHandle(path: string): Promise<FileHandle> {
  try {
    // Asked first: a folder opens and then cannot be read; a pipe waits for someone to write.
    if ((await stat(path)).isFile()) return await open(path, 'r');
    throw new SidestreamError('INPUT_UNREADABLE', `${path} is no file`);
  } catch (error) {
    if (isErrno(error, 'ENOENT'))
      throw new SidestreamError('INPUT_NOT_FOUND', `${path} does not exist`, { cause: error });
    if (isErrno(error))
      throw new SidestreamError('INPUT_UNREADABLE', `${path} cannot be read: ${error.code}`, {
        cause: error,
      });
    throw error;
  }
}

export function damaged(path: string, what: string): SidestreamError {
  return new SidestreamError('CHECKPOINT_INVALID', `${path}: ${what}; get the file again`);
}
