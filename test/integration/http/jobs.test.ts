import { describe, expect, it } from 'vitest';
import { SidestreamError } from '../../../src/core/errors.ts';
import { jobView } from '../../fixtures/job-view.ts';
import { ASKED, ask, cleanUp, expectProblem, json, serve } from './server.ts';

cleanUp();

describe('jobs', () => {
  it('takes a job, and tells of it', async () => {
    const server = await serve();
    const answer = await server.fetch('/v1/jobs', json(ASKED));
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe('/v1/jobs/job1');
    const job = await answer.json();
    expect(job).toEqual({
      ...JSON.parse(JSON.stringify(jobView('job1'))),
      input: ASKED.input,
    });
    expect(server.jobs.submissions).toMatchObject([
      { request: { ...ASKED, priority: 'normal' }, submitter: { id: 'local' }, key: undefined },
    ]);
    expect(await (await server.fetch('/v1/jobs/job1')).json()).toEqual(job);
  });

  it('passes the idempotency key on', async () => {
    const server = await serve();
    const init = json(ASKED);
    init.headers['Idempotency-Key'] = 'a~1';
    const [first, second] = [await server.fetch('/v1/jobs', init), await server.fetch('/v1/jobs', init)];
    expect(await second.json()).toEqual(await first.json());
    expect(server.jobs.submissions.map(({ key }) => key)).toEqual(['a~1', 'a~1']);
    const other = { ...init, body: JSON.stringify({ ...ASKED, vocabulary: 'tree' }) };
    await expectProblem(await server.fetch('/v1/jobs', other), 409, 'CONFLICT');
    for (const key of ['', 'with space', 'x'.repeat(256)]) {
      const bad = { ...init, headers: { ...init.headers, 'Idempotency-Key': key } };
      await expectProblem(await server.fetch('/v1/jobs', bad), 400, 'USAGE');
    }
  });

  it('lists them page by page', async () => {
    const server = await serve();
    for (let n = 1; n <= 25; n++) server.jobs.views.set(`job${n}`, jobView(`job${n}`));
    server.jobs.views.set('done', jobView('done', { state: 'done', vocabulary: ['a & b'] }));
    const seen: string[] = [];
    let path: string | undefined = '/v1/jobs?limit=10&state=queued';
    while (path !== undefined) {
      const answer: Response = await server.fetch(path);
      const page = (await answer.json()) as { jobs: { id: string }[]; next?: string };
      seen.push(...page.jobs.map(({ id }) => id));
      const link: string | null = answer.headers.get('link');
      expect(link === null).toBe(page.next === undefined);
      path = /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `job${25 - n}`));
    const found = await server.fetch(`/v1/jobs?label=${encodeURIComponent('a & b')}`);
    expect(await found.json()).toMatchObject({ jobs: [{ id: 'done' }] });
    expect(((await (await server.fetch('/v1/jobs')).json()) as { jobs: unknown[] }).jobs).toHaveLength(20);
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=x',
      'state=odd',
      'label=',
      'cursor=none',
      'state=done&state=failed',
    ]) {
      await expectProblem(await server.fetch(`/v1/jobs?${query}`), 400, 'USAGE');
    }
  });

  it('cancels and removes, as often as asked', async () => {
    const server = await serve();
    server.jobs.views.set('a', jobView('a', { state: 'running' }));
    for (const _ of [1, 2]) {
      const answer = await server.fetch('/v1/jobs/a/cancel', { method: 'POST' });
      expect([answer.status, await answer.json()]).toMatchObject([200, { state: 'cancelled' }]);
    }
    // Some clients say JSON with no body at all.
    const headers = { 'content-type': 'application/json' };
    expect((await server.fetch('/v1/jobs/a/cancel', { method: 'POST', headers })).status).toBe(200);
    for (const _ of [1, 2]) {
      const answer = await server.fetch('/v1/jobs/a', { method: 'DELETE' });
      expect([answer.status, await answer.text()]).toEqual([204, '']);
    }
    await expectProblem(await server.fetch('/v1/jobs/a'), 404, 'JOB_NOT_FOUND');
    await expectProblem(await server.fetch('/v1/jobs/a/cancel', { method: 'POST' }), 404, 'JOB_NOT_FOUND');
  });

  it('takes new words for an old video', async () => {
    const server = await serve();
    server.jobs.views.set('a', jobView('a', { state: 'done' }));
    const answer = await server.fetch('/v1/jobs/a/label', json({ vocabulary: ['tree', ['dog', 'hound']] }));
    expect([answer.status, answer.headers.get('location')]).toEqual([202, '/v1/jobs/job1']);
    expect(server.jobs.submissions[0]?.request).toMatchObject({ vocabulary: ['tree', ['dog', 'hound']] });
    await expectProblem(await server.fetch('/v1/jobs/a/label', json({ model: 'x' })), 400, 'USAGE');
    await expectProblem(await server.fetch('/v1/jobs/b/label', json({})), 404, 'JOB_NOT_FOUND');
  });

  it('makes a job once more', async () => {
    const server = await serve();
    server.jobs.views.set('a', jobView('a', { state: 'failed', metadata: { street: 'Main' } }));
    const ask = () =>
      server.fetch('/v1/jobs/a/retry', { method: 'POST', headers: { 'idempotency-key': 'k' } });
    const answer = await ask();
    expect([answer.status, answer.headers.get('location')]).toEqual([202, '/v1/jobs/job1']);
    expect(await answer.json()).toMatchObject({ id: 'job1', retry_of: 'a', metadata: { street: 'Main' } });
    expect(await (await ask()).json()).toMatchObject({ id: 'job1' });
    server.jobs.views.set('b', jobView('b', { state: 'running' }));
    await expectProblem(await server.fetch('/v1/jobs/b/retry', { method: 'POST' }), 409, 'CONFLICT');
    await expectProblem(await server.fetch('/v1/jobs/c/retry', { method: 'POST' }), 404, 'JOB_NOT_FOUND');
  });

  it('says what of a request is wrong', async () => {
    const server = await serve();
    const answer = await server.fetch('/v1/jobs', json({ input: { url: 'ftp://x/y' }, every: 0, odd: 1 }));
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { errors: { path: string; message: string }[] };
    expect(problem.errors.map(({ path }) => path).toSorted()).toEqual([
      'body',
      'body.every',
      'body.input.url',
    ]);
    expect(problem).toMatchObject({ code: 'USAGE', detail: expect.stringMatching(/^body.*and 2 more/) });
  });

  it('tells when to try again, and nothing of what it did not foresee', async () => {
    const server = await serve();
    for (const [code, status, after] of [
      ['REDIS_UNREACHABLE', 503, '5'],
      ['QUOTA_EXCEEDED', 507, '60'],
      ['ADDRESS_REFUSED', 422, null],
      ['MODEL_MISSING', 503, null],
    ] as const) {
      server.jobs.fail = new SidestreamError(code, 'no: https://me:secret@host/x');
      const answer = await server.fetch('/v1/jobs', json(ASKED));
      expect(answer.headers.get('retry-after')).toBe(after);
      const copy = answer.clone();
      await expectProblem(answer, status, code);
      expect(await copy.text()).not.toContain('secret');
    }
    server.jobs.fail = new TypeError('at /home/someone/app.ts: token=123');
    const answer = await server.fetch('/v1/jobs', json(ASKED));
    const text = await answer.clone().text();
    await expectProblem(answer, 500, 'INTERNAL');
    expect(text).not.toMatch(/home|123/);
    expect(JSON.stringify(server.log)).toContain('/home/someone/app.ts');
  });
});

describe('what is no request', () => {
  it.each<[string, number, string, string, RequestInit?]>([
    ['no such route', 404, 'NOT_FOUND', '/v1/nothing'],
    ['no such method', 404, 'NOT_FOUND', '/v1/jobs/a', { method: 'PUT' }],
    ['a broken escape', 400, 'USAGE', '/v1/jobs/%zz'],
    ['an id with a slash', 404, 'JOB_NOT_FOUND', '/v1/jobs/..%2f..%2fkeys/video'],
    ['a result of another kind', 404, 'NOT_FOUND', '/v1/jobs/a/analysis'],
    ['an id that is too long', 404, 'JOB_NOT_FOUND', `/v1/jobs/${'a'.repeat(150)}`],
    ['an id beyond measure', 414, 'USAGE', `/v1/jobs/${'a'.repeat(1000)}`],
    ['an id with a line break', 404, 'JOB_NOT_FOUND', '/v1/jobs/a%0d%0aSet-Cookie:x'],
    ['no body', 400, 'USAGE', '/v1/jobs', { method: 'POST' }],
    ['no JSON', 400, 'USAGE', '/v1/jobs', { ...json({}), body: '{"input":' }],
    ['no object', 400, 'USAGE', '/v1/jobs', { ...json({}), body: '[]' }],
    ['text', 415, 'USAGE', '/v1/jobs', { method: 'POST', body: '{}' }],
    [
      'XML',
      415,
      'USAGE',
      '/v1/jobs',
      { method: 'POST', body: '<a/>', headers: { 'content-type': 'application/xml' } },
    ],
    ['a form where none belongs', 415, 'USAGE', '/v1/keys', { method: 'POST', body: new FormData() }],
    ['__proto__', 400, 'USAGE', '/v1/jobs', { ...json({}), body: '{"__proto__":{"role":"admin"}}' }],
    [
      'constructor.prototype',
      400,
      'USAGE',
      '/v1/jobs',
      { ...json({}), body: '{"constructor":{"prototype":{}}}' },
    ],
    [
      'too much JSON',
      413,
      'INPUT_TOO_LARGE',
      '/v1/jobs',
      json({ ...ASKED, vocabulary: 'x'.repeat(100_000) }),
    ],
  ])('%s', async (_, status, code, path, init) => {
    const server = await serve();
    await expectProblem(await server.fetch(path, init), status, code);
    expect(server.jobs.submissions).toEqual([]);
    expect((await server.fetch('/healthz')).status).toBe(200);
  });
});

it.each([
  ['/v1/jobs/%2e%2e', 'JOB_NOT_FOUND'],
  ['/v1/jobs/%2e%2e/video', 'JOB_NOT_FOUND'],
  ['/v1/jobs/..', 'JOB_NOT_FOUND'],
  ['/v1/jobs/a/%2e%2e', 'NOT_FOUND'],
  ['/v1/jobs/a/..', 'NOT_FOUND'],
  ['/v1/jobs/a/video%2f..%2fmasks', 'NOT_FOUND'],
  ['/v1/jobs/a/video/../../../keys', 'NOT_FOUND'],
  ['/v1/../v1/keys', 'NOT_FOUND'],
  ['//v1/keys', 'NOT_FOUND'],
  ['/docs/static/../../../package.json', 'USAGE'],
  ['/docs/static/%2e%2e/%2e%2e/package.json', 'USAGE'],
])('no path leads out: %s', async (path, code) => {
  const server = await serve();
  server.jobs.views.set('a', jobView('a', { state: 'done' }));
  const answer = await ask(server, path);
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([code === 'USAGE' ? 403 : 404, { code }]);
});
