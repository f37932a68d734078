import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Config } from '../config/load.ts';
import { isErrno, SidestreamError } from '../core/errors.ts';
import type { Storage } from '../storage/storage.ts';
import { below } from './describe.ts';
import { jobKeys, type Location, readDescription } from './description.ts';
import type { ResultObject } from './jobs.ts';
import { resultObject } from './result-object.ts';
import { TELLING, videoTypeOf } from './video-type.ts';

/**
 * The video that a job was about, as it came. It is not copied: an upload lies in the storage as long as a job uses it,
 * what was fetched in the folder of the job, and a file on the server where its owner keeps it. Jobs that name anew
 * have the video of the first one.
 */

export interface SourceDeps {
  readonly config: Pick<Config, 'jobs'>;
  readonly storage: Storage;
}

/**
 * `known`: what it was when the job ended, where that is on record. Throws RESULT_NOT_FOUND, with the reason, where the
 * video is not there any more, may no longer be read, or is another one.
 */
export async function sourceOf(
  id: string,
  known: { readonly bytes: number; readonly type: string } | undefined,
  deps: SourceDeps,
): Promise<ResultObject> {
  const { input, of } = await readDescription(id, deps.storage);
  const found =
    input.kind === 'path'
      ? await fileAt(input, deps.config.jobs.roots, gone)
      : await objectAt(input, of ?? id, deps.storage, gone);
  if (known && known.bytes !== found.bytes)
    throw gone(`${input.name} has ${found.bytes} bytes now and had ${known.bytes}: it is another video`);
  const type =
    known?.type ?? videoTypeOf(nameOf(input), await buffer(await found.open({ start: 0, end: TELLING - 1 })));
  return { ...found, type, fileName: nameOf(input) };

  function gone(why: string): SidestreamError {
    return new SidestreamError('RESULT_NOT_FOUND', `job ${id} has its video no more: ${why}`);
  }
}

type Gone = (why: string) => SidestreamError;

async function objectAt(
  input: Exclude<Location, { kind: 'path' }>,
  job: string,
  storage: Storage,
  gone: Gone,
): Promise<ResultObject> {
  const object = await storage.stat(input.kind === 'url' ? jobKeys(job).source : input.key);
  if (object) return resultObject(object, nameOf(input), storage);
  throw gone(
    input.kind === 'url'
      ? `what was fetched went with job ${job}`
      : 'the upload went with the jobs that were made of it',
  );
}

async function fileAt(
  { path, name }: Extract<Location, { kind: 'path' }>,
  roots: readonly string[],
  gone: Gone,
): Promise<ResultObject> {
  // What was allowed when the job was taken on need not be so today.
  const real = await below(path, roots).catch((error) => {
    if (!(error instanceof SidestreamError)) throw error;
    if (error.code === 'INPUT_UNREADABLE') throw gone(`${name} is not below a folder of jobs.roots`);
    throw gone(`${name} ${error.code === 'INPUT_NOT_FOUND' ? 'does not exist' : 'is no file'}`);
  });
  if (real !== path) throw gone(`${name} has become a link`);
  const info = await stat(path, { bigint: true });
  const etag = identityOf(info);
  return {
    bytes: Number(info.size),
    type: '',
    etag,
    modified: info.mtime,
    fileName: '',
    async open(range) {
      // No link that was put there since, and nothing that would wait for a writer.
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const handle = await open(path, flags).catch((error) => {
        throw isErrno(error) ? gone(`${name} cannot be read: ${error.code}`) : error;
      });
      if (!(await isStill(handle, etag))) throw gone(`${name} is another file now`);
      return handle.createReadStream({ ...range });
    },
    presign: async () => undefined,
  };
}

/** Closes the file where it is another one. */
async function isStill(handle: FileHandle, etag: string): Promise<boolean> {
  const same = identityOf(await handle.stat({ bigint: true })) === etag;
  if (!same) await handle.close();
  return same;
}

const identityOf = (info: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint }): string =>
  createHash('sha256')
    .update([info.dev, info.ino, info.size, info.mtimeNs].join())
    .digest('hex')
    .slice(0, 32);

/** What its owner calls the file; of an address the last part of its path. */
function nameOf(input: Location): string {
  const name = input.kind === 'url' ? new URL(input.url).pathname : input.name;
  return name.split(/[/\\]/).at(-1) || 'video';
}
