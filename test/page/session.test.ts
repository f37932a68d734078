import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Installation } from '../../bench/installation.ts';
import { browse, onPage, openInstallation } from './harness.ts';

const VIDEO = `${process.cwd()}/test/fixtures/toytown/drive.mp4`;

/** What the window of the page keeps for the test. */
interface Kept {
  heard: { event: string; data: { id?: string; state?: string; reason?: string } }[];
}

onPage('a session in a browser', () => {
  let site: Installation;
  let key: { id: string; secret: string };
  /** A page of somebody else. */
  const other = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>other</title>');
  });

  beforeAll(async () => {
    site = await openInstallation({ workers: [] });
    key = await site.ask('POST', '/v1/keys', { name: 'me', role: 'admin' });
    // Were there no key in the end, none would be needed.
    const second = await asked('POST', '/v1/keys', { name: 'other', role: 'admin' });
    expect(second.status).toBe(201);
    other.listen(0);
    await once(other, 'listening');
  }, 60_000);
  afterAll(() => void other.close());

  const asked = async (method: string, path: string, body?: object) =>
    await fetch(`${site.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key.secret}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const stateOf = async (id: string) =>
    ((await (await asked('GET', `/v1/jobs/${id}`)).json()) as { state: string }).state;

  it('shows pictures, videos and events without a key in a header, and to our own page alone', async () => {
    await using browsing = await browse(site);
    const { page } = browsing;
    // Nobody is signed in at first, and at last; the server is away in between.
    for (const known of [
      /status of 401/,
      /status of 403/,
      /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE/,
      /another host/,
    ])
      browsing.expect(known);
    const statusOf = (
      path: string,
      init: { method?: string; headers?: Record<string, string>; body?: string } = {},
    ) => page.evaluate(async ([path, init]) => (await fetch(path, init)).status, [path, init] as const);
    expect(await statusOf('/v1/jobs')).toBe(401);
    const body = JSON.stringify({ key: key.secret });
    const headers = { 'content-type': 'application/json' };
    expect(await statusOf('/v1/session', { method: 'POST', headers, body })).toBe(200);
    expect(await statusOf('/v1/session')).toBe(200);
    expect(await page.context().cookies()).toMatchObject([
      { name: 'sidestream', httpOnly: true, secure: false, sameSite: 'Strict', path: '/' },
    ]);
    expect(await page.evaluate(() => document.cookie)).toBe('');

    await page.evaluate(() => {
      const kept = window as unknown as Kept;
      kept.heard = [];
      const feed = new EventSource('/v1/feed');
      for (const event of ['hello', 'job', 'job-removed', 'bye'])
        feed.addEventListener(event, ({ data }) => kept.heard.push({ event, data: JSON.parse(data) }));
    });
    const heard = () =>
      page.evaluate(() =>
        (window as unknown as Kept).heard.map(
          ({ event, data }) => `${event} ${data.state ?? data.reason ?? ''}`,
        ),
      );
    const wait = (what: string, times = 1) =>
      expect
        .poll(async () => (await heard()).filter((one) => one.startsWith(what)).length, { timeout: 150_000 })
        .toBeGreaterThanOrEqual(times);
    await wait('hello');
    const submitted = await page.evaluate(
      async (job) => {
        const headers = { 'content-type': 'application/json' };
        return await (await fetch('/v1/jobs', { method: 'POST', headers, body: JSON.stringify(job) })).json();
      },
      { input: { path: VIDEO }, vocabulary: 'road, car', every: 25 },
    );
    const { id } = submitted as { id: string };
    await wait('job queued');

    // Of another site, and of another port of this very host: the browser would send what changes something.
    const { port } = other.address() as AddressInfo;
    for (const host of ['localhost', '127.0.0.1']) {
      const foreign = await browsing.tab(`http://${host}:${port}/`);
      const address = `${site.url}/v1/jobs/${id}/cancel`;
      await foreign.evaluate(
        (url) => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => {}),
        address,
      );
      const read = foreign.evaluate(
        async (url) => (await fetch(url, { credentials: 'include' })).status,
        address,
      );
      await expect(read).rejects.toThrow(/Failed to fetch/);
      browsing.expect(/CORS policy|net::ERR_FAILED|ERR_BLOCKED_BY_RESPONSE.NotSameOrigin/);
      await foreign.close();
    }
    expect(await stateOf(id)).toBe('queued');

    // The server starts anew, and the session goes on.
    await site.restartServer('SIGTERM');
    await wait('hello', 2);
    expect((await heard()).filter((one) => one.startsWith('bye'))).toEqual(['bye closing']);
    await site.addWorker();
    await wait('job running');
    await wait('job done');
    const sizes = await page.evaluate(async (id) => {
      const picture = new Image();
      picture.src = `/v1/jobs/${id}/thumbnail`;
      await picture.decode();
      const video = document.createElement('video');
      video.src = `/v1/jobs/${id}/video`;
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = reject;
      });
      return [picture.naturalWidth, video.videoWidth];
    }, id);
    expect(sizes.every((width) => width > 100)).toBe(true);
    expect((await asked('DELETE', `/v1/jobs/${id}`)).status).toBe(204);
    await wait('job-removed');

    const { id: mine } = key;
    expect((await asked('DELETE', `/v1/keys/${mine}`)).status).toBe(204);
    await wait('bye signed-out');
    expect(await statusOf('/v1/jobs')).toBe(401);
  }, 300_000);
});
