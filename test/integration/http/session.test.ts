import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../../src/jobs/database.ts';
import type { Role } from '../../../src/jobs/jobs.ts';
import { createKeys } from '../../../src/jobs/keys.ts';
import { createSessions } from '../../../src/jobs/sessions.ts';
import { jobView } from '../../fixtures/job-view.ts';
import { resultOf } from './fakes.ts';
import { cleanUp, expectProblem, json, type Server, serve } from './server.ts';

cleanUp();

const withKeys = () => serve({ settings: { keys: 'always' } });
const signIn = (server: Server, key: string, headers: Record<string, string> = {}) => {
  const { headers: more, ...init } = json({ key });
  return server.fetch('/v1/session', { ...init, headers: { ...more, ...headers } });
};
const cookieIn = (answer: Response) => answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
/** What a browser sends along. */
const page = { 'sec-fetch-site': 'same-origin' };

describe('a session', () => {
  it('is begun with a key, stands for it, and is ended', async () => {
    const server = await withKeys();
    const answer = await signIn(server, server.keys.secretOf('operator'), page);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ name: 'operator', role: 'operator', keyless: false });
    const [set = ''] = answer.headers.getSetCookie();
    expect(set).toMatch(/^sidestream=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Strict$/);
    const cookie = cookieIn(answer);

    const who = await server.fetch('/v1/session', { headers: { cookie, ...page } });
    expect(await who.json()).toMatchObject({ role: 'operator', version: '1.2.3' });
    expect((await server.fetch('/v1/jobs', { headers: { cookie: `a=b; ${cookie}`, ...page } })).status).toBe(
      200,
    );
    await expectProblem(
      await server.fetch('/v1/keys', { headers: { cookie, ...page } }),
      403,
      'KEY_FORBIDDEN',
    );

    const out = await server.fetch('/v1/session', { method: 'DELETE', headers: { cookie, ...page } });
    expect(out.status).toBe(204);
    expect(out.headers.getSetCookie().map((one) => one.split(';')[1]?.trim())).toEqual([
      'Max-Age=0',
      'Max-Age=0',
    ]);
    await expectProblem(
      await server.fetch('/v1/jobs', { headers: { cookie, ...page } }),
      401,
      'KEY_REQUIRED',
    );
  });

  it('is for this very host and for TLS where the page came by it', async () => {
    const server = await withKeys();
    const answer = await signIn(server, server.keys.secretOf('viewer'), {
      ...page,
      origin: `https://127.0.0.1:${server.port}`,
    });
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-sidestream=.*; SameSite=Strict; Secure$/);
    expect((await server.fetch('/v1/jobs', { headers: { cookie: cookieIn(answer), ...page } })).status).toBe(
      200,
    );
  });

  it('is nobody’s before it is begun and after it has ended, which is no fault', async () => {
    const server = await withKeys();
    const secret = server.keys.secretOf('viewer');
    const ask = async (headers: Record<string, string>) =>
      await server.fetch('/v1/session', { headers: { ...page, ...headers } });
    const bare = await ask({});
    expect([bare.status, await bare.json()]).toEqual([200, { role: null }]);
    const cookie = cookieIn(await signIn(server, secret));
    expect(await (await ask({ cookie })).json()).toMatchObject({ role: 'viewer' });
    expect(await (await ask({ authorization: `Bearer ${secret}` })).json()).toMatchObject({ role: 'viewer' });
    await expectProblem(await ask({ authorization: 'Bearer wrong' }), 401, 'KEY_REQUIRED');
    await expectProblem(await ask({ cookie, 'sec-fetch-site': 'cross-site' }), 403, 'KEY_FORBIDDEN');
    server.keys.revoke(server.keys.list()[0]?.id ?? '');
    expect(await (await ask({ cookie })).json()).toEqual({ role: null });
    expect(await (await ask({ cookie: `sidestream=${'x'.repeat(43)}` })).json()).toEqual({ role: null });
    // Whether a session goes on is nothing for other pages to know.
    await expectProblem(await ask({ cookie, 'sec-fetch-site': 'cross-site' }), 403, 'KEY_FORBIDDEN');
  });

  it('is not begun with a wrong key, and who tries many waits', async () => {
    const server = await withKeys();
    await expectProblem(await signIn(server, 'ssk_000000000000_wrong'), 401, 'KEY_REQUIRED');
    for (let i = 0; i < 9; i++) await signIn(server, `ssk_00000000000${i}_wrong`);
    await expectProblem(await signIn(server, 'ssk_000000000000_wrong'), 429, 'TOO_MANY_REQUESTS');
  });

  it('ends with its key', async () => {
    const server = await withKeys();
    const cookie = cookieIn(await signIn(server, server.keys.secretOf('viewer')));
    server.keys.revoke(server.keys.list()[0]?.id ?? '');
    await expectProblem(
      await server.fetch('/v1/jobs', { headers: { cookie, ...page } }),
      401,
      'KEY_REQUIRED',
    );
  });

  it('is of no use to pages of other sites', async () => {
    const server = await withKeys();
    const cookie = cookieIn(await signIn(server, server.keys.secretOf('admin')));
    const own = `http://127.0.0.1:${server.port}`;
    const tried = async (method: string, headers: Record<string, string>) =>
      (await server.fetch('/v1/jobs/absent', { method, headers: { cookie, ...headers } })).status;
    for (const site of ['cross-site', 'same-site']) {
      expect([site, await tried('GET', { 'sec-fetch-site': site })]).toEqual([site, 403]);
      expect([site, await tried('DELETE', { 'sec-fetch-site': site, origin: own })]).toEqual([site, 403]);
    }
    // An address that was typed reads, and changes nothing.
    expect(await tried('GET', { 'sec-fetch-site': 'none' })).toBe(404);
    expect(await tried('DELETE', { 'sec-fetch-site': 'none' })).toBe(403);
    // Where browsers do not say, the origin does.
    expect(await tried('DELETE', {})).toBe(403);
    expect(await tried('DELETE', { origin: 'https://evil.example' })).toBe(403);
    expect(await tried('DELETE', { origin: 'null' })).toBe(403);
    expect(await tried('DELETE', { origin: `http://127.0.0.1:${server.port + 1}` })).toBe(403);
    expect(await tried('DELETE', { origin: 'http://localhost' })).toBe(403);
    expect(await tried('DELETE', { origin: own })).toBe(204);
    expect(await tried('GET', {})).toBe(404);
    // Nor can they sign anybody in or out.
    const key = server.keys.secretOf('viewer');
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: own },
      { origin: 'https://evil.example' },
      { origin: `http://127.0.0.1:${server.port + 1}` },
    ]) {
      await expectProblem(await signIn(server, key, headers as Record<string, string>), 403, 'KEY_FORBIDDEN');
      const out = { method: 'DELETE', headers: { cookie, ...(headers as object) } };
      await expectProblem(await server.fetch('/v1/session', out), 403, 'KEY_FORBIDDEN');
    }
    expect(await tried('GET', page)).toBe(404);
  });

  it('gives way to a key that is shown, and counts its requests by the key', async () => {
    const server = await serve({ settings: { keys: 'always', rateLimit: 5 } });
    const [viewer, admin] = [server.keys.secretOf('viewer'), server.keys.secretOf('admin')];
    const cookie = cookieIn(await signIn(server, viewer));
    const asked = async (headers: Record<string, string>) =>
      (await server.fetch('/v1/keys', { headers: { cookie, ...page, ...headers } })).status;
    expect(await asked({})).toBe(403);
    expect(await asked({ authorization: `Bearer ${admin}` })).toBe(200);
    expect(await asked({ authorization: 'Bearer wrong' })).toBe(401);
    // What a proxy in front asks for is no key of ours.
    expect(await asked({ authorization: 'Basic dXNlcjpwYXNz' })).toBe(403);
    for (let n = 0; n < 5; n++) {
      expect((await server.fetch('/v1/jobs', { headers: { cookie, ...page } })).status).toBe(200);
    }
    await expectProblem(
      await server.fetch('/v1/jobs', { headers: { cookie, ...page } }),
      429,
      'TOO_MANY_REQUESTS',
    );
    await expectProblem(
      await server.fetch('/v1/jobs', { headers: { authorization: `Bearer ${viewer}` } }),
      429,
      'TOO_MANY_REQUESTS',
    );
  });

  it('is not led to the storage, which the policy of the page would refuse', async () => {
    const server = await serve({ settings: { keys: 'always', redirect: true } });
    const object = resultOf(Buffer.from('video'), { presign: async () => 'https://s3.example/street' });
    server.jobs.views.set('a', jobView('a', { state: 'done' }));
    server.jobs.results.set('a/video', object);
    server.clips.hold('c', Buffer.from('clip'));
    server.clips.objects.set('c/video', object);
    const key = server.keys.secretOf('viewer');
    const cookie = cookieIn(await signIn(server, key));
    for (const path of ['/v1/jobs/a/video', '/v1/clips/c/video']) {
      const statusOf = async (headers: Record<string, string>) =>
        (await server.fetch(path, { headers, redirect: 'manual' })).status;
      expect([path, await statusOf({ cookie })]).toEqual([path, 200]);
      expect([path, await statusOf({ cookie, ...page })]).toEqual([path, 200]);
      expect([path, await statusOf({ authorization: `Bearer ${key}` })]).toEqual([path, 302]);
    }
  });

  it('is not needed, and not given, where no key is', async () => {
    const server = await serve();
    expect(await (await server.fetch('/v1/session')).json()).toMatchObject({ role: 'admin', keyless: true });
    await expectProblem(await signIn(server, 'ssk_000000000000_any'), 409, 'CONFLICT');
  });
});

describe('sessions that are kept', () => {
  const HOUR = 3_600_000;
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const open = () => {
    const db = openDatabase(':memory:');
    const keys = createKeys(db);
    return { db, keys, sessions: createSessions(db, 10) };
  };

  it('end when nobody comes for long, and go on while somebody does', () => {
    const { keys, sessions } = open();
    const { key } = keys.create('me', 'viewer');
    const [seen, left] = [sessions.open(key).secret, sessions.open(key).secret];
    for (let hours = 0; hours < 30; hours += 6) {
      vi.advanceTimersByTime(6 * HOUR);
      expect(sessions.visit(seen)).toMatchObject({ key: { id: key.id, role: 'viewer' }, maxAge: 36_000 });
    }
    expect(sessions.find(left)).toBeUndefined();
    vi.advanceTimersByTime(10 * HOUR);
    expect(sessions.find(seen)).toBeUndefined();
  });

  it('end first where nobody has come for longest, if they are too many', () => {
    const { keys, sessions } = open();
    const { key } = keys.create('wall', 'viewer');
    const wall = sessions.open(key).secret;
    const left = sessions.open(key).secret;
    vi.advanceTimersByTime(HOUR);
    expect(sessions.visit(wall)?.maxAge).toBe(36_000);
    // Written once, not for each picture.
    expect(sessions.visit(wall)).toEqual({ key: expect.anything(), maxAge: undefined });
    for (let n = 0; n < 99; n++) {
      vi.advanceTimersByTime(1);
      sessions.open(key);
    }
    expect(sessions.find(wall)).toBeDefined();
    expect(sessions.find(left)).toBeUndefined();
  });

  it('are known by their hashes alone', () => {
    const { db, keys, sessions } = open();
    const { key } = keys.create('me', 'admin');
    const { secret } = sessions.open(key);
    expect(createSessions(db, 10).find(secret)?.id).toBe(key.id);
    expect(JSON.stringify(db.prepare('SELECT * FROM sessions').all())).not.toContain(secret);
    sessions.close(secret);
    sessions.close(secret);
    expect(createSessions(db, 10).find(secret)).toBeUndefined();
  });

  it('are a bounded number, and are swept', () => {
    const { db, keys, sessions } = open();
    const { key } = keys.create('me', 'admin');
    const count = () => (db.prepare('SELECT COUNT(*) AS n FROM sessions').get() as { n: number }).n;
    const secrets = Array.from({ length: 120 }, () => {
      vi.advanceTimersByTime(1);
      return sessions.open(key).secret;
    });
    expect(count()).toBe(100);
    expect(sessions.find(secrets[19] ?? '')).toBeUndefined();
    expect(sessions.find(secrets[20] ?? '')).toBeDefined();
    vi.advanceTimersByTime(11 * HOUR);
    sessions.open(key);
    expect(count()).toBe(1);
  });

  it('end with their key', () => {
    const { keys, sessions } = open();
    const { key } = keys.create('me', 'admin');
    const { secret } = sessions.open(key);
    keys.revoke(key.id);
    expect(sessions.find(secret)).toBeUndefined();
  });
});

describe('two servers with the same records', () => {
  it('know the same sessions, after a restart too; their cookies last as long as they do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidestream-sessions-'));
    const [base, closing] = [await serve(), [] as (() => void)[]];
    let now = Date.now();
    const open = async () => {
      const db = openDatabase(join(folder, 'records.sqlite'));
      const keys = createKeys(db);
      closing.push(() => db.close());
      const real = {
        keys: Object.assign(keys, { secretOf: (role: Role) => keys.create(role, role).secret }),
        sessions: Object.assign(
          createSessions(db, 10, () => now),
          { expire: () => {} },
        ),
      };
      return await serve({ settings: { keys: 'always' }, on: { ...base, ...real } });
    };
    try {
      const [first, second] = [await open(), await open()];
      const secret = first.keys.secretOf('operator');
      const plain = cookieIn(await signIn(first, secret, page));
      const origin = `https://127.0.0.1:${first.port}`;
      const secure = cookieIn(await signIn(second, secret, { ...page, origin }));
      const ask = async (server: Server, cookie: string) => {
        const answer = await server.fetch('/v1/jobs', { headers: { cookie, ...page } });
        return [answer.status, answer.headers.getSetCookie()[0]];
      };
      for (const cookie of [plain, secure])
        for (const server of [first, second]) expect(await ask(server, cookie)).toEqual([200, undefined]);
      await first.close();
      const third = await open();
      now += 6 * 3_600_000;
      const attributes = 'Max-Age=36000; Path=/; HttpOnly; SameSite=Strict';
      expect(await ask(third, plain)).toEqual([200, `${plain}; ${attributes}`]);
      expect(await ask(second, plain)).toEqual([200, undefined]);
      now += 3 * 3_600_000;
      expect(await ask(second, secure)).toEqual([200, `${secure}; ${attributes}; Secure`]);
      now += 8 * 3_600_000;
      expect((await ask(second, plain))[0]).toBe(401);
      expect((await ask(third, secure))[0]).toBe(200);
      expect(third.keys.revoke(third.keys.list()[0]?.id ?? '')).toBe(true);
      expect((await ask(second, secure))[0]).toBe(401);
      await Promise.all([second.close(), third.close()]);
    } finally {
      for (const close of closing) close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
