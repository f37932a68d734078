import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { isFinal } from '../../jobs/jobs.ts';
import type { App } from '../app-type.ts';
import { eventStream } from '../events.ts';
import { answer, idSchema, problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';
import { cutOffStalled } from '../slow-clients.ts';
import { jobIdOf } from './jobs.ts';

const eventId = z.string().regex(/^[\x21-\x7e]{1,100}$/, 'must be the id of an event');

/** A stream whose client takes nothing for this many milliseconds is ended; heartbeats come more often. */
const STALLED = 60_000;
/** Milliseconds in which the last words of a server that closes must be taken. */
const GOODBYE = 2000;

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
        querystring: z.object({
          last_event_id: eventId.optional().describe('where to go on, for clients that cannot set headers'),
        }),
        headers: z.object({
          'last-event-id': eventId.optional().describe('the last event that was seen: it goes on after that'),
        }),
        response: {
          200: answer('the events', 'text/event-stream'),
          204: z.undefined().describe('the last event was seen already: there is nothing to wait for'),
          ...problems('USAGE', 'JOB_NOT_FOUND', 'REDIS_UNREACHABLE'),
        },
      },
    },
    async (request, reply) => {
      const gone = new AbortController();
      // Whoever takes nothing, not even the goodbye, must not keep the server from closing.
      const cutOff = () => setTimeout(() => reply.raw.destroy(), GOODBYE).unref();
      closing.addEventListener('abort', cutOff, { once: true });
      const leave = () => {
        closing.removeEventListener('abort', cutOff);
        gone.abort();
      };
      reply.raw.once('close', leave);
      if (reply.raw.destroyed) leave();
      const id = jobIdOf(request.params);
      const { state } = await jobs.get(id);
      const after = request.headers['last-event-id'] ?? request.query.last_event_id;
      const events = jobs.events(id, after, gone.signal);
      // Only 204 keeps a browser from connecting again, for ever, to what has ended.
      const first = after !== undefined && isFinal(state) ? await events.next() : undefined;
      if (first?.done) return reply.code(204).send();
      const stream = Readable.from(eventStream(events, { closing, first }), {
        objectMode: true,
        highWaterMark: 1,
      });
      finished(stream).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') request.log.warn({ err: error }, 'events broke off');
      });
      cutOffStalled(reply.raw, STALLED);
      return reply
        .type('text/event-stream')
        .header('cache-control', 'no-cache, no-transform')
        .header('x-accel-buffering', 'no')
        .send(stream);
    },
  );
}
