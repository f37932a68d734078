import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import type { AppSettings, Check } from '../../../src/http/settings.ts';
import { type FakeCameras, fakeCameras } from './fake-cameras.ts';
import { type FakeClips, fakeClips } from './fake-clips.ts';
import {
  type FakeEvents,
  type FakePreviews,
  type FakeRecordings,
  type FakeSearch,
  fakeEvents,
  fakePreviews,
  fakeRecordings,
  fakeSearch,
} from './fake-past.ts';
import { type FakeStreams, fakeStreams } from './fake-streams.ts';
import { type FakeSystem, fakeSystem } from './fake-system.ts';
import { type FakeJobs, fakeJobs, fakeKeys, fakeSessions, fakeUploads } from './fakes.ts';

/** A server with fakes behind it, on a free port of this machine. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly jobs: FakeJobs;
  readonly streams: FakeStreams;
  readonly cameras: FakeCameras;
  readonly clips: FakeClips;
  readonly recordings: FakeRecordings;
  readonly events: FakeEvents;
  readonly search: FakeSearch;
  readonly previews: FakePreviews;
  readonly system: FakeSystem;
  readonly keys: ReturnType<typeof fakeKeys>;
  readonly sessions: ReturnType<typeof fakeSessions>;
  readonly uploads: ReturnType<typeof fakeUploads>;
  readonly folder: string;
  /** Lines of the log. */
  readonly log: Record<string, unknown>[];
  checks: readonly Check[];
  close(): Promise<void>;
  /** Connections that are open. */
  connections(): Promise<number>;
  fetch(path: string, init?: RequestInit & { key?: string }): Promise<Response>;
}

interface Options {
  readonly settings?: Partial<AppSettings>;
  readonly maxBytes?: number;
  /** Folder of a page that was built. */
  readonly page?: string;
  /** Goes on where a server was that has closed. */
  readonly on?: Server;
}

const running = new Set<Server>();
const folders = new Set<string>();

/** Nothing of a server may be left after a test. */
export function cleanUp(): void {
  afterEach(async () => {
    for (const server of [...running]) await server.close();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    folders.clear();
  });
}

export async function serve({
  settings = {},
  maxBytes,
  page = '/absent',
  on,
}: Options = {}): Promise<Server> {
  const folder = on?.folder ?? (await mkdtemp(join(tmpdir(), 'sidestream-http-')));
  folders.add(folder);
  const jobs = on?.jobs ?? fakeJobs();
  const streams = on?.streams ?? fakeStreams();
  const cameras = on?.cameras ?? fakeCameras();
  const clips = on?.clips ?? fakeClips();
  const recordings = on?.recordings ?? fakeRecordings();
  const events = on?.events ?? fakeEvents();
  const search = on?.search ?? fakeSearch();
  const previews = on?.previews ?? fakePreviews();
  const system = on?.system ?? fakeSystem();
  const keys = on?.keys ?? fakeKeys();
  const sessions = on?.sessions ?? fakeSessions(keys);
  const uploads = on?.uploads ?? fakeUploads(folder, maxBytes);
  const log: Record<string, unknown>[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(JSON.parse(line)) });
  let checks: readonly Check[] = [{ name: 'redis', ok: true }];
  const app = await createApp({
    jobs,
    streams,
    cameras,
    clips,
    recordings,
    events,
    search,
    previews,
    keys,
    sessions,
    page,
    uploads,
    ...system.ports,
    health: { ready: async () => checks },
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'jobs_total 3\n' }),
    logger,
    version: '1.2.3',
    settings: {
      host: '127.0.0.1',
      keys: 'auto',
      rateLimit: 100_000,
      bodyBytes: 100_000,
      requestTimeoutMs: 30_000,
      hosts: [],
      redirect: false,
      uploadHours: 24,
      ...settings,
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    if (!running.delete(server)) return;
    const late = setTimeout(() => app.server.closeAllConnections(), 3000);
    await app.close();
    clearTimeout(late);
  };
  const server: Server = {
    url,
    port,
    jobs,
    streams,
    cameras,
    clips,
    recordings,
    events,
    search,
    previews,
    system,
    keys,
    sessions,
    uploads,
    folder,
    log,
    get checks() {
      return checks;
    },
    set checks(value) {
      checks = value;
    },
    close,
    connections: () =>
      new Promise((resolve, reject) =>
        app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    fetch: (path, { key, headers, ...init } = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(headers as Record<string, string>),
        },
      }),
    [Symbol.asyncDispose]: close,
  };
  running.add(server);
  return server;
}

/** The names in the upload folder. */
export const left = (server: Server): Promise<string[]> => readdir(server.folder);

export async function eventually(check: () => void | Promise<void>, milliseconds = 3000): Promise<void> {
  for (const end = Date.now() + milliseconds; ; ) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Sends bytes as they are; what comes back until the server ends the connection. */
export function raw(server: Server, begin: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => begin(socket));
    let received = '';
    socket.setEncoding('utf8').on('data', (text) => {
      received += text;
    });
    socket.on('error', () => {}); // Being cut off is what is waited for.
    socket.on('close', () => resolve(received));
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request whose path and headers go out as they are, where `fetch` would tidy them up. */
export function ask(
  server: Server,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ port: server.port, host: '127.0.0.1', path, method, headers, agent: false });
    asking.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('error', reject).on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    asking.end(body);
  });
}

export const json = (body: unknown, method = 'POST'): RequestInit & { headers: Record<string, string> } => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** Answers with a problem of this code, and with its status. */
export async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  const body = await response.text();
  expect([response.status, body]).toEqual([status, expect.stringContaining(`"code":"${code}"`)]);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(JSON.parse(body)).toMatchObject({
    type: `urn:sidestream:error:${code}`,
    title: expect.any(String),
    detail: expect.any(String),
    status,
    instance: expect.stringMatching(/^\//),
  });
}

export const ASKED = { input: { url: 'https://example.org/street.mp4' }, vocabulary: 'road, car|vehicle' };
