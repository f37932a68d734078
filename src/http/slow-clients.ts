import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { RequestFault } from './errors.ts';

/** What keeps a client that sends or takes a byte now and then from holding a connection for ever. */

/** Milliseconds in which the rest of a refused body may still come: who is cut off at once never sees the answer. */
const LINGER = 2000;

/** The body, or a 408 where not all of it has come within `milliseconds`. */
export function withDeadline(body: Readable, milliseconds: number): Readable {
  const watched = new PassThrough();
  const timer = setTimeout(() => {
    body.unpipe(watched);
    const message = `the body did not arrive within ${milliseconds / 1000} s`;
    watched.destroy(
      Object.assign(
        new RequestFault('INTERRUPTED', message, { status: 408, headers: { connection: 'close' } }),
        { statusCode: 408 },
      ),
    );
  }, milliseconds);
  const settle = () => clearTimeout(timer);
  body.once('end', settle);
  body.once('error', (error) => {
    settle();
    watched.destroy(error);
  });
  body.once('close', settle);
  watched.once('close', settle);
  return body.pipe(watched);
}

/** Cuts the connection off when no byte of the body comes for `milliseconds`; what is done with it may take longer. */
export function cutOffIdle(request: IncomingMessage, milliseconds: number): void {
  if (request.complete) return;
  const { socket } = request;
  socket.setTimeout(milliseconds);
  request.once('end', () => {
    // Unless the answer is out already, and another time runs.
    if (socket.timeout === milliseconds) socket.setTimeout(0);
  });
}

/** Cuts the connection off when no byte of the answer is taken for `milliseconds`. */
export function cutOffStalled(response: ServerResponse, milliseconds: number): void {
  response.socket?.setTimeout(milliseconds);
}

/** After the answer: a body that nobody wanted may not go on coming. */
export function endBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.socket.destroy(), LINGER);
  const settle = () => clearTimeout(timer);
  request.once('end', settle);
  request.once('close', settle);
  request.resume();
}
