import { readFile } from 'node:fs/promises';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { type ArchitectureFile, parseArchitectureFile } from '../rsan/architecture.ts';

/** The file of `--architecture`, if one was given. */
export async function readArchitectureFile(path: string | undefined): Promise<ArchitectureFile | undefined> {
  if (path === undefined) return undefined;
  try {
    return parseArchitectureFile(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new SidestreamError('USAGE', `--architecture: ${path} cannot be read: ${error.code}`);
  }
}
