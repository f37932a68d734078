import { describe, expect, it } from 'vitest';
import type { Found, TimelineView } from '../../../src/clips/clips.ts';
import { SidestreamError } from '../../../src/core/errors.ts';
import { eventView } from '../../fixtures/event-view.ts';
import { ask, cleanUp, expectProblem, json, serve } from './server.ts';

cleanUp();

const TIMELINE: TimelineView = {
  stream: 'gate1',
  from: '2030-01-02T03:00:00.000Z',
  to: '2030-01-02T04:00:00.000Z',
  recorded: [{ from: '2030-01-02T03:00:00.000Z', to: '2030-01-02T03:30:00.000Z' }],
  gaps: [{ from: '2030-01-02T03:30:00.000Z', to: '2030-01-02T04:00:00.000Z', reason: 'CAMERA_AWAY' }],
  step: 60_000,
  names: ['car', 'person'],
  buckets: [{ time: '2030-01-02T03:10:00.000Z', seen: [{ name: 1, seconds: 12.5, share: 0.1, count: 2 }] }],
  events: [eventView('e1')],
};

describe('a timeline', () => {
  it('is told as it is', async () => {
    const server = await serve();
    server.recordings.timelines.set('gate1', TIMELINE);
    const answer = await server.fetch(
      '/v1/streams/gate1/timeline?from=2030-01-02T04:00:00+01:00&to=now&step=5&vocabulary=car%2C%20bus',
    );
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(TIMELINE)));
    await server.fetch('/v1/streams/gate1/timeline');
    expect(server.recordings.asked.map(({ request }) => request)).toEqual([
      { from: '2030-01-02T04:00:00+01:00', to: 'now', step: 5, vocabulary: 'car, bus' },
      { from: 'now-1h', to: 'now', step: 60 },
    ]);
  });

  it('is there for streams that there are, and for times', async () => {
    const server = await serve();
    await expectProblem(await server.fetch('/v1/streams/none/timeline'), 404, 'STREAM_NOT_FOUND');
    expect((await ask(server, '/v1/streams/A.b/timeline')).status).toBe(404);
    for (const query of ['from=today', 'step=0', 'step=x', 'words=car'])
      await expectProblem(await server.fetch(`/v1/streams/gate1/timeline?${query}`), 400, 'USAGE');
    expect(server.recordings.asked.length).toBe(1);
  });
});

const FOUND: Found = {
  stream: 'gate1',
  job: undefined,
  from: '2030-01-02T03:10:00.000Z',
  to: '2030-01-02T03:10:09.000Z',
  at: '2030-01-02T03:10:04.000Z',
  score: 0.9,
  track: 12,
  share: 0.04,
  thumbnail: '/v1/streams/gate1/recordings/picture.jpg?at=2030-01-02T03:10:04.000Z',
  video: undefined,
  clip: {
    url: '/v1/streams/gate1/clips',
    body: { from: '2030-01-02T03:09:55.000Z', to: '2030-01-02T03:10:14.000Z' },
  },
};
const IN_JOB: Found = {
  ...FOUND,
  ...{ stream: undefined, job: 'j1', from: 1.5, to: 4, at: 2, clip: undefined, thumbnail: undefined },
  video: '/v1/jobs/j1/video',
};

describe('a search', () => {
  it('finds moments, with where to see them, and what to POST for a clip', async () => {
    const server = await serve();
    server.search.found = [FOUND, IN_JOB];
    const answer = await server.fetch('/v1/search?q=cyclist%7Cbicycle&limit=2');
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify({ found: [FOUND, IN_JOB], took_ms: 12 })));
    const { url, body } = FOUND.clip!;
    expect((await server.fetch(url, json(body))).status).toBe(202);
    expect((await server.fetch(FOUND.thumbnail!)).status).toBe(200);
    expect(server.search.pictures).toEqual([
      { stream: 'gate1', time: Date.parse('2030-01-02T03:10:04.000Z') },
    ]);
  });

  it('asks for what was asked for, a page at a time', async () => {
    const server = await serve();
    server.search.found = [FOUND, FOUND];
    const query =
      'q=dog&stream=gate1&job=j-1&from=1893553445678&to=1893553545678&threshold=0.5&share=0.01&limit=1';
    const answer = await server.fetch(`/v1/search?${query}`);
    expect(await answer.json()).toMatchObject({ next: 'more' });
    expect(answer.headers.get('link')).toMatch(/^<\/v1\/search\?.*q=dog.*>; rel="next"$/);
    expect(server.search.queries).toEqual([
      {
        q: 'dog',
        stream: 'gate1',
        job: 'j-1',
        from: 1_893_553_445_678,
        to: 1_893_553_545_678,
        threshold: 0.5,
        share: 0.01,
        limit: 1,
      },
    ]);
  });

  it('is refused where it says nothing, and may be asked again where it took too long', async () => {
    const server = await serve();
    for (const query of ['', 'q=', 'q=a&threshold=2', 'q=a&limit=101', 'q=a&where=b'])
      await expectProblem(await server.fetch(`/v1/search?${query}`), 400, 'USAGE');
    expect(server.search.queries).toEqual([]);
    server.search.fail = new SidestreamError('INTERRUPTED', 'the words were not compared in time');
    const late = await server.fetch('/v1/search?q=dog');
    expect(late.headers.get('retry-after')).toBe('5');
    await expectProblem(late, 503, 'INTERRUPTED');
  });
});

describe('a picture of the past', () => {
  it('is a JPEG', async () => {
    const server = await serve();
    const answer = await server.fetch('/v1/streams/gate1/recordings/picture.jpg?at=1893553445678');
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'image/jpeg',
      'picture',
    ]);
    expect(answer.headers.get('cache-control')).toBe('private, max-age=300');
  });

  it('is a problem where there is none', async () => {
    const server = await serve();
    const at = '/v1/streams/gate1/recordings/picture.jpg';
    await expectProblem(await server.fetch(at), 400, 'USAGE');
    server.search.fail = new SidestreamError('NOT_RECORDED', 'nothing was recorded then');
    await expectProblem(await server.fetch(`${at}?at=now-1h`), 404, 'NOT_RECORDED');
  });
});
