import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../unit/clips/events/broker.ts';
import { messagesOf, openRecords, randomOf, report } from '../../unit/clips/events/reports.ts';
import { closeServers, serve } from '../net/servers.ts';

const root = join(import.meta.dirname, '../../..');
const source = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);

/** A server as far as events go: takes all reports, tells of them, and ends when everybody knows. */
const SERVER = `
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createMqttTeller } from ${source('src/clips/events/mqtt-teller.ts')};
import { keepEvents } from ${source('src/clips/events/housekeeping.ts')};
import { createEventRecords } from ${source('src/clips/events/records.ts')};
import { EVENT_TABLES } from ${source('src/clips/events/tables.ts')};
import { openSqlite } from ${source('src/jobs/database.ts')};
import { createGuard } from ${source('src/net/address-guard.ts')};
import { openMqtt } from ${source('src/net/mqtt.ts')};

const { path, reports, webhook, broker } = JSON.parse(process.env.EVENTS_TEST);
const db = openSqlite(path, [EVENT_TABLES], 'FULL');
const records = createEventRecords(db, { webhooksOf: () => [webhook], mqtt: true });
const mqtt = await openMqtt({ url: broker, prefix: 'p' }, { say: () => {}, connected: () => records.bell.ring() });
const rulesOf = () => [{ stream: 'gate', name: 'Gate', rules: ['loitering', 'parked'] }];
const teller = createMqttTeller({ mqtt, records, rulesOf, settings: { prefix: 'p', discovery: undefined, version: '1' } });
const stop = new AbortController();
const house = keepEvents({
  records,
  guard: createGuard({ allow: ['127.0.0.1'] }),
  mqtt: teller,
  settings: { attempts: 1000, timeout_ms: 2000 },
  log: pino({ level: 'silent' }),
  retention: { days: 0, message_days: 7 },
  isKept: () => true,
}, stop.signal);
process.stdout.write('ready');
for (const one of JSON.parse(readFileSync(reports, 'utf8'))) {
  records.take([one]);
  await sleep(1);
}
while (records.deliveries.waiting().size > 0) await sleep(5);
stop.abort();
await house;
await mqtt[Symbol.asyncDispose]();
`;

let folder: string;
let broker: TestBroker;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-killed-'));
  broker = await startBroker();
});
afterEach(async () => {
  await broker[Symbol.asyncDispose]();
  await closeServers();
  await rm(folder, { recursive: true });
});

it('whatever moment the server is killed at, everybody is told everything, in order', async () => {
  const random = randomOf(11);
  const said = Array.from({ length: 20 }, (_, n) =>
    ['loitering', 'parked'].flatMap((rule) =>
      (['open', 'update', 'close'] as const).map((type, i) =>
        report(type, `${rule}-${n}`, n * 10 + i, { rule, began: n * 10, tracks: [i] }),
      ),
    ),
  ).flat();
  const reports = join(folder, 'reports.json');
  await writeFile(reports, JSON.stringify(said));

  const hooked: { id: string; body: string }[] = [];
  let server: ChildProcess;
  /** Kills the server, before it has an answer, when so many more have asked here. */
  const fuses = { webhook: Number.POSITIVE_INFINITY, mqtt: Number.POSITIVE_INFINITY };
  const burns = (where: keyof typeof fuses) => {
    if (--fuses[where] > 0) return false;
    fuses[where] = Number.POSITIVE_INFINITY;
    return server.kill('SIGKILL');
  };
  const { url } = await serve(async (request, response) => {
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    hooked.push({ id: String(request.headers['webhook-id']), body });
    if (!burns('webhook')) response.writeHead(204).end();
  });
  broker.answers = (topic) => topic === 'p/status' || !burns('mqtt');

  const path = join(folder, 'events.sqlite');
  const webhook = { url, secret: Buffer.alloc(24, 1).toString('base64') };
  const start = async () => {
    const EVENTS_TEST = JSON.stringify({ path, reports, webhook, broker: broker.url });
    const args = ['--import', 'tsx', '--input-type=module', '--eval', SERVER];
    server = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, EVENTS_TEST },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(server, 'exit');
    await Promise.race([once(server.stdout!, 'data'), gone]);
    return { gone };
  };

  for (const where of ['webhook', 'mqtt', 'clock'] as const) {
    const { gone } = await start();
    if (where === 'clock') void sleep(random() * 60).then(() => server.kill('SIGKILL'));
    else fuses[where] = 1 + Math.floor(random() * 25);
    expect(await gone).toEqual([null, 'SIGKILL']);
  }
  expect(await (await start()).gone).toEqual([0, null]);

  const { db, records } = openRecords({ path });
  const messages = messagesOf(records);
  const rows = db.prepare('SELECT event, number, rule FROM event_messages ORDER BY seq').all() as {
    event: string;
    number: number;
    rule: string;
  }[];
  const ids = rows.map(({ event, number }) => `${event}-${number}`);
  expect([messages.length, records.deliveries.waiting().size]).toEqual([said.length, 0]);
  db.close();

  const byMqtt = ['loitering', 'parked'].flatMap((rule) =>
    broker.published
      .filter(({ topic }) => topic === `p/gate/${rule}/event`)
      .map(({ payload }) => ({ id: String(JSON.parse(payload).id), body: payload })),
  );
  for (const told of [hooked, byMqtt]) {
    expect(new Set(told.map(({ id }) => id))).toEqual(new Set(ids));
    // What comes twice is the same, by the same id.
    const bodies = new Map(told.map(({ id, body }) => [id, body]));
    for (const { id, body } of told) expect(body).toBe(bodies.get(id));
    for (const event of new Set(rows.map((one) => one.event))) {
      const mine = told.filter(({ id }) => id.startsWith(`${event}-`)).map(({ id }) => id);
      expect(mine).toEqual([...mine].sort());
    }
  }
  expect(hooked.length).toBeGreaterThan(ids.length);
  for (const rule of ['loitering', 'parked']) expect(broker.retained.get(`p/gate/${rule}/state`)).toBe('OFF');
});
