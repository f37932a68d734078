import { randomBytes } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Upload } from 'tus-js-client';
import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { cleanUp, eventually, expectProblem, left, raw, type Server, serve } from './server.ts';

cleanUp();

const VIDEO = randomBytes(700_000);
const TUS = { 'tus-resumable': '1.0.0' };
const NAME = `filename ${Buffer.from('street.mp4').toString('base64')}`;

const create = (server: Server, headers: Record<string, string> = {}, key?: string, body?: Buffer) =>
  server.fetch('/v1/uploads', {
    method: 'POST',
    headers: { ...TUS, 'upload-length': String(VIDEO.length), 'upload-metadata': NAME, ...headers },
    ...(key === undefined ? {} : { key }),
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });

const patch = (
  server: Server,
  path: string,
  offset: number,
  body: Buffer,
  headers: Record<string, string> = {},
) =>
  server.fetch(path, {
    method: 'PATCH',
    headers: {
      ...TUS,
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
      ...headers,
    },
    body: new Uint8Array(body),
  });

const head = (server: Server, path: string) => server.fetch(path, { method: 'HEAD', headers: TUS });
const offsetOf = (answer: Response) => answer.headers.get('upload-offset');

/** Uploads with the public client; `pauseAt`: bytes after which it is stopped. */
function upload(
  server: Server,
  options: { url?: string; pauseAt?: number; key?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { url, pauseAt, key } = options;
    const client = new Upload(VIDEO, {
      ...(url === undefined ? { endpoint: `${server.url}/v1/uploads` } : { uploadUrl: url }),
      chunkSize: 100_000,
      retryDelays: [0, 10],
      metadata: { filename: 'straße 🚗.mp4' },
      ...(key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }),
      onError: reject,
      onSuccess: () => resolve(client.url ?? ''),
      onChunkComplete: (_size, accepted) => {
        if (pauseAt !== undefined && accepted >= pauseAt) {
          client.abort().then(() => resolve(client.url ?? ''), reject);
        }
      },
    });
    client.start();
  });
}

describe('uploads', () => {
  it('go through in pieces, and become uploads that jobs may use', async () => {
    const server = await serve();
    const url = await upload(server);
    const id = url.split('/').at(-1) ?? '';
    expect(url).toBe(`${server.url}/v1/uploads/${id}`);
    expect(id).toMatch(/^[\da-f]{32}$/);
    expect(server.uploads.taken).toMatchObject([{ id, fileName: 'straße 🚗.mp4', submitter: 'local' }]);
    expect(VIDEO.equals(server.uploads.taken[0]?.content ?? Buffer.alloc(0))).toBe(true);

    // Who missed the last answer learns of it, and the public client takes it as done.
    const answer = await head(server, `/v1/uploads/${id}`);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'upload-offset': '700000',
      'upload-length': '700000',
      'upload-metadata': `filename ${Buffer.from('straße 🚗.mp4').toString('base64')}`,
      'tus-resumable': '1.0.0',
      'cache-control': 'no-store',
    });
    expect(answer.status).toBe(200);
    expect(await upload(server, { url })).toBe(url);
    expect((await patch(server, `/v1/uploads/${id}`, 700_000, Buffer.alloc(0))).status).toBe(204);
    await expectProblem(await patch(server, `/v1/uploads/${id}`, 700_000, Buffer.from('x')), 409, 'CONFLICT');
    await expectProblem(await patch(server, `/v1/uploads/${id}`, 0, VIDEO), 409, 'CONFLICT');
    const removed = await server.fetch(`/v1/uploads/${id}`, { method: 'DELETE', headers: TUS });
    await expectProblem(removed, 410, 'CONFLICT');
    expect(server.uploads.taken).toHaveLength(1);
    expect(await left(server)).toEqual([`${id}.json`]);
  });

  it('go on after the server was started again', async () => {
    const before = await serve();
    const url = await upload(before, { pauseAt: 300_000 });
    const path = new URL(url).pathname;
    await before.close();
    const after = await serve({ on: before });
    const answer = await head(after, path);
    expect([answer.status, offsetOf(answer)]).toEqual([200, '300000']);
    await upload(after, { url: `${after.url}${path}` });
    expect(after.uploads.taken).toHaveLength(1);
    expect(VIDEO.equals(after.uploads.taken[0]?.content ?? Buffer.alloc(0))).toBe(true);
  });

  it('go on where a connection broke in the middle of a piece', async () => {
    const server = await serve();
    const path = (await create(server)).headers.get('location') ?? '';
    await raw(server, (socket) => {
      socket.write(
        `PATCH ${path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n` +
          `Content-Type: application/offset+octet-stream\r\nContent-Length: ${VIDEO.length}\r\n\r\n`,
      );
      socket.write(VIDEO.subarray(0, 200_000));
      setTimeout(() => socket.destroy(), 100);
    });
    const offset = Number(offsetOf(await head(server, path)));
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThanOrEqual(200_000);
    expect((await patch(server, path, offset, VIDEO.subarray(offset))).status).toBe(204);
    expect(VIDEO.equals(server.uploads.taken[0]?.content ?? Buffer.alloc(0))).toBe(true);
  });

  it('say where they are by a path, whatever the client says of hosts', async () => {
    const server = await serve();
    const answer = await create(server, {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example;proto=https',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(/^\/v1\/uploads\/[\da-f]{32}$/);
    expect(Date.parse(answer.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now());
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('may bring their first bytes along', async () => {
    const server = await serve();
    const headers = { 'content-type': 'application/offset+octet-stream' };
    const begun = await create(server, headers, undefined, VIDEO.subarray(0, 1000));
    expect([begun.status, offsetOf(begun)]).toEqual([201, '1000']);
    expect((await create(server, headers, undefined, VIDEO)).status).toBe(201);
    expect(server.uploads.taken).toHaveLength(1);
    expect((await create(server, { 'upload-length': '0' })).status).toBe(201);
    expect(server.uploads.taken[1]?.content).toHaveLength(0);
  });

  it('are described', async () => {
    const server = await serve({ maxBytes: 1_000_000 });
    const answer = await server.fetch('/v1/uploads', { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'tus-version': '1.0.0',
      'tus-extension': 'creation,creation-with-upload,termination,expiration',
      'tus-max-size': '1000000',
    });
  });

  it('can be given up', async () => {
    const server = await serve();
    const path = (await create(server)).headers.get('location') ?? '';
    expect((await server.fetch(path, { method: 'DELETE', headers: TUS })).status).toBe(204);
    expect(await left(server)).toEqual([]);
    expect((await head(server, path)).status).toBe(404);
  });

  it('belong to the key that began them', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const [mine, yours, admins] = [
      server.keys.secretOf('operator'),
      server.keys.secretOf('operator'),
      server.keys.secretOf('admin'),
    ];
    const claim = `${NAME},sidestream-owner ${Buffer.from(server.keys.find(yours)?.id ?? '').toString('base64')}`;
    const path = (await create(server, { 'upload-metadata': claim }, mine)).headers.get('location') ?? '';
    for (const key of [yours, admins]) {
      const headers = { ...TUS, authorization: `Bearer ${key}` };
      expect((await server.fetch(path, { method: 'HEAD', headers })).status).toBe(403);
      await expectProblem(await server.fetch(path, { method: 'DELETE', headers }), 403, 'KEY_FORBIDDEN');
      await expectProblem(await patch(server, path, 0, VIDEO, headers), 403, 'KEY_FORBIDDEN');
    }
    const headers = { ...TUS, authorization: `Bearer ${mine}` };
    const answer = await server.fetch(path, { method: 'HEAD', headers });
    expect([answer.status, answer.headers.get('upload-metadata')]).toEqual([200, NAME]);
    expect((await patch(server, path, 0, VIDEO, headers)).status).toBe(204);
    expect(server.uploads.taken[0]?.submitter).toBe(server.keys.find(mine)?.id);
  });

  it('are taken once there is room, though the client thought they were', async () => {
    const server = await serve();
    const path = (await create(server)).headers.get('location') ?? '';
    server.uploads.fail = new SidestreamError('QUOTA_EXCEEDED', 'the storage is used up');
    await expectProblem(await patch(server, path, 0, VIDEO), 507, 'QUOTA_EXCEEDED');
    expect((await head(server, path)).status).toBe(507);
    server.uploads.fail = undefined;
    const answer = await head(server, path);
    expect([answer.status, offsetOf(answer)]).toEqual([200, '700000']);
    expect(server.uploads.taken).toHaveLength(1);
  });

  it.each<[string, number, string, Record<string, string>]>([
    ['larger than allowed', 413, 'INPUT_TOO_LARGE', { 'upload-length': '99999999999' }],
    ['of no length', 400, 'USAGE', { 'upload-length': '' }],
    ['of a length below zero', 400, 'USAGE', { 'upload-length': '-1' }],
    ['of a length told later', 501, 'USAGE', { 'upload-defer-length': '1' }],
    ['of broken metadata', 400, 'USAGE', { 'upload-metadata': 'filename !!!' }],
    ['in another version', 400, 'USAGE', { 'tus-resumable': '0.2.2' }],
    ['put together of others', 501, 'USAGE', { 'upload-concat': 'final;/a /b' }],
    ['in JSON', 400, 'USAGE', { 'content-type': 'application/json' }],
  ])('are refused where they are %s', async (_, status, code, headers) => {
    const server = await serve();
    const body = headers['content-type'] === undefined ? undefined : Buffer.from('{');
    const answer = await create(server, headers, undefined, body);
    await expectProblem(answer, status, code);
    expect(await left(server)).toEqual([]);
  });

  it('are refused where there is no room', async () => {
    const server = await serve();
    server.uploads.room = 1000;
    await expectProblem(await create(server), 507, 'QUOTA_EXCEEDED');
    expect(await left(server)).toEqual([]);
  });

  it('are not added to in the wrong place, or with too much', async () => {
    const server = await serve();
    const path = (await create(server)).headers.get('location') ?? '';
    await expectProblem(await patch(server, path, 5, VIDEO.subarray(5)), 409, 'CONFLICT');
    await expectProblem(await patch(server, path, 0, Buffer.alloc(VIDEO.length + 1)), 413, 'INPUT_TOO_LARGE');
    const other = { 'content-type': 'application/octet-stream' };
    await expectProblem(await patch(server, path, 0, VIDEO, other), 415, 'USAGE');
    expect(offsetOf(await head(server, path))).toBe('0');
  });

  it('are only where they are said to be', async () => {
    const server = await serve();
    await writeFile(join(server.folder, 'secret.json'), '{"size":1}');
    for (const id of ['secret', '%2e%2e', '..%2fsecret', 'x'.repeat(32), '0'.repeat(32), 'A'.repeat(32)]) {
      const path = `/v1/uploads/${id}`;
      expect([id, (await head(server, path)).status]).toEqual([id, 404]);
      const removed = await server.fetch(path, { method: 'DELETE', headers: TUS });
      await expectProblem(removed, 404, 'NOT_FOUND');
    }
    expect(await left(server)).toEqual(['secret.json']);
  });

  it('that nobody goes on with are removed when the server starts', async () => {
    const server = await serve();
    const kept = (await create(server)).headers.get('location')?.split('/').at(-1) ?? '';
    const old = (await create(server)).headers.get('location')?.split('/').at(-1) ?? '';
    await writeFile(join(server.folder, 'form-1'), 'left by a crash');
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    for (const name of [old, `${old}.json`, 'form-1']) {
      await utimes(join(server.folder, name), yesterday, yesterday);
    }
    await server.close();
    await serve({ on: server });
    expect((await readdir(server.folder)).toSorted()).toEqual([kept, `${kept}.json`].toSorted());
  });

  it('that two connections continue at once come out whole', async () => {
    const server = await serve();
    const path = (await create(server)).headers.get('location') ?? '';
    const answers = await Promise.all([patch(server, path, 0, VIDEO), patch(server, path, 0, VIDEO)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409]);
    await eventually(() => expect(server.uploads.taken).toHaveLength(1));
    expect(VIDEO.equals(server.uploads.taken[0]?.content ?? Buffer.alloc(0))).toBe(true);
  });
});
