import { connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { streamView } from '../../fixtures/stream-view.ts';
import { relayed } from './fake-streams.ts';
import { ask, cleanUp, eventually, expectProblem, json, type Server, serve } from './server.ts';

cleanUp();

const CAMERA = { url: 'rtsp://camera/stream', vocabulary: 'road, car' };

async function withStream(options: Parameters<typeof serve>[0] = {}): Promise<Server> {
  const server = await serve(options);
  server.streams.views.set('a', streamView('a'));
  return server;
}

describe('a stream', () => {
  it('is made, listed, looked at, changed and removed', async () => {
    const server = await serve();
    const made = await server.fetch('/v1/streams', json({ ...CAMERA, name: 'Gate', policy: 'every:5' }));
    expect([made.status, made.headers.get('location')]).toEqual([201, '/v1/streams/stream1']);
    const view = (await made.json()) as object;
    expect(view).toMatchObject({
      id: 'stream1',
      name: 'Gate',
      state: 'starting',
      vocabulary: ['road', 'car'],
    });
    expect(server.streams.requests).toMatchObject([
      {
        submitter: 'local',
        request: { ...CAMERA, policy: 'every:5', state: 'running', output: { hls: true, audio: true } },
      },
    ]);
    expect(await (await server.fetch('/v1/streams')).json()).toEqual({ streams: [view] });
    const changed = await server.fetch(
      '/v1/streams/stream1',
      json({ name: 'Door', state: 'paused' }, 'PATCH'),
    );
    expect(await changed.json()).toEqual({ ...view, name: 'Door' });
    expect(server.streams.patches).toEqual([{ name: 'Door', state: 'paused' }]);
    for (let i = 0; i < 2; i++)
      expect((await server.fetch('/v1/streams/stream1', { method: 'DELETE' })).status).toBe(204);
    await expectProblem(await server.fetch('/v1/streams/stream1'), 404, 'STREAM_NOT_FOUND');
  });

  it('tells all that is known of it', async () => {
    const server = await serve();
    const figures = { median: 80.5, p95: 120 };
    const view = streamView('a', {
      state: 'connecting',
      reason: { code: 'CAMERA_AWAY', message: 'the camera does not answer' },
      applied: 1,
      worker: 'host:1',
      stats: {
        width: 1920,
        height: 1080,
        codec: 'h264',
        fps: 24.9,
        analysed_fps: 8.3,
        latency_ms: figures,
        inference_ms: figures,
        frames: { decoded: 9, analysed: 3, emitted: 8, dropped: [{ reason: 'late', count: 1 }] },
        reconnects: 2,
        outputs: { hls: { ok: true }, rtsp: { ok: false, reason: 'refused' } },
      },
    });
    server.streams.views.set('a', view);
    expect(await (await server.fetch('/v1/streams/a')).json()).toEqual(view);
  });

  it.each([
    [{}, 'body.url'],
    [{ ...CAMERA, policy: 'every:0' }, 'body.policy'],
    [{ ...CAMERA, state: 'live' }, 'body.state'],
    [{ ...CAMERA, nmae: 'x' }, 'body'],
    [{ ...CAMERA, output: { rtsp: 'http://x/' } }, 'body.output.rtsp'],
    [{ ...CAMERA, output: { format: 'mp4' } }, 'body.output'],
  ])('is not made of %j', async (body, path) => {
    const server = await serve();
    const answer = await server.fetch('/v1/streams', json(body));
    expect(await answer.clone().json()).toMatchObject({ errors: [{ path }] });
    await expectProblem(answer, 400, 'USAGE');
    expect(server.streams.requests).toEqual([]);
  });

  it('is not changed to what a stream is not, or to what its worker refuses', async () => {
    const server = await withStream();
    const other = await server.fetch('/v1/streams/a', json({ output: { hls: false } }, 'PATCH'));
    await expectProblem(other, 400, 'USAGE');
    server.streams.fail = new SidestreamError('USAGE', '"x" stands for both "a" and "b": keep one');
    const refused = await server.fetch('/v1/streams/a', json({ vocabulary: 'a|x, b|x' }, 'PATCH'));
    await expectProblem(refused, 400, 'USAGE');
  });

  it.each(['..', 'A', 'a%2fb', 'x'.repeat(65), 'a.b'])('has no id such as %s', async (id) => {
    const server = await withStream();
    const { status } = await ask(server, `/v1/streams/${id}/snapshot.jpg`);
    expect(status).toBe(404);
    expect(server.streams.asked).toEqual([]);
  });
});

describe('what its worker shows', () => {
  it.each([
    ['hls/index.m3u8', 'application/vnd.apple.mpegurl'],
    ['hls/init-1.mp4', 'video/mp4'],
    ['hls/seg_00012.m4s', 'video/iso.segment'],
    ['hls/12.ts', 'video/mp2t'],
    ['snapshot.jpg', 'image/jpeg'],
  ])('comes as it is: %s', async (path, type) => {
    const server = await withStream();
    const headers = {
      'content-type': type,
      'content-length': '5',
      'cache-control': 'max-age=2',
      etag: '"1"',
    };
    server.streams.answer = () => relayed(Readable.from([Buffer.from('01234')]), headers);
    const answer = await server.fetch(`/v1/streams/a/${path}`);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
    expect(await answer.text()).toBe('01234');
    expect(server.streams.asked).toMatchObject([{ id: 'a', path }]);
    // Nobody looks any more, and the worker is to know.
    await eventually(() => expect(server.streams.asked[0].signal.aborted).toBe(true));
  });

  it.each([
    'hls/..%2f..%2fetc',
    'hls/index.html',
    'hls/.m3u8',
    'hls/a%00.ts',
    'hls/%2e%2e.ts/x',
    `hls/${'a'.repeat(101)}.ts`,
    'hls/index.m3u8?a=%00"',
  ])('is nothing else: %s', async (path) => {
    const server = await withStream();
    const { status } = await ask(server, `/v1/streams/a/${path}`);
    expect([400, 404]).toContain(status);
    expect(server.streams.asked).toEqual([]);
  });

  it('is told with its query', async () => {
    const server = await withStream();
    await server.fetch('/v1/streams/a/snapshot.jpg?width=320');
    expect(server.streams.asked).toMatchObject([{ path: 'snapshot.jpg?width=320' }]);
  });

  it('is a problem where there is none', async () => {
    const server = await withStream();
    server.streams.answer = () => relayed(Readable.from(['gone']), { etag: '"1"' }, 404);
    const answer = await server.fetch('/v1/streams/a/hls/9.ts');
    expect(answer.headers.get('etag')).toBeNull();
    await expectProblem(answer, 404, 'NOT_FOUND');
    server.streams.answer = () => {
      throw new SidestreamError('STREAM_NOT_LIVE', 'stream a is starting: no worker holds it yet');
    };
    const away = await server.fetch('/v1/streams/a/mjpeg');
    expect(away.headers.get('retry-after')).toBe('5');
    await expectProblem(away, 503, 'STREAM_NOT_LIVE');
    await expectProblem(await server.fetch('/v1/streams/b/mjpeg'), 404, 'STREAM_NOT_FOUND');
  });

  it.each(['mjpeg', 'events', 'snapshot.jpg', 'hls/index.m3u8'])('has no HEAD: %s', async (path) => {
    const server = await withStream();
    expect((await server.fetch(`/v1/streams/a/${path}`, { method: 'HEAD' })).status).toBe(404);
    expect(server.streams.asked).toEqual([]);
  });

  it('ends when nobody looks any more', async () => {
    const server = await withStream();
    const body = new PassThrough();
    server.streams.answer = () => relayed(body, { 'content-type': 'text/event-stream' });
    body.write('data: 1\n\n');
    const look = new AbortController();
    const answer = await server.fetch('/v1/streams/a/events', { signal: look.signal });
    expect(answer.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    const { value } = await answer.body!.getReader().read();
    expect(String(Buffer.from(value!))).toBe('data: 1\n\n');
    expect(server.streams.asked[0].signal.aborted).toBe(false);
    look.abort();
    await eventually(() => {
      expect(server.streams.asked[0].signal.aborted).toBe(true);
      expect(body.destroyed).toBe(true);
    });
    expect(server.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });

  it('breaks off where the worker does', async () => {
    const server = await withStream();
    const body = new PassThrough();
    server.streams.answer = () => relayed(body, { 'content-type': 'multipart/x-mixed-replace; boundary=x' });
    body.write('--x');
    const answer = await server.fetch('/v1/streams/a/mjpeg');
    const reader = answer.body!.getReader();
    await reader.read();
    body.destroy(new Error('ECONNRESET'));
    await expect(reader.read()).rejects.toThrow();
  });

  it('ends when the server closes, also for whoever takes nothing', async () => {
    const server = await withStream();
    const bodies: PassThrough[] = [];
    server.streams.answer = () => {
      bodies.push(new PassThrough());
      bodies.at(-1)!.write('x');
      return relayed(bodies.at(-1)!, { 'content-type': 'text/event-stream' });
    };
    const answer = await server.fetch('/v1/streams/a/events');
    const text = answer.text();
    const begun = Date.now();
    await server.close();
    expect(await text).toBe('x');
    expect(Date.now() - begun).toBeLessThan(2000);
    expect(bodies[0].destroyed).toBe(true);
  });

  it('is taken only as fast as a slow client takes it', async () => {
    const server = await withStream();
    let made = 0;
    const endless = new Readable({
      read() {
        made += 65_536;
        this.push(Buffer.alloc(65_536));
      },
    });
    server.streams.answer = () =>
      relayed(endless, { 'content-type': 'multipart/x-mixed-replace; boundary=x' });
    const socket = connect(server.port, '127.0.0.1');
    socket.pause();
    socket.write('GET /v1/streams/a/mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await eventually(() => expect(made).toBeGreaterThan(0));
    let before = -1;
    // The buffers of the sockets are some megabytes; then nothing more is asked for.
    await eventually(async () => {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(made).toBe(before);
    }, 5000);
    expect(made).toBeLessThan(32_000_000);
    socket.destroy();
    await eventually(() => expect(endless.destroyed).toBe(true));
  });

  it('may be played while other requests are few', async () => {
    const server = await withStream({ settings: { rateLimit: 3 } });
    const statuses = [];
    for (let i = 0; i < 10; i++) statuses.push((await server.fetch('/v1/streams/a/hls/index.m3u8')).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    for (let i = 0; i < 4; i++) statuses.push((await server.fetch('/v1/streams/a')).status);
    expect(statuses.at(-1)).toBe(429);
  });
});
