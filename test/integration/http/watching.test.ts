import { describe, expect, it } from 'vitest';
import { jobView } from '../../fixtures/job-view.ts';
import { ask, cleanUp, eventually, expectProblem, type Server, serve } from './server.ts';

cleanUp();

describe('for those who watch', () => {
  it('says whether it lives, and whether it can work', async () => {
    const server = await serve();
    expect(await (await server.fetch('/healthz')).json()).toEqual({ status: 'ok', version: '1.2.3' });
    const ready = await server.fetch('/readyz');
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, checks: server.checks }]);
    server.checks = [{ name: 'redis', ok: false, detail: 'it does not answer' }];
    const unready = await server.fetch('/readyz');
    expect([unready.status, await unready.json()]).toEqual([503, { ready: false, checks: server.checks }]);
    const metrics = await server.fetch('/metrics');
    expect([metrics.headers.get('content-type'), await metrics.text()]).toEqual([
      'text/plain; version=0.0.4',
      'jobs_total 3\n',
    ]);
  });

  it('answers probes of this machine although there are keys, but not those through a proxy', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const key = server.keys.secretOf('viewer');
    expect((await server.fetch('/metrics')).status).toBe(200);
    const headers = { host: 'sidestream.example' };
    expect((await ask(server, '/metrics', { headers })).status).toBe(401);
    const authorization = `Bearer ${key}`;
    expect((await ask(server, '/metrics', { headers: { ...headers, authorization } })).status).toBe(200);
  });
});

describe('limits', () => {
  it('lets so many requests a minute pass, of each key', async () => {
    const server = await serve({ settings: { keys: 'always', rateLimit: 5 } });
    const [one, two] = [server.keys.secretOf('viewer'), server.keys.secretOf('viewer')];
    for (let n = 0; n < 5; n++) expect((await server.fetch('/v1/jobs', { key: one })).status).toBe(200);
    const answer = await server.fetch('/v1/jobs', { key: one });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectProblem(answer, 429, 'TOO_MANY_REQUESTS');
    expect((await server.fetch('/v1/jobs', { key: two })).status).toBe(200);
    expect((await server.fetch('/healthz')).status).toBe(200);
  });

  it('counts what is not there, too', async () => {
    const server = await serve({ settings: { rateLimit: 5 } });
    for (let n = 0; n < 5; n++) expect((await server.fetch('/nothing')).status).toBe(404);
    await expectProblem(await server.fetch('/nothing'), 429, 'TOO_MANY_REQUESTS');
  });
});

describe('the log', () => {
  const lines = (server: Server) => server.log.filter(({ msg }) => msg === 'request');

  it('says what was asked, and keeps what is secret', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const key = server.keys.secretOf('viewer');
    server.jobs.views.set('a', jobView('a'));
    const headers = { 'x-request-id': 'mine-1' };
    const answer = await server.fetch('/v1/jobs/a?token=hush', { key, headers });
    expect(answer.headers.get('x-request-id')).toBe('mine-1');
    await eventually(() => expect(lines(server)).toHaveLength(1));
    expect(lines(server)[0]).toMatchObject({
      request: 'mine-1',
      method: 'GET',
      path: '/v1/jobs/a?token=***',
      status: 200,
      job: 'a',
      caller: server.keys.list()[0]?.id,
      ms: expect.any(Number),
    });
    await server.fetch('/v1/jobs', { key: `${key.slice(0, -1)}!` });
    await server.fetch('/v1/jobs', { key: key.replace(/.$/, 'x') });
    expect(JSON.stringify(server.log)).not.toMatch(/hush|ssk_/);
  });

  it('gives a request an id of its own where the client’s is none', async () => {
    const server = await serve();
    for (const given of ['', 'a b', 'x'.repeat(65), '{"a":1}']) {
      const answer = await server.fetch('/healthz', { headers: { 'x-request-id': given } });
      expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    }
  });
});
