import { describe, expect, it } from 'vitest';
import { RESULTS, ROLES } from '../../../src/jobs/jobs.ts';
import { jobView } from '../../fixtures/job-view.ts';
import { streamView } from '../../fixtures/stream-view.ts';
import { resultOf } from './fakes.ts';
import { ASKED, ask, cleanUp, expectProblem, json, serve } from './server.ts';

cleanUp();

/** Every operation of the description, and the least role that may use it. */
const NEEDED: Readonly<Record<string, 'open' | (typeof ROLES)[number]>> = {
  'get /healthz': 'open',
  'get /readyz': 'viewer',
  'get /metrics': 'viewer',
  'get /v1/jobs': 'viewer',
  'get /v1/jobs/{id}': 'viewer',
  'get /v1/jobs/{id}/events': 'viewer',
  'get /v1/jobs/{id}/video': 'viewer',
  'get /v1/jobs/{id}/masks': 'viewer',
  'get /v1/jobs/{id}/report': 'viewer',
  'get /v1/jobs/{id}/thumbnail': 'viewer',
  'get /v1/jobs/{id}/panoptic': 'viewer',
  'get /v1/jobs/{id}/source': 'viewer',
  'head /v1/jobs/{id}/video': 'viewer',
  'head /v1/jobs': 'viewer',
  'post /v1/jobs': 'operator',
  'post /v1/jobs/{id}/cancel': 'operator',
  'post /v1/jobs/{id}/label': 'operator',
  'delete /v1/jobs/{id}': 'operator',
  'post /v1/uploads': 'operator',
  'head /v1/uploads/{id}': 'operator',
  'patch /v1/uploads/{id}': 'operator',
  'delete /v1/uploads/{id}': 'operator',
  'get /v1/streams': 'viewer',
  'get /v1/streams/{id}': 'viewer',
  'get /v1/streams/{id}/hls/{file}': 'viewer',
  'get /v1/streams/{id}/mjpeg': 'viewer',
  'get /v1/streams/{id}/snapshot.jpg': 'viewer',
  'get /v1/streams/{id}/events': 'viewer',
  'post /v1/streams': 'operator',
  'patch /v1/streams/{id}': 'operator',
  'delete /v1/streams/{id}': 'operator',
  'get /v1/streams/{id}/timeline': 'viewer',
  'get /v1/streams/{id}/recordings/picture.jpg': 'viewer',
  'post /v1/streams/{id}/clips': 'operator',
  'get /v1/clips': 'viewer',
  'get /v1/clips/archive': 'viewer',
  'get /v1/clips/{id}': 'viewer',
  'get /v1/clips/{id}/video': 'viewer',
  'get /v1/clips/{id}/masks': 'viewer',
  'get /v1/clips/{id}/thumbnail': 'viewer',
  'get /v1/clips/{id}/preview': 'viewer',
  'get /v1/clips/{id}/analysis': 'viewer',
  'head /v1/clips/{id}/video': 'viewer',
  'patch /v1/clips/{id}': 'operator',
  'delete /v1/clips/{id}': 'operator',
  'get /v1/events': 'viewer',
  'get /v1/events/{id}': 'viewer',
  'get /v1/events/stream': 'viewer',
  'get /v1/search': 'viewer',
  'post /v1/jobs/{id}/retry': 'operator',
  'post /v1/cameras/test': 'operator',
  'get /v1/streams/{id}/recordings': 'viewer',
  'get /v1/streams/{id}/recordings/{file}': 'viewer',
  'post /v1/rules/check': 'viewer',
  'post /v1/streams/{id}/rules/preview': 'operator',
  'get /v1/system': 'viewer',
  'get /v1/config': 'admin',
  'get /v1/models': 'viewer',
  'get /v1/models/{name}': 'viewer',
  'post /v1/models/{name}/fetch': 'admin',
  'delete /v1/models/{name}/fetch': 'admin',
  'get /v1/words': 'viewer',
  'get /v1/session': 'open',
  'post /v1/session': 'open',
  'delete /v1/session': 'open',
  'get /v1/feed': 'viewer',
  'get /v1/keys': 'admin',
  'post /v1/keys': 'admin',
  'delete /v1/keys/{id}': 'admin',
};

const allowed = (needed: string, role: string | undefined) =>
  needed === 'open' || ROLES.indexOf(role as 'viewer') >= ROLES.indexOf(needed as 'viewer');

describe('roles', () => {
  it('open what they should, and nothing else', async () => {
    // Not on loopback: probes need a key there.
    const server = await serve({ settings: { host: '192.0.2.1' } });
    for (const name of RESULTS) {
      server.jobs.results.set(`a/${name}`, resultOf(Buffer.from('x')));
    }
    server.events.over = true;
    const secrets = new Map<string | undefined, string | undefined>([[undefined, undefined]]);
    for (const role of ROLES) secrets.set(role, server.keys.secretOf(role));
    const { paths } = (await (await server.fetch('/openapi.json')).json()) as { paths: object };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    expect(Object.keys(NEEDED)).toEqual(expect.arrayContaining(described));

    for (const [operation, needed] of Object.entries(NEEDED)) {
      const [method = '', path = ''] = operation.split(' ');
      for (const [role, key] of secrets) {
        server.jobs.views.set('a', jobView('a', { state: 'done' }));
        server.streams.views.set('a', streamView('a'));
        const answer = await server.fetch(
          path.replace('{id}', 'a').replace('{file}', 'a.ts').replace('{name}', 'embedded'),
          {
            method: method.toUpperCase(),
            ...(key === undefined ? {} : { key }),
          },
        );
        // The feed goes on for ever.
        if (path === '/v1/feed') await answer.body?.cancel();
        else await answer.arrayBuffer();
        const refused = role === undefined ? 401 : 403;
        const where = `${operation} as ${role}`;
        if (allowed(needed, role)) expect([where, answer.status]).not.toEqual([where, refused]);
        else {
          expect([where, answer.status]).toEqual([where, refused]);
          expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="sidestream"/);
        }
      }
    }
    // To make a job once more needs no body: the two that may do it did.
    expect(server.jobs.submissions).toHaveLength(2);
    expect(server.streams.requests).toEqual([]);
    expect(server.clips.requests).toEqual([]);
  });

  it('cannot be raised by what a request says', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const key = server.keys.secretOf('viewer');
    for (const headers of [
      { 'x-role': 'admin' },
      { 'x-forwarded-for': '127.0.0.1' },
      { 'x-http-method-override': 'GET' },
      { 'x-original-url': '/healthz' },
      { 'x-forwarded-host': 'localhost' },
    ]) {
      const { headers: more, ...init } = json({ name: 'x', role: 'admin' });
      const answer = await server.fetch('/v1/keys?role=admin', {
        key,
        ...init,
        headers: { ...more, ...headers },
      });
      await expectProblem(answer, 403, 'KEY_FORBIDDEN');
    }
    expect(server.keys.count()).toBe(1);
  });

  it('are those of the key that is shown, in one form only', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const key = server.keys.secretOf('viewer');
    expect((await server.fetch('/v1/jobs', { headers: { authorization: `bearer  ${key}` } })).status).toBe(
      200,
    );
    for (const authorization of [
      '',
      key,
      `Basic ${key}`,
      `Bearer ${key} x`,
      `Bearer ${key},${key}`,
      'Bearer',
    ]) {
      await expectProblem(
        await server.fetch('/v1/jobs', { headers: { authorization } }),
        401,
        'KEY_REQUIRED',
      );
    }
    await expectProblem(await server.fetch(`/v1/jobs?key=${key}`), 401, 'KEY_REQUIRED');
    await expectProblem(await server.fetch(`/v1/jobs?access_token=${key}`), 401, 'KEY_REQUIRED');
  });
});

describe('keys', () => {
  it('are made, listed and revoked; the first must be an administrator’s', async () => {
    const server = await serve();
    await expectProblem(
      await server.fetch('/v1/keys', json({ name: 'me', role: 'viewer' })),
      409,
      'CONFLICT',
    );
    const made = await server.fetch('/v1/keys', json({ name: 'me', role: 'admin' }));
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { secret: key, ...first } = (await made.json()) as Record<'id' | 'secret', string>;
    // From here on one is needed.
    await expectProblem(await server.fetch('/v1/keys'), 401, 'KEY_REQUIRED');
    const second = (await (
      await server.fetch('/v1/keys', { key, ...json({ name: 'other', role: 'operator' }) })
    ).json()) as Record<'id' | 'secret', string>;
    const listed = await (await server.fetch('/v1/keys', { key })).text();
    expect(JSON.parse(listed)).toMatchObject({ keys: [first, { id: second.id, role: 'operator' }] });
    expect(listed).not.toContain(second.secret);

    expect((await server.fetch('/v1/jobs', { key: second.secret })).status).toBe(200);
    expect((await server.fetch(`/v1/keys/${second.id}`, { key, method: 'DELETE' })).status).toBe(204);
    await expectProblem(await server.fetch('/v1/jobs', { key: second.secret }), 401, 'KEY_REQUIRED');
    await expectProblem(
      await server.fetch(`/v1/keys/${second.id}`, { key, method: 'DELETE' }),
      404,
      'NOT_FOUND',
    );
    for (const body of [
      { name: '', role: 'viewer' },
      { name: 'a\nb', role: 'viewer' },
      { name: 'x', role: 'root' },
    ]) {
      await expectProblem(await server.fetch('/v1/keys', { key, ...json(body) }), 400, 'USAGE');
    }
  });

  it('cannot be tried in great number', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const [known, fresh] = [server.keys.secretOf('viewer'), server.keys.secretOf('viewer')];
    expect((await server.fetch('/v1/jobs', { key: known })).status).toBe(200);
    const wrong = `ssk_${'0'.repeat(12)}_${'x'.repeat(43)}`;
    for (let n = 0; n < 10; n++) {
      await expectProblem(await server.fetch('/v1/jobs', { key: wrong }), 401, 'KEY_REQUIRED');
    }
    for (const key of [wrong, fresh]) {
      const answer = await server.fetch('/v1/jobs', { key });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(50);
      await expectProblem(answer, 429, 'TOO_MANY_REQUESTS');
    }
    // Behind a proxy all come from one address: whoever has a key goes on.
    expect((await server.fetch('/v1/jobs', { key: known })).status).toBe(200);
    // A missing key is no guess.
    await expectProblem(await server.fetch('/v1/jobs'), 401, 'KEY_REQUIRED');
  });
});

describe('without keys', () => {
  it('only this machine’s own names are answered to', async () => {
    const server = await serve({ settings: { hosts: ['camera.lan'] } });
    const of = async (host: string, path = '/v1/jobs') =>
      (await ask(server, path, { headers: { host } })).status;
    for (const host of ['localhost', `127.0.0.1:${server.port}`, '[::1]:80', 'camera.lan', 'CAMERA.LAN:1']) {
      expect([host, await of(host)]).toEqual([host, 200]);
    }
    for (const host of ['evil.example', `evil.example:${server.port}`, 'localhost.evil.example', 'a b']) {
      expect([host, await of(host)]).toEqual([host, 403]);
    }
    expect(await of('evil.example', '/metrics')).toBe(403);
    expect(await of('evil.example', '/readyz')).toBe(403);
    expect(await of('evil.example', '/healthz')).toBe(200);
  });

  it('pages of other sites change nothing', async () => {
    const server = await serve();
    const { headers, ...init } = json(ASKED);
    const send = async (more: Record<string, string>, path = '/v1/jobs', method = 'POST') =>
      await server.fetch(path, { ...init, method, headers: { ...headers, ...more } });
    for (const more of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'cross-site', origin: server.url },
    ]) {
      await expectProblem(await send(more), 403, 'KEY_FORBIDDEN');
      await expectProblem(await send(more, '/v1/jobs/a', 'DELETE'), 403, 'KEY_FORBIDDEN');
      await expectProblem(await send(more, '/v1/uploads'), 403, 'KEY_FORBIDDEN');
    }
    expect(server.jobs.submissions).toEqual([]);
    for (const more of [
      { origin: server.url },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ]) {
      expect((await send(more)).status).toBe(202);
    }
    const read = await server.fetch('/v1/jobs', { headers: { origin: 'https://evil.example' } });
    expect([read.status, read.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });

  it('nobody gets in where the server can be reached from elsewhere, or keys are always wanted', async () => {
    for (const settings of [{ host: '0.0.0.0' }, { keys: 'always' as const }]) {
      const server = await serve({ settings });
      await expectProblem(await server.fetch('/v1/jobs'), 401, 'KEY_REQUIRED');
      expect((await server.fetch('/healthz')).status).toBe(200);
    }
  });
});
