import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { shaOf } from './fake-clips.ts';
import { resultOf } from './fakes.ts';
import { ask, cleanUp, eventually, expectProblem, serve } from './server.ts';

cleanUp();

const FILE = {
  from: '2030-01-02T03:00:00.000Z',
  to: '2030-01-02T03:00:10.000Z',
  begin: '2030-01-02T03:00:00.000Z',
  url: '/v1/streams/gate1/recordings/170433720000000-3.mp4',
  bytes: 100_000,
};
const NEXT = { ...FILE, from: '2030-01-02T03:00:10.000Z', to: '2030-01-02T03:00:20.000Z' };

describe('the segments of a recording', () => {
  it('are listed, a page at a time', async () => {
    const server = await serve();
    server.recordings.recorded = [FILE, NEXT];
    const answer = await server.fetch('/v1/streams/gate1/recordings?from=now-2h&limit=1');
    expect(await answer.json()).toEqual({ files: [FILE], next: NEXT.from });
    const rest = await server.fetch('/v1/streams/gate1/recordings');
    expect(await rest.json()).toEqual({ files: [FILE, NEXT] });
    expect(server.recordings.filesAsked.map(({ request }) => request)).toEqual([
      { from: 'now-2h', to: 'now', limit: 1 },
      { from: 'now-1h', to: 'now', limit: 1000 },
    ]);
  });

  it('are there for streams that there are, and for times', async () => {
    const server = await serve();
    await expectProblem(await server.fetch('/v1/streams/none/recordings'), 404, 'STREAM_NOT_FOUND');
    expect((await ask(server, '/v1/streams/A.b/recordings')).status).toBe(404);
    for (const query of ['from=today', 'limit=0', 'limit=1001', 'where=b'])
      await expectProblem(await server.fetch(`/v1/streams/gate1/recordings?${query}`), 400, 'USAGE');
    expect(server.recordings.filesAsked).toHaveLength(1);
  });

  it('are sent whole, in part, and not again to who has them', async () => {
    const server = await serve();
    const content = randomBytes(100_000);
    const object = resultOf(content, {
      ...{ type: 'video/mp4', etag: shaOf(content).slice(0, 20), fileName: 'gate1.mp4' },
    });
    server.recordings.objects.set('gate1/170433720000000-3.mp4', object);
    const whole = await server.fetch(FILE.url);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    expect(content.equals(Buffer.from(await whole.arrayBuffer()))).toBe(true);
    const part = await server.fetch(FILE.url, { headers: { range: 'bytes=99990-' } });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, content.subarray(99_990)]);
    const etag = whole.headers.get('etag')!;
    expect((await server.fetch(FILE.url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const head = await server.fetch(FILE.url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '100000']);
    await eventually(() => expect(object.opened()).toBe(0));
  });

  it('may be gone, also between two looks', async () => {
    const server = await serve();
    await expectProblem(await server.fetch(FILE.url), 404, 'NOT_RECORDED');
    const object = resultOf(Buffer.from('x'), { type: 'video/mp4', etag: 'x', fileName: 'a.mp4' });
    server.recordings.objects.set('gate1/1-1.mp4', {
      ...object,
      open: async () => {
        throw new SidestreamError('NOT_RECORDED', 'it was removed just now');
      },
    });
    await expectProblem(await server.fetch('/v1/streams/gate1/recordings/1-1.mp4'), 404, 'NOT_RECORDED');
  });
});
