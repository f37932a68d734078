import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../../src/jobs/jobs.ts';
import { jobView } from '../../fixtures/job-view.ts';
import { ask, cleanUp, eventually, expectProblem, raw, type Server, serve } from './server.ts';

cleanUp();

const progress = (id: string, value = 0.5): JobEvent => ({
  id,
  event: 'progress',
  data: { progress: value },
});
const done: JobEvent = { id: '9-0', event: 'done', data: { state: 'done' } };

async function withJob(settings = {}): Promise<Server> {
  const server = await serve({ settings });
  server.jobs.views.set('a', jobView('a', { state: 'running' }));
  return server;
}

/** What has come so far of a stream, while it goes on. */
async function watch(server: Server, headers: Record<string, string> = {}, query = '') {
  const leave = new AbortController();
  const answer = await server.fetch(`/v1/jobs/a/events${query}`, { headers, signal: leave.signal });
  const seen = { text: '' };
  const reading = (async () => {
    for await (const chunk of answer.body ?? []) seen.text += Buffer.from(chunk).toString();
  })().catch(() => {});
  return { answer, seen, leave: () => leave.abort(), ended: reading };
}

describe('events', () => {
  it('come as they happen, and the stream ends after the last', async () => {
    const server = await withJob();
    server.jobs.happen('a', progress('1-0', 0.1));
    const { answer, seen, ended } = await watch(server);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    await eventually(() =>
      expect(seen.text).toContain('id: 1-0\nevent: progress\ndata: {"progress":0.1}\n\n'),
    );
    expect(seen.text).toMatch(/^retry: 1000\n\n/);
    server.jobs.happen('a', progress('2-0'));
    await eventually(() => expect(seen.text).toContain('id: 2-0'));
    server.jobs.happen('a', done);
    await ended;
    expect(seen.text).toMatch(/id: 9-0\nevent: done\ndata: \{"state":"done"\}\n\n$/);
    await eventually(() => expect(server.jobs.watching()).toBe(0));
  });

  it.each<[string, Record<string, string>, string]>([
    ['Last-Event-ID', { 'last-event-id': '2-0' }, ''],
    ['?last_event_id=', {}, '?last_event_id=2-0'],
  ])('go on after %s', async (_, headers, query) => {
    const server = await withJob();
    for (const id of ['1-0', '2-0', '3-0']) server.jobs.happen('a', progress(id));
    const { seen, leave, ended } = await watch(server, headers, query);
    await eventually(() => expect(seen.text).toContain('id: 3-0'));
    expect(seen.text).not.toMatch(/id: [12]-0/);
    expect(server.jobs.resumed).toEqual(['2-0']);
    leave();
    await ended;
    await eventually(() => expect(server.jobs.watching()).toBe(0));
  });

  it('keep no browser coming back to what has ended', async () => {
    const server = await withJob();
    server.jobs.happen('a', progress('1-0'));
    server.jobs.happen('a', done);
    const again = await ask(server, '/v1/jobs/a/events', { headers: { 'last-event-id': '9-0' } });
    expect([again.status, again.body]).toEqual([204, '']);
    const missed = await ask(server, '/v1/jobs/a/events', { headers: { 'last-event-id': '1-0' } });
    expect(missed.body).toMatch(/^retry: 1000\n\nid: 9-0\n/);
    expect((await ask(server, '/v1/jobs/a/events')).body).toMatch(/id: 1-0.*id: 9-0/s);
    expect(server.jobs.watching()).toBe(0);
  });

  it('end with the client', async () => {
    const server = await withJob();
    const sockets = [1, 2, 3].map(() => connect(server.port, '127.0.0.1'));
    for (const socket of sockets) socket.write('GET /v1/jobs/a/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await eventually(() => expect(server.jobs.watching()).toBe(3));
    for (const socket of sockets) socket.destroy();
    await eventually(() => expect(server.jobs.watching()).toBe(0));
    await eventually(async () => expect(await server.connections()).toBe(0));
  });

  it('wait for a client that does not read', async () => {
    const server = await withJob();
    let asked = 0;
    server.jobs.events = async function* (_id, _after, signal) {
      while (!signal.aborted) yield { ...progress(String(++asked)), data: { text: 'x'.repeat(50_000) } };
    };
    const socket = connect(server.port, '127.0.0.1').pause();
    socket.write('GET /v1/jobs/a/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await eventually(() => expect(asked).toBeGreaterThan(1));
    let before = -1;
    // Full are the buffers of both sockets by then, and nothing else.
    await eventually(async () => {
      const now = asked;
      const same = now === before;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(same).toBe(true);
    });
    expect(asked * 50_000).toBeLessThan(50_000_000);
    socket.destroy();
    await eventually(async () => expect(await server.connections()).toBe(0));
  });

  it('are those of a job that there is', async () => {
    const server = await withJob();
    await expectProblem(await server.fetch('/v1/jobs/b/events'), 404, 'JOB_NOT_FOUND');
    for (const id of ['a b', 'x'.repeat(101), '']) {
      const query = `?last_event_id=${encodeURIComponent(id)}`;
      await expectProblem(await server.fetch(`/v1/jobs/a/events${query}`), 400, 'USAGE');
    }
    expect((await ask(server, '/v1/jobs/a/events', { method: 'HEAD' })).status).toBe(404);
    expect(server.jobs.watching()).toBe(0);
  });

  it('that break off are logged, and end the stream', async () => {
    const server = await withJob();
    // biome-ignore lint/correctness/useYield: it fails before
    server.jobs.events = async function* () {
      throw new Error('lost');
    };
    const { ended, seen } = await watch(server);
    await ended;
    expect(seen.text).toBe('retry: 1000\n\n');
    expect(JSON.stringify(server.log)).toContain('lost');
  });
});

describe('a server that closes', () => {
  it('tells its watchers, finishes what it does, and leaves nothing open', async () => {
    const server = await withJob();
    const watchers = await Promise.all([watch(server), watch(server)]);
    await eventually(() => expect(server.jobs.watching()).toBe(2));
    let finish = () => {};
    server.jobs.cancel = (id) =>
      new Promise((resolve) => {
        finish = () => resolve(jobView(id, { state: 'cancelled' }));
      });
    const slow = server.fetch('/v1/jobs/a/cancel', { method: 'POST' });
    await eventually(() => expect(String(finish)).toContain('resolve'));
    let closed = false;
    const begun = Date.now();
    const closing = server.close().then(() => {
      closed = true;
    });
    for (const { ended, seen } of watchers) {
      await ended;
      expect(seen.text).toMatch(/: the server closes, connect again\n\n$/);
    }
    expect(closed).toBe(false);
    finish();
    expect(await (await slow).json()).toMatchObject({ state: 'cancelled' });
    await closing;
    expect(Date.now() - begun).toBeLessThan(1500);
    expect(server.jobs.watching()).toBe(0);
    await expect(server.fetch('/healthz')).rejects.toThrow();
  });

  it('does not wait for a watcher that reads nothing', async () => {
    const server = await withJob();
    server.jobs.events = async function* (_id, _after, signal) {
      while (!signal.aborted) yield { ...progress('1-0'), data: { text: 'x'.repeat(100_000) } };
    };
    const socket = connect(server.port, '127.0.0.1').pause();
    socket.on('error', () => {}); // Being cut off is what is waited for.
    socket.write('GET /v1/jobs/a/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begun = Date.now();
    await server.close();
    expect(Date.now() - begun).toBeLessThan(2900);
    socket.destroy();
  });

  it('waits for nobody who asks nothing', async () => {
    const server = await withJob();
    const ended = [
      raw(server, () => {}),
      raw(server, (socket) => socket.write('GET /healthz HTTP/1.1\r\nHost: loc')),
      raw(server, (socket) => socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')),
    ];
    await eventually(async () => expect(await server.connections()).toBe(3));
    await eventually(() => expect(JSON.stringify(server.log)).toContain('/healthz'));
    const begun = Date.now();
    await server.close();
    await Promise.all(ended);
    expect(Date.now() - begun).toBeLessThan(1000);
  });
});
