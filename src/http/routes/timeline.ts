import type { App } from '../app-type.ts';
import { signalOf } from '../client-gone.ts';
import { timelineQuerySchema, timelineSchema, toTimeline } from '../clip-schemas.ts';
import { idSchema, problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';
import { streamIdOf } from './streams.ts';

/** What was recorded of a stream, and seen in it. */
export function timelineRoutes(app: App, { recordings }: Pick<AppDeps, 'recordings'>): void {
  app.get(
    '/v1/streams/:id/timeline',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getTimeline',
        summary: 'What was recorded and seen when; also with other words than at the time',
        tags: ['recordings'],
        params: idSchema,
        querystring: timelineQuerySchema,
        response: {
          200: timelineSchema,
          ...problems('USAGE', 'STREAM_NOT_FOUND', 'STORAGE_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const id = streamIdOf(request.params);
      return toTimeline(await recordings.timeline(id, request.query, signalOf(reply)));
    },
  );
}
