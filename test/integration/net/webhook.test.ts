import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuard } from '../../../src/net/address-guard.ts';
import { deliver, verify } from '../../../src/net/webhook.ts';
import { closeServers, deadPort, openConnections, serve } from './servers.ts';

afterEach(closeServers);

const local = createGuard({ allow: ['127.0.0.1'] });
const never = new AbortController().signal;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const message = (url: string) => ({ url, id: 'job-1', body: '{"ü":1}', secret: SECRET, timeoutMs: 2000 });

const answering = (status: number, headers: Record<string, string> = {}) =>
  serve((_, response) => response.writeHead(status, headers).end('a secret of the network'));

describe('deliver', () => {
  it('posts what its receiver can verify', async () => {
    const bodies: Promise<string>[] = [];
    const { url, requests } = await serve(async (request, response) => {
      bodies.push(text(request));
      await bodies[0];
      response.writeHead(204).end();
    });
    expect(await deliver(message(url), local, never)).toEqual({ outcome: 'delivered', status: 204 });
    const { method, headers } = requests[0]!;
    expect(method).toBe('POST');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'job-1' });
    const signed = {
      id: 'job-1',
      timestamp: String(headers['webhook-timestamp']),
      signature: String(headers['webhook-signature']),
      body: await bodies[0]!,
    };
    expect(signed.body).toBe('{"ü":1}');
    expect(verify(SECRET, signed)).toBe(true);
  });

  it('tells a receiver that is gone from one that fails', async () => {
    expect(await deliver(message((await answering(410)).url), local, never)).toEqual({
      outcome: 'gone',
      status: 410,
    });
    for (const status of [400, 404, 429, 500, 503]) {
      const { url } = await answering(status);
      await expect(deliver(message(`${url}/secret?secret=1`), local, never)).rejects.toMatchObject({
        code: 'WEBHOOK_FAILED',
        retryable: true,
        message: `the webhook at ${new URL(url).origin} answers ${status}: see its own record`,
      });
    }
  });

  it('follows no redirect', async () => {
    const target = await answering(200);
    for (const status of [301, 302, 303, 307, 308]) {
      const { url } = await answering(status, { location: target.url });
      await expect(deliver(message(url), local, never)).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' });
    }
    expect(target.requests).toEqual([]);
  });

  it('refuses addresses within', async () => {
    const { url, requests } = await answering(200);
    for (const one of [url, 'http://169.254.169.254/', 'http://[::ffff:10.0.0.1]/', 'file:///etc/passwd']) {
      await expect(deliver(message(one), createGuard({ allow: [] }), never)).rejects.toMatchObject({
        code: 'ADDRESS_REFUSED',
        retryable: false,
      });
    }
    expect(requests).toEqual([]);
  });

  it('does not wait for the end of an answer', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(Buffer.alloc(3000)), 5);
      response.on('close', () => clearInterval(timer));
    });
    expect(await deliver(message(url), local, never)).toMatchObject({ outcome: 'delivered' });
    const { url: half } = await serve((_, response) => void response.writeHead(200).write('some'));
    expect(await deliver({ ...message(half), timeoutMs: 200 }, local, never)).toMatchObject({ status: 200 });
    while (openConnections() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('fails where nothing answers, in time or at all', async () => {
    const { url } = await serve(() => {});
    await expect(deliver({ ...message(url), timeoutMs: 200 }, local, never)).rejects.toMatchObject({
      code: 'WEBHOOK_FAILED',
      message: expect.stringContaining('no answer within 200 ms'),
    });
    await expect(
      deliver(message(`http://127.0.0.1:${await deadPort()}/`), local, never),
    ).rejects.toMatchObject({
      code: 'WEBHOOK_FAILED',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('stops with its signal', async () => {
    const { url } = await serve(() => {});
    await expect(deliver(message(url), local, AbortSignal.timeout(100))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
