import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import S3rver, { type Store } from 's3rver';

/**
 * s3rver, over real HTTP, with what it lacks of S3 put in front of it: atomic objects, If-Match, lists in the order of
 * keys and in pages (its own are encrypted in a way that OpenSSL 3 has dropped), lists of unfinished uploads and their
 * abortion.
 */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly bucket: string;
  /** All requests so far, as `GET key?query`, the newest last. */
  readonly requests: string[];
  /** Names of unfinished uploads' folders. */
  uploads(): string[];
  /** Called before each request is handled, which waits for it. `cut`: the answer breaks after 100,000 bytes. */
  before: ((request: IncomingMessage) => Promise<'cut' | undefined> | 'cut' | undefined) | undefined;
  /** Stops to listen and breaks all connections. */
  stop(): Promise<void>;
}

const PAGE = 3;
const NAME = 'videos';

export async function startS3(directory: string): Promise<S3Server> {
  const app = new S3rver({ directory, silent: true, vhostBuckets: false });
  app.on('error', () => {}); // Broken connections, which tests make.
  await app.store.putBucket(NAME);
  makeAtomic(app.store);
  const handle = app.callback();
  const uploads = join(directory, NAME, '._S3rver_uploads');

  const answer = (response: ServerResponse, status: number, body = '') =>
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);

  const front = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://s3');
    const key = decodeURIComponent(url.pathname.slice(`/${NAME}/`.length));
    const query = url.searchParams;
    server.requests.push(`${request.method} ${key}${url.search}`);
    if ((await server.before?.(request)) === 'cut') cut(response, 100_000);
    if (request.method === 'GET' && key === '' && query.has('list-type')) {
      return answer(response, 200, await list(app.store, query));
    }
    if (request.method === 'GET' && key === '' && query.has('uploads')) {
      return answer(response, 200, listUploads(uploads));
    }
    if (request.method === 'DELETE' && query.has('uploadId')) {
      rmSync(join(uploads, query.get('uploadId')!), { recursive: true });
      return answer(response, 204);
    }
    const match = request.headers['if-match'];
    if (match) {
      const found = await app.store.getMetadata(NAME, key).catch(() => undefined);
      if (found && found.etag !== match) {
        return answer(response, 412, '<Error><Code>PreconditionFailed</Code></Error>');
      }
    }
    return handle(request, response);
  };

  const http = createServer((request, response) => {
    front(request, response).catch((error) => answer(response, 500, `<Error><Code>${error}</Code></Error>`));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const server: S3Server = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    bucket: NAME,
    requests: [],
    uploads: () => (existsSync(uploads) ? readdirSync(uploads) : []),
    before: undefined,
    stop: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
    async [Symbol.asyncDispose]() {
      if (http.listening) await server.stop();
      app.logger.exceptions.unhandle();
      app.logger.close();
    },
  };
  return server;
}

/** s3rver writes into the very file that others read; S3 shows the old object until the new one is whole. */
function makeAtomic(store: Store): void {
  const readAll = async (content: AsyncIterable<Uint8Array> | Buffer) => {
    if (Buffer.isBuffer(content)) return content;
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const replace = (path: string, data: Buffer | string) => {
    const temporary = join(dirname(path), `.${randomUUID()}`);
    writeFileSync(temporary, data);
    renameSync(temporary, path);
  };
  const md5Of = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

  store.putObject = async ({ bucket, key, content, metadata }) => {
    const bytes = await readAll(content);
    const md5 = md5Of(bytes);
    const path = store.getResourcePath(bucket, key, 'object');
    mkdirSync(dirname(path), { recursive: true });
    replace(path, bytes);
    replace(`${path}.md5`, md5);
    const type = metadata['content-type'] ?? 'binary/octet-stream';
    replace(store.getResourcePath(bucket, key, 'metadata.json'), JSON.stringify({ 'content-type': type }));
    return { size: bytes.length, md5 };
  };

  store.putPart = async (bucket, uploadId, part, content) => {
    const bytes = await readAll(content);
    const path = join(store.getResourcePath(bucket, undefined, 'uploads'), uploadId, part);
    writeFileSync(path, bytes);
    return { size: bytes.length, md5: md5Of(bytes) };
  };

  store.getObject = async (bucket, key, options = {}) => {
    const path = store.getResourcePath(bucket, key, 'object');
    if (!existsSync(path)) return null;
    const fd = openSync(path, 'r');
    const { size, mtime } = fstatSync(fd);
    const { start = 0, end = Infinity } = options;
    const range = { start, end: Math.min(end, size - 1) };
    const asked = options.start !== undefined;
    const content = createReadStream('', {
      fd,
      ...(size > 0 && start < size ? range : { start: 0, end: 0 }),
    });
    const outside = asked && start >= size;
    if (outside) content.destroy();
    const metadata = {
      ...JSON.parse(readFileSync(store.getResourcePath(bucket, key, 'metadata.json'), 'utf8')),
      etag: `"${readFileSync(`${path}.md5`, 'utf8')}"`,
      'last-modified': mtime.toUTCString(),
      'content-length': size,
    };
    return {
      ...{ bucket, key, metadata, size, lastModifiedDate: mtime },
      content: outside ? undefined : content,
      ...(asked && { range }),
    };
  };
}

async function list(store: Store, query: URLSearchParams): Promise<string> {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const { objects } = await store.listObjects(NAME, { prefix });
  const rest = objects
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const page = rest.slice(0, PAGE);
  const more = rest.length > page.length;
  const contents = page.map(
    ({ key, size, lastModifiedDate, metadata }) =>
      `<Contents><Key>${key}</Key><Size>${size}</Size><ETag>${metadata.etag}</ETag>` +
      `<LastModified>${lastModifiedDate.toISOString()}</LastModified></Contents>`,
  );
  return (
    `<ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}` +
    `${more ? `<NextContinuationToken>${page.at(-1)?.key}</NextContinuationToken>` : ''}</ListBucketResult>`
  );
}

function listUploads(folder: string): string {
  const uploads = (existsSync(folder) ? readdirSync(folder) : []).map((id) => {
    const key = join(folder, id, 'key');
    const begun = statSync(key).mtime.toISOString();
    return `<Upload><Key>${readFileSync(key)}</Key><UploadId>${id}</UploadId><Initiated>${begun}</Initiated></Upload>`;
  });
  return `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`;
}

/** Breaks the connection after so many bytes of the body. */
function cut(response: ServerResponse, bytes: number): void {
  const write = response.write.bind(response) as (chunk: Uint8Array, ...rest: unknown[]) => boolean;
  let left = bytes;
  response.write = ((chunk: Uint8Array, ...rest: unknown[]) => {
    if (chunk.length < left) {
      left -= chunk.length;
      return write(chunk, ...rest);
    }
    write(chunk.subarray(0, left), () => response.socket?.destroy());
    return false;
  }) as typeof response.write;
}
