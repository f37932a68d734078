import type { Config } from '../config/load.ts';
import { SidestreamError } from '../core/errors.ts';
import type { Guard } from '../net/address-guard.ts';
import type { Storage } from '../storage/storage.ts';
import { below, newJobId } from './describe.ts';
import { type JobDescription, jobKeys, readDescription, uploadKey } from './description.ts';
import { isFinal, type JobView, type Submitter } from './jobs.ts';
import type { UploadStore } from './uploads.ts';

export interface RetryDeps {
  readonly config: Pick<Config, 'jobs'>;
  readonly uploads: Pick<UploadStore, 'find'>;
  readonly storage: Pick<Storage, 'read' | 'stat'>;
  readonly guard: Pick<Guard, 'judgeUrl'>;
}

/**
 * The same once more: all as it was decided for a job that has ended, under another id. Throws CONFLICT where it has not
 * ended, INPUT_NOT_FOUND, INPUT_UNREADABLE, ADDRESS_REFUSED where its video is gone, or may no longer be asked for, and
 * RESULT_NOT_FOUND where that is the analysis that it named anew.
 */
export async function describeRetry(
  { id, state }: JobView,
  submitter: Submitter,
  deps: RetryDeps,
): Promise<JobDescription> {
  if (!isFinal(state))
    throw new SidestreamError('CONFLICT', `job ${id} is ${state}: wait until it has ended, or cancel it`);
  const before = await readDescription(id, deps.storage);
  if (before.of === undefined) await checkInput(before, deps);
  else if (!(await deps.storage.stat(jobKeys(before.of).analysis)))
    throw new SidestreamError(
      'RESULT_NOT_FOUND',
      `the analysis of job ${before.of} is gone: submit its video again`,
    );
  return { ...before, id: newJobId(), submitter: submitter.id };
}

async function checkInput({ input }: JobDescription, deps: RetryDeps): Promise<void> {
  if (input.kind === 'url') deps.guard.judgeUrl(input.url);
  else if (input.kind === 'path') {
    const real = await below(input.path, deps.config.jobs.roots);
    if (real !== input.path)
      throw new SidestreamError('INPUT_UNREADABLE', `${input.name} has become a link: give the file`);
  } else if (!(await deps.storage.stat(input.key)) || !isKnown(input.key, deps))
    throw new SidestreamError(
      'INPUT_NOT_FOUND',
      `the upload ${input.name} is gone, since no job used it any more: upload it again`,
    );
}

/** One that is not on record may be cleared away at any time. */
const isKnown = (key: string, { uploads }: RetryDeps): boolean =>
  uploads.find(key.slice(uploadKey('').length)) !== undefined;
