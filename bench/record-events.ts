import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who is told of events while servers and workers are killed: a receiver of webhooks that misbehaves, and a browser. */

export interface Told {
  /** Of a webhook: its header; of a server-sent event: its id. */
  readonly id: string;
  readonly type: string;
  /** JSON. */
  readonly data: string;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  /** All that it took, in order; what it answered with an error, or nothing, it may have taken or not. */
  readonly taken: readonly Told[];
  /** What was wrong with what came. */
  readonly faults: readonly string[];
  /** From now on it answers as it should. */
  calm(): void;
}

/** `random`: 0 to 1. */
export async function openReceiver(random: () => number): Promise<Receiver> {
  const key = randomBytes(32);
  const taken: Told[] = [];
  const faults: string[] = [];
  let rude = true;

  const isGenuine = ({ headers }: IncomingMessage, body: Buffer): boolean => {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = headers;
    const expected = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64');
    return signature === `v1,${expected}` && Math.abs(Date.now() / 1000 - Number(time)) < 60;
  };
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request) pieces.push(piece);
    } catch {
      return; // Whoever told it was killed.
    }
    const dice = rude ? random() : 1;
    if (dice < 0.05) {
      response.writeHead(503).end();
      return;
    }
    const body = Buffer.concat(pieces);
    const id = String(request.headers['webhook-id']);
    if (!isGenuine(request, body)) faults.push(`webhook ${id} is not signed as it should be`);
    const { type, data } = JSON.parse(body.toString());
    taken.push({ id, type, data: JSON.stringify(data) });
    if (dice < 0.1) {
      request.socket.destroy(); // It was taken, and nobody knows.
      return;
    }
    if (dice < 0.2) await sleep(3000 * random());
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/told`,
    secret: `whsec_${key.toString('base64')}`,
    taken,
    faults,
    calm() {
      rude = false;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Browser extends AsyncDisposable {
  readonly seen: readonly Told[];
  /** How often it had to connect. */
  readonly connections: number;
}

/** Follows server-sent events from the first one on, as browsers do: again, with the last id, whenever it is cut off. */
export function openBrowser(urlOf: () => string): Browser {
  const seen: Told[] = [];
  const stop = new AbortController();
  let connections = 0;

  async function follow(): Promise<void> {
    const headers = { 'last-event-id': seen.at(-1)?.id ?? '0' };
    const answer = await fetch(urlOf(), { headers, signal: stop.signal });
    if (!answer.body || answer.status !== 200) throw new Error(`events: ${answer.status}`);
    connections++;
    let text = '';
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      text += piece;
      // What is not whole yet may be cut off, and comes again.
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const { id, event, data } = fieldsOf(block);
        if (id !== undefined && data !== undefined) seen.push({ id, type: event ?? 'message', data });
      }
    }
  }
  const following = (async () => {
    while (!stop.signal.aborted) {
      await follow().catch(() => {}); // The server is away.
      await sleep(200, undefined, { signal: stop.signal }).catch(() => {}); // It is over.
    }
  })();
  return {
    seen,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

function fieldsOf(block: string): Readonly<Record<string, string | undefined>> {
  const fields = block.split('\n').flatMap((line) => {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(fields);
}
