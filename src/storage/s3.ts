import { readFile, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SidestreamError } from '../core/errors.ts';
import { contentTypeOf } from './content-types.ts';
import { guardStream } from './guard-stream.ts';
import { checkFolder, checkKey, checkPrefix, checkRange, isKey } from './keys.ts';
import { sizeToStore } from './local-file.ts';
import { openObjectCache } from './object-cache.ts';
import { downloadRanges } from './ranged-download.ts';
import { connect, folderOf, nameOf, type S3Options } from './s3-client.ts';
import { explainS3, httpStatus, notInBucket } from './s3-failures.ts';
import { abortOldUploads, uploadInParts } from './s3-upload.ts';
import type { ByteRange, Storage, StoredObject } from './storage.ts';

/** Fixed, so that checks leave one object and do not meet each other. No key begins with a dot. */
const PROBE = '.check';

const WEEK_S = 7 * 24 * 3600;

/** Storage in a bucket of S3, or of a server that speaks its protocol. Throws CONFIG and STORAGE_UNREACHABLE. */
export async function openS3(options: S3Options): Promise<Storage> {
  const { bucket, partBytes = 16 << 20 } = options;
  const base = folderOf(options.prefix);
  const endpoint = nameOf(options);
  const client = connect(options);

  const guard = async <T>(
    key: string | undefined,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> => {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      throw explainS3(error, { endpoint, bucket, key, signal });
    }
  };
  const at = (key: string) => ({ Bucket: bucket, Key: base + key });
  const abort = (signal?: AbortSignal) => (signal ? { abortSignal: signal } : {});

  const putAt = (key: string, body: Uint8Array, signal?: AbortSignal) =>
    client.send(
      new PutObjectCommand({
        ...at(key),
        Body: body,
        ContentLength: body.length,
        ContentType: contentTypeOf(key),
      }),
      abort(signal),
    );

  const head = async (key: string, signal?: AbortSignal): Promise<StoredObject | undefined> => {
    try {
      const found = await client.send(new HeadObjectCommand(at(key)), abort(signal));
      return describe(key, found.ContentLength, found);
    } catch (error) {
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  };

  const bytesOf = async (key: string, range?: ByteRange, signal?: AbortSignal): Promise<Readable> => {
    try {
      const Range = range && `bytes=${range.start}-${range.end}`;
      const { Body } = await client.send(new GetObjectCommand({ ...at(key), Range }), abort(signal));
      return Body as Readable;
    } catch (error) {
      if (httpStatus(error) === 416) return Readable.from([]);
      throw error;
    }
  };

  const openAt: Storage['open'] = (key, range, signal) =>
    guard(key, signal, async () => {
      checkKey(key);
      checkRange(range);
      const body = guardStream(await bytesOf(key, range, signal));
      const explained = async function* () {
        try {
          yield* body;
        } catch (error) {
          throw explainS3(error, { endpoint, bucket, key, signal });
        }
      };
      const stream = Readable.from(explained(), { objectMode: false });
      // A generator that was never begun is not told that it has ended, and would keep the connection.
      stream.once('close', () => body.destroy());
      return guardStream(stream, signal);
    });

  /** Bytes of exactly this version of the object. Throws Replaced. */
  const version = async (object: StoredObject, start: number, end: number, signal: AbortSignal) => {
    const range = { Range: `bytes=${start}-${end}`, IfMatch: `"${object.etag}"` };
    try {
      const answer = await client.send(new GetObjectCommand({ ...at(object.key), ...range }), abort(signal));
      const body = answer.Body as Readable;
      // Not every server knows If-Match.
      if (unquoted(answer.ETag) === object.etag) return body;
      body.destroy();
    } catch (error) {
      if (httpStatus(error) !== 412 && httpStatus(error) !== 416) throw error;
    }
    throw new Replaced();
  };

  async function* listAt(prefix: string): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: base + prefix })) {
        for (const found of page.Contents ?? []) {
          // What others have put into the bucket may have names that are no keys.
          const key = found.Key?.slice(base.length);
          if (key && isKey(key)) yield describe(key, found.Size, found);
        }
      }
    } catch (error) {
      throw explainS3(error, { endpoint, bucket });
    }
  }

  const removeAt = (key: string) => client.send(new DeleteObjectCommand(at(key)));

  const cache = await openObjectCache(options.scratch, options.cacheBytes).catch((error) => {
    client.destroy();
    throw new SidestreamError(
      'STORAGE_UNREACHABLE',
      `the scratch folder ${options.scratch} cannot be used (${error.code ?? error.message}): see that it may be written to`,
      { cause: error },
    );
  });

  return {
    kind: 's3',

    put: (key, data, signal) =>
      guard(undefined, signal, async () => {
        checkKey(key);
        await putAt(key, typeof data === 'string' ? Buffer.from(data) : data, signal);
      }),

    putFile: (key, path, { move = false }, signal) =>
      guard(undefined, signal, async () => {
        checkKey(key);
        const bytes = await sizeToStore(path);
        if (bytes <= partBytes) await putAt(key, await readFile(path, signal && { signal }), signal);
        else {
          const target = { ...at(key), ContentType: contentTypeOf(key) };
          await uploadInParts(client, target, { path, bytes, partBytes }, signal);
        }
        if (move) await rm(path, { force: true });
      }),

    open: openAt,

    read: async (key, signal) => buffer(await openAt(key, undefined, signal)),

    stat: (key) =>
      guard(key, undefined, () => {
        checkKey(key);
        return head(key);
      }),

    list: listAt,

    remove: (key) =>
      guard(undefined, undefined, async () => {
        checkKey(key);
        await removeAt(key);
      }),

    removeAll: (prefix) =>
      guard(undefined, undefined, async () => {
        checkFolder(prefix);
        // One by one: not every server has the request for many. One iterator for all lanes.
        const found = listAt(prefix);
        const lane = async () => {
          for await (const { key } of found) await removeAt(key);
        };
        await Promise.all(Array.from({ length: 16 }, lane));
      }),

    borrow: (key, signal) =>
      guard(key, signal, async () => {
        checkKey(key);
        for (let attempt = 1; ; attempt++) {
          const object = await head(key, signal);
          if (!object) throw notInBucket(key, bucket);
          const source = {
            ...{ name: key, bytes: object.bytes, partBytes, parallel: 4 },
            open: (start: number, end: number, stop: AbortSignal) => version(object, start, end, stop),
          };
          const fetch = (path: string, stop: AbortSignal) => downloadRanges(path, source, stop);
          try {
            return await cache.borrow(object, fetch, signal);
          } catch (error) {
            if (!(error instanceof Replaced) || attempt === 5) throw error;
          }
        }
      }),

    presign: (key, { seconds, disposition }) =>
      guard(key, undefined, async () => {
        checkKey(key);
        const answer = { ResponseContentType: contentTypeOf(key), ResponseContentDisposition: disposition };
        return getSignedUrl(client, new GetObjectCommand({ ...at(key), ...answer }), {
          expiresIn: Math.min(seconds, WEEK_S), // S3 signs for no longer.
        });
      }),

    space: async () => undefined,

    sweep: (ageMs) =>
      guard(undefined, undefined, async () => {
        await abortOldUploads(client, bucket, base, new Date(Date.now() - ageMs));
        await cache.sweep(ageMs);
      }),

    check: (signal) =>
      guard(undefined, signal, async () => {
        await putAt(PROBE, Buffer.from(PROBE), signal);
        const found = await buffer(await bytesOf(PROBE, undefined, signal));
        if (found.toString() !== PROBE) {
          throw new SidestreamError(
            'STORAGE_UNREACHABLE',
            `${endpoint} gives back other bytes than it was given: check that it speaks S3`,
          );
        }
      }),

    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]();
      client.destroy();
    },
  };
}

/** The object has become another one since it was looked at. */
class Replaced extends SidestreamError {
  constructor() {
    super('DOWNLOAD_FAILED', 'the object was replaced while it was fetched: run again');
  }
}

const unquoted = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '');

function describe(
  key: string,
  bytes: number | undefined,
  { LastModified, ETag }: { LastModified?: Date | undefined; ETag?: string | undefined },
): StoredObject {
  return {
    key,
    bytes: bytes ?? 0,
    modified: LastModified ?? new Date(0),
    etag: unquoted(ETag),
    contentType: contentTypeOf(key),
  };
}
