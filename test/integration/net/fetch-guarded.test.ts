import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuard } from '../../../src/net/address-guard.ts';
import { exchange, request, Unanswered } from '../../../src/net/fetch-guarded.ts';
import { closeServers, deadPort, openConnections, serve, serveRaw } from './servers.ts';

afterEach(closeServers);

const ASK = { timeoutMs: 2000, maxBytes: 1000 };
const never = new AbortController().signal;
const local = createGuard({ allow: ['127.0.0.1'] });

/** Lets all names lead to the given addresses, one after another. */
function leading(...addresses: string[]) {
  const asked: string[] = [];
  const guard = createGuard(
    { allow: ['127.0.0.1'] },
    {
      resolve: async (host) => {
        asked.push(host);
        return [{ address: addresses[Math.min(asked.length, addresses.length) - 1]!, family: 4 }];
      },
    },
  );
  return { guard, asked };
}

const refused = (message = /./) => ({ code: 'ADDRESS_REFUSED', message: expect.stringMatching(message) });

describe('request', () => {
  it('gives status, headers and body', async () => {
    const { url, requests } = await serve((_, response) => {
      response.writeHead(418, { 'x-a': 'b', 'set-cookie': ['a', 'b'] }).end('short and stout');
    });
    const answer = await request(url, { ...ASK, headers: { 'X-Mine': '1' } }, local, never);
    expect(answer).toMatchObject({ status: 418, url, body: Buffer.from('short and stout') });
    expect(answer.headers.get('set-cookie')).toBe('a, b');
    expect(requests[0]!.headers).toMatchObject({
      'x-mine': '1',
      'accept-encoding': 'identity',
      connection: 'close',
    });
  });

  it('refuses this very machine, under each of its spellings, before it connects', async () => {
    const { port, requests } = await serve((_, response) => response.end());
    const guard = createGuard({ allow: [] });
    for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '0']) {
      await expect(request(`http://${host}:${port}/`, ASK, guard, never)).rejects.toMatchObject(refused());
    }
    expect(requests).toEqual([]);
  });

  it('connects to the address that was judged, whatever the name leads to a moment later', async () => {
    const { port, requests } = await serve((_, response) => response.end('judged'));
    const { guard, asked } = leading('127.0.0.1', '127.0.0.2');
    const url = `http://rebind.test:${port}/`;
    expect((await request(url, ASK, guard, never)).body.toString()).toBe('judged');
    expect(asked).toEqual(['rebind.test']);
    expect(requests[0]!.headers.host).toBe(`rebind.test:${port}`);
    await expect(request(url, ASK, guard, never)).rejects.toMatchObject(
      refused(/^rebind\.test is not asked/),
    );
    expect(requests).toHaveLength(1);
  });

  it('judges a name again for each redirect', async () => {
    const { port, requests } = await serve((_, response) =>
      response.writeHead(302, { location: '/b' }).end(),
    );
    const { guard, asked } = leading('127.0.0.1', '10.0.0.1');
    await expect(request(`http://rebind.test:${port}/a`, ASK, guard, never)).rejects.toMatchObject(refused());
    expect(asked).toHaveLength(2);
    expect(requests).toHaveLength(1);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/?secret=1',
    'http://127.0.0.2/',
    '//10.0.0.1/',
    'http://[::1]/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'http://:@/',
  ])('refuses a redirect to %s', async (location) => {
    const { url } = await serve((_, response) => response.writeHead(302, { location }).end());
    await expect(request(url, ASK, local, never)).rejects.toMatchObject(refused(/^(?!.*secret)/));
  });

  it('follows five redirects and no sixth', async () => {
    const { url, requests } = await serve(({ url = '' }, response) => {
      const left = Number(url.slice(1));
      if (left > 0) response.writeHead(307, { location: `/${left - 1}` });
      response.end('there');
    });
    const answer = await request(new URL('/5', url), ASK, local, never);
    expect(answer).toMatchObject({ status: 200, url: new URL('/0', url).href });
    await expect(request(new URL('/6', url), ASK, local, never)).rejects.toMatchObject(
      refused(/redirects more than 5 times/),
    );
    expect(requests).toHaveLength(12);
    expect(await request(new URL('/6', url), { ...ASK, maxRedirects: 0 }, local, never)).toMatchObject({
      status: 307,
    });
  });

  it('keeps secrets from other origins', async () => {
    const { port, requests } = await serve(({ url, headers }, response) => {
      const location = { '/1': '/2', '/2': `http://me:you@b.test:${port}/3` }[url ?? ''];
      expect(headers.host).toBe(`${url === '/3' ? 'b' : 'a'}.test:${port}`);
      response.writeHead(location ? 301 : 200, location ? { location } : {}).end();
    });
    const { guard } = leading('127.0.0.1');
    const headers = { Cookie: 'c', 'X-Api-Key': 'k', Range: 'bytes=1-' };
    const url = `http://me:p%40ss%@a.test:${port}/1`;
    expect((await request(url, { ...ASK, headers }, guard, never)).url).toBe(`http://b.test:${port}/3`);
    const authorization = `Basic ${Buffer.from('me:p%40ss%').toString('base64')}`;
    expect(requests.map(({ headers }) => headers)).toMatchObject([
      { authorization, cookie: 'c', 'x-api-key': 'k', range: 'bytes=1-' },
      { authorization, cookie: 'c', 'x-api-key': 'k', range: 'bytes=1-' },
      { range: 'bytes=1-' },
    ]);
    expect(Object.keys(requests[2]!.headers).sort()).toEqual([
      'accept-encoding',
      'connection',
      'host',
      'range',
      'user-agent',
    ]);
  });

  it('does not send a body on', async () => {
    const { url, requests } = await serve((_, response) => response.writeHead(307, { location: '/b' }).end());
    const answer = await request(url, { ...ASK, method: 'POST', body: 'mine' }, local, never);
    expect(answer.status).toBe(307);
    expect(requests).toHaveLength(1);
  });

  it('stops at the limit of bytes, declared or not', async () => {
    const { url } = await serve((_, response) => response.end(Buffer.alloc(1001)));
    const endless = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(Buffer.alloc(300)), 5);
      response.on('close', () => clearInterval(timer));
    });
    for (const one of [url, endless.url]) {
      await expect(request(one, ASK, local, never)).rejects.toMatchObject({
        code: 'INPUT_TOO_LARGE',
        message: `${one} is larger than 1000 bytes: give a smaller one, or have the limit raised`,
      });
    }
  });

  it('gives up on those who are silent, slow in the head, or slow in the body', async () => {
    const silent = await serveRaw(() => {});
    const drip = (socket: {
      write: (text: string) => void;
      on: (event: 'close', then: () => void) => void;
    }) => {
      const timer = setInterval(() => socket.write('a'), 20);
      socket.on('close', () => clearInterval(timer));
    };
    const slowHead = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      drip(socket);
    });
    const slowBody = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n');
      drip(socket);
    });
    const slow = { ...ASK, timeoutMs: 200 };
    for (const { url } of [silent, slowHead, slowBody]) {
      await expect(request(url, slow, local, never)).rejects.toMatchObject({
        code: 'INPUT_UNREACHABLE',
        message: `${url}: no answer within 200 ms: check the address or try later`,
      });
    }
    const unresolved = createGuard({ allow: [] }, { resolve: () => new Promise(() => {}) });
    await expect(request('http://a.test/', slow, unresolved, never)).rejects.toMatchObject({
      code: 'INPUT_UNREACHABLE',
    });
  });

  it('says what failed, and no secrets', async () => {
    const port = await deadPort();
    await expect(
      request(`http://me:secret@127.0.0.1:${port}/a?b=secret`, ASK, local, never),
    ).rejects.toMatchObject({
      code: 'INPUT_UNREACHABLE',
      message: `http://127.0.0.1:${port}/a: connect ECONNREFUSED 127.0.0.1:${port}: check the address or try later`,
    });
    const garbage = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    await expect(request(garbage.url, ASK, local, never)).rejects.toMatchObject({
      code: 'INPUT_UNREACHABLE',
    });
  });

  it('stops with its signal, whose reason it throws', async () => {
    const { url, requests } = await serve(() => {});
    const controller = new AbortController();
    const asked = request(url, ASK, local, controller.signal);
    while (requests.length === 0) await sleep(5);
    controller.abort(new Error('stopped'));
    await expect(asked).rejects.toThrow('stopped');
    await expect(request(url, ASK, local, controller.signal)).rejects.toThrow('stopped');
    expect(requests).toHaveLength(1);
  });
});

describe('exchange', () => {
  it('ends the connection with the use, read or not, and passes on what use throws', async () => {
    const { url } = await serve((_, response) => void response.writeHead(200).write('some'));
    expect(await exchange(url, ASK, local, never, async ({ status }) => status)).toBe(200);
    await expect(
      exchange(url, ASK, local, never, async () => {
        throw new Error('mine');
      }),
    ).rejects.toThrow('mine');
    while (openConnections() > 0) await sleep(5);
  });

  it('reads all in its own time from a server that has closed long ago', async () => {
    const head = ['content-length: 300000\r\nconnection: close\r\n', 'connection: close\r\n'];
    for (const lines of head) {
      const { url } = await serveRaw((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${lines}\r\n`);
        socket.end(Buffer.alloc(300_000));
      });
      const bytes = await exchange(url, { timeoutMs: 50 }, local, never, async ({ body }) => {
        let sum = 0;
        await sleep(100);
        for await (const piece of body) {
          sum += piece.length;
          await sleep(60);
        }
        return sum;
      });
      expect(bytes).toBe(300_000);
    }
  });

  it('stops with its signal also where that comes before the reading', async () => {
    const { url } = await serve((_, response) => void response.writeHead(200).write('some'));
    const controller = new AbortController();
    const read = exchange(url, ASK, local, controller.signal, async ({ body }) => {
      controller.abort(new Error('stopped'));
      for await (const _ of body);
    });
    await expect(read).rejects.toThrow('stopped');
  });

  it('throws Unanswered where a body breaks off', async () => {
    const { url } = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsome'),
    );
    const read = exchange(url, ASK, local, never, async ({ body }) => {
      for await (const _ of body);
    });
    await expect(read).rejects.toBeInstanceOf(Unanswered);
  });
});
