import { S3Client } from '@aws-sdk/client-s3';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';
import { isKey } from './keys.ts';

export interface S3Options {
  /** Address of the server, such as `https://minio.example:9000`; left out: Amazon's own for the region. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** A folder of keys within the bucket, or nothing. */
  readonly prefix: string;
  /** Both or none; none: found as all programs of AWS find them (environment, files, the machine's role). */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** The bucket's name as a part of the path instead of the host; most servers but Amazon's need it. */
  readonly pathStyle: boolean;
  /** A local folder for borrowed copies; it is made where it is missing. */
  readonly scratch: string;
  /** Copies are kept up to so many bytes. */
  readonly cacheBytes: number;
  /** Bytes of one part of a large file; at least 5 MiB, as S3 wants it. Left out: 16 MiB. */
  readonly partBytes?: number | undefined;
}

/** Throws CONFIG. */
export function connect(options: S3Options): S3Client {
  const { endpoint, accessKeyId, secretAccessKey } = options;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new SidestreamError('CONFIG', 'S3 needs an access key and its secret: give both or none');
  }
  if (endpoint !== undefined && !/^https?:\/\//.test(endpoint)) {
    throw new SidestreamError(
      'CONFIG',
      `${redact(endpoint)} is no address of S3: begin it with http:// or https://`,
    );
  }
  return new S3Client({
    region: options.region,
    forcePathStyle: options.pathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined && secretAccessKey !== undefined
      ? { credentials: { accessKeyId, secretAccessKey } }
      : {}),
    // Checksums that only Amazon's server knows make others refuse the request.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 120_000 },
  });
}

/** What errors call the server. Without secrets. */
export const nameOf = ({ endpoint, region }: S3Options): string =>
  endpoint === undefined ? `Amazon S3 in ${region}` : redact(endpoint);

/** The prefix of a bucket as what keys are put behind: nothing, or ending with `/`. Throws CONFIG. */
export function folderOf(prefix: string): string {
  const base = prefix.replace(/\/$/, '');
  if (base === '') return '';
  if (isKey(base)) return `${base}/`;
  throw new SidestreamError(
    'CONFIG',
    `${prefix} cannot be a prefix in a bucket: write it as jobs/production`,
  );
}
