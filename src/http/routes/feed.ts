import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { App } from '../app-type.ts';
import { clipSchema, eventSchema } from '../clip-schemas.ts';
import { FAREWELLS, type Feed } from '../feed.ts';
import type { Kind } from '../feed-things.ts';
import { jobSchema, problems } from '../schemas.ts';
import { sendEvents, watcherOf } from '../send-events.ts';
import { streamSchema } from '../stream-schemas.ts';

const said = <N extends string, D extends z.ZodType>(event: N, data: D) =>
  z.object({ event: z.literal(event), data });
const gone = z.object({ id: z.string() });

const toldSchema = z
  .discriminatedUnion('event', [
    said('hello', z.object({ version: z.string().describe('of the server'), time: z.iso.datetime() })),
    said('job', jobSchema),
    said('job-removed', gone),
    said('stream', streamSchema),
    said('stream-removed', gone),
    said('clip', clipSchema),
    said('clip-removed', gone),
    said('event', eventSchema),
    said('bye', z.object({ reason: z.enum(FAREWELLS) })),
  ])
  .meta({ id: 'Told', description: 'Name and data of a server-sent event' });

const ABOUT =
  'For pages, which can have few connections: one is enough for all that they show. `hello` comes first; whatever is ' +
  'listed after it is kept up to date by what follows. Of each thing the newest state is told, about once a second, as ' +
  'its own address has it; figures of streams every other second. A slow listener misses states in between, and never the ' +
  'last one. There is nothing to resume: whoever connects again lists again. Jobs and clips that ended long ago are ' +
  'not looked at any more, unless this server is asked to change them. `bye` comes last: `closing`, the server ' +
  'ends, or `signed-out`, the key or the session is not in force any more.';

/** Tells the feed of what is changed over HTTP, so that it need not wait. Before the routes. */
export function tellOfChanges(app: FastifyInstance, feed: Pick<Feed, 'touch'>): void {
  app.addHook('onResponse', async ({ method, routeOptions, params }, { statusCode }) => {
    if (method === 'GET' || method === 'HEAD' || statusCode >= 400) return;
    const [, kind, known] =
      /^\/v1\/(?:\w+\/:id\/)?(job|stream|clip)s(\/:id)?/.exec(routeOptions.url ?? '') ?? [];
    const { id } = (params ?? {}) as { id?: string };
    if (kind !== undefined) feed.touch(kind as Kind, known === undefined ? undefined : id);
  });
}

/** All that changes, in one connection. `closing`: the server is about to end. */
export function feedRoutes(app: App, feed: Feed, closing: AbortSignal): void {
  app.get(
    '/v1/feed',
    {
      config: { access: 'viewer' },
      // A HEAD would start a stream that nobody reads.
      exposeHeadRoute: false,
      schema: {
        operationId: 'watchAll',
        summary: 'Server-sent events: jobs, streams, clips and events of rules, whenever they change',
        description: ABOUT,
        tags: ['events'],
        response: {
          200: {
            description: 'one after the other',
            content: { 'text/event-stream': { schema: toldSchema } },
          },
          ...problems(),
        },
      },
    },
    async (request, reply) => {
      const left = watcherOf(reply, closing);
      const events = feed.listen({ gone: left, closing, mayStill: request.mayStill });
      // It says itself that the server closes.
      return sendEvents(request, reply, events, { closing: new AbortController().signal });
    },
  );
}
