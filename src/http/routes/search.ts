import { z } from 'zod';
import { timeOf } from '../../clips/request.ts';
import { SidestreamError } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import { signalOf } from '../client-gone.ts';
import {
  filters,
  foundPageSchema,
  momentSchema,
  nextLink,
  page,
  span,
  spanOf,
  toFound,
} from '../clip-schemas.ts';
import { RequestFault } from '../errors.ts';
import { answer, idSchema, problems } from '../schemas.ts';
import { type AppDeps, BROWSING, MINUTE } from '../settings.ts';
import { streamIdOf } from './streams.ts';

const part = z.coerce.number().min(0).max(1).optional();

const querySchema = z.strictObject({
  q: z.string().trim().min(1).max(500).describe('the words; other words for the same between `|`'),
  stream: filters.stream,
  job: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be the id of a job')
    .optional(),
  ...span,
  threshold: part.describe('least score; 0.5 if it is not told'),
  share: part.describe('least share of the picture; 0.0005 if it is not told'),
  ...page,
});

/** Where words are seen in what was recorded and analysed, and how it looked. */
export function searchRoutes(app: App, { search, settings }: Pick<AppDeps, 'search' | 'settings'>): void {
  app.get(
    '/v1/search',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'search',
        summary: 'When words are seen, in streams and jobs; best first; no model is run',
        tags: ['search'],
        querystring: querySchema,
        response: {
          200: foundPageSchema.describe('`Link` names the next page'),
          ...problems('USAGE', 'STREAM_NOT_FOUND', 'JOB_NOT_FOUND', 'MODEL_MISSING', 'STORAGE_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const asked = { ...query, ...spanOf(query) };
      const { found, next, took_ms } = await search.search(asked, signalOf(reply)).catch(inTime);
      if (next !== undefined) reply.header('link', nextLink('/v1/search', query, next));
      return reply.send({ found: found.map(toFound), next, took_ms });
    },
  );

  app.get(
    '/v1/streams/:id/recordings/picture.jpg',
    {
      config: {
        access: 'viewer',
        rateLimit: { max: settings.rateLimit * BROWSING, timeWindow: MINUTE },
      },
      exposeHeadRoute: false,
      schema: {
        operationId: 'getRecordedPicture',
        summary: 'A picture of a moment of a recording',
        tags: ['recordings'],
        params: idSchema,
        querystring: z.strictObject({ at: momentSchema }),
        response: {
          200: answer('the picture', 'image/jpeg'),
          ...problems('USAGE', 'STREAM_NOT_FOUND', 'NOT_RECORDED', 'STORAGE_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const id = streamIdOf(request.params);
      const at = timeOf(request.query.at, Date.now());
      const picture = await search.picture(id, at, signalOf(reply));
      return reply
        .type('image/jpeg')
        .header('cache-control', 'private, max-age=300')
        .send(Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength));
    },
  );
}

/** That it took too long is no fault of the request: it may be asked again. */
function inTime(error: unknown): never {
  if (!(error instanceof SidestreamError) || error.code !== 'INTERRUPTED') throw error;
  throw new RequestFault('INTERRUPTED', error.message, { status: 503, cause: error });
}
