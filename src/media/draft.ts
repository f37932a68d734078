import { rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** A file that becomes `path` only when it is whole. */
export interface Draft {
  /** Where to write meanwhile: hidden, in the same folder, with the same extension. */
  readonly path: string;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

export function draft(path: string): Draft {
  const whole = resolve(path);
  const temporary = join(dirname(whole), `.${basename(whole)}.${process.pid}.partial${extname(whole)}`);
  return {
    path: temporary,
    commit: () => rename(temporary, whole),
    discard: () => rm(temporary, { force: true }),
  };
}
