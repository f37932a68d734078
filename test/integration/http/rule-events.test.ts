import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { EventMessage } from '../../../src/clips/clips.ts';
import { eventView } from '../../fixtures/event-view.ts';
import { ask, cleanUp, eventually, expectProblem, type Server, serve } from './server.ts';

cleanUp();

const message = (id: string, more: Parameters<typeof eventView>[1] = {}): EventMessage => ({
  id,
  event: 'event.opened',
  data: eventView(`e${id}`, more),
});

/** What has come so far of a stream, while it goes on. */
async function watch(server: Server, query = '', headers: Record<string, string> = {}) {
  const leave = new AbortController();
  const answer = await server.fetch(`/v1/events/stream${query}`, { headers, signal: leave.signal });
  const seen = { text: '' };
  const ended = (async () => {
    for await (const chunk of answer.body ?? []) seen.text += Buffer.from(chunk).toString();
  })().catch(() => {});
  return { answer, seen, leave: () => leave.abort(), ended };
}

describe('events of rules', () => {
  it('are listed in pages, and looked at', async () => {
    const server = await serve();
    for (const id of ['a', 'b', 'c']) server.events.views.set(id, eventView(id));
    const closed = eventView('d', {
      state: 'closed',
      ended_at: '2030-01-02T03:04:09.000Z',
      clip: 'c1',
      why: 'stream stopped',
      best: { time: '2030-01-02T03:04:03.000Z', track: undefined, score: 0.8, share: 0.5, box: undefined },
    });
    server.events.views.set('d', closed);
    const first = await server.fetch('/v1/events?limit=3&rule=person%20at%20gate&state=closed&label=person');
    const page = (await first.json()) as { events: unknown[]; next: string };
    expect(page).toMatchObject({ events: [{ id: 'd' }, { id: 'c' }, { id: 'b' }], next: 'b' });
    const [, link = ''] = /^<(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
    expect(await (await server.fetch(link)).json()).toMatchObject({ events: [{ id: 'a' }] });
    expect(server.events.queries).toEqual([
      { rule: 'person at gate', state: 'closed', label: 'person', limit: 3 },
      { rule: 'person at gate', state: 'closed', label: 'person', limit: 3, cursor: 'b' },
    ]);
    expect(await (await server.fetch('/v1/events/d')).json()).toEqual(JSON.parse(JSON.stringify(closed)));
    await expectProblem(await server.fetch('/v1/events/none'), 404, 'EVENT_NOT_FOUND');
    await expectProblem(await server.fetch('/v1/events/a.b'), 404, 'EVENT_NOT_FOUND');
    await expectProblem(await server.fetch('/v1/events?state=live'), 400, 'USAGE');
    await expectProblem(await server.fetch('/v1/events?from=now&to=now-1s'), 400, 'USAGE');
  });

  it('are told as they happen, to each who asked for them', async () => {
    const server = await serve();
    server.events.happen(message('1'));
    const all = await watch(server);
    const one = await watch(server, '?stream=gate1&rule=r');
    expect(Object.fromEntries(all.answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    await eventually(() => expect(server.events.watching()).toBe(2));
    server.events.happen(message('2'));
    server.events.happen(message('3', { rule: 'r' }));
    await eventually(() => expect(all.seen.text).toContain('id: 3\n'));
    await eventually(() => expect(one.seen.text).toContain('id: 3\n'));
    // From now on: what was before is not told.
    expect(all.seen.text).toBe(
      ['retry: 1000', ...['2', '3'].map((id) => told(message(id, id === '3' ? { rule: 'r' } : {}))), ''].join(
        '\n\n',
      ),
    );
    expect(one.seen.text).not.toContain('id: 2\n');
    expect(server.events.followed.map(({ query }) => query)).toEqual([{}, { stream: 'gate1', rule: 'r' }]);
    for (const { leave, ended } of [all, one]) {
      leave();
      await ended;
    }
    await eventually(() => expect(server.events.watching()).toBe(0));
  });

  it.each<[string, string, Record<string, string>]>([
    ['Last-Event-ID', '', { 'last-event-id': '2' }],
    ['?last_event_id=', '?last_event_id=2', {}],
  ])('go on after %s', async (_, query, headers) => {
    const server = await serve();
    for (const id of ['1', '2', '3', '4']) server.events.happen(message(id));
    const { seen, leave, ended } = await watch(server, query, headers);
    await eventually(() => expect(seen.text).toContain('id: 4\n'));
    expect(seen.text.match(/^id: .*$/gm)).toEqual(['id: 3', 'id: 4']);
    expect(server.events.followed).toMatchObject([{ after: '2' }]);
    leave();
    await ended;
  });

  it('end with the client, and with the server', async () => {
    const server = await serve();
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const { seen, ended } = await watch(server);
    await eventually(() => expect(server.events.watching()).toBe(2));
    socket.destroy();
    await eventually(() => expect(server.events.watching()).toBe(1));
    await server.close();
    await ended;
    expect(seen.text).toMatch(/: the server closes, connect again\n\n$/);
    expect(server.events.watching()).toBe(0);
  });

  it('are asked for in one way only', async () => {
    const server = await serve();
    await expectProblem(await server.fetch('/v1/events/stream?last_event_id=a%20b'), 400, 'USAGE');
    await expectProblem(await server.fetch('/v1/events/stream?streem=a'), 400, 'USAGE');
    expect((await ask(server, '/v1/events/stream', { method: 'HEAD' })).status).toBe(404);
    expect(server.events.watching()).toBe(0);
  });
});

const told = ({ id, event, data }: EventMessage): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}`;
