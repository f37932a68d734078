import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { signalOf } from './client-gone.ts';
import { eventStream, type ServerSent } from './events.ts';
import { cutOffStalled } from './slow-clients.ts';

/** A stream of events whose client takes nothing for this many milliseconds is ended; heartbeats come more often. */
const STALLED = 60_000;
/** Milliseconds in which the last words of a server that closes must be taken. */
const GOODBYE = 2000;

export const eventIdSchema = z.string().regex(/^[\x21-\x7e]{1,100}$/, 'must be the id of an event');

/** Where a client wants a stream of events to go on: in a header, or for those that cannot set any in the query. */
export const resumeQuery = {
  last_event_id: eventIdSchema.optional().describe('where to go on, for clients that cannot set headers'),
};
export const resumeHeaders = z.object({
  'last-event-id': eventIdSchema.optional().describe('the last event that was seen: it goes on after that'),
});

/**
 * Aborted when the client goes away. Once `closing` is aborted, one that takes nothing, not even the goodbye, is cut off: it
 * must not keep the server from closing.
 */
export function watcherOf(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = signalOf(reply);
  const cutOff = () => setTimeout(() => reply.raw.destroy(), GOODBYE).unref();
  closing.addEventListener('abort', cutOff, { once: true });
  const leave = () => closing.removeEventListener('abort', cutOff);
  gone.addEventListener('abort', leave, { once: true });
  if (gone.aborted) leave();
  return gone;
}

interface Sending {
  readonly closing: AbortSignal;
  /** An event that was waited for before. */
  readonly first?: IteratorResult<ServerSent, unknown> | undefined;
}

/** Answers with events for as long as there are any. */
export function sendEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  events: AsyncGenerator<ServerSent>,
  { closing, first }: Sending,
): FastifyReply {
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
}
