import { connect } from 'node:net';
import { createParser } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';
import type { EventView } from '../../../src/clips/clips.ts';
import { clipView } from '../../fixtures/clip-view.ts';
import { jobView } from '../../fixtures/job-view.ts';
import { streamView } from '../../fixtures/stream-view.ts';
import {
  ASKED,
  ask,
  cleanUp,
  expectProblem,
  json,
  type Server,
  serve,
  eventually as soon,
} from './server.ts';

cleanUp();

interface Heard {
  readonly event: string;
  readonly data: { readonly id: string; readonly state?: string; readonly [more: string]: unknown };
}

/** Looks are a second apart, and more where the machine has other things to do. */
const eventually = (check: () => void | Promise<void>) => soon(check, 15_000);

/** What one listener hears, once it was greeted. */
async function listen(server: Server, init: Parameters<Server['fetch']>[1] = {}) {
  const leave = new AbortController();
  const answer = await server.fetch('/v1/feed', { ...init, signal: leave.signal });
  const heard: Heard[] = [];
  const text = { all: '' };
  const parser = createParser({
    onEvent: ({ event = '', data, id }) => {
      expect(id).toBeUndefined();
      heard.push({ event, data: JSON.parse(data) });
    },
  });
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      const part = decoder.decode(chunk, { stream: true });
      text.all += part;
      parser.feed(part);
    }
  })().catch(() => {});
  await eventually(() => expect(heard[0]?.event).toBe('hello'));
  return {
    answer,
    heard,
    text,
    ended,
    leave: () => leave.abort(),
    /** Events of this name, with the state of what they are about. */
    of: (event: string) =>
      heard
        .filter((one) => one.event === event)
        .map(({ data: { id, state } }) => (state ? `${id} ${state}` : id)),
  };
}

const event = (id: string, state: 'open' | 'closed'): EventView => ({
  ...{
    id,
    stream: 'gate1',
    rule: 'someone',
    state,
    began_at: '2030-01-02T03:04:05.678Z',
    ended_at: undefined,
  },
  ...{
    updated_at: '2030-01-02T03:04:05.678Z',
    names: ['person'],
    tracks: [1],
    clip: undefined,
    why: undefined,
  },
  best: { time: '2030-01-02T03:04:05.678Z', track: 1, score: 0.9, share: 0.1, box: [0, 0, 1, 1] },
});

/** Longer than between two looks. */
const look = () => new Promise((resolve) => setTimeout(resolve, 1300));

describe('the feed', () => {
  it('greets, and tells of each thing what its own address says', async () => {
    const server = await serve();
    server.jobs.views.set('a', jobView('a'));
    server.streams.views.set('s', streamView('s'));
    server.clips.views.set('c', clipView('c', { state: 'waiting' }));
    const { answer, heard, text, of } = await listen(server);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(text.all).toMatch(/^retry: 1000\n\nevent: hello\ndata: /);
    const { version, time } = heard[0]!.data;
    expect(version).toBe('1.2.3');
    expect(Math.abs(Date.parse(String(time)) - Date.now())).toBeLessThan(3000);
    // How everything stood before is listed, not told.
    await look();
    expect(heard).toHaveLength(1);

    server.jobs.views.set('a', jobView('a', { state: 'running', stage: 'analyse', progress: 0.25, eta: 3 }));
    server.streams.views.set(
      's',
      streamView('s', { state: 'connecting', reason: { code: 'INTERRUPTED', message: 'x' } }),
    );
    server.clips.views.set('c', clipView('c', { state: 'running' }));
    server.events.happen({ id: '1', event: 'event.opened', data: event('e', 'open') });
    await eventually(() => expect(heard).toHaveLength(5));
    server.events.views.set('e', event('e', 'open'));
    for (const [name, path] of [
      ['job', '/v1/jobs/a'],
      ['stream', '/v1/streams/s'],
      ['clip', '/v1/clips/c'],
      ['event', '/v1/events/e'],
    ] as const) {
      expect(of(name)).toHaveLength(1);
      expect(heard.find((one) => one.event === name)?.data).toEqual(await (await server.fetch(path)).json());
    }
    // Nothing has changed since: nothing is told.
    await look();
    expect(heard).toHaveLength(5);
  });

  it('tells how a job goes on and ends, also one that is over before it is looked at', async () => {
    const server = await serve();
    server.jobs.views.set('old', jobView('old', { state: 'done' }));
    const { of } = await listen(server);
    server.jobs.views.set('a', jobView('a'));
    server.jobs.views.set('quick', jobView('quick', { state: 'done' }));
    await eventually(() => expect(of('job').sort()).toEqual(['a queued', 'quick done']));
    server.jobs.views.set('a', jobView('a', { state: 'running' }));
    await eventually(() => expect(of('job').at(-1)).toBe('a running'));
    server.jobs.views.set('a', jobView('a', { state: 'failed', error: { code: 'INTERNAL', message: 'x' } }));
    await eventually(() => expect(of('job').at(-1)).toBe('a failed'));
    // By somebody else than this server.
    server.jobs.views.delete('a');
    server.streams.views.delete('none');
    await eventually(() => expect(of('job-removed')).toEqual(['a']));
    expect(of('job')).toHaveLength(4);
    expect(of('stream-removed')).toEqual([]);
  });

  it('tells what the server was asked to do, also with what ended long ago', async () => {
    const server = await serve();
    server.jobs.views.set('old', jobView('old', { state: 'done' }));
    server.clips.views.set('old', clipView('old'));
    server.clips.views.set('other', clipView('other'));
    server.streams.views.set('s', streamView('s'));
    for (let n = 0; n < 50; n++) {
      server.jobs.views.set(`j${n}`, jobView(`j${n}`, { state: 'done' }));
      server.clips.views.set(`c${n}`, clipView(`c${n}`));
    }
    const { heard, of } = await listen(server);
    await look();
    await server.fetch('/v1/jobs/old', { method: 'DELETE' });
    await server.fetch('/v1/clips/old', json({ title: 'Mine' }, 'PATCH'));
    await server.fetch('/v1/clips/other', { method: 'DELETE' });
    await server.fetch('/v1/streams/s', json({ name: 'Gate' }, 'PATCH'));
    await server.fetch('/v1/jobs', json(ASKED));
    await eventually(() => {
      expect(of('job-removed')).toEqual(['old']);
      expect(of('clip')).toEqual(['old done']);
      expect(of('clip-removed')).toEqual(['other']);
      expect(of('stream')).toEqual(['s starting']);
      expect(of('job')).toEqual(['job1 queued']);
    });
    expect(heard.find((one) => one.event === 'clip')?.data).toMatchObject({ title: 'Mine' });
    await server.fetch('/v1/streams/s', { method: 'DELETE' });
    await eventually(() => expect(of('stream-removed')).toEqual(['s']));
    await look();
    expect(heard).toHaveLength(7);
  });

  it('looks once for all who listen, never at what is old, and not at all for nobody', async () => {
    const server = await serve();
    for (let n = 0; n < 10_000; n++)
      server.jobs.views.set(`j${n}`, jobView(`j${n}`, { state: n === 5 ? 'running' : 'done' }));
    let [looks, read, asked] = [0, 0, 0];
    const { list, get } = server.jobs;
    server.jobs.list = async (query) => {
      if (query.state === undefined) looks++;
      const page = await list(query);
      read += page.jobs.length;
      return page;
    };
    server.jobs.get = async (id) => {
      asked++;
      return await get(id);
    };
    const begun = Date.now();
    const listeners = await Promise.all(Array.from({ length: 5 }, () => listen(server)));
    await look();
    await eventually(() => expect(looks).toBeGreaterThan(1));
    expect(looks).toBeLessThanOrEqual((Date.now() - begun) / 1000 + 1);
    expect(read).toBeLessThan(looks * 50);
    expect(asked).toBe(0);
    server.jobs.views.set('j5', jobView('j5', { state: 'done' }));
    for (const { of } of listeners) await eventually(() => expect(of('job')).toEqual(['j5 done']));
    expect(asked).toBe(1);
    expect(server.events.watching()).toBe(1);
    for (const { leave, ended } of listeners) {
      leave();
      await ended;
    }
    await eventually(() => expect(server.events.watching()).toBe(0));
    const before = looks;
    await look();
    expect(looks).toBe(before);
    // Who comes later begins anew.
    const { of } = await listen(server);
    server.jobs.views.set('j5', jobView('j5', { state: 'running' }));
    await eventually(() => expect(of('job')).toEqual(['j5 running']));
  });

  it('gives a slow listener the newest state of each thing, however many there were', async () => {
    const server = await serve();
    const metadata = { text: 'x'.repeat(300_000) };
    for (const id of ['a', 'b']) server.jobs.views.set(id, jobView(id, { state: 'running', metadata }));
    const quick = await listen(server);
    const socket = connect(server.port, '127.0.0.1').pause();
    socket.write('GET /v1/feed HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await eventually(async () => expect(await server.connections()).toBeGreaterThanOrEqual(2));
    // A change over HTTP is looked at within a moment: 60 states, 18 MB, of which nothing is taken.
    for (let n = 1; n <= 30; n++) {
      for (const id of ['a', 'b'])
        server.jobs.views.set(id, jobView(id, { state: 'running', metadata, fps: n }));
      await server.fetch('/v1/jobs/a/cancel', { method: 'POST' });
      server.jobs.views.set('a', jobView('a', { state: 'running', metadata, fps: n }));
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    for (const id of ['a', 'b']) server.jobs.views.set(id, jobView(id, { state: 'done', metadata, fps: 31 }));
    await eventually(() => expect(quick.of('job').filter((one) => one.endsWith('done'))).toHaveLength(2));
    const fps: number[] = [];
    let all = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      all += text;
    });
    socket.resume();
    await eventually(() => expect(all.match(/"state":"done"/g)).toHaveLength(2));
    for (const [, value] of all.matchAll(/"id":"b".*?"fps":(\d+)/g)) fps.push(Number(value));
    // What lay in the buffers of both sockets, then the last one.
    expect(fps).toEqual(fps.toSorted((a, b) => a - b));
    expect(fps.at(-1)).toBe(31);
    expect(fps.length).toBeLessThan(20);
    socket.destroy();
  });

  it('goes on when a look fails, and has lost nothing then', async () => {
    const server = await serve();
    server.jobs.views.set('a', jobView('a', { state: 'running' }));
    const { list } = server.jobs;
    const { of, heard } = await listen(server);
    server.jobs.list = async () => {
      throw new Error('away');
    };
    server.jobs.views.set('old', jobView('old', { state: 'done' }));
    await server.fetch('/v1/jobs/old', { method: 'DELETE' });
    server.jobs.views.set('a', jobView('a', { state: 'done' }));
    server.streams.views.set('s', streamView('s'));
    // The others are looked at all the same.
    await eventually(() => expect(of('stream')).toEqual(['s starting']));
    await eventually(() => expect(JSON.stringify(server.log)).toContain('away'));
    expect(heard).toHaveLength(2);
    server.jobs.list = list;
    await eventually(() => expect(of('job')).toEqual(['a done']));
    expect(of('job-removed')).toEqual(['old']);
  });

  it('tells all where it could not see how things stood at first', async () => {
    const server = await serve();
    server.jobs.views.set('a', jobView('a', { state: 'running' }));
    const { list } = server.jobs;
    server.jobs.list = async () => {
      throw new Error('away');
    };
    const { of } = await listen(server);
    server.jobs.list = list;
    await eventually(() => expect(of('job')).toEqual(['a running']));
  });

  it('ends with the key or the session, and says so', async () => {
    const server = await serve({ settings: { keys: 'always' } });
    const [first, second] = ['first', 'second'].map((name) => server.keys.create(name, 'viewer'));
    const mine = await listen(server, { key: first!.secret });
    const signed = await server.fetch('/v1/session', json({ key: second!.secret }));
    const [cookie = ''] = (signed.headers.get('set-cookie') ?? '').split(';');
    const page = await listen(server, { headers: { cookie } });
    expect(server.keys.revoke(first!.key.id)).toBe(true);
    await mine.ended;
    expect(mine.heard.at(-1)).toEqual({ event: 'bye', data: { reason: 'signed-out' } });
    expect(page.heard).toHaveLength(1);
    await server.fetch('/v1/session', { method: 'DELETE', headers: { cookie, origin: server.url } });
    await page.ended;
    expect(page.heard.at(-1)).toEqual({ event: 'bye', data: { reason: 'signed-out' } });
    await expectProblem(await server.fetch('/v1/feed', { headers: { cookie } }), 401, 'KEY_REQUIRED');
    await expectProblem(await server.fetch('/v1/feed'), 401, 'KEY_REQUIRED');
    await eventually(() => expect(server.events.watching()).toBe(0));
  });

  it('ends without keys when the first one is made', async () => {
    const server = await serve();
    const { heard, ended } = await listen(server);
    await server.fetch('/v1/keys', json({ name: 'me', role: 'admin' }));
    await ended;
    expect(heard.at(-1)).toEqual({ event: 'bye', data: { reason: 'signed-out' } });
  });

  it('ends with the server, which does not wait for it, and goes on at the next one', async () => {
    const server = await serve();
    server.jobs.views.set('a', jobView('a'));
    const { heard, ended } = await listen(server);
    const asleep = connect(server.port, '127.0.0.1').pause();
    asleep.on('error', () => {}); // Being cut off is what is waited for.
    asleep.write('GET /v1/feed HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await eventually(async () => expect(await server.connections()).toBe(2));
    const begun = Date.now();
    await server.close();
    await ended;
    expect(Date.now() - begun).toBeLessThan(2900);
    expect(heard.at(-1)).toEqual({ event: 'bye', data: { reason: 'closing' } });
    expect(server.events.watching()).toBe(0);
    asleep.destroy();
    const next = await serve({ on: server });
    const again = await listen(next);
    next.jobs.views.set('a', jobView('a', { state: 'running' }));
    await eventually(() => expect(again.of('job')).toEqual(['a running']));
  });

  it('is no place for HEAD', async () => {
    const server = await serve();
    expect((await ask(server, '/v1/feed', { method: 'HEAD' })).status).toBe(404);
    expect(server.events.watching()).toBe(0);
  });
});
