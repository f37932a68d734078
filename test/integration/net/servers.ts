import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';

const running: (Server | TcpServer)[] = [];
const sockets = new Set<Socket>();

/** Serves on 127.0.0.1. `requests` fills with what was asked. */
export async function serve(handler: RequestListener) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  const port = await listen(server);
  return { port, url: `http://127.0.0.1:${port}/video.mp4`, requests };
}

/** The first request goes to `first`, all others to `then`. */
export const inTurn = (first: RequestListener, then: RequestListener): RequestListener => {
  let asked = 0;
  return (request, response) => (asked++ === 0 ? first : then)(request, response);
};

/** Says what `talk` writes to each connection once something was asked, well-formed or not. */
export async function serveRaw(talk: (socket: Socket) => void) {
  const connections: Socket[] = [];
  const server = createTcpServer((socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    socket.once('data', () => talk(socket));
  });
  const port = await listen(server);
  return { port, url: `http://127.0.0.1:${port}/video.mp4`, connections };
}

async function listen(server: Server | TcpServer): Promise<number> {
  running.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** How many connections to the servers are open. */
export const openConnections = () => sockets.size;

export async function closeServers(): Promise<void> {
  await Promise.all(
    running.splice(0).map((server) => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      return closed;
    }),
  );
}

/** A port that nothing listens at. */
export async function deadPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  running.splice(running.indexOf(server), 1);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
