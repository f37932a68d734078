import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { jobView } from '../../fixtures/job-view.ts';
import { resultOf } from './fakes.ts';
import { ask, cleanUp, eventually, expectProblem, raw, serve } from './server.ts';

cleanUp();

const CONTENT = randomBytes(200_000);
const MODIFIED = 'Wed, 02 Jan 2030 03:04:05 GMT';

async function withVideo(more: Parameters<typeof resultOf>[1] = {}, settings = {}) {
  const server = await serve({ settings });
  const result = resultOf(CONTENT, more);
  server.jobs.views.set('a', jobView('a', { state: 'done' }));
  server.jobs.results.set('a/video', result);
  const get = (headers: Record<string, string> = {}, query = '', method = 'GET') =>
    server.fetch(`/v1/jobs/a/video${query}`, { headers, method });
  return { server, result, get };
}

describe('results', () => {
  it('are sent whole', async () => {
    const { get, result } = await withVideo();
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '200000',
      'accept-ranges': 'bytes',
      etag: '"abc-1"',
      'last-modified': MODIFIED,
      'content-disposition': 'inline; filename="street.mp4"',
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    });
    expect(CONTENT.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
    await eventually(() => expect(result.opened()).toBe(0));
    expect((await get({}, '?download=1')).headers.get('content-disposition')).toBe(
      'attachment; filename="street.mp4"',
    );
  });

  it('are sent in part', async () => {
    const { get } = await withVideo();
    const answer = await get({ range: 'bytes=100-299' });
    expect([
      answer.status,
      answer.headers.get('content-range'),
      answer.headers.get('content-length'),
    ]).toEqual([206, 'bytes 100-299/200000', '200']);
    expect(CONTENT.subarray(100, 300).equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
    const last = await get({ range: 'bytes=-5', 'if-range': '"abc-1"' });
    expect([last.status, Buffer.from(await last.arrayBuffer())]).toEqual([206, CONTENT.subarray(-5)]);
    expect((await get({ range: 'bytes=0-1', 'if-range': '"old"' })).status).toBe(200);
    expect((await get({ range: 'bytes=0-1,5-6' })).status).toBe(200);

    const beyond = await get({ range: 'bytes=200000-' });
    expect(beyond.headers.get('content-range')).toBe('bytes */200000');
    await expectProblem(beyond, 416, 'USAGE');
  });

  it('are not sent again to who has them', async () => {
    const { get } = await withVideo();
    for (const headers of [{ 'if-none-match': 'W/"abc-1"' }, { 'if-modified-since': MODIFIED }]) {
      const answer = await get(headers);
      expect([answer.status, answer.headers.get('etag'), await answer.text()]).toEqual([304, '"abc-1"', '']);
      expect(answer.headers.get('content-type')).toBeNull();
    }
    await expectProblem(await get({ 'if-match': '"old"' }), 412, 'CONFLICT');
  });

  it('can be asked about', async () => {
    const { get, result } = await withVideo();
    const answer = await get({ range: 'bytes=0-1' }, '', 'HEAD');
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([
      200,
      '200000',
      '',
    ]);
    expect(answer.headers.get('etag')).toBe('"abc-1"');
    expect((await get({ 'if-none-match': '"abc-1"' }, '', 'HEAD')).status).toBe(304);
    expect(result.opened()).toBe(0);
  });

  it('may be empty', async () => {
    const { server, get } = await withVideo();
    server.jobs.results.set('a/video', resultOf(Buffer.alloc(0)));
    const answer = await get();
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([
      200,
      '0',
      '',
    ]);
    expect((await get({ range: 'bytes=0-' })).status).toBe(416);
  });

  it('cannot put anything into the headers by their names', async () => {
    for (const fileName of [
      'a\r\nSet-Cookie: x=1\r\n\r\n<script>',
      '"; filename="evil.exe',
      '../../../etc/passwd',
      '道路 🚗\u202e.mp4',
      '\u0000',
      '\ud800',
      'x'.repeat(10_000),
    ]) {
      const { server } = await withVideo({ fileName });
      const answer = await ask(server, '/v1/jobs/a/video');
      expect(answer.status).toBe(200);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.headers['content-disposition']).toMatch(
        /^inline; filename="[\x20\x21\x23-\x2e\x30-\x5b\x5d-\x7e]+"(; filename\*=UTF-8''[^\s;"/\\]+)?$/,
      );
      await server.close();
    }
  });

  it('are given back when the client goes away', async () => {
    const { server, result } = await withVideo({
      open: async () =>
        Readable.from(
          (async function* () {
            for (;;) yield Buffer.alloc(100_000);
          })(),
        ),
      bytes: 1e12,
    });
    await raw(server, (socket) => {
      socket.write('GET /v1/jobs/a/video HTTP/1.1\r\nHost: localhost\r\n\r\n');
      socket.once('data', () => socket.destroy());
    });
    expect(result.opened()).toBe(0);
    await eventually(async () => expect(await server.connections()).toBe(0));
  });

  it('are problems where they are not there', async () => {
    const { server, get } = await withVideo({
      open: async () => {
        throw new SidestreamError('STORAGE_UNREACHABLE', 'the storage does not answer');
      },
    });
    const failed = await get({ range: 'bytes=0-9' });
    expect([failed.headers.get('etag'), failed.headers.get('content-range')]).toEqual([null, null]);
    await expectProblem(failed, 503, 'STORAGE_UNREACHABLE');
    await expectProblem(await server.fetch('/v1/jobs/a/masks'), 404, 'RESULT_NOT_FOUND');
    await expectProblem(await server.fetch('/v1/jobs/b/masks'), 404, 'JOB_NOT_FOUND');
    const broken = await withVideo({
      open: async () =>
        Readable.from(
          (async function* () {
            yield Buffer.alloc(10);
            throw new Error('the disk is gone');
          })(),
        ),
    });
    await expect(broken.get().then((answer) => answer.arrayBuffer())).rejects.toThrow();
    expect((await broken.server.fetch('/healthz')).status).toBe(200);
  });

  it('are left to the storage where that is wanted', async () => {
    const address = 'https://storage.example/video?X-Amz-Signature=1';
    const presign = async () => address;
    const { server } = await withVideo({ presign }, { redirect: true });
    const answer = await ask(server, '/v1/jobs/a/video?redirect=1');
    expect([answer.status, answer.headers.location, answer.headers['cache-control']]).toEqual([
      302,
      address,
      'no-store',
    ]);
    expect((await ask(server, '/v1/jobs/a/video')).status).toBe(302);
    expect((await ask(server, '/v1/jobs/a/video?redirect=0')).status).toBe(200);
    expect((await ask(server, '/v1/jobs/a/video', { method: 'HEAD' })).status).toBe(200);
    const through = await withVideo({ presign });
    expect((await ask(through.server, '/v1/jobs/a/video?redirect=1')).status).toBe(200);
    const filesystem = await withVideo({}, { redirect: true });
    expect((await ask(filesystem.server, '/v1/jobs/a/video?redirect=1')).status).toBe(200);
  });
});
