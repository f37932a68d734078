import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../../src/jobs/database.ts';
import { createKeys } from '../../../src/jobs/keys.ts';
import { createSessions } from '../../../src/jobs/sessions.ts';
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
    expect(await tried('DELETE', { origin: own })).toBe(204);
    expect(await tried('GET', {})).toBe(404);
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
      expect(sessions.find(seen)).toMatchObject({ id: key.id, role: 'viewer' });
    }
    expect(sessions.find(left)).toBeUndefined();
    vi.advanceTimersByTime(10 * HOUR);
    expect(sessions.find(seen)).toBeUndefined();
  });

  it('are known to another server with the same records, by their hashes alone', () => {
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
