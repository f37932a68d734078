import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeliverDeps, deliverEvents } from '../../../src/clips/events/deliver.ts';
import { keepEvents } from '../../../src/clips/events/housekeeping.ts';
import type { Webhook } from '../../../src/jobs/records.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { verify } from '../../../src/net/webhook.ts';
import { until } from '../../unit/clips/events/broker.ts';
import { messagesOf, type Opened, openRecords, randomOf, report } from '../../unit/clips/events/reports.ts';
import { closeServers, deadPort, serve } from '../net/servers.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Seen {
  readonly id: string;
  readonly type: string;
  readonly event: string;
  readonly body: string;
  readonly at: number;
}

/** A receiver that verifies what it is sent, keeps what it has taken, and answers as it is told. */
async function receiverOf(
  answer: (seen: Seen, response: ServerResponse, tries: number) => number | Promise<number> = () => 204,
) {
  const [taken, tried]: [Seen[], Seen[]] = [[], []];
  const { url } = await serve(async (request: IncomingMessage, response) => {
    const body = await text(request);
    const head = (name: string) => String(request.headers[`webhook-${name}`]);
    const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map(head);
    const { type, data } = JSON.parse(body);
    const seen = { id, type, event: data.id, body, at: Date.now() };
    tried.push(seen);
    const isGenuine = verify(SECRET, { id, timestamp, signature, body });
    const status = isGenuine
      ? await answer(seen, response, tried.filter((one) => one.id === id).length)
      : 401;
    if (status < 300) taken.push(seen);
    response.writeHead(status).end();
  });
  return { url, taken, tried, webhook: { url, secret: SECRET } };
}

let webhooks: Webhook[];
let opened: Opened;
let deps: DeliverDeps;
let logged: { level: number; msg: string; [key: string]: unknown }[];
const never = new AbortController().signal;

beforeEach(() => {
  webhooks = [];
  logged = [];
  opened = openRecords({ webhooks });
  deps = {
    records: opened.records,
    guard: createGuard({ allow: ['127.0.0.1'] }),
    mqtt: undefined,
    settings: { attempts: 3, timeout_ms: 500 },
    log: pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) }),
  };
});
afterEach(async () => {
  opened.db.close();
  await closeServers();
});

const happen = (id: string, more: object = {}) =>
  opened.records.take([
    report('open', id, 1, { rule: `rule-${id}`, ...more }),
    report('update', id, 2, { rule: `rule-${id}`, names: ['dog'], ...more }),
    report('close', id, 3, { rule: `rule-${id}`, ...more }),
  ]);
/** What waits for a later try is tried now. */
const hurry = () => opened.db.prepare('UPDATE event_deliveries SET due = 0 WHERE due IS NOT NULL').run();
const waiting = () => [...opened.records.deliveries.waiting().values()].reduce((sum, n) => sum + n, 0);

describe('a webhook', () => {
  it('is told of each change, signed, in order', async () => {
    const { webhook, taken } = await receiverOf();
    webhooks.push(webhook);
    happen('e1');
    await deliverEvents(deps, never);
    expect(taken.map(({ id, type }) => [id, type])).toEqual([
      ['e1-1', 'event.opened'],
      ['e1-2', 'event.updated'],
      ['e1-3', 'event.closed'],
    ]);
    const bodies = taken.map(({ body }) => JSON.parse(body));
    expect(bodies.map(({ data }) => data)).toEqual(
      messagesOf(opened.records).map(({ data }) => JSON.parse(JSON.stringify(data))),
    );
    for (const { timestamp } of bodies) expect(Date.now() - Date.parse(timestamp)).toBeLessThan(10_000);
    expect([waiting(), logged]).toEqual([0, []]);
    await deliverEvents(deps, never);
    expect(taken).toHaveLength(3);
  });

  it('that fails is told later, by the same id and with the same words, and nothing overtakes', async () => {
    const random = randomOf(3);
    const statuses = [500, 302, 429, 204, 200];
    const { webhook, taken, tried } = await receiverOf(
      () => statuses[Math.floor(random() * statuses.length)],
    );
    webhooks.push(webhook);
    deps = { ...deps, settings: { attempts: 1000, timeout_ms: 500 } };
    const events = Array.from({ length: 12 }, (_, i) => `e${i}`);
    for (const id of events) happen(id);
    for (let rounds = 0; waiting() > 0; rounds++) {
      expect(rounds).toBeLessThan(200);
      await deliverEvents(deps, never);
      const later = opened.db.prepare('SELECT MIN(due) AS due FROM event_deliveries').get() as {
        due: number | null;
      };
      if (later.due !== null) expect(later.due).toBeGreaterThan(Date.now() + 3000);
      hurry();
    }
    for (const event of events) {
      const mine = tried.filter((one) => one.event === event);
      const ids = mine.map(({ id }) => id);
      expect(ids).toEqual([...ids].sort());
      expect([...new Set(ids)]).toEqual([1, 2, 3].map((n) => `${event}-${n}`));
      for (const id of ids)
        expect(new Set(mine.filter((one) => one.id === id).map(({ body }) => body)).size).toBe(1);
    }
    expect(taken).toHaveLength(36);
    expect(tried.length).toBeGreaterThan(50);
  });

  it('is given up after so many tries, and the next message has as many again', async () => {
    const { webhook, tried, taken } = await receiverOf(({ id }) => (id === 'e1-2' ? 503 : 200));
    webhooks.push({ ...webhook, url: `${webhook.url}?token=hush` });
    happen('e1');
    for (let i = 0; i < 5; i++) {
      await deliverEvents(deps, never);
      hurry();
    }
    expect(tried.map(({ id }) => id)).toEqual(['e1-1', 'e1-2', 'e1-2', 'e1-2', 'e1-3']);
    expect(taken.map(({ id }) => id)).toEqual(['e1-1', 'e1-3']);
    expect(logged.map(({ level, attempts }) => [level, attempts])).toEqual([
      [40, 1],
      [40, 2],
      [50, 3],
    ]);
    expect(logged.at(-1)).toMatchObject({ event: 'e1', message: 2, code: 'WEBHOOK_FAILED' });
    // Paths of webhooks are secret, as are their secrets.
    expect(JSON.stringify(logged)).not.toMatch(/hush|video\.mp4|whsec|BwcHBw/);
    expect(waiting()).toBe(0);
  });

  it('that may not be asked, or whose secret is none, is given up at once', async () => {
    webhooks.push(
      { url: 'http://169.254.169.254/latest', secret: SECRET },
      { url: 'http://127.0.0.1:1/', secret: 'x' },
    );
    opened.records.take([report('open', 'e1', 1)]);
    await deliverEvents(deps, never);
    expect(logged.map(({ level, code }) => [level, code]).sort()).toEqual([
      [50, 'ADDRESS_REFUSED'],
      [50, 'USAGE'],
    ]);
    expect(waiting()).toBe(0);
  });

  it('that is gone ends what waits for it, and nothing else', async () => {
    const gone = await receiverOf(() => 410);
    const there = await receiverOf();
    webhooks.push(gone.webhook, there.webhook);
    for (let i = 0; i < 30; i++) happen(`e${i}`);
    await deliverEvents(deps, never);
    expect(waiting()).toBe(0);
    expect(there.taken).toHaveLength(90);
    // No more than were under way when it said so.
    expect(gone.tried.length).toBeLessThanOrEqual(30);
    expect(logged.map(({ level, origin }) => [level, origin])).toEqual([[50, new URL(gone.url).origin]]);
    happen('later');
    await deliverEvents(deps, never);
    expect(there.taken).toHaveLength(93);
  });

  it('that is slow, or does not answer, keeps nobody else waiting', async () => {
    const silent = await receiverOf(() => new Promise(() => {}));
    const slow = await receiverOf(async () => {
      await sleep(100);
      return 200;
    });
    const quick = await receiverOf();
    webhooks.push(silent.webhook, slow.webhook, quick.webhook, {
      url: `http://127.0.0.1:${await deadPort()}/`,
      secret: SECRET,
    });
    happen('e1');
    const step = deliverEvents(deps, never);
    await until(() => quick.taken.length === 3);
    expect([slow.taken.length < 3, silent.tried.length]).toEqual([true, 1]);
    // What comes meanwhile is told at once, too.
    happen('e2');
    await until(() => quick.taken.length === 6);
    expect(silent.tried.length).toBeLessThanOrEqual(2);
    await step;
    expect(slow.taken.map(({ id }) => id).sort()).toEqual(['e1-1', 'e1-2', 'e1-3', 'e2-1', 'e2-2', 'e2-3']);
    expect(logged.filter(({ level }) => level === 40)).toHaveLength(4);
    // Two chains for the one that is silent, and two for the one that is not there.
    expect(waiting()).toBe(12);
  });

  it('of a stream that is gone, or that has another secret now, is told what was to be told', async () => {
    const { webhook, taken } = await receiverOf();
    webhooks.push({ ...webhook, secret: Buffer.alloc(24, 1).toString('base64') });
    opened.records.take([report('open', 'e1', 1)]);
    webhooks[0] = webhook;
    opened.records.take([report('update', 'e1', 2)]);
    webhooks.length = 0;
    await deliverEvents(deps, never);
    expect(taken.map(({ id }) => id)).toEqual(['e1-1', 'e1-2']);
  });
});

describe('what is interrupted', () => {
  it('ends at once, and is told again', async () => {
    let isSilent = true;
    const { webhook, tried, taken } = await receiverOf(() => (isSilent ? new Promise(() => {}) : 200));
    webhooks.push(webhook);
    happen('e1');
    const stop = new AbortController();
    const step = deliverEvents({ ...deps, settings: { attempts: 3, timeout_ms: 60_000 } }, stop.signal);
    await until(() => tried.length === 1);
    stop.abort();
    await step;
    expect(waiting()).toBe(3);
    isSilent = false;
    await deliverEvents(deps, never);
    expect(taken.map(({ id }) => id)).toEqual(['e1-1', 'e1-2', 'e1-3']);
    expect([tried.length, logged]).toEqual([4, []]);
  });
});

describe('the server', () => {
  it('tells by itself of what comes, and clears away what is old', async () => {
    const { webhook, taken } = await receiverOf();
    webhooks.push(webhook);
    const { records, db } = opened;
    happen('past');
    db.exec('UPDATE event_messages SET made = 1');
    const stop = new AbortController();
    const retention = { days: 1, message_days: 1 };
    const house = keepEvents({ ...deps, records, retention, isKept: () => false }, stop.signal);
    await until(() => records.get('past') === undefined && messagesOf(records).length === 0);
    const now = Date.now() / 1000;
    const said = report('open', 'e1', 1);
    records.take([{ ...said, event: { ...said.event, seconds: now, began: now } }]);
    await until(() => taken.some(({ id }) => id === 'e1-1'));
    stop.abort();
    await house;
    expect(records.get('e1')).toMatchObject({ state: 'open' });
  });
});
