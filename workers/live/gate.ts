import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { asSidestreamError, ERRORS, SidestreamError } from '../../src/core/errors.ts';
import type { LiveStream } from '../../src/pipeline/live/open.ts';
import { frameEvent } from '../../src/pipeline/live/shown.ts';

/**
 * Where servers ask a worker for the pictures of its streams: `GET /<stream>/<path>`, by a word that only those know who may
 * read what the worker reports. Whoever is slow misses pictures; nobody is waited for.
 */
export interface Gate extends AsyncDisposable {
  readonly url: string;
  readonly word: string;
}

/** What of a stream can be asked for. */
export interface Watchable {
  readonly stream: LiveStream;
  /** Where its HLS lies. */
  readonly folder: string;
  readonly situation: () => Readonly<Record<string, unknown>>;
  /** Settles when the stream was let go. */
  readonly ended: Promise<unknown>;
}

const TYPES: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  m4s: 'video/iso.segment',
  mp4: 'video/mp4',
};
const PLAYLIST = 'index.m3u8';
const FILE = /^(index\.m3u8|\d+\.m4s|init-\d+\.mp4)$/;
/** Milliseconds that the first playlist is waited for: less than servers and players wait. */
const PATIENCE = 8000;
/** Milliseconds without a word after which whoever listens is told that there is none. */
const SILENCE = 15_000;

/** `listen`: address and port; `advertise`: by which others reach it, where that differs. */
export async function openGate(
  { listen, advertise }: { readonly listen: string; readonly advertise: string | null },
  find: (id: string) => Watchable | undefined,
): Promise<Gate> {
  const word = randomBytes(24).toString('base64url');
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    answer(request, response).catch((error) => refuse(response, error));
  });
  const [host, port] = partsOf(listen);
  server.listen(port, host);
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  const known = `Bearer ${word}`;
  const watching = new WeakMap<Watchable, Set<ServerResponse>>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store');
    if (!isSame(request.headers.authorization ?? '', known)) return end(response, 401);
    const [, id, kind, file] =
      /^\/([a-z0-9]+)\/([\w.-]+)(?:\/([\w.-]+))?(?:\?.*)?$/.exec(request.url ?? '') ?? [];
    const found = id === undefined ? undefined : find(id);
    if (request.method !== 'GET' || !found) return end(response, 404);
    const query = new URLSearchParams(request.url?.split('?')[1]);
    if (kind === 'hls' && file !== undefined) await sendFile(response, found, file);
    else if (kind === 'snapshot.jpg') await sendSnapshot(response, found.stream);
    else if (kind === 'mjpeg' || kind === 'events') {
      if (kind === 'mjpeg') sendPictures(response, found.stream);
      else sendEvents(response, found, query);
      endWith(found, response);
    } else end(response, 404);
  }

  /** Whoever watches a stream that we let go asks again, and finds who has it now. */
  function endWith(found: Watchable, response: ServerResponse): void {
    let open = watching.get(found);
    if (!open) {
      const responses = new Set<ServerResponse>();
      open = responses;
      watching.set(found, responses);
      const over = () => {
        for (const one of responses) one.end();
      };
      found.ended.then(over, over);
    }
    open.add(response);
    response.once('close', () => open.delete(response));
  }

  return {
    url: `http://${advertise ?? `${reached(host)}:${actual}`}`,
    word,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The host by which others reach what listens there: any address is one of this machine's name. */
const reached = (host: string): string =>
  /^(0\.0\.0\.0|::|\*)$/.test(host) ? hostname() : host.includes(':') ? `[${host}]` : host;

const partsOf = (listen: string): [string, number] => {
  const at = listen.lastIndexOf(':');
  return [listen.slice(0, at).replace(/^\[|\]$/g, ''), Number(listen.slice(at + 1))];
};

function isSame(given: string, known: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(known)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else end(response, ERRORS[asSidestreamError(error).code].http);
}

async function sendFile(response: ServerResponse, found: Watchable, file: string): Promise<void> {
  const path = join(found.folder, file);
  const look = async () => (FILE.test(file) ? await stat(path).catch(() => undefined) : undefined);
  let there = await look();
  if (!there && file === PLAYLIST && found.stream.outputs.has('hls')) {
    // Whoever comes early is answered when the first segment is there, and need not ask again.
    const end = Date.now() + PATIENCE;
    while (!there && !response.destroyed && Date.now() < end) {
      await sleep(100);
      there = await look();
    }
    if (!there) throw new SidestreamError('STREAM_NOT_LIVE', 'HLS has not begun: try again in a moment');
  }
  if (!there) return end(response, 404);
  const playlist = file === PLAYLIST;
  response.writeHead(200, {
    'content-type': TYPES[file.slice(file.lastIndexOf('.') + 1)],
    // A playlist grows while it is read: only whole segments keep their length.
    ...(playlist ? {} : { 'content-length': there.size, 'cache-control': 'private, max-age=60' }),
  });
  const bytes = createReadStream(path, playlist ? {} : { end: Math.max(0, there.size - 1) });
  await pipeline(bytes, response).catch(() => {}); // Whoever asked is gone.
}

async function sendSnapshot(response: ServerResponse, stream: LiveStream): Promise<void> {
  const { jpeg } = await stream.snapshot();
  response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length }).end(jpeg);
}

/** One picture after the other, as browsers show them in an `img` (multipart/x-mixed-replace). */
function sendPictures(response: ServerResponse, stream: LiveStream): void {
  response.writeHead(200, { 'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}` });
  response.write(`--${BOUNDARY}\r\n`);
  let last: Uint8Array | undefined;
  const send = (jpeg: Uint8Array) => {
    last = jpeg;
    // The last ones are still on their way: this one is left out.
    if (response.writableNeedDrain) return;
    response.write(`content-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`);
    response.write(jpeg);
    response.write(`\r\n--${BOUNDARY}\r\n`);
    silence.refresh();
  };
  const silence = setInterval(() => last && send(last), SILENCE);
  const leave = stream.watchPictures(({ jpeg }) => send(jpeg));
  response.once('close', () => {
    clearInterval(silence);
    leave();
  });
}

const BOUNDARY = 'sidestream-picture';

/**
 * What is seen, frame by frame, as server-sent events: `frame` with what `frameEvent` says, `state` where that changes.
 * `?masks=rle`: with the mask of each object. `?every=N`: of each n-th frame alone.
 */
function sendEvents(response: ServerResponse, found: Watchable, query: URLSearchParams): void {
  const every = Math.max(1, Number(query.get('every')) || 1);
  const masks = query.get('masks') === 'rle';
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (event: string, data: unknown, id?: number) => {
    if (response.writableNeedDrain) return;
    response.write(
      `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
    );
    silence.refresh();
  };
  let told = '';
  const tellState = () => {
    const now = found.situation();
    if (JSON.stringify(now) === told) return;
    told = JSON.stringify(now);
    send('state', now);
  };
  const silence = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': nothing new\n\n');
  }, SILENCE);
  const look = setInterval(tellState, 1000);
  tellState();
  const leave = found.stream.watch((shown) => {
    if (shown.index % every === 0 && !response.writableNeedDrain)
      send('frame', frameEvent(shown, { masks }), shown.index);
  });
  response.once('close', () => {
    clearInterval(silence);
    clearInterval(look);
    leave();
  });
}
