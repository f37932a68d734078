import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { cleanUp, eventually, expectProblem, json, serve } from './server.ts';

cleanUp();

describe('a look at a camera', () => {
  it('is told as it is, also that no pictures come', async () => {
    const server = await serve();
    const answer = await server.fetch('/v1/cameras/test', json({ url: 'rtsp://me:sesame@camera/1' }));
    expect(answer.status).toBe(200);
    const { error: _, ...view } = server.cameras.view;
    expect(await answer.json()).toEqual(view);
    server.cameras.view = {
      ...{ ok: false, error: { code: 'CAMERA_REFUSED', message: 'it does not let us in' } },
      checks: [{ name: 'camera', ok: false, detail: 'it does not let us in' }],
      ...{ video: undefined, audio: undefined, tracks: [], first_picture: undefined, picture: undefined },
    };
    const refused = await server.fetch(
      '/v1/cameras/test',
      json({ url: 'rtsp://camera/1', transport: 'udp', track: 1 }),
    );
    expect(await refused.json()).toEqual(JSON.parse(JSON.stringify(server.cameras.view)));
    expect(server.cameras.asked.map(({ request }) => request)).toEqual([
      { url: 'rtsp://me:sesame@camera/1' },
      { url: 'rtsp://camera/1', transport: 'udp', track: 1 },
    ]);
    expect(JSON.stringify(server.log)).not.toContain('sesame');
  });

  it('is for operators', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const asked = json({ url: 'rtsp://camera/1' });
    const as = (role: 'viewer' | 'operator') =>
      server.fetch('/v1/cameras/test', { ...asked, key: server.keys.secretOf(role) });
    await expectProblem(await as('viewer'), 403, 'KEY_FORBIDDEN');
    expect((await as('operator')).status).toBe(200);
  });

  it('is refused where it cannot be', async () => {
    const server = await serve();
    for (const body of [{}, { url: '' }, { url: 'rtsp://a', transport: 'sctp' }, { url: 'rtsp://a', odd: 1 }])
      await expectProblem(await server.fetch('/v1/cameras/test', json(body)), 400, 'USAGE');
    expect(server.cameras.asked).toEqual([]);
    server.cameras.fail = new SidestreamError('ADDRESS_REFUSED', 'that is not asked');
    const ask = () => server.fetch('/v1/cameras/test', json({ url: 'file:///etc/passwd' }));
    await expectProblem(await ask(), 422, 'ADDRESS_REFUSED');
    server.cameras.fail = new SidestreamError('NO_WORKER', 'no worker takes this up');
    const late = await ask();
    expect(late.headers.get('retry-after')).toBe('5');
    await expectProblem(late, 503, 'NO_WORKER');
  });

  it('ends when nobody waits for it', async () => {
    const server = await serve();
    server.cameras.before = async (signal) => {
      await once(signal, 'abort');
    };
    const gone = new AbortController();
    const asked = server.fetch('/v1/cameras/test', { ...json({ url: 'rtsp://a' }), signal: gone.signal });
    await eventually(() => expect(server.cameras.asked).toHaveLength(1));
    gone.abort();
    await expect(asked).rejects.toThrow();
    await eventually(() => expect(server.cameras.asked[0]?.signal.aborted).toBe(true));
  });
});
