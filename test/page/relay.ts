import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that may be slow, and may be cut: connections end, and nobody gets through. */
export interface Relay extends AsyncDisposable {
  readonly url: string;
  cut(): void;
  mend(): void;
}

/** `rate`: bytes a second that each connection may send up. */
export async function openRelay(url: string, rate: number): Promise<Relay> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {}); // Its close says it all.
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    far.on('data', (data) => near.write(data));
    near.on('data', (data) => {
      far.write(data);
      near.pause();
      setTimeout(() => near.resume(), (1000 * data.length) / rate);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: end,
    mend() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      end();
      server.close();
      await once(server, 'close');
    },
  };
}
