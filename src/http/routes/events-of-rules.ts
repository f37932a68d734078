import { z } from 'zod';
import type { App } from '../app-type.ts';
import {
  eventIdOf,
  eventSchema,
  eventsPageSchema,
  filters,
  nextLink,
  page,
  span,
  spanOf,
  toEvent,
} from '../clip-schemas.ts';
import { answer, idSchema, problems } from '../schemas.ts';
import { resumeHeaders, resumeQuery, sendEvents, watcherOf } from '../send-events.ts';
import type { AppDeps } from '../settings.ts';

const querySchema = z.strictObject({
  ...filters,
  state: z.enum(['open', 'closed']).optional(),
  ...span,
  ...page,
});
const watchQuery = z.strictObject({ stream: filters.stream, rule: filters.rule, ...resumeQuery });

/** What rules were waiting for, and what happens now. `closing`: the server is about to end. */
export function ruleEventRoutes(app: App, { events }: Pick<AppDeps, 'events'>, closing: AbortSignal): void {
  const tags = ['events'];

  app.get(
    '/v1/events',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listEvents',
        summary: 'Events, the newest first',
        tags,
        querystring: querySchema,
        response: {
          200: eventsPageSchema.describe('`Link` names the next page'),
          ...problems('USAGE'),
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const found = await events.list({ ...query, ...spanOf(query) });
      if (found.next !== undefined) reply.header('link', nextLink('/v1/events', query, found.next));
      return reply.send({ events: found.events.map(toEvent), next: found.next });
    },
  );

  app.get(
    '/v1/events/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getEvent',
        summary: 'One event',
        tags,
        params: idSchema,
        response: { 200: eventSchema, ...problems('EVENT_NOT_FOUND') },
      },
    },
    async (request) => toEvent(await events.get(eventIdOf(request.params))),
  );

  app.get(
    '/v1/events/stream',
    {
      config: { access: 'viewer' },
      // A HEAD would start a stream that nobody reads.
      exposeHeadRoute: false,
      schema: {
        operationId: 'watchEvents',
        summary: 'Server-sent events: event.opened, event.updated, event.closed, as they happen',
        tags,
        querystring: watchQuery,
        headers: resumeHeaders,
        response: {
          200: answer('the events', 'text/event-stream'),
          ...problems('USAGE', 'REDIS_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const gone = watcherOf(reply, closing);
      const { last_event_id, stream, rule } = request.query;
      const after = request.headers['last-event-id'] ?? last_event_id;
      return sendEvents(request, reply, events.follow({ stream, rule }, after, gone), { closing });
    },
  );
}
