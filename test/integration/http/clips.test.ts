import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { clipView } from '../../fixtures/clip-view.ts';
import { ask, cleanUp, expectProblem, json, type Server, serve } from './server.ts';

cleanUp();

async function withClips(count: number): Promise<Server> {
  const server = await serve();
  for (let i = 0; i < count; i++) server.clips.views.set(`c${i}`, clipView(`c${i}`));
  return server;
}

describe('a clip', () => {
  it('is cut, looked at, kept, named and removed', async () => {
    const server = await serve();
    const body = { from: 'now-1m', to: 'now+10s', title: 'Gate', keep: true, metadata: { a: 'b' } };
    const made = await server.fetch('/v1/streams/gate1/clips', json(body));
    expect([made.status, made.headers.get('location')]).toEqual([202, '/v1/clips/clip1']);
    const view = (await made.json()) as object;
    expect(view).toMatchObject({ id: 'clip1', stream: 'gate1', state: 'waiting', title: 'Gate', keep: true });
    expect(server.clips.requests).toEqual([{ stream: 'gate1', request: body, submitter: 'local' }]);
    expect(await (await server.fetch('/v1/clips/clip1')).json()).toEqual(view);
    const changed = await server.fetch('/v1/clips/clip1', json({ keep: false, title: 'Door' }, 'PATCH'));
    expect(await changed.json()).toEqual({ ...view, keep: false, title: 'Door' });
    for (let i = 0; i < 2; i++)
      expect((await server.fetch('/v1/clips/clip1', { method: 'DELETE' })).status).toBe(204);
    await expectProblem(await server.fetch('/v1/clips/clip1'), 404, 'CLIP_NOT_FOUND');
    await expectProblem(
      await server.fetch('/v1/clips/clip1', json({ keep: true }, 'PATCH')),
      404,
      'CLIP_NOT_FOUND',
    );
  });

  it('tells all that is known of it', async () => {
    const server = await serve();
    const result = { bytes: 1, type: 'video/mp4', sha256: 'ab' };
    const view = clipView('a', {
      state: 'failed',
      error: { code: 'FFMPEG_FAILED', message: 'ffmpeg ended' },
      title: 'x',
      gaps: [
        {
          from: '2030-01-02T03:04:05.000Z',
          to: '2030-01-02T03:04:06.000Z',
          reason: 'CAMERA_AWAY',
          at: 5,
          shown: 1,
        },
      ],
      event: 'e1',
      rule: 'r',
      results: { video: result, overlay: result, masks: result, thumbnail: result, preview: result },
    });
    server.clips.views.set('a', view);
    expect(await (await server.fetch('/v1/clips/a')).json()).toEqual(view);
  });

  it.each([
    [{}, 'body.from'],
    [{ from: 'yesterday' }, 'body.from'],
    [{ from: '2030-01-02T03:04:05' }, 'body.from'],
    [{ from: 'now-1h', to: 'tomorrow' }, 'body.to'],
    [{ from: 'now-1h', tolerance: -1 }, 'body.tolerance'],
    [{ from: 'now-1h', output: { crf: 20 } }, 'body.output'],
    [{ from: 'now-1h', until: 'now' }, 'body'],
  ])('is not cut of %j', async (body, path) => {
    const server = await serve();
    const answer = await server.fetch('/v1/streams/gate1/clips', json(body));
    expect(await answer.clone().json()).toMatchObject({ errors: [{ path }] });
    await expectProblem(answer, 400, 'USAGE');
    expect(server.clips.requests).toEqual([]);
  });

  it('is not cut where there is nothing', async () => {
    const server = await serve();
    const none = await server.fetch('/v1/streams/none/clips', json({ from: 'now-1h' }));
    await expectProblem(none, 404, 'STREAM_NOT_FOUND');
    server.clips.create = async () => {
      throw new SidestreamError('NOT_RECORDED', 'nothing was recorded then');
    };
    const empty = await server.fetch('/v1/streams/gate1/clips', json({ from: 'now-1h' }));
    await expectProblem(empty, 404, 'NOT_RECORDED');
  });

  it.each(['..', 'a%2fb', 'x'.repeat(65), 'a.b'])('has no id such as %s', async (id) => {
    const server = await withClips(1);
    expect((await ask(server, `/v1/clips/${id}/video`)).status).toBe(404);
    expect(server.clips.asked).toEqual([]);
    expect((await ask(server, `/v1/streams/${id}/clips`, { method: 'POST' })).status).toBeGreaterThan(399);
    expect(server.clips.requests).toEqual([]);
  });
});

describe('a list of clips', () => {
  it('comes in pages, each of which names the next', async () => {
    const server = await withClips(5);
    const seen: string[] = [];
    const query = { limit: '2', stream: 'gate1' };
    let path = `/v1/clips?${new URLSearchParams(query)}`;
    for (;;) {
      const answer = await server.fetch(path);
      const page = (await answer.json()) as { clips: { id: string }[]; next?: string };
      seen.push(...page.clips.map(({ id }) => id));
      const [, link] = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '') ?? [];
      if (link === undefined) {
        expect(page.next).toBeUndefined();
        break;
      }
      expect(Object.fromEntries(new URL(link, server.url).searchParams)).toEqual({
        ...query,
        cursor: page.next,
      });
      path = link;
    }
    expect(seen).toEqual(['c4', 'c3', 'c2', 'c1', 'c0']);
  });

  it('has what was asked for', async () => {
    const server = await serve();
    const query =
      'stream=gate1&label=traffic%20light&rule=r&event=e1&keep=1&state=done&limit=7' +
      '&from=2030-01-02T03:00:00%2B01:00&to=1893553445678';
    expect((await server.fetch(`/v1/clips?${query}`)).status).toBe(200);
    await server.fetch('/v1/clips?keep=0');
    expect(server.clips.queries).toEqual([
      {
        stream: 'gate1',
        label: 'traffic light',
        rule: 'r',
        event: 'e1',
        keep: true,
        state: 'done',
        limit: 7,
        from: Date.parse('2030-01-02T02:00:00Z'),
        to: 1_893_553_445_678,
      },
      { keep: false, limit: 20 },
    ]);
  });

  it('understands a plus that became a blank on its way', async () => {
    const server = await serve();
    await server.fetch('/v1/clips?from=2030-01-02T03:00:00+01:00&to=2031-01-02T03:00:00+01:00');
    expect(server.clips.queries).toMatchObject([{ from: Date.parse('2030-01-02T02:00:00Z') }]);
    expect((await server.fetch('/v1/clips?to=now+1h')).status).toBe(200);
  });

  it.each([
    'lable=car',
    'keep=yes',
    'state=open',
    'limit=0',
    'from=today',
    'stream=A/b',
    'from=now&to=now-1h',
  ])('is refused for %s', async (query) => {
    const server = await serve();
    await expectProblem(await server.fetch(`/v1/clips?${query}`), 400, 'USAGE');
    expect(server.clips.queries).toEqual([]);
  });
});
