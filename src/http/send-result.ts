import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ResultObject } from '../jobs/jobs.ts';
import { contentDisposition } from './disposition.ts';
import { RequestFault } from './errors.ts';
import { decide } from './ranges.ts';
import { answer } from './schemas.ts';
import type { AppSettings } from './settings.ts';
import { cutOffStalled } from './slow-clients.ts';

/** Files of jobs and of clips, sent whole, in part, or not at all to whoever has them. */

/** A download that takes no byte for this many milliseconds is cut off; a paused player asks again for the rest. */
export const STALLED = 300_000;

export const downloadQuery = z.object({
  download: z.enum(['0', '1']).optional().describe('1: to be saved, not shown'),
  redirect: z
    .enum(['0', '1'])
    .optional()
    .describe('0: not redirected to the storage, whatever the server does'),
});

export const downloadHeaders = z.object({
  range: z.string().optional().describe('one range of bytes'),
  'if-range': z.string().optional(),
  'if-none-match': z.string().optional(),
  'if-modified-since': z.string().optional(),
});

/** The answers to a download but for its problems. `types`: what it may be. */
export const downloadAnswers = (types: readonly string[]) => ({
  200: answer('all of it', ...types),
  206: answer('the part asked for', ...types),
  302: z.undefined().describe('where the storage has it'),
  304: z.undefined().describe('it is as it was'),
  416: z.undefined().describe('there is no such part; `Content-Range` says how much there is'),
});

/** A download that `downloadQuery` describes. */
type Download = FastifyRequest & { readonly query: z.infer<typeof downloadQuery> };

/** Sends the object, or where the storage has an address for it and that is wanted, the address. */
export async function sendOrRedirect(
  request: Download,
  reply: FastifyReply,
  object: ResultObject,
  settings: Pick<AppSettings, 'redirect'>,
): Promise<FastifyReply> {
  // Our page may ask no other host.
  const page = request.headers['sec-fetch-site'] === 'same-origin' || request.caller?.session;
  const wanted = settings.redirect && request.query.redirect !== '0' && !page;
  const where = wanted ? await object.presign() : undefined;
  if (where !== undefined) return reply.header('cache-control', 'no-store').redirect(where, 302);
  return await sendResult(request, reply, object);
}

/** Sends the object as the conditions of the request have it. Throws what `open` does before any header is sent. */
export async function sendResult(
  request: Download,
  reply: FastifyReply,
  object: ResultObject,
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
  const kind = request.query.download === '1' ? 'attachment' : 'inline';
  reply
    .code(answered.status)
    .type(type)
    .header('content-disposition', contentDisposition(kind, fileName))
    .header('content-length', range ? range.end - range.start + 1 : bytes);
  if (range) reply.header('content-range', `bytes ${range.start}-${range.end}/${bytes}`);
  if (request.method === 'HEAD') return reply.send();
  const stream = await begun(await object.open(range));
  if (reply.raw.destroyed) {
    stream.destroy();
    return reply;
  }
  cutOffStalled(reply.raw, STALLED);
  return reply.send(stream);
}

/** The stream once its first bytes are there, so that what cannot be read at all is still told as a problem. */
export async function begun(stream: Readable): Promise<Readable> {
  if (stream.readableLength > 0 || stream.readableEnded || stream.destroyed) return stream;
  await new Promise<void>((resolve, reject) => {
    const off = () => stream.off('readable', come).off('close', come).off('error', fail);
    const come = () => {
      off();
      resolve();
    };
    const fail = (error: Error) => {
      off();
      reject(error);
    };
    stream.on('readable', come).on('close', come).on('error', fail);
  });
  return stream;
}
