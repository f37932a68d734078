import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';
import * as run from '../../../src/cli/run-clips.ts';
import * as events from '../../../src/cli/run-events.ts';
import { runTimeline } from '../../../src/cli/run-timeline.ts';
import type { Found } from '../../../src/clips/clips.ts';
import { clipView } from '../../fixtures/clip-view.ts';
import { eventView } from '../../fixtures/event-view.ts';
import { cleanUp, eventually, type Server, serve } from '../http/server.ts';

cleanUp();

let folder: string;
let server: Server;
let printed: string[];
let said: string[];
let stop: AbortController;
let io: Io;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-cli-'));
  server = await serve();
  [printed, said] = [[], []];
  stop = new AbortController();
  io = {
    signal: stop.signal,
    takeTime: () => {},
    print: (line) => printed.push(line),
    say: (line) => said.push(line),
  };
});
afterEach(() => rm(folder, { recursive: true }));

const at = () => ({ server: server.url });

describe('clips', () => {
  it('are listed, over as many pages as it takes, as a table or JSON', async () => {
    for (let i = 0; i < 250; i++) server.clips.views.set(`c${i}`, clipView(`c${i}`, { title: 'Van' }));
    server.clips.views.set(
      'x',
      clipView('x', { state: 'failed', error: { code: 'DISK_FULL', message: 'no space' }, keep: true }),
    );
    await run.runList(io, { ...at(), limit: 3, label: 'car', keep: true });
    await run.runList(io, { ...at(), limit: 240, json: true, from: 'now-1h', stream: 'gate1' });
    expect(printed[0]).toBe('x  Gate  2030-01-02T03:04:00Z  20.0 s  failed, kept  DISK_FULL: no space');
    expect(JSON.parse(printed[1]).length).toBe(240);
    expect(server.clips.queries).toMatchObject([
      { limit: 3, label: 'car', keep: true },
      { limit: 100, stream: 'gate1' },
      { limit: 100 },
      { limit: 40 },
    ]);
    await run.runList(io, { ...at(), limit: 3, rule: 'none' });
    await run.runShow(io, 'c1', at());
    expect(printed[2]).toBe('there is no clip');
    expect(printed[3]).toMatch(/^title +Van$/m);
  });

  it('create asks for what was said, and for nothing else', async () => {
    await run.runCreate(io, 'gate1', { ...at(), from: 'now-1m', audio: true });
    await run.runCreate(io, 'gate1', {
      ...at(),
      from: 'now-1m',
      to: 'now+5s',
      title: 'Van',
      keep: true,
      tolerance: 0,
      audio: false,
      vocabulary: 'van',
    });
    expect(printed).toEqual(['clip1', 'clip2']);
    expect(server.clips.requests.map(({ request }) => request)).toEqual([
      { from: 'now-1m', to: 'now' },
      {
        from: 'now-1m',
        to: 'now+5s',
        title: 'Van',
        keep: true,
        tolerance: 0,
        audio: false,
        vocabulary: 'van',
      },
    ]);
  });

  it('create waits, and saves the video', async () => {
    const content = randomBytes(1000);
    const file = join(folder, 'van.mp4');
    const creating = run.runCreate(io, 'gate1', { ...at(), from: 'now-1m', audio: true, output: file });
    await eventually(() => expect(said).toEqual(['clip clip1', 'waiting']));
    server.clips.hold('clip1', content, { state: 'done' });
    await creating;
    expect([printed, content.equals(await readFile(file))]).toEqual([[file], true]);
  });

  it('create tells why it could not be cut', async () => {
    const creating = run.runCreate(io, 'gate1', { ...at(), from: 'now-1m', audio: true, wait: true });
    await eventually(() => expect(said).toEqual(['clip clip1', 'waiting']));
    const error = { code: 'NOT_RECORDED', message: 'the camera was away' } as const;
    server.clips.views.set('clip1', clipView('clip1', { state: 'failed', error }));
    await expect(creating).rejects.toMatchObject(error);
    const none = run.runCreate(io, 'none', { ...at(), from: 'now-1m', audio: true });
    await expect(none).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' });
    const odd = run.runCreate(io, 'gate1', { ...at(), from: 'now', audio: true, overlay: true });
    await expect(odd).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('are kept, released and removed', async () => {
    for (const id of ['a', 'b']) server.clips.views.set(id, clipView(id));
    await run.runKeep(io, ['a', 'b'], true, at());
    await run.runKeep(io, ['b'], false, { ...at(), json: true });
    expect(['a', 'b'].map((id) => server.clips.views.get(id)?.keep)).toEqual([true, false]);
    expect([...printed.slice(0, 2), JSON.parse(printed[2]).keep]).toEqual(['a', 'b', false]);
    await run.runRemove(io, ['a', 'b', 'none'], at());
    expect(server.clips.views.size).toBe(0);
    await expect(run.runKeep(io, ['a'], true, at())).rejects.toMatchObject({ code: 'CLIP_NOT_FOUND' });
  });
});

describe('search', () => {
  const found: Found = {
    stream: 'gate1',
    job: undefined,
    from: '2030-01-02T03:10:00.000Z',
    to: '2030-01-02T03:10:09.000Z',
    at: '2030-01-02T03:10:04.000Z',
    score: 0.9,
    track: 12,
    share: 0.04,
    thumbnail: undefined,
    video: undefined,
    clip: {
      url: '/v1/streams/gate1/clips',
      body: { from: '2030-01-02T03:09:55.000Z', to: '2030-01-02T03:10:14.000Z' },
    },
  };
  const inJob: Found = {
    ...found,
    ...{ stream: undefined, job: 'j1', from: 1.5, to: 4, at: 2, clip: undefined },
  };

  it('tells where words are seen, and cuts a clip of each', async () => {
    server.search.found = [found, inJob];
    await run.runSearch(io, 'van|truck', { ...at(), limit: 5, from: 'now-7d' });
    expect(printed[0].split('\n')).toEqual([
      'in     from                  to                    score  share',
      'gate1  2030-01-02T03:10:00Z  2030-01-02T03:10:09Z  0.900  4.0 %',
      'j1     1.50 s                4.00 s                0.900  4.0 %',
    ]);
    expect(server.clips.requests).toEqual([]);
    await run.runSearch(io, 'van|truck', { ...at(), limit: 5, clip: true, keep: true });
    expect(printed[1]).toMatch(/clip1\n.*–$/);
    expect(server.clips.requests).toEqual([
      { stream: 'gate1', request: { ...found.clip?.body, title: 'van', keep: true }, submitter: 'local' },
    ]);
    await run.runSearch(io, 'van', { ...at(), limit: 5, clip: true, json: true });
    expect(JSON.parse(printed[2])).toMatchObject([{ score: 0.9, made: { id: 'clip2' } }, { job: 'j1' }]);
    server.search.found = [];
    await run.runSearch(io, 'van', { ...at(), limit: 5 });
    expect(said).toEqual(['seen nowhere']);
    expect(server.search.queries[0]).toMatchObject({ q: 'van|truck', limit: 5, from: expect.any(Number) });
  });
});

describe('events', () => {
  it('are listed', async () => {
    server.events.views.set('a', eventView('a'));
    server.events.views.set(
      'b',
      eventView('b', { state: 'closed', ended_at: '2030-01-02T03:05:00.000Z', clip: 'c1' }),
    );
    await events.runList(io, { ...at(), limit: 20 });
    expect(printed[0].split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['event', 'stream', 'rule', 'began', 'ended', 'names', 'clip'],
      ['b', 'gate1', 'person at gate', '2030-01-02T03:04:00Z', '2030-01-02T03:05:00Z', 'person', 'c1'],
      ['a', 'gate1', 'person at gate', '2030-01-02T03:04:00Z', 'open', 'person', '–'],
    ]);
    await events.runList(io, { ...at(), limit: 20, rule: 'none' });
    await events.runList(io, { ...at(), limit: 20, json: true, state: 'open' });
    expect([printed[1], JSON.parse(printed[2]).length]).toEqual(['there is no event', 2]);
  });

  it('are told as they happen, and none is missed while the server is away', async () => {
    const watching = events.runWatch(io, { ...at(), rule: 'r' });
    await eventually(() => expect(server.events.watching()).toBe(1));
    const happen = (id: string, event: 'event.opened' | 'event.updated' | 'event.closed') =>
      server.events.happen({
        id,
        event,
        data: eventView('e', { rule: 'r', ended_at: '2030-01-02T03:05:00.000Z' }),
      });
    happen('1', 'event.opened');
    await eventually(() => expect(printed.length).toBe(1));
    // The answer breaks off, as it does where a proxy ends it.
    server.events.over = true;
    happen('2', 'event.updated');
    await eventually(() => expect(server.events.watching()).toBe(0));
    server.events.over = false;
    happen('3', 'event.closed');
    await eventually(() => expect(printed.length).toBe(2), 5000);
    stop.abort();
    await expect(watching).rejects.toThrow();
    expect(printed).toEqual([
      '2030-01-02T03:04:00Z  opened  r  person  stream gate1  event e',
      '2030-01-02T03:05:00Z  closed  r  person  stream gate1  event e',
    ]);
    expect(server.events.followed.map(({ after }) => after)).toEqual([undefined, '2']);
  });
});

describe('timeline', () => {
  it('is drawn, or told as JSON', async () => {
    const view = {
      stream: 'gate1',
      from: '2030-01-02T03:00:00.000Z',
      to: '2030-01-02T03:20:00.000Z',
      recorded: [{ from: '2030-01-02T03:00:00.000Z', to: '2030-01-02T03:20:00.000Z' }],
      gaps: [],
      step: 60_000,
      names: ['car'],
      buckets: [{ time: '2030-01-02T03:10:00.000Z', seen: [{ name: 0, seconds: 60, share: 0.1, count: 2 }] }],
      events: [],
    };
    server.recordings.timelines.set('gate1', view);
    await runTimeline(io, 'gate1', { ...at(), from: 'now-1h', to: 'now', vocabulary: 'car, bus' });
    expect(printed[0].split('\n')[1]).toBe(`car       ${' '.repeat(10)}█${' '.repeat(9)} 1:00`);
    await runTimeline(io, 'gate1', { ...at(), from: 'now-1h', to: 'now', step: 7, json: true });
    expect(JSON.parse(printed[1])).toEqual(view);
    const [first, second] = server.recordings.asked.map(({ request }) => request);
    expect(first).toMatchObject({ from: 'now-1h', to: 'now', vocabulary: 'car, bus' });
    // An hour in the columns of a terminal.
    expect(first.step).toBeGreaterThan(10);
    expect(first.step).toBeLessThan(400);
    expect(second.step).toBe(7);
    await expect(runTimeline(io, 'none', { ...at(), from: 'now-1h', to: 'now' })).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
    });
  });
});
