import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventMessage } from '../../../../src/clips/clips.ts';
import type { EventRecords } from '../../../../src/clips/events/records.ts';
import { createEventService } from '../../../../src/clips/events/service.ts';
import { openRecords, report } from './reports.ts';

const stops: AbortController[] = [];
const stopper = () => {
  const stop = new AbortController();
  stops.push(stop);
  return stop;
};
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

/** A thing that happens: three messages. */
const happen = (records: EventRecords, n: number, more: object = {}) =>
  records.take([
    report('open', `e${n}`, n * 10, { began: n * 10, ...more }),
    report('update', `e${n}`, n * 10 + 1, { began: n * 10, names: ['dog'], ...more }),
    report('close', `e${n}`, n * 10 + 2, { began: n * 10, ...more }),
  ]);

/** Collects what comes until there are so many. */
async function collect(events: AsyncGenerator<EventMessage>, many: number): Promise<EventMessage[]> {
  const found: EventMessage[] = [];
  while (found.length < many) {
    const { value, done } = await events.next();
    if (done) break;
    found.push(value);
  }
  return found;
}

const ids = (messages: readonly EventMessage[]) => messages.map(({ id }) => id);
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i));

let records: EventRecords;
beforeEach(() => {
  ({ records } = openRecords());
});

describe('events', () => {
  it('are got and listed', async () => {
    const events = createEventService({ records });
    happen(records, 1);
    happen(records, 2);
    expect(await events.get('e1')).toMatchObject({ id: 'e1', state: 'closed' });
    await expect(events.get('e9')).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' });
    const { events: page, next } = await events.list({ limit: 1 });
    expect([page[0].id, next !== undefined]).toEqual(['e2', true]);
    await expect(events.list({ limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('following', () => {
  it('begins with what comes after it was asked for', async () => {
    const events = createEventService({ records });
    happen(records, 1);
    const following = events.follow({}, undefined, stopper().signal);
    // Before anybody has looked.
    happen(records, 2);
    const found = await collect(following, 3);
    expect(found.map(({ id, event, data }) => [id, event, data.id])).toEqual([
      ['4', 'event.opened', 'e2'],
      ['5', 'event.updated', 'e2'],
      ['6', 'event.closed', 'e2'],
    ]);
  });

  it('goes on after any message, also one that is long forgotten', async () => {
    const events = createEventService({ records });
    for (let n = 1; n <= 50; n++) happen(records, n);
    for (const after of [0, 1, 17, 100, 149]) {
      const found = await collect(events.follow({}, String(after), stopper().signal), 150 - after);
      expect(ids(found)).toEqual(upTo(150, after + 1));
    }
    records.messages.forget(Date.now() + 1);
    happen(records, 51);
    expect(ids(await collect(events.follow({}, '3', stopper().signal), 3))).toEqual(['151', '152', '153']);
    // What is newer than anything here is of another past.
    expect(ids(await collect(events.follow({}, '99999', stopper().signal), 1))).toEqual(['151']);
    for (const wrong of ['', 'x', '-1', '1.5', '1e3'])
      expect(() => events.follow({}, wrong, stopper().signal)).toThrow(
        expect.objectContaining({ code: 'USAGE' }),
      );
  });

  it('tells of one stream or rule', async () => {
    const events = createEventService({ records });
    const open = (query: { stream?: string; rule?: string }) => events.follow(query, '0', stopper().signal);
    happen(records, 1);
    happen(records, 2, { stream: 'yard' });
    happen(records, 3, { rule: 'parked' });
    expect(ids(await collect(open({ stream: 'yard' }), 3))).toEqual(['4', '5', '6']);
    expect(ids(await collect(open({ stream: 'gate', rule: 'parked' }), 3))).toEqual(['7', '8', '9']);
    const waiting = open({ stream: 'yard', rule: 'parked' });
    const first = waiting.next();
    for (let n = 4; n < 60; n++) happen(records, n);
    happen(records, 60, { stream: 'yard', rule: 'parked' });
    expect((await first).value).toMatchObject({ data: { id: 'e60' } });
  });

  it('neither loses nor doubles a message, however slowly it is read', async () => {
    const events = createEventService({ records });
    const readers = Array.from({ length: 5 }, async (_, reader) => {
      const found: EventMessage[] = [];
      let after = '0';
      while (found.length < 300) {
        // Who reads breaks off now and then, and goes on where that was.
        const stop = stopper();
        for await (const message of events.follow({}, after, stop.signal)) {
          found.push(message);
          after = message.id;
          if (Number(message.id) % (7 + reader) === 0) await sleep(reader);
          if (found.length >= 300 || Number(message.id) % (41 + reader) === 0) break;
        }
      }
      return ids(found);
    });
    for (let n = 1; n <= 100; n++) {
      happen(records, n);
      if (n % 9 === 0) await sleep(2);
    }
    for (const found of await Promise.all(readers)) expect(found).toEqual(upTo(300));
  });

  it('ends when it is to, waiting or not', async () => {
    const events = createEventService({ records });
    const stop = stopper();
    const waiting = events.follow({}, undefined, stop.signal).next();
    setTimeout(() => stop.abort(), 20);
    expect(await waiting).toEqual({ value: undefined, done: true });
    happen(records, 1);
    expect(await events.follow({}, '0', stop.signal).next()).toEqual({ value: undefined, done: true });
    const late = stopper();
    const reading = events.follow({}, '0', late.signal);
    await reading.next();
    late.abort();
    expect(await reading.next()).toEqual({ value: undefined, done: true });
  });

  it('hears of what another process writes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidestream-follow-'));
    const path = join(folder, 'events.sqlite');
    const [mine, other] = [openRecords({ path }), openRecords({ path })];
    try {
      const events = createEventService({ records: mine.records });
      const first = events.follow({}, undefined, stopper().signal).next();
      await sleep(50);
      happen(other.records, 1);
      expect((await first).value).toMatchObject({ id: '1', event: 'event.opened' });
    } finally {
      mine.db.close();
      other.db.close();
      await rm(folder, { recursive: true });
    }
  });
});
