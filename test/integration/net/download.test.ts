import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuard } from '../../../src/net/address-guard.ts';
import { download } from '../../../src/net/download.ts';
import { closeServers, deadPort, inTurn, openConnections, serve, serveRaw } from './servers.ts';

const CONTENT = randomBytes(1_000_000);
const LIMITS = { maxBytes: 2_000_000, timeoutMs: 2000, attempts: 2 };
const local = createGuard({ allow: ['127.0.0.1'] });
const never = new AbortController().signal;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-download-'));
});
afterEach(async () => {
  await closeServers();
  await rm(folder, { recursive: true });
});

const path = () => join(folder, 'partial');
const get = (url: string, limits: Partial<typeof LIMITS> = {}, signal = never) =>
  download(url, path(), { ...LIMITS, ...limits }, local, signal);

/** Throws as said, and leaves neither file nor connection. */
async function expectFailure(downloading: Promise<unknown>, expected: object) {
  await expect(downloading).rejects.toMatchObject(expected);
  expect(await readdir(folder)).toEqual([]);
  while (openConnections() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Serves the content, ranges too. */
const whole =
  (etag = '"one"', content: Buffer = CONTENT): RequestListener =>
  (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const from = range && request.headers['if-range'] === etag ? Number(range[1]) : 0;
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'content-type': 'video/mp4',
      'content-length': content.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    response.end(content.subarray(from));
  };

/** Sends the first bytes of another or the same content, and kills the connection. */
function breakOff(response: ServerResponse, headers: Record<string, string>, content = CONTENT) {
  response.writeHead(200, { 'content-length': CONTENT.length, ...headers });
  response.write(content.subarray(0, 400_000), () => setTimeout(() => response.destroy(), 50));
}

describe('download', () => {
  it('writes all of it in place of what was there', async () => {
    const { url, requests } = await serve(whole());
    const seen: { received: number; total: number | undefined }[] = [];
    for (const _ of [1, 2]) {
      expect(await download(url, path(), LIMITS, local, never, (one) => seen.push(one))).toEqual({
        bytes: CONTENT.length,
        contentType: 'video/mp4',
      });
    }
    expect(CONTENT.equals(await readFile(path()))).toBe(true);
    expect(seen.at(-1)).toEqual({ received: CONTENT.length, total: CONTENT.length });
    expect(requests[1]!.headers).not.toHaveProperty('range');
  });

  it('takes an empty file, and one whose length is not said', async () => {
    const empty = await serve((_, response) => response.end());
    expect(await get(empty.url)).toEqual({ bytes: 0, contentType: undefined });
    const unsaid = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.end(CONTENT);
    });
    expect(await get(unsaid.url)).toEqual({ bytes: CONTENT.length, contentType: undefined });
    expect(CONTENT.equals(await readFile(path()))).toBe(true);
  });

  it('goes on where a connection broke', async () => {
    const { url, requests } = await serve(
      inTurn((_, response) => breakOff(response, { etag: '"one"' }), whole()),
    );
    expect(await get(url)).toEqual({ bytes: CONTENT.length, contentType: 'video/mp4' });
    expect(CONTENT.equals(await readFile(path()))).toBe(true);
    expect(requests[1]!.headers).toMatchObject({ range: 'bytes=400000-', 'if-range': '"one"' });
  });

  it.each<[string, Record<string, string>, RequestListener]>([
    ['the file there has changed', { etag: '"old"' }, whole('"new"')],
    ['the tag is weak', { etag: 'W/"one"' }, whole()],
    ['there is no tag', {}, whole()],
    ['ranges are not served', { etag: '"one"' }, (_, response) => response.end(CONTENT)],
  ])('begins anew where %s', async (_, headers, then) => {
    const other = Buffer.alloc(CONTENT.length, 7);
    const { url } = await serve(inTurn((_, response) => breakOff(response, headers, other), then));
    expect(await get(url)).toMatchObject({ bytes: CONTENT.length });
    expect(CONTENT.equals(await readFile(path()))).toBe(true);
  });

  it.each<[string, RequestListener]>([
    [
      'another part than asked for',
      (_, response) => {
        response
          .writeHead(206, { 'content-range': `bytes 0-${CONTENT.length - 1}/${CONTENT.length}` })
          .end(CONTENT);
      },
    ],
    [
      'the part of another file',
      (_, response) => {
        const range = `bytes 400000-${CONTENT.length - 1}/${CONTENT.length}`;
        response.writeHead(206, { 'content-range': range, etag: '"two"' }).end(CONTENT.subarray(400_000));
      },
    ],
    [
      'that there is no such part',
      (_, response) => response.writeHead(416, { 'content-range': 'bytes */9' }).end(),
    ],
  ])('begins anew where the server sends %s', async (_, second) => {
    const { url, requests } = await serve(
      inTurn((_, response) => breakOff(response, { etag: '"one"' }), inTurn(second, whole())),
    );
    expect(await get(url, { attempts: 3 })).toMatchObject({ bytes: CONTENT.length });
    expect(CONTENT.equals(await readFile(path()))).toBe(true);
    expect(requests[2]!.headers).not.toHaveProperty('range');
  });

  it('is done where nothing is left to ask for', async () => {
    const all: RequestListener = (_, response) => {
      response.writeHead(200, { etag: '"one"' });
      response.write(CONTENT, () => setTimeout(() => response.destroy(), 50));
    };
    const nothing: RequestListener = (_, response) =>
      response.writeHead(416, { 'content-range': `bytes */${CONTENT.length}` }).end();
    const { url } = await serve(inTurn(all, nothing));
    expect(await get(url)).toMatchObject({ bytes: CONTENT.length });
    expect(CONTENT.equals(await readFile(path()))).toBe(true);
  });

  it.each([
    [404, 'INPUT_NOT_FOUND'],
    [410, 'INPUT_NOT_FOUND'],
    [401, 'INPUT_UNREADABLE'],
    [403, 'INPUT_UNREADABLE'],
    [400, 'INPUT_UNREADABLE'],
    [416, 'INPUT_UNREADABLE'],
    [204, 'INPUT_UNREADABLE'],
    [206, 'INPUT_UNREADABLE'],
    [304, 'INPUT_UNREADABLE'],
  ])('ends at once with a %i, as %s', async (status, code) => {
    const { url, requests } = await serve((_, response) => response.writeHead(status).end());
    const secretive = `${url.replace('//', '//me:secret@')}?pass=secret`;
    await expectFailure(get(secretive), {
      code,
      message: expect.stringMatching(new RegExp(`^${url}: the server answers ${status}: (?!.*secret)`)),
    });
    expect(requests).toHaveLength(1);
  });

  it.each([500, 503, 429])('tries again after a %i, then says so', async (status) => {
    const { url, requests } = await serve((_, response) => response.writeHead(status).end());
    await expectFailure(get(`${url}?pass=secret`), {
      code: 'INPUT_UNREACHABLE',
      message: `${url}: the server answers ${status} after 2 tries: check the address or try later`,
    });
    expect(requests).toHaveLength(2);
  });

  it('waits as long as it is asked to', async () => {
    const busy: RequestListener = (_, response) => response.writeHead(503, { 'retry-after': '1' }).end();
    const { url } = await serve(inTurn(busy, whole()));
    const begun = performance.now();
    expect(await get(url)).toMatchObject({ bytes: CONTENT.length });
    expect(performance.now() - begun).toBeGreaterThan(990);
  });

  it('says when nobody is there, or a server falls silent', async () => {
    await expectFailure(get(`http://127.0.0.1:${await deadPort()}/`), { code: 'INPUT_UNREACHABLE' });
    const { url, requests } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 9 }).write('some');
    });
    await expectFailure(get(url, { timeoutMs: 200 }), { code: 'INPUT_UNREACHABLE' });
    expect(requests).toHaveLength(2);
  });

  it('refuses what declares to be too large, without reading it', async () => {
    const { url, requests } = await serve(whole());
    await expectFailure(get(url, { maxBytes: CONTENT.length - 1 }), { code: 'INPUT_TOO_LARGE' });
    expect(requests).toHaveLength(1);
    expect(await get(url, { maxBytes: CONTENT.length })).toMatchObject({ bytes: CONTENT.length });
  });

  it('stops reading what turns out to be too large', async () => {
    const pour = (socket: Socket, piece: Buffer | string) => {
      const timer = setInterval(() => socket.write(piece), 1);
      socket.on('close', () => clearInterval(timer));
    };
    const unsaid = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      pour(socket, Buffer.alloc(50_000));
    });
    const chunked = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      pour(socket, `c350\r\n${'x'.repeat(50_000)}\r\n`);
    });
    for (const { url, connections } of [unsaid, chunked]) {
      await expectFailure(get(url, { maxBytes: 300_000 }), { code: 'INPUT_TOO_LARGE' });
      expect(connections).toHaveLength(1);
    }
  });

  it('takes no more than was declared, and not less for all', async () => {
    const more = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n${'x'.repeat(100_000)}`);
    });
    expect(await get(more.url)).toMatchObject({ bytes: 10 });
    const less = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nsome'),
    );
    await expectFailure(get(less.url), { code: 'INPUT_UNREACHABLE' });
    expect(less.connections).toHaveLength(2);
  });

  it('counts what came before a connection broke', async () => {
    const { url } = await serve(
      inTurn((_, response) => breakOff(response, { etag: '"one"' }), whole('"one"')),
    );
    await expectFailure(get(url, { maxBytes: 700_000 }), { code: 'INPUT_TOO_LARGE' });
    const unsaid = inTurn(
      (_, response) => {
        response.writeHead(200, { etag: '"one"' });
        response.write(CONTENT.subarray(0, 400_000), () => setTimeout(() => response.destroy(), 50));
      },
      (_, response) => {
        response.writeHead(206, { 'content-range': `bytes 400000-${CONTENT.length - 1}/*` });
        response.end(CONTENT.subarray(400_000));
      },
    );
    await expectFailure(get((await serve(unsaid)).url, { maxBytes: 700_000 }), { code: 'INPUT_TOO_LARGE' });
  });

  it.each(['gzip', 'br', 'identity, gzip'])('refuses an answer compressed with %s', async (encoding) => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const { url, requests } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
    });
    await expectFailure(get(url), {
      code: 'INPUT_UNREADABLE',
      message: expect.stringContaining('compressed'),
    });
    expect(requests[0]!.headers['accept-encoding']).toBe('identity');
  });

  it('keeps a file that is a gzip as it is', async () => {
    const gzip = gzipSync(Buffer.alloc(5_000_000));
    const { url } = await serve(whole('"one"', gzip));
    expect(await get(url)).toMatchObject({ bytes: gzip.length });
    expect(gzip.equals(await readFile(path()))).toBe(true);
  });

  it('follows redirects, but not to within, and does not try that again', async () => {
    const target = await serve(whole());
    const { url } = await serve((_, response) => response.writeHead(302, { location: target.url }).end());
    expect(await get(url)).toMatchObject({ bytes: CONTENT.length });
    const bad = await serve((_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    );
    await expectFailure(get(bad.url), {
      code: 'ADDRESS_REFUSED',
      message: expect.stringContaining('169.254.169.254'),
    });
    expect(bad.requests).toHaveLength(1);
    await expectFailure(get('http://10.0.0.1/'), { code: 'ADDRESS_REFUSED' });
  });

  it('stops with its signal, in the midst of bytes and of a wait', async () => {
    const slow = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 9 }).write('some');
    });
    await expectFailure(get(slow.url, {}, AbortSignal.timeout(100)), { name: 'TimeoutError' });
    const busy = await serve((_, response) => response.writeHead(503, { 'retry-after': '50' }).end());
    await expectFailure(get(busy.url, {}, AbortSignal.timeout(100)), { name: 'TimeoutError' });
    await expectFailure(get(busy.url, {}, AbortSignal.abort()), { name: 'AbortError' });
    expect(busy.requests).toHaveLength(1);
  });

  it('does not try again when it cannot write', async () => {
    const { url, requests } = await serve(whole());
    const nowhere = join(folder, 'none', 'partial');
    await expect(download(url, nowhere, LIMITS, local, never)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(requests).toEqual([]);
  });
});
