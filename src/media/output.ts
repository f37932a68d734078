import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { CONTAINERS } from './argv.ts';
import type { Container } from './encoder-argv.ts';
import { isAddress } from './probe.ts';

/** Checks a place for a result before any work is done. Throws OUTPUT_IS_INPUT, OUTPUT_EXISTS, OUTPUT_UNWRITABLE. */
export async function checkOutput(output: string, inputs: readonly string[], force: boolean): Promise<void> {
  const folder = dirname(resolve(output));
  try {
    if (!(await stat(folder)).isDirectory()) throw unwritable(output, `${folder} is no folder`);
    await access(folder, constants.W_OK);
  } catch (error) {
    if (isErrno(error, 'ENOENT'))
      throw unwritable(output, `the folder ${folder} does not exist: make it first`);
    if (isErrno(error)) throw unwritable(output, `${folder} may not be written to (${error.code})`);
    throw error;
  }
  const present = await stat(output).catch((error) =>
    isErrno(error, 'ENOENT') ? undefined : Promise.reject(error),
  );
  if (!present) return;
  for (const input of inputs.filter((name) => !isAddress(name))) {
    const [a, b] = await Promise.all([realpath(output), realpath(input)]);
    const other = await stat(b);
    if (a === b || (present.dev === other.dev && present.ino === other.ino)) {
      throw new SidestreamError(
        'OUTPUT_IS_INPUT',
        `${output} is the input itself: choose another name for the output`,
      );
    }
  }
  if (present.isDirectory()) throw unwritable(output, 'it is a folder: give a file name');
  if (!force) throw new SidestreamError('OUTPUT_EXISTS', `${output} exists: give --force to overwrite it`);
}

const unwritable = (output: string, why: string) =>
  new SidestreamError('OUTPUT_UNWRITABLE', `${output}: ${why}`);

/** The container that a file's extension stands for. Throws OUTPUT_FORMAT. */
export function containerOf(output: string): Container {
  const container = CONTAINERS[extname(output).toLowerCase()];
  if (container) return container;
  const known = Object.keys(CONTAINERS).join(' ');
  throw new SidestreamError('OUTPUT_FORMAT', `${output}: the extension must be one of ${known}`);
}
