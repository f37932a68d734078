import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RESULTS, type ResultName, type ResultObject } from '../../jobs/jobs.ts';
import type { App } from '../app-type.ts';
import { contentDisposition } from '../disposition.ts';
import { RequestFault } from '../errors.ts';
import { decide } from '../ranges.ts';
import { answer, idSchema, problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';
import { cutOffStalled } from '../slow-clients.ts';
import { jobIdOf } from './jobs.ts';

/** A download that takes no byte for this many milliseconds is cut off; a paused player asks again for the rest. */
const STALLED = 300_000;

const ABOUT: Readonly<Record<ResultName, readonly [summary: string, ...types: string[]]>> = {
  video: [
    'The video with names painted over it',
    'video/mp4',
    'video/quicktime',
    'video/x-matroska',
    'video/webm',
  ],
  masks: ['Masks in YouTube-VIS layout', 'application/json'],
  report: ['What was done, and how long it took', 'application/json'],
  thumbnail: ['A picture of the video', 'image/jpeg', 'image/png'],
};

const querySchema = z.object({
  download: z.enum(['0', '1']).optional().describe('1: to be saved, not shown'),
  redirect: z
    .enum(['0', '1'])
    .optional()
    .describe('0: not redirected to the storage, whatever the server does'),
});
type Query = z.infer<typeof querySchema>;
const headersSchema = z.object({
  range: z.string().optional().describe('one range of bytes'),
  'if-range': z.string().optional(),
  'if-none-match': z.string().optional(),
  'if-modified-since': z.string().optional(),
});

/** What has become of a job, to be downloaded. */
export function resultRoutes(app: App, { jobs, settings }: AppDeps): void {
  for (const name of RESULTS) {
    const [summary, ...types] = ABOUT[name];
    const url = `/v1/jobs/:id/${name}`;
    const find = (params: { id: string }) => jobs.result(jobIdOf(params), name);

    app.get(
      url,
      {
        config: { access: 'viewer' },
        exposeHeadRoute: false,
        schema: {
          operationId: `get${name[0]?.toUpperCase()}${name.slice(1)}`,
          summary,
          tags: ['results'],
          params: idSchema,
          querystring: querySchema,
          headers: headersSchema,
          response: {
            200: answer('all of it', ...types),
            206: answer('the part asked for', ...types),
            302: z.undefined().describe('where the storage has it'),
            304: z.undefined().describe('it is as it was'),
            416: z.undefined().describe('there is no such part; `Content-Range` says how much there is'),
            ...problems('JOB_NOT_FOUND', 'RESULT_NOT_FOUND', 'STORAGE_UNREACHABLE'),
          },
        },
      },
      async (request, reply) => {
        const object = await find(request.params);
        const { query } = request;
        const where = settings.redirect && query.redirect !== '0' ? await object.presign() : undefined;
        if (where !== undefined) return reply.header('cache-control', 'no-store').redirect(where, 302);
        return await sendResult(request, reply, object, query);
      },
    );
    app.head(
      url,
      {
        config: { access: 'viewer' },
        schema: { hide: true, params: idSchema, querystring: querySchema, headers: headersSchema },
      },
      async (request, reply) => sendResult(request, reply, await find(request.params), request.query),
    );
  }
}

async function sendResult(
  request: FastifyRequest,
  reply: FastifyReply,
  object: ResultObject,
  { download }: Query,
): Promise<FastifyReply> {
  const { bytes, type, etag, modified, fileName } = object;
  reply
    .header('etag', `"${etag}"`)
    .header('last-modified', modified.toUTCString())
    .header('accept-ranges', 'bytes')
    // Kept by the client alone, who asks each time whether it is still the same.
    .header('cache-control', 'private, no-cache');
  const answered = decide(request.method, request.headers, object);
  switch (answered.status) {
    case 304:
      return reply.code(304).send();
    case 412:
      throw new RequestFault('CONFLICT', 'the result is another one than the request is meant for', {
        status: 412,
      });
    case 416:
      throw new RequestFault('USAGE', `there is no such part: the result has ${bytes} bytes`, {
        status: 416,
        headers: { 'content-range': `bytes */${bytes}` },
      });
  }
  const range = answered.status === 206 ? { start: answered.start, end: answered.end } : undefined;
  reply
    .code(answered.status)
    .type(type)
    .header('content-disposition', contentDisposition(download === '1' ? 'attachment' : 'inline', fileName))
    .header('content-length', range ? range.end - range.start + 1 : bytes);
  if (range) reply.header('content-range', `bytes ${range.start}-${range.end}/${bytes}`);
  if (request.method === 'HEAD') return reply.send();
  const stream = await object.open(range);
  if (reply.raw.destroyed) {
    stream.destroy();
    return reply;
  }
  cutOffStalled(reply.raw, STALLED);
  return reply.send(stream);
}
