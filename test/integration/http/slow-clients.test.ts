import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { cleanUp, eventually, left, raw, type Server, serve } from './server.ts';

cleanUp();

const TIMEOUT = 400;

/** Sends the text, and then a byte now and then, for as long as it is let. Milliseconds, and what came back. */
async function dribble(server: Server, text: string, every: number, byte = 'x') {
  const begun = Date.now();
  const answer = await raw(server, (socket: Socket) => {
    socket.write(text);
    const timer = setInterval(() => socket.writable && socket.write(byte), every);
    socket.once('close', () => clearInterval(timer));
  });
  return { took: Date.now() - begun, answer };
}

describe('a client that takes its time', () => {
  it.each<[string, string]>([
    ['with its headers', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: '],
    ['with its first byte', ''],
    ['with the first line', 'GET /'],
  ])('%s is cut off', async (_, text) => {
    const server = await serve({ settings: { requestTimeoutMs: TIMEOUT } });
    const { took, answer } = await dribble(server, text, text === '' ? 60_000 : 50);
    expect(took).toBeLessThan(TIMEOUT * 4);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*"code":"INTERRUPTED"/s);
    await eventually(async () => expect(await server.connections()).toBe(0));
  });

  it('with its body is cut off, and told', async () => {
    const server = await serve({ settings: { requestTimeoutMs: TIMEOUT } });
    const { took, answer } = await dribble(
      server,
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
      50,
    );
    expect(took).toBeLessThan(TIMEOUT * 4);
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*"code":"INTERRUPTED"/s);
    expect(server.jobs.submissions).toEqual([]);
  });

  const form =
    'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n' +
    'Content-Length: 1000\r\n\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\nabc';

  it('with an upload may take long, as long as bytes come', async () => {
    const server = await serve({ settings: { requestTimeoutMs: TIMEOUT } });
    const end = '\r\n--x--\r\n';
    const content = 12;
    const length = form.split('\r\n\r\n').slice(1).join('\r\n\r\n').length + content + end.length;
    const begun = Date.now();
    const answer = await raw(server, (socket) => {
      socket.write(form.replace('Content-Length: 1000', `Content-Length: ${length}\r\nConnection: close`));
      let sent = 0;
      const timer = setInterval(() => {
        if (sent++ < content) socket.write('x');
        else {
          clearInterval(timer);
          socket.write(end);
        }
      }, 100);
    });
    expect(Date.now() - begun).toBeGreaterThan(TIMEOUT * 2.5);
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(server.uploads.taken[0]?.content.toString()).toBe(`abc${'x'.repeat(content)}`);
  });

  it.each<[string, (server: Server) => Promise<string>]>([
    ['a form', async () => form],
    [
      'a tus upload',
      async (server) => {
        const headers = { 'tus-resumable': '1.0.0', 'upload-length': '1000' };
        const { headers: answered } = await server.fetch('/v1/uploads', { method: 'POST', headers });
        return (
          `PATCH ${answered.get('location')} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n` +
          'Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 1000\r\n\r\nabc'
        );
      },
    ],
  ])('with %s is cut off when nothing comes any more', async (name, begin) => {
    const server = await serve({ settings: { requestTimeoutMs: TIMEOUT } });
    const { took } = await dribble(server, await begin(server), 60_000);
    expect(took).toBeGreaterThan(TIMEOUT * 0.9);
    expect(took).toBeLessThan(TIMEOUT * 4);
    await eventually(async () => expect(await left(server)).toHaveLength(name === 'a form' ? 0 : 2));
    await eventually(() => expect(server.jobs.submissions).toEqual([]));
  });

  it('with work that takes long is waited for', async () => {
    const server = await serve({ settings: { requestTimeoutMs: TIMEOUT } });
    const { take } = server.uploads;
    server.uploads.take = async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, TIMEOUT * 2));
      return take(...args);
    };
    const data = new FormData();
    data.set('file', new Blob(['abc']), 'a.mp4');
    expect((await server.fetch('/v1/jobs', { method: 'POST', body: data })).status).toBe(202);
  });

  it('with a body that nobody wants is not listened to for long', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const text =
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: video/mp4\r\nContent-Length: 1000000\r\n\r\n';
    const { took, answer } = await dribble(server, text, 50);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(took).toBeLessThan(4000);
  });
});

describe('what is no HTTP', () => {
  it.each<[string, string, number]>([
    ['noise', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400],
    ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
    ],
    [
      'a length and pieces',
      'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('%s', async (_, text, status) => {
    const server = await serve();
    expect(await raw(server, (socket) => socket.write(text))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await server.fetch('/healthz')).status).toBe(200);
  });
});
