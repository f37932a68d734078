import { z } from 'zod';
import { isFinal } from '../../jobs/jobs.ts';
import type { App } from '../app-type.ts';
import { answer, idSchema, problems } from '../schemas.ts';
import { resumeHeaders, resumeQuery, sendEvents, watcherOf } from '../send-events.ts';
import type { AppDeps } from '../settings.ts';
import { jobIdOf } from './jobs.ts';

/** What happens to a job, as it happens. `closing`: the server is about to end. */
export function eventRoutes(app: App, { jobs }: AppDeps, closing: AbortSignal): void {
  app.get(
    '/v1/jobs/:id/events',
    {
      config: { access: 'viewer' },
      // A HEAD would start a stream that nobody reads.
      exposeHeadRoute: false,
      schema: {
        operationId: 'watchJob',
        summary: 'Server-sent events: progress, stage, done, failed, cancelled; ends after the last',
        tags: ['jobs'],
        params: idSchema,
        querystring: z.object(resumeQuery),
        headers: resumeHeaders,
        response: {
          200: answer('the events', 'text/event-stream'),
          204: z.undefined().describe('the last event was seen already: there is nothing to wait for'),
          ...problems('USAGE', 'JOB_NOT_FOUND', 'REDIS_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const gone = watcherOf(reply, closing);
      const id = jobIdOf(request.params);
      const { state } = await jobs.get(id);
      const after = request.headers['last-event-id'] ?? request.query.last_event_id;
      const events = jobs.events(id, after, gone);
      // Only 204 keeps a browser from connecting again, for ever, to what has ended.
      const first = after !== undefined && isFinal(state) ? await events.next() : undefined;
      if (first?.done) return reply.code(204).send();
      return sendEvents(request, reply, events, { closing, first });
    },
  );
}
