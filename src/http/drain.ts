import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Ends connections that wait for nothing once `closing` is aborted, and the others when they have their answer. Node
 * itself leaves open those that have not asked anything yet, which browsers make to be quick later, and waits for them.
 */
export function drainConnections(server: Server, closing: AbortSignal): void {
  const busy = new Map<Socket, number>();
  const endUnused = (socket: Socket) => {
    if (closing.aborted && busy.get(socket) === 0) socket.end(() => socket.destroy());
  };
  server.on('connection', (socket: Socket) => {
    busy.set(socket, 0);
    socket.once('close', () => busy.delete(socket));
    endUnused(socket);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const rest = busy.get(socket);
      if (rest !== undefined) busy.set(socket, rest - 1);
      endUnused(socket);
    });
  });
  closing.addEventListener('abort', () => {
    for (const socket of busy.keys()) endUnused(socket);
  });
}
