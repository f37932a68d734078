import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, cleanUp, expectProblem, serve } from './server.ts';

cleanUp();

let folder: string;
const SCRIPT = 'export const words = "sky, road";\n'.repeat(100);
const html = { accept: 'text/html,application/xhtml+xml' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-page-'));
  await writeFile(join(folder, 'secret.txt'), 'not of the page');
  const page = join(folder, 'web');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(page, 'index.html'), '<!doctype html><title>Sidestream</title>');
  await writeFile(join(page, 'assets/index-abc123.js'), SCRIPT);
  await writeFile(join(page, 'assets/index-abc123.js.br'), brotliCompressSync(SCRIPT));
  await writeFile(join(page, 'assets/index-abc123.js.gz'), gzipSync(SCRIPT));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const open = () => serve({ page: join(folder, 'web') });

describe('the page', () => {
  it('is one document at all of its addresses, and is asked for again each time', async () => {
    const server = await open();
    for (const path of ['/', '/jobs/0abc?t=12', '/live', '/clips/x/y']) {
      const answer = await server.fetch(path, { headers: html });
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
      ]);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(await answer.text()).toContain('<title>Sidestream</title>');
    }
  });

  it('is the one that was built last', async () => {
    const server = await open();
    await server.fetch('/', { headers: html });
    await writeFile(join(folder, 'web', 'index.html'), '<!doctype html><title>Built anew</title>');
    expect(await (await server.fetch('/jobs', { headers: html })).text()).toContain('Built anew');
    await writeFile(join(folder, 'web', 'index.html'), '<!doctype html><title>Sidestream</title>');
  });

  it('leaves the addresses of the API to the API, and to who does not ask for a document', async () => {
    const server = await open();
    for (const path of ['/v1/absent', '/v1', '/assets/absent.js', '/metrics/x'])
      await expectProblem(await server.fetch(path, { headers: html }), 404, 'NOT_FOUND');
    await expectProblem(await server.fetch('/live', { headers: { accept: '*/*' } }), 404, 'NOT_FOUND');
    expect((await server.fetch('/', { headers: { accept: '*/*' } })).status).toBe(200);
    await expectProblem(await server.fetch('/live', { method: 'POST', headers: html }), 404, 'NOT_FOUND');
    expect((await server.fetch('/docs/', { headers: html })).status).toBe(200);
  });

  it('may run nothing that is written in it, and ask nobody else', async () => {
    const server = await open();
    for (const path of ['/', '/assets/index-abc123.js']) {
      const { headers } = await server.fetch(path, { headers: html });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).not.toMatch(/unsafe|\*|http/);
      expect(policy).toContain(
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
      );
      expect(headers.get('permissions-policy')).toContain('camera=()');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    }
  });

  it('has files that are kept for good, compressed as the browser takes them', async () => {
    const server = await open();
    for (const [encoding, length] of [
      ['br', brotliCompressSync(SCRIPT).length],
      ['gzip', gzipSync(SCRIPT).length],
      ['identity', SCRIPT.length],
    ] as const) {
      const answer = await ask(server, '/assets/index-abc123.js', {
        headers: { 'accept-encoding': encoding },
      });
      expect(answer.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': expect.stringMatching(/^(text|application)\/javascript/),
        'content-length': String(length),
      });
    }
  });

  it('gives nothing from outside of its folder', async () => {
    const server = await open();
    for (const path of [
      '/assets/../index.html',
      '/assets/../../secret.txt',
      '/assets/%2e%2e/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/assets//../../secret.txt',
      '/assets/%00',
    ]) {
      const { status, body } = await ask(server, path);
      expect([path, String(body).includes('not of the page')]).toEqual([path, false]);
      expect([path, status >= 400]).toEqual([path, true]);
    }
  });

  it('is shown under names of this machine alone where no key is needed', async () => {
    const server = await open();
    const { status } = await ask(server, '/', { headers: { ...html, host: 'rebound.example' } });
    expect(status).toBe(403);
    const keyed = await serve({ page: join(folder, 'web'), settings: { keys: 'always' } });
    expect((await ask(keyed, '/', { headers: { ...html, host: 'rebound.example' } })).status).toBe(200);
  });

  it('says that it was not built', async () => {
    const server = await serve();
    const answer = await server.fetch('/', { headers: html });
    expect([answer.status, await answer.text()]).toEqual([
      503,
      expect.stringMatching(/^The page was not built: run/),
    ]);
  });
});
