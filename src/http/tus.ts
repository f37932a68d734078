import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { Server, TUS_RESUMABLE } from '@tus/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../core/errors.ts';
import type { Uploads } from '../jobs/jobs.ts';
import { callerOf } from './auth.ts';
import { RequestFault } from './errors.ts';
import { createUploadStore, sizeOf } from './upload-files.ts';

/**
 * Resumable uploads. An upload is `<id>` and `<id>.json` in the upload folder; once it is whole its bytes are taken away,
 * and `<id>.json` alone is left, so that a client that missed the last answer learns of it.
 */
export interface Tus {
  handle(request: FastifyRequest, reply: FastifyReply, id: string | undefined): Promise<FastifyReply>;
}

interface Known {
  readonly size: number;
  readonly metadata: Readonly<Record<string, string | null>>;
}

/** Who began an upload: beside what the client says of it, and never sent to anyone. */
const OWNER = 'sidestream-owner';

export function createTus(
  { uploads }: { readonly uploads: Uploads },
  { path, expiryMs }: { readonly path: string; readonly expiryMs: number },
): Tus {
  const store = createUploadStore(uploads.folder, expiryMs);
  const callers = new AsyncLocalStorage<string>();
  const failures = new WeakMap<object, unknown>();
  const taking = new Map<string, Promise<void>>();

  const fileOf = (id: string) => join(uploads.folder, id);

  /** Takes an upload that is whole, once, however many ask for it. */
  function take(id: string, { metadata }: Pick<Known, 'metadata'>): Promise<void> {
    const running = taking.get(id);
    if (running) return running;
    const work = async () => {
      if ((await sizeOf(fileOf(id))) === undefined) return;
      const fileName = metadata.filename || metadata.name || id;
      await uploads.take(fileOf(id), { fileName, submitter: { id: metadata[OWNER] ?? '' }, id });
      await rm(fileOf(id), { force: true });
    };
    const taken = work().finally(() => taking.delete(id));
    taking.set(id, taken);
    return taken;
  }

  const server = new Server({
    path,
    datastore: store,
    maxSize: uploads.maxBytes,
    relativeLocation: true,
    respectForwardedHeaders: false,
    // Pages of other sites may not read what is here.
    allowedOrigins: () => false,
    namingFunction: () => randomBytes(16).toString('hex'),
    async onUploadCreate(_request, upload) {
      const owner = callers.getStore() ?? '';
      await uploads.check(upload.size ?? 0, { id: owner });
      return { metadata: { ...upload.metadata, [OWNER]: owner } };
    },
    async onUploadFinish(_request, upload) {
      await take(upload.id, { metadata: upload.metadata ?? {} });
      return {};
    },
    onResponseError(request, error) {
      failures.set(request, error);
      return undefined;
    },
  });

  /** What is known of an upload that the caller began. Throws NOT_FOUND, KEY_FORBIDDEN. */
  async function find(id: string, caller: string): Promise<Known> {
    const known = /^[\da-f]{32}$/.test(id) ? await store.configstore.get(id) : undefined;
    if (known?.size === undefined) throw new RequestFault('NOT_FOUND', 'there is no such upload');
    if (known.metadata?.[OWNER] !== caller) {
      throw new RequestFault('KEY_FORBIDDEN', 'only the key that began an upload may go on with it');
    }
    return { size: known.size, metadata: known.metadata };
  }

  async function pass(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    using body = bodyOf(request.raw);
    const asked = webRequest(request, body);
    const answer = await callers.run(request.caller?.id ?? '', () => server.handleWeb(asked));
    for (const [name, value] of answer.headers) {
      if (/^(tus-|upload-|location$|cache-control$)/i.test(name))
        reply.header(name, withoutOwner(name, value));
    }
    if (answer.status >= 400) throw faultOf(failures.get(asked), answer.status, await answer.text());
    return reply.code(answer.status).send();
  }

  return {
    async handle(request, reply, id) {
      const speaksTus = request.headers['tus-resumable'] === TUS_RESUMABLE;
      if (id === undefined || request.method === 'OPTIONS' || !speaksTus) return await pass(request, reply);
      const known = await find(id, callerOf(request).id);
      const size = await sizeOf(fileOf(id));
      // Whole, but not taken: there was no room, or we ended just then.
      if (request.method === 'HEAD' && size === known.size) await take(id, known);
      if (request.method === 'HEAD' || size !== undefined) return await pass(request, reply);
      return answerTaken(request, reply, known);
    },
  };
}

/** An upload that is whole can be asked for, but neither added to nor removed. */
function answerTaken(request: FastifyRequest, reply: FastifyReply, { size }: Known): FastifyReply {
  const { headers, method } = request;
  const adds = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (method === 'PATCH' && !adds && headers['upload-offset'] === String(size)) {
    return reply
      .code(204)
      .header('tus-resumable', TUS_RESUMABLE)
      .header('upload-offset', String(size))
      .send();
  }
  throw new RequestFault('CONFLICT', 'the upload is whole: it stays until no job needs it', {
    status: method === 'DELETE' ? 410 : 409,
  });
}

/**
 * The bytes of a request, apart from it: whoever stops reading must not stop the request, whose rest is to be thrown away
 * before the connection can be used again. Disposal parts the two.
 */
function bodyOf(request: IncomingMessage): { readonly stream: PassThrough } & Disposable {
  const stream = request.pipe(new PassThrough());
  stream.on('error', () => {}); // It reaches whoever reads.
  const breakOff = () => {
    if (!request.complete) stream.destroy(new Error('the client went away'));
  };
  request.once('close', breakOff);
  return {
    stream,
    [Symbol.dispose]() {
      request.off('close', breakOff);
      request.unpipe(stream);
      stream.destroy();
    },
  };
}

/** The request as the tus server takes it. Its address is ours: no header of the client's decides where things are. */
function webRequest(
  { raw, method, url }: FastifyRequest,
  { stream }: { readonly stream: PassThrough },
): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw.headers)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  const hasBody = method === 'POST' || method === 'PATCH';
  return new Request(new URL(url, 'http://localhost'), {
    method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(stream), duplex: 'half' } : {}),
  } as RequestInit);
}

const withoutOwner = (name: string, value: string): string =>
  name.toLowerCase() === 'upload-metadata'
    ? value
        .split(',')
        .filter((pair) => !pair.startsWith(`${OWNER} `))
        .join(',')
    : value;

const CODES: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  413: 'INPUT_TOO_LARGE',
};

/** An error of ours as it is; the tus server's own by its status. */
function faultOf(failure: unknown, status: number, text: string): unknown {
  if (failure instanceof Error) return failure;
  if (status >= 500 && status !== 501) return new Error(text);
  return new RequestFault(CODES[status] ?? 'USAGE', text.trim(), { status });
}
