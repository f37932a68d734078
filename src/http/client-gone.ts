import type { FastifyReply } from 'fastify';

/** Aborted when the answer is over: when it has been sent, or its client has gone away. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const over = new AbortController();
  const end = () => over.abort(Object.assign(new Error('nobody waits for it'), { name: 'AbortError' }));
  reply.raw.once('close', end);
  if (reply.raw.destroyed) end();
  return over.signal;
}
