import type { ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SidestreamError } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import { callerOf } from '../auth.ts';
import { RequestFault } from '../errors.ts';
import { answer, idSchema, problems } from '../schemas.ts';
import { type AppDeps, BROWSING, MINUTE } from '../settings.ts';
import { cutOffStalled } from '../slow-clients.ts';
import {
  fileSchema,
  streamPatchSchema,
  streamRequestSchema,
  streamSchema,
  streamsSchema,
  toStream,
} from '../stream-schemas.ts';

/** A client that takes nothing for this many milliseconds is cut off. */
const STALLED = 60_000;
/** Milliseconds in which the last words of a server that closes must be taken. */
const GOODBYE = 2000;

/** The id in the address. One that cannot be any stream's is never passed on. Throws STREAM_NOT_FOUND. */
export function streamIdOf({ id }: { readonly id: string }): string {
  if (!/^[a-z0-9]{1,64}$/.test(id)) throw new SidestreamError('STREAM_NOT_FOUND', 'there is no such stream');
  return id;
}

/** Making, changing, ending and watching streams. `closing`: the server is about to end. */
export function streamRoutes(app: App, deps: AppDeps, closing: AbortSignal): void {
  const { streams } = deps;
  const tags = ['streams'];

  app.post(
    '/v1/streams',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'createStream',
        summary: 'A camera to be watched until it is stopped or removed',
        tags,
        body: streamRequestSchema,
        response: {
          201: streamSchema.describe('made; `Location` says where it is'),
          ...problems(
            'USAGE',
            'ADDRESS_REFUSED',
            'INPUT_NOT_FOUND',
            'INPUT_UNREADABLE',
            'INPUT_INVALID',
            'DISK_FULL',
            'STORAGE_UNREACHABLE',
            'REDIS_UNREACHABLE',
          ),
        },
      },
    },
    async (request, reply) => {
      const view = await streams.create(request.body, { id: callerOf(request).id });
      return reply.code(201).header('location', `/v1/streams/${view.id}`).send(toStream(view));
    },
  );

  app.get(
    '/v1/streams',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listStreams',
        summary: 'All streams, by name',
        tags,
        response: { 200: streamsSchema, ...problems() },
      },
    },
    async () => ({ streams: (await streams.list()).map(toStream) }),
  );

  app.get(
    '/v1/streams/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getStream',
        summary: 'How a stream stands',
        tags,
        params: idSchema,
        response: { 200: streamSchema, ...problems('STREAM_NOT_FOUND') },
      },
    },
    async (request) => toStream(await streams.get(streamIdOf(request.params))),
  );

  app.patch(
    '/v1/streams/:id',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'changeStream',
        summary: 'New words without a gap, another policy, address or state; what is refused changes nothing',
        tags,
        params: idSchema,
        body: streamPatchSchema,
        response: {
          200: streamSchema.describe('`applied` tells whether its worker has taken the change already'),
          ...problems(
            'USAGE',
            'RULES_INVALID',
            'ADDRESS_REFUSED',
            'INPUT_NOT_FOUND',
            'INPUT_UNREADABLE',
            'INPUT_INVALID',
            'STREAM_NOT_FOUND',
            'DISK_FULL',
            'STORAGE_UNREACHABLE',
            'REDIS_UNREACHABLE',
          ),
        },
      },
    },
    async (request) => toStream(await streams.change(streamIdOf(request.params), request.body)),
  );

  app.delete(
    '/v1/streams/:id',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'removeStream',
        summary: 'Ends a stream and forgets it; also one that is gone already',
        tags,
        params: idSchema,
        response: {
          204: z.undefined().describe('gone'),
          ...problems('STORAGE_UNREACHABLE', 'REDIS_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      await streams.remove(streamIdOf(request.params));
      return reply.code(204).send();
    },
  );

  watchRoutes(app, deps, closing);
}

/** What the worker that holds a stream shows of it. */
function watchRoutes(app: App, { streams, settings }: AppDeps, closing: AbortSignal): void {
  const tags = ['streams'];
  const failures = problems('USAGE', 'NOT_FOUND', 'STREAM_NOT_FOUND', 'STREAM_NOT_LIVE', 'REDIS_UNREACHABLE');

  async function relay(
    request: FastifyRequest,
    reply: FastifyReply,
    { id, path, endless }: { readonly id: string; readonly path: string; readonly endless: boolean },
  ): Promise<FastifyReply> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    reply.raw.once('close', leave);
    if (reply.raw.destroyed) leave();
    const { status, headers, body } = await streams.relay(id, `${path}${queryOf(request)}`, gone.signal);
    if (status >= 400) {
      body.destroy();
      throw new RequestFault('NOT_FOUND', `stream ${id} has no ${path}`);
    }
    cutOffStalled(reply.raw, STALLED);
    reply.code(status).headers(headers);
    if (endless) reply.header('cache-control', 'no-cache, no-transform').header('x-accel-buffering', 'no');
    return reply.send(handOn(body, { response: reply.raw, gone: gone.signal, closing, endless }));
  }

  app.get(
    '/v1/streams/:id/hls/:file',
    {
      config: {
        access: 'viewer',
        rateLimit: { max: settings.rateLimit * BROWSING, timeWindow: MINUTE },
      },
      exposeHeadRoute: false,
      schema: {
        operationId: 'playStream',
        summary: 'HLS: the playlist index.m3u8, and what it names',
        tags,
        params: fileSchema,
        response: {
          200: answer('the file', 'application/vnd.apple.mpegurl', 'video/mp4', 'video/mp2t'),
          ...failures,
        },
      },
    },
    async (request, reply) => {
      const id = streamIdOf(request.params);
      return await relay(request, reply, { id, path: `hls/${request.params.file}`, endless: false });
    },
  );

  for (const { path, operationId, summary, type, endless } of [
    {
      path: 'mjpeg',
      operationId: 'watchStreamPictures',
      summary: 'Pictures for as long as one looks: motion JPEG, for an <img>',
      type: 'multipart/x-mixed-replace',
      endless: true,
    },
    {
      path: 'snapshot.jpg',
      operationId: 'getSnapshot',
      summary: 'The newest picture',
      type: 'image/jpeg',
      endless: false,
    },
    {
      path: 'events',
      operationId: 'watchStream',
      summary: 'Server-sent events: what is seen, as it is seen',
      type: 'text/event-stream',
      endless: true,
    },
  ] as const) {
    app.get(
      `/v1/streams/:id/${path}`,
      {
        config: {
          access: 'viewer',
          // A page full of cameras asks for a picture of each every second.
          ...(endless ? {} : { rateLimit: { max: settings.rateLimit * BROWSING, timeWindow: MINUTE } }),
        },
        // A HEAD would begin what nobody reads.
        exposeHeadRoute: false,
        schema: {
          operationId,
          summary,
          tags,
          params: idSchema,
          response: { 200: answer('as it comes', type), ...failures },
        },
      },
      async (request, reply) => relay(request, reply, { id: streamIdOf(request.params), path, endless }),
    );
  }
}

/** The query as it was written, for the worker to read. Throws USAGE for what could be more than that. */
function queryOf({ url }: FastifyRequest): string {
  const at = url.indexOf('?');
  const query = at < 0 ? '' : url.slice(at);
  if (!/^(\?[\w.,:%&=+*~-]{0,500})?$/.test(query))
    throw new RequestFault('USAGE', 'query: it is not understood');
  return query;
}

interface HandingOn {
  readonly response: ServerResponse;
  /** The client has gone. */
  readonly gone: AbortSignal;
  readonly closing: AbortSignal;
  readonly endless: boolean;
}

/**
 * The body, as fast as it is taken. Where the server closes, what is endless ends as if it were over, so that its client
 * connects again.
 */
function handOn(body: Readable, { response, gone, closing, endless }: HandingOn): PassThrough {
  const passed = new PassThrough();
  const end = () => {
    if (endless) {
      body.unpipe(passed);
      passed.end();
      body.destroy();
    }
    // Whoever takes nothing must not keep the server from closing.
    setTimeout(() => response.destroy(), GOODBYE).unref();
  };
  body.pipe(passed);
  // That somebody looks no more is no error.
  body.once('error', (error) => passed.destroy(gone.aborted ? undefined : error));
  passed.once('close', () => {
    closing.removeEventListener('abort', end);
    body.destroy();
  });
  closing.addEventListener('abort', end, { once: true });
  if (closing.aborted) end();
  return passed;
}
