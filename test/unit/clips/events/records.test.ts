import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { messagesOf, openRecords, report, START, time } from './reports.ts';

const types = (records: Parameters<typeof messagesOf>[0], after = 0) =>
  messagesOf(records, after).map(({ event, data }) => `${data.id} ${event}`);
const at = (seconds: number) => (START + seconds) * 1000;

describe('taking reports', () => {
  it('makes one message a change, and none of what is known', () => {
    const { records } = openRecords();
    const story = [
      report('open', 'e1', 3),
      report('update', 'e1', 5, { names: ['person', 'dog'] }),
      report('close', 'e1', 9),
    ];
    expect(records.take(story)).toBe(3);
    expect(records.take([...story, ...story.reverse()])).toBe(0);
    expect(records.take([])).toBe(0);
    expect(types(records)).toEqual(['e1 event.opened', 'e1 event.updated', 'e1 event.closed']);
    expect(messagesOf(records).map(({ data }) => data.names)).toEqual([
      ['person'],
      ['person', 'dog'],
      ['person'],
    ]);
    expect(records.get('e1')).toEqual(messagesOf(records)[2].data);
    expect(records.get('e2')).toBeUndefined();
  });

  it('is all or nothing', () => {
    const { db, records } = openRecords({ now: () => Date.now() });
    db.exec(
      "CREATE TRIGGER full BEFORE INSERT ON event_messages WHEN NEW.event = 'e2' BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    const two = [report('open', 'e1', 1), report('open', 'e2', 2, { rule: 'other' })];
    const { rings } = records.bell;
    expect(() => records.take(two)).toThrow('full');
    expect([records.get('e1'), messagesOf(records), records.bell.rings]).toEqual([undefined, [], rings]);
    db.exec('DROP TRIGGER full');
    expect(records.take(two)).toBe(2);
  });

  it('leaves one event of a rule open: an earlier one is lost', () => {
    const { records } = openRecords();
    records.take([
      report('open', 'e1', 3),
      report('update', 'e1', 5),
      report('open', 'other', 5, { rule: 'other' }),
      report('open', 'elsewhere', 5, { stream: 'yard' }),
    ]);
    const before = records.messages.newest();
    records.take([report('open', 'e2', 9, { began: 8 })]);
    expect(types(records, before)).toEqual(['e1 event.closed', 'e2 event.opened']);
    expect(records.get('e1')).toMatchObject({ state: 'closed', ended_at: time(5), why: 'lost' });
    expect(records.openOf('gate').map(({ id }) => id)).toEqual(['other', 'e2']);
    expect(['loitering', 'other', 'none'].map((rule) => records.isOpen('gate', rule))).toEqual([
      true,
      true,
      false,
    ]);
    // It had ended, and only the report of that was late.
    records.take([report('close', 'e1', 7)]);
    expect(records.get('e1')).toMatchObject({ state: 'closed', ended_at: time(7), why: undefined });
  });

  it('loses what comes late of the past, not what is open now', () => {
    const { records } = openRecords();
    records.take([report('open', 'e2', 9, { began: 8 }), report('open', 'e1', 3)]);
    expect(types(records)).toEqual(['e2 event.opened', 'e1 event.closed']);
    expect(records.openOf('gate').map(({ id }) => id)).toEqual(['e2']);
  });

  it('believes the newer of two holders that both go on', () => {
    const { records } = openRecords();
    records.take([
      report('open', 'e1', 3),
      report('open', 'e1', 20, { token: 2 }),
      // Said by one that was cut off, of what began later.
      report('open', 'ghost', 15, { token: 1, began: 15 }),
    ]);
    expect(records.openOf('gate').map(({ id }) => id)).toEqual(['e1']);
    expect(records.get('ghost')).toMatchObject({ state: 'closed', why: 'lost' });
  });

  it('survives that the database is closed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sidestream-events-'));
    try {
      const path = join(folder, 'events.sqlite');
      const first = openRecords({ path });
      first.records.take([report('open', 'e1', 3), report('update', 'e1', 4)]);
      first.db.close();
      const { db, records } = openRecords({ path });
      expect(
        records.take([report('open', 'e1', 3), report('update', 'e1', 4), report('close', 'e1', 5)]),
      ).toBe(1);
      expect(messagesOf(records).map(({ id }) => id)).toEqual(['1', '2', '3']);
      db.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the server', () => {
  it('ends what is open of a stream', () => {
    const { records } = openRecords();
    records.take([
      report('open', 'e1', 3),
      report('open', 'e2', 3, { rule: 'other', token: 2 }),
      report('open', 'e3', 3, { stream: 'yard' }),
    ]);
    expect(records.closeAll('gate', at(10), 'gone', 2)).toBe(1);
    expect(records.get('e1')).toMatchObject({ state: 'closed', ended_at: time(10), why: 'gone' });
    expect(records.closeAll('gate', at(12), 'stopped')).toBe(1);
    expect(records.closeAll('gate', at(14), 'stopped')).toBe(0);
    expect(records.openOf('gate')).toEqual([]);
    expect(records.openOf('yard')).toHaveLength(1);
    expect(types(records, 3)).toEqual(['e1 event.closed', 'e2 event.closed']);
  });

  it('says which clip was cut', () => {
    const { records } = openRecords();
    records.take([report('open', 'e1', 3), report('close', 'e1', 5)]);
    records.setClip('e1', 'c1');
    records.setClip('e1', 'c1');
    records.setClip('nothing', 'c1');
    expect(types(records, 2)).toEqual(['e1 event.updated']);
    expect(records.get('e1')).toMatchObject({ clip: 'c1', state: 'closed' });
    // A report changes nothing about that.
    records.take([report('close', 'e1', 6)]);
    records.setClip('e1', undefined);
    expect(messagesOf(records, 3).map(({ data }) => data.clip)).toEqual(['c1', undefined]);
  });
});

describe('a list', () => {
  const open = () => {
    const { records } = openRecords();
    records.take([
      report('open', 'a', 1, { names: ['Person'] }),
      report('close', 'a', 10),
      report('open', 'b', 20, { began: 20, rule: 'parked', names: ['car', 'Person'] }),
      report('open', 'c', 30, { began: 30, stream: 'yard', names: ['car'] }),
      report('close', 'c', 40, { began: 30, stream: 'yard', names: ['car'] }),
      report('open', 'd', 50, { began: 30, names: ['dog'] }),
    ]);
    return records;
  };
  const ids = (query: Partial<Parameters<ReturnType<typeof open>['list']>[0]>) =>
    open()
      .list({ limit: 10, ...query })
      .events.map(({ id }) => id)
      .join('');

  it('has the newest first, by what is asked for', () => {
    expect(ids({})).toBe('dcba');
    expect([
      ids({ stream: 'gate' }),
      ids({ rule: 'parked' }),
      ids({ stream: 'yard', rule: 'parked' }),
    ]).toEqual(['dba', 'b', '']);
    expect([ids({ state: 'open' }), ids({ state: 'closed' })]).toEqual(['db', 'ca']);
    expect([
      ids({ label: 'PERSON' }),
      ids({ label: 'car', stream: 'gate' }),
      ids({ label: "' OR 1 --" }),
    ]).toEqual(['ba', 'b', '']);
  });

  it('has what has any of a time: what is open goes on', () => {
    expect([ids({ from: at(10) }), ids({ from: at(11) }), ids({ from: at(1000) })]).toEqual([
      'dcba',
      'dcb',
      'db',
    ]);
    expect([ids({ to: at(30) }), ids({ to: at(31) }), ids({ to: at(0) })]).toEqual(['ba', 'dcba', '']);
    expect(ids({ from: at(11), to: at(25) })).toBe('b');
  });

  it('has all of it once, page after page', () => {
    const records = open();
    for (const limit of [1, 2, 3, 4, 5]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = records.list({ limit, cursor });
        expect(page.events.length).toBeLessThanOrEqual(limit);
        seen.push(...page.events.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen.join('')).toBe('dcba');
    }
  });

  it('refuses a cursor that no page gave', () => {
    for (const cursor of [
      '',
      'x',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('{').toString('base64url'),
    ])
      expect(() => ids({ cursor })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('what is old', () => {
  it('goes, but for what is open and whose clip is kept; and does not come back', () => {
    const { db, records } = openRecords();
    for (let i = 0; i < 1200; i++) {
      const id = `e${i}`;
      records.take([report('open', id, i, { began: i }), report('close', id, i + 0.5, { began: i })]);
      if (i % 300 === 0) records.setClip(id, i === 0 ? 'dropped' : `clip${i}`);
    }
    records.take([report('open', 'still', 0, { rule: 'other' })]);
    const kept = (clip: string) => clip.startsWith('clip');
    expect(records.removeEnded(at(1000), kept)).toBe(997);
    expect(records.removeEnded(at(900), kept)).toBe(0);
    const left = records.list({ limit: 1000 }).events.map(({ id }) => id);
    expect(left.length).toBe(1200 + 1 - 997);
    expect(['e300', 'e600', 'e900', 'e1000', 'still'].every((id) => left.includes(id))).toBe(true);
    expect(db.prepare('SELECT COUNT(*) AS n FROM event_names').get()).toMatchObject({ n: left.length });
    // Read again from the file of a recording.
    expect(
      records.take([report('open', 'e5', 5, { began: 5 }), report('close', 'e5', 5.5, { began: 5 })]),
    ).toBe(0);
    expect(records.get('e5')).toBeUndefined();
    expect(records.take([report('close', 'e1000', 1000.75, { began: 1000 })])).toBe(1);
  });

  it('goes of messages, too, whether somebody waits for them or not', () => {
    let now = 1000;
    const { records, db } = openRecords({
      now: () => now,
      webhooks: [{ url: 'http://127.0.0.1/', secret: 's' }],
    });
    records.take([report('open', 'e1', 1), report('update', 'e1', 2)]);
    now = 2000;
    records.take([report('close', 'e1', 3)]);
    const [first] = records.deliveries.targets(now);
    expect(records.messages.forget(1000)).toBe(0);
    expect(records.messages.forget(1500)).toBe(2);
    expect(types(records)).toEqual(['e1 event.closed']);
    // What is left of the chain goes on.
    expect(records.deliveries.due(first, now, 9).map(({ number }) => number)).toEqual([3]);
    expect(records.messages.forget(3000)).toBe(1);
    expect([messagesOf(records), records.messages.newest()]).toEqual([[], 3]);
    expect(db.prepare('SELECT COUNT(*) AS n FROM event_targets').get()).toMatchObject({ n: 0 });
    records.take([report('open', 'e2', 9, { began: 9 })]);
    expect(messagesOf(records).map(({ id }) => id)).toEqual(['4']);
  });
});

describe('what is due', () => {
  const webhooks = ['http://one.test/hook', 'http://two.test/hook', 'http://one.test/hook'].map((url) => ({
    url,
    secret: 'whsec',
  }));
  const due = (records: ReturnType<typeof openRecords>['records'], target: string, now = Date.now()) =>
    records.deliveries.due(target, now, 99);

  it('is made with the message, once for each address, and for MQTT', () => {
    const { records } = openRecords({ webhooks, mqtt: true });
    records.take([report('open', 'e1', 1)]);
    const targets = records.deliveries.targets(Date.now());
    expect(targets).toHaveLength(3);
    expect([...records.deliveries.waiting().values()]).toEqual([1, 1, 1]);
    const found = targets.flatMap((target) => due(records, target));
    expect(found.map(({ url }) => url).sort()).toEqual([webhooks[0].url, webhooks[1].url, undefined]);
    expect(found[0]).toMatchObject({
      event: 'e1',
      number: 1,
      type: 'event.opened',
      attempts: 0,
      stream: 'gate',
    });
    expect(JSON.parse(found[0].view)).toEqual(JSON.parse(JSON.stringify(records.get('e1'))));
  });

  it('does not overtake: of an event at a webhook, of a rule at MQTT', () => {
    const { records } = openRecords({ webhooks: webhooks.slice(0, 1), mqtt: true });
    records.take([
      report('open', 'e1', 1),
      report('close', 'e1', 2),
      report('open', 'e2', 3, { began: 3 }),
      report('open', 'e3', 3, { rule: 'other' }),
    ]);
    const [hook, mqtt] = records.deliveries.targets(Date.now());
    const names = (target: string) => due(records, target).map(({ event, number }) => `${event}-${number}`);
    expect(names(hook)).toEqual(['e1-1', 'e2-1', 'e3-1']);
    expect(names(mqtt)).toEqual(['e1-1', 'e3-1']);
    const [first] = due(records, mqtt);
    records.deliveries.done(first);
    records.deliveries.done(first);
    expect(names(mqtt).sort()).toEqual(['e1-2', 'e3-1']);
    const [one] = due(records, hook);
    records.deliveries.retry(one, Date.now() + 60_000);
    expect(names(hook)).toEqual(['e2-1', 'e3-1']);
    expect(due(records, hook, Date.now() + 61_000).at(-1)).toMatchObject({
      event: 'e1',
      number: 1,
      attempts: 1,
    });
    expect(records.deliveries.end(hook)).toBe(4);
    expect(records.deliveries.targets(Date.now())).toEqual(['mqtt']);
  });
});
