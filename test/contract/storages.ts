import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import { openFilesystem } from '../../src/storage/filesystem.ts';
import { openS3 } from '../../src/storage/s3.ts';
import type { Storage, StoredObject } from '../../src/storage/storage.ts';
import { type S3Server, startS3 } from './s3-server.ts';

/** One kind of storage with its surroundings, for one test file. */
export interface Subject extends AsyncDisposable {
  readonly storage: Storage;
  /** An empty folder for the test's own files. */
  readonly local: string;
  /** Where a filesystem's objects lie, or a server keeps them. */
  readonly root: string;
  /** Where borrowed copies go. */
  readonly scratch: string;
  readonly server?: S3Server;
  /** Resolves while an object is being stored and is not whole. */
  underWay(): Promise<void>;
  /** What an unfinished writer left, now and an hour ago; gives the number of remains that there are. */
  leaveRemains(): Promise<void>;
  remains(): number;
  /** Takes the storage away. */
  lose(): Promise<void>;
}

export const MIB = 1 << 20;
const KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** What a server of the given address is opened with. */
export const s3Options = (endpoint: string, scratch: string) => ({
  ...{ endpoint, region: 'us-east-1', bucket: 'videos', prefix: 'main', ...KEYS, pathStyle: true },
  ...{ scratch, cacheBytes: 64 * MIB, partBytes: 5 * MIB },
});

const hourAgo = () => new Date(Date.now() - 3_600_000);

async function folders() {
  const home = await mkdtemp(join(tmpdir(), 'sidestream-storage-'));
  const [root, local, scratch] = ['root', 'local', 'scratch'].map((name) => join(home, name));
  await mkdir(local);
  await writeFile(join(home, 'secret'), 'not below the root');
  return { home, root, local, scratch };
}

async function fs(): Promise<Subject> {
  const { home, root, local, scratch } = await folders();
  const storage = await openFilesystem({ root });
  const incoming = join(root, '.incoming');
  const remains = () => (existsSync(incoming) ? readdirSync(incoming).length : 0);
  return {
    ...{ storage, local, root, scratch, remains },
    async underWay() {
      while (remains() === 0) await sleep(1);
    },
    async leaveRemains() {
      for (const time of [new Date(), hourAgo()]) {
        const path = join(incoming, `1-${time.getTime()}`);
        await writeFile(path, 'half');
        await utimes(path, time, time);
      }
    },
    lose: () => rm(root, { recursive: true }),
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  };
}

async function s3(): Promise<Subject> {
  const { home, root, local, scratch } = await folders();
  const server = await startS3(root);
  const storage = await openS3(s3Options(server.endpoint, scratch));
  return {
    ...{ storage, local, root, scratch, server },
    remains: () => server.uploads().length,
    underWay: () =>
      new Promise((resolve) => {
        server.before = async (request) => {
          if (!request.url?.includes('partNumber=2')) return undefined;
          server.before = undefined;
          resolve();
          await sleep(300); // The part is under way until its request is aborted.
          return undefined;
        };
      }),
    async leaveRemains() {
      const client = new S3Client({
        ...{ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEYS },
      });
      for (const time of [new Date(), hourAgo()]) {
        const { UploadId } = await client.send(
          new CreateMultipartUploadCommand({ Bucket: server.bucket, Key: 'main/never.mp4' }),
        );
        const folder = join(root, server.bucket, '._S3rver_uploads', UploadId!);
        await utimes(join(folder, 'key'), time, time);
      }
      client.destroy();
    },
    lose: () => server.stop(),
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  };
}

export const SUBJECTS = { fs, s3 };

/** What makes two large contents comparable in a message. */
export const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export async function keysOf(objects: AsyncIterable<StoredObject>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects) keys.push(key);
  return keys;
}
