import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { shaOf } from './fake-clips.ts';
import { resultOf } from './fakes.ts';
import { cleanUp, eventually, expectProblem, raw, serve } from './server.ts';

cleanUp();

const CONTENT = randomBytes(200_000);

async function withClip(settings = {}) {
  const server = await serve({ settings });
  const object = server.clips.hold('a', CONTENT);
  return { server, object };
}

describe('what a clip has', () => {
  it('is sent whole, in part, and not again to who has it', async () => {
    const { server, object } = await withClip();
    const whole = await server.fetch('/v1/clips/a/video?download=1');
    expect(whole.status).toBe(200);
    const etag = `"${shaOf(CONTENT).slice(0, 20)}"`;
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '200000',
      'accept-ranges': 'bytes',
      etag,
      'content-disposition': 'attachment; filename="a.mp4"',
      'cache-control': 'private, no-cache',
    });
    expect(CONTENT.equals(Buffer.from(await whole.arrayBuffer()))).toBe(true);

    const get = (headers: Record<string, string>, method = 'GET') =>
      server.fetch('/v1/clips/a/video', { headers, method });
    const part = await get({ range: 'bytes=199990-', 'if-range': etag });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 199990-199999/200000']);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(CONTENT.subarray(199_990));
    const other = await get({ range: 'bytes=199990-', 'if-range': '"other"' });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, 200_000]);
    await expectProblem(await get({ range: 'bytes=200000-' }), 416, 'USAGE');
    const same = await get({ 'if-none-match': etag });
    expect([same.status, await same.text()]).toEqual([304, '']);
    const head = await get({ range: 'bytes=0-1' }, 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
      200,
      '200000',
      etag,
    ]);
    await eventually(() => expect(object.opened()).toBe(0));
  });

  it.each([
    ['video', 'video'],
    ['video?overlay=1', 'overlay'],
    ['video?overlay=0', 'video'],
    ['masks', 'masks'],
    ['thumbnail', 'thumbnail'],
    ['preview', 'preview'],
    ['analysis', 'analysis'],
  ] as const)('is asked for as %s, with patience', async (path, name) => {
    const { server } = await withClip();
    server.clips.hold('a', Buffer.from('abc'), {}, name);
    expect(await (await server.fetch(`/v1/clips/a/${path}`)).text()).toBe('abc');
    expect((await server.fetch(`/v1/clips/a/${path}`, { method: 'HEAD' })).status).toBe(200);
    const asked = { id: 'a', name, patience: 25_000 };
    expect(server.clips.asked).toEqual([asked, asked]);
  });

  it('is waited for by whoever stays, and by nobody else', async () => {
    const { server } = await withClip();
    server.clips.before = () => {
      throw new SidestreamError('CLIP_NOT_READY', 'clip a is being painted');
    };
    const later = await server.fetch('/v1/clips/a/video?overlay=1');
    expect(later.headers.get('retry-after')).toBe('5');
    await expectProblem(later, 503, 'CLIP_NOT_READY');
    let left: AbortSignal | undefined;
    server.clips.before = (_id, _name, signal) => {
      left = signal;
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
    };
    const leave = new AbortController();
    const waiting = server.fetch('/v1/clips/a/masks', { signal: leave.signal });
    await eventually(() => expect(left?.aborted).toBe(false));
    leave.abort();
    await expect(waiting).rejects.toThrow();
    await eventually(() => expect(left?.aborted).toBe(true));
    const failed = server.log.filter(({ level, code }) => Number(level) >= 50 && code !== 'CLIP_NOT_READY');
    expect(failed).toEqual([]);
  });

  it('is whole or not there, while it is removed', async () => {
    const { server } = await withClip();
    const put = (more: Parameters<typeof resultOf>[1]) =>
      server.clips.objects.set('a/video', resultOf(CONTENT, more));
    // Gone when it is opened, and gone at its first byte.
    put({
      open: async () => {
        throw new SidestreamError('OBJECT_NOT_FOUND', 'clips/a/video.mp4 is removed');
      },
    });
    const gone = await server.fetch('/v1/clips/a/video', { headers: { range: 'bytes=0-9' } });
    expect([gone.headers.get('etag'), gone.headers.get('content-range')]).toEqual([null, null]);
    await expectProblem(gone, 404, 'CLIP_NOT_FOUND');
    put({
      open: async () =>
        Readable.from(
          (async function* () {
            await new Promise((resolve) => setTimeout(resolve, 20));
            throw new SidestreamError('OBJECT_NOT_FOUND', 'clips/a/video.mp4 is removed');
          })(),
        ),
    });
    await expectProblem(await server.fetch('/v1/clips/a/video'), 404, 'CLIP_NOT_FOUND');
    // Opened before: then all of it comes.
    put({
      open: async () => {
        await server.clips.remove('a');
        return Readable.from([CONTENT]);
      },
    });
    const whole = await server.fetch('/v1/clips/a/video');
    expect([whole.status, shaOf(Buffer.from(await whole.arrayBuffer()))]).toEqual([200, shaOf(CONTENT)]);
    await expectProblem(await server.fetch('/v1/clips/a/video'), 404, 'CLIP_NOT_FOUND');
  });

  it('is a problem where there is none', async () => {
    const { server } = await withClip();
    await expectProblem(await server.fetch('/v1/clips/a/masks'), 404, 'RESULT_NOT_FOUND');
    await expectProblem(await server.fetch('/v1/clips/b/video'), 404, 'CLIP_NOT_FOUND');
    await expectProblem(await server.fetch('/v1/clips/a/video?overlay=yes'), 400, 'USAGE');
    server.clips.before = () => {
      throw new SidestreamError('ANALYSIS_INVALID', 'it cannot be painted');
    };
    await expectProblem(await server.fetch('/v1/clips/a/video'), 422, 'ANALYSIS_INVALID');
  });

  it('is given back when the client goes away', async () => {
    const { server, object } = await withClip();
    await raw(server, (socket) => {
      socket.write('GET /v1/clips/a/video HTTP/1.1\r\nHost: localhost\r\n\r\n');
      socket.once('data', () => socket.destroy());
    });
    await eventually(() => expect(object.opened()).toBe(0));
    await eventually(async () => expect(await server.connections()).toBe(0));
  });

  it('is left to the storage where that is wanted', async () => {
    const { server, object } = await withClip({ redirect: true });
    server.clips.objects.set('a/video', { ...object, presign: async () => 'https://storage.example/a' });
    const answer = await server.fetch('/v1/clips/a/video', { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://storage.example/a']);
    expect((await server.fetch('/v1/clips/a/video?redirect=0')).status).toBe(200);
  });

  it('may be browsed while other requests are few', async () => {
    const { server } = await withClip({ rateLimit: 3 });
    server.clips.hold('a', Buffer.from('x'), {}, 'thumbnail');
    for (let i = 0; i < 20; i++) expect((await server.fetch('/v1/clips/a/thumbnail')).status).toBe(200);
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await server.fetch('/v1/clips/a')).status);
    expect(statuses.at(-1)).toBe(429);
  });
});
