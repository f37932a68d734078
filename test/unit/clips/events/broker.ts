import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type PublishPacket } from 'aedes';

export interface Published {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** A real MQTT broker, which forgets what it retained whenever it is started. */
export interface TestBroker extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** All that it was ever sent, also before it was started anew; and what wills said. */
  readonly published: Published[];
  /** What it retains now. */
  readonly retained: Map<string, string>;
  /** Ids of clients that have connected, one for each time. */
  readonly clients: string[];
  /** Whether a message is answered; one that is not is not taken either. */
  answers: (topic: string) => boolean;
  start(): Promise<void>;
  /** As a kill does: whoever is connected is cut off. */
  stop(): Promise<void>;
  /** Cuts everybody off and goes on. */
  cutOff(): void;
}

const folder = join(import.meta.dirname, '..', '..', '..', 'fixtures');
export const CERTIFICATE = join(folder, 'localhost.cert.pem');

export async function startBroker({
  tls = false,
  password,
}: {
  tls?: boolean;
  password?: string;
} = {}): Promise<TestBroker> {
  const published: Published[] = [];
  const retained = new Map<string, string>();
  const clients: string[] = [];
  const sockets = new Set<Socket>();
  let [server, aedes]: [Server | undefined, Aedes | undefined] = [undefined, undefined];
  let port = 0;

  const broker: TestBroker = {
    published,
    retained,
    clients,
    answers: () => true,
    get port() {
      return port;
    },
    get url() {
      return `${tls ? 'mqtts' : 'mqtt'}://localhost:${port}`;
    },
    async start() {
      retained.clear();
      const made = await Aedes.createBroker();
      aedes = made;
      made.authenticate = (_, user, given, done) =>
        done(null, password === undefined || (user === 'me' && String(given) === password));
      const take = ({ topic, payload, qos, retain }: PublishPacket) => {
        published.push({ topic, payload: String(payload), qos, retain });
        if (!retain) return;
        if (payload.length > 0) retained.set(topic, String(payload));
        else retained.delete(topic);
      };
      // Here, since it is answered right afterwards, and only then handed on.
      made.authorizePublish = (client, packet, done) => {
        if (!broker.answers(packet.topic)) return;
        if (client) take(packet);
        done();
      };
      made.on('client', (client) => clients.push(client.id));
      const options = tls
        ? { cert: readFileSync(CERTIFICATE), key: readFileSync(join(folder, 'localhost.key.pem')) }
        : undefined;
      const listening = options ? createTlsServer(options, made.handle) : createServer(made.handle);
      server = listening;
      listening.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
      await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
      ({ port } = listening.address() as { port: number });
    },
    async stop() {
      const [closing, ending] = [server, aedes];
      [server, aedes] = [undefined, undefined];
      if (!closing || !ending) return;
      const closed = new Promise((resolve) => closing.close(resolve));
      broker.cutOff();
      await closed;
      await new Promise<void>((resolve) => ending.close(resolve));
    },
    cutOff() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      await broker.stop();
    },
  };
  await broker.start();
  return broker;
}

/** Waits until it is so; fails where it takes too long. */
export async function until(isSo: () => boolean, milliseconds = 20_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !isSo(); ) {
    if (Date.now() > end) throw new Error(`it never came to be so: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
