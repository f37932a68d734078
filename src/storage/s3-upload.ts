import { createReadStream } from 'node:fs';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { httpStatus } from './s3-failures.ts';

/** S3 takes no more parts than this for one object. */
const MOST_PARTS = 10_000;

export interface FileToUpload {
  readonly path: string;
  readonly bytes: number;
  readonly partBytes: number;
}

/** Uploads a file in parts. When it throws, nothing of this runs any more, and the parts are gone if the server lives. */
export async function uploadInParts(
  client: S3Client,
  target: { readonly Bucket: string; readonly Key: string; readonly ContentType: string },
  { path, bytes, partBytes }: FileToUpload,
  signal?: AbortSignal,
): Promise<void> {
  const body = createReadStream(path);
  try {
    const upload = new Upload({
      client: abortable(client, signal),
      params: { ...target, Body: body },
      partSize: Math.max(partBytes, Math.ceil(bytes / MOST_PARTS)),
      queueSize: 4,
    });
    await upload.done();
  } finally {
    body.destroy();
  }
}

/**
 * Upload's own way to abort leaves requests running in the background, and a small object may still appear. Here each
 * request is aborted, and Upload then clears away what it has begun before it throws.
 */
function abortable(client: S3Client, signal?: AbortSignal): S3Client {
  const send = (command: Parameters<S3Client['send']>[0]): Promise<unknown> => {
    // Its failure would hide why it was called; a sweep removes the parts later.
    if (command instanceof AbortMultipartUploadCommand) return client.send(command).catch(() => ({}));
    // Short, and past the point where one could tell whether the object is there.
    if (command instanceof CompleteMultipartUploadCommand) return client.send(command);
    return client.send(command, signal && { abortSignal: signal });
  };
  return Object.assign(Object.create(client) as S3Client, { send });
}

/** Aborts uploads below `prefix` that were begun before `before` and never finished. */
export async function abortOldUploads(
  client: S3Client,
  Bucket: string,
  prefix: string,
  before: Date,
): Promise<void> {
  let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
  while (next) {
    let page: Awaited<ReturnType<typeof listUploads>>;
    try {
      page = await listUploads(client, Bucket, prefix, next);
    } catch (error) {
      // Some servers clear uploads away by themselves, and have no list of them.
      if (httpStatus(error) === 501 || httpStatus(error) === 405) return;
      throw error;
    }
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (!Key?.startsWith(prefix) || !UploadId || !Initiated || Initiated >= before) continue;
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch((error) => {
        if (httpStatus(error) !== 404) throw error; // Gone meanwhile: finished, or swept by another.
      });
    }
    next = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined;
  }
}

const listUploads = (client: S3Client, Bucket: string, Prefix: string, from: object) =>
  client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...from }));
