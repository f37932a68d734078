import { isErrno, SidestreamError } from '../core/errors.ts';

/** What S3 was asked, as far as errors tell it. */
export interface Asked {
  /** The address of the server, without secrets. */
  readonly endpoint: string;
  readonly bucket: string;
  /** The object it was about. */
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const FULL = /^(InsufficientStorage|QuotaExceeded|XMinioStorageFull)$/;

/** What an error of the SDK means to a person. Messages carry names and codes of errors, never what the server said. */
export function explainS3(error: unknown, { endpoint, bucket, key, signal }: Asked): unknown {
  if (error instanceof SidestreamError) return error;
  if (signal?.aborted) return signal.reason;
  if (!(error instanceof Error)) return error;
  const make = (code: SidestreamError['code'], message: string) =>
    new SidestreamError(code, message, { cause: error });
  const unreachable = (text: string) => make('STORAGE_UNREACHABLE', text);

  const status = httpStatus(error);
  if (status === undefined) {
    if (isErrno(error, 'ENOSPC') || isErrno(error, 'EDQUOT')) {
      return make('DISK_FULL', 'no space is left in the scratch folder: free some and run again');
    }
    if (error.name === 'CredentialsProviderError') {
      return unreachable(`no credentials for ${endpoint} are found: give an access key and its secret`);
    }
    if (isErrno(error) || error.name === 'TimeoutError' || '$metadata' in error) {
      const why = isErrno(error) ? error.code : error.name;
      return unreachable(
        `${endpoint} does not answer (${why}): check the address, the network and the server`,
      );
    }
    return error;
  }
  if (error.name === 'NoSuchBucket') {
    return unreachable(`${endpoint} has no bucket ${bucket}: make it first, or check its name`);
  }
  if (status === 404 && key !== undefined) return notInBucket(key, bucket, error);
  // Before refusals: a full quota is one, too.
  if (status === 507 || FULL.test(error.name)) {
    return make(
      'DISK_FULL',
      `the bucket ${bucket} takes no more (${error.name}): free some space and run again`,
    );
  }
  if (status === 401 || status === 403) {
    return unreachable(
      `${endpoint} refuses access to the bucket ${bucket} (${error.name}): check the access key, its secret and the rights`,
    );
  }
  if (status === 301 || status === 307) {
    return unreachable(
      `the bucket ${bucket} is not at ${endpoint} (${error.name}): check region and address`,
    );
  }
  return unreachable(`${endpoint} answers ${status} (${error.name}): check the server, and run again`);
}

export const notInBucket = (key: string, bucket: string, cause?: unknown): SidestreamError =>
  new SidestreamError(
    'OBJECT_NOT_FOUND',
    `${key} is not in the bucket ${bucket}: it was never stored, or is removed`,
    { cause },
  );

/** The status of the answer that an error of the SDK stands for. */
export function httpStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode;
}
