import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { redact } from '../core/redact.ts';

/** The client's own id of a request where it is a harmless one, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
}

/** One line for each request, without headers and without what is secret in its address. */
export async function logRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { id } = (request.params ?? {}) as { id?: string };
  const isJob = request.routeOptions.url?.startsWith('/v1/jobs/') ?? false;
  const line = {
    method: request.method,
    path: redact(request.url),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    caller: request.caller?.id,
    ...(isJob && id !== undefined ? { job: id } : {}),
  };
  request.log[reply.statusCode >= 500 ? 'warn' : 'info'](line, 'request');
}
