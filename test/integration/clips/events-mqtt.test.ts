import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeliverDeps, deliverEvents } from '../../../src/clips/events/deliver.ts';
import { keepEvents } from '../../../src/clips/events/housekeeping.ts';
import { createMqttTeller, type MqttTeller } from '../../../src/clips/events/mqtt-teller.ts';
import type { RulesOfStream } from '../../../src/clips/events/topics.ts';
import { createGuard } from '../../../src/net/address-guard.ts';
import { type Mqtt, openMqtt } from '../../../src/net/mqtt.ts';
import { startBroker, type TestBroker, until } from '../../unit/clips/events/broker.ts';
import { messagesOf, type Opened, openRecords, randomOf, report } from '../../unit/clips/events/reports.ts';

const never = new AbortController().signal;
const PREFIX = 'sidestream';
const STATE = `${PREFIX}/gate/loitering/state`;
const EVENT = `${PREFIX}/gate/loitering/event`;
const CONFIG = 'homeassistant/binary_sensor/sidestream_gate/loitering/config';

let broker: TestBroker;
let mqtt: Mqtt;
let opened: Opened;
let rules: RulesOfStream[];
let now: number;

const isOnline = () => mqtt.isConnected && broker.retained.get(`${PREFIX}/status`) === 'online';

beforeEach(async () => {
  broker = await startBroker();
  now = Date.now();
  opened = openRecords({ mqtt: true, now: () => now });
  rules = [{ stream: 'gate', name: 'Front gate', rules: ['loitering'] }];
  mqtt = await openMqtt(
    { url: broker.url, prefix: PREFIX },
    { say: () => {}, connected: () => opened.records.bell.ring() },
  );
  await until(isOnline);
});
afterEach(async () => {
  await mqtt[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  opened.db.close();
});

function tellerOf(settings: { prefix?: string; discovery?: string | undefined } = {}): MqttTeller {
  return createMqttTeller({
    mqtt,
    records: opened.records,
    rulesOf: () => rules,
    settings: { prefix: PREFIX, discovery: 'homeassistant', version: '1.2.3', ...settings },
  });
}
const depsOf = (teller: MqttTeller | undefined): DeliverDeps => ({
  records: opened.records,
  guard: createGuard({ allow: [] }),
  mqtt: teller,
  settings: { attempts: 3, timeout_ms: 1000 },
  log: pino({ level: 'silent' }),
});
const payloads = (topic: string) =>
  broker.published.filter((one) => one.topic === topic).map(({ payload }) => payload);
const idsAt = (topic: string): string[] => payloads(topic).map((payload) => JSON.parse(payload).id);
const waiting = () => opened.records.deliveries.waiting().get('mqtt') ?? 0;

describe('an event', () => {
  it('is told as it happens, with the state of its rule', async () => {
    const teller = tellerOf();
    await teller.announce(never);
    expect(broker.retained.get(STATE)).toBe('OFF');
    for (const said of [report('open', 'e1', 1), report('update', 'e1', 2), report('close', 'e1', 3)]) {
      opened.records.take([said]);
      await deliverEvents(depsOf(teller), never);
      expect(broker.retained.get(STATE)).toBe(said.event.type === 'close' ? 'OFF' : 'ON');
    }
    const told = broker.published.filter(({ topic }) => topic === EVENT);
    expect(told.map(({ qos, retain }) => [qos, retain])).toEqual([1, 2, 3].map(() => [1, false]));
    expect(told.map(({ payload }) => JSON.parse(payload))).toEqual(
      messagesOf(opened.records).map(({ event, data }, i) => ({
        id: `e1-${i + 1}`,
        type: event,
        timestamp: new Date(now).toISOString(),
        data: JSON.parse(JSON.stringify(data)),
      })),
    );
    // Attributes are there before the state is.
    const order = broker.published.map(({ topic, payload }) => (topic === STATE ? payload : topic));
    expect(order.indexOf(EVENT)).toBeLessThan(order.indexOf('ON'));
    expect(waiting()).toBe(0);
  });

  it('that is over already switches its rule on and off; one that is long past does not', async () => {
    const teller = tellerOf();
    await teller.announce(never);
    opened.records.take([report('open', 'e1', 1), report('close', 'e1', 2)]);
    await deliverEvents(depsOf(teller), never);
    expect(payloads(STATE)).toEqual(['OFF', 'ON', 'OFF']);
    now -= 60_000;
    opened.records.take([report('open', 'e2', 11, { began: 11 }), report('close', 'e2', 12, { began: 11 })]);
    await deliverEvents(depsOf(teller), never);
    expect(payloads(STATE).slice(3)).toEqual(['OFF', 'OFF']);
    // What is said of one that is over does not switch off what is open.
    opened.records.take([report('open', 'e3', 21, { began: 21 })]);
    opened.records.setClip('e1', 'c1');
    await deliverEvents(depsOf(teller), never);
    expect(idsAt(EVENT)).toEqual(['e1-1', 'e1-2', 'e2-1', 'e2-2', 'e3-1', 'e1-3']);
    expect(broker.retained.get(STATE)).toBe('ON');
  });

  it('waits for the broker for as long as it takes, and for its answer', async () => {
    const teller = tellerOf();
    await teller.announce(never);
    broker.answers = (topic) => topic !== EVENT;
    opened.records.take([report('open', 'e1', 1)]);
    const step = deliverEvents(depsOf(teller), never);
    await sleep(50);
    expect(waiting()).toBe(1);
    await broker.stop();
    await step;
    opened.records.take([report('update', 'e1', 2), report('close', 'e1', 3)]);
    for (let i = 0; i < 5; i++) await deliverEvents(depsOf(teller), never);
    expect([waiting(), idsAt(EVENT)]).toEqual([3, []]);
    broker.answers = () => true;
    await broker.start();
    await until(() => mqtt.connections === 2 && isOnline());
    await deliverEvents(depsOf(teller), never);
    expect([waiting(), idsAt(EVENT)]).toEqual([0, ['e1-1', 'e1-2', 'e1-3']]);
  });

  it('is dropped where nobody is told by MQTT any more', async () => {
    opened.records.take([report('open', 'e1', 1)]);
    await deliverEvents(depsOf(undefined), never);
    expect([waiting(), payloads(EVENT)]).toEqual([0, []]);
  });
});

describe('a rule', () => {
  it('is announced to Home Assistant, once', async () => {
    rules = [{ stream: 'gate', name: 'Front gate', rules: ['loitering', 'Hund im Garten'] }];
    const teller = tellerOf();
    await teller.announce(never);
    const before = broker.published.length;
    await teller.announce(never);
    expect(broker.published.length).toBe(before);
    expect(JSON.parse(broker.retained.get(CONFIG)!)).toEqual({
      name: 'loitering',
      unique_id: 'sidestream_gate_loitering',
      state_topic: STATE,
      availability_topic: 'sidestream/status',
      json_attributes_topic: EVENT,
      json_attributes_template: '{{ value_json.data | tojson }}',
      qos: 1,
      device: { identifiers: ['sidestream_gate'], name: 'Front gate', manufacturer: 'Sidestream' },
      origin: { name: 'Sidestream', sw_version: '1.2.3' },
    });
    expect(broker.retained.get('sidestream/status')).toBe('online');
    // Topics of Home Assistant have letters, digits, - and _ alone.
    for (const topic of broker.retained.keys()) expect(topic).toMatch(/^[\w-]+(\/[\w-]+)+$/);
    expect(broker.retained.size).toBe(5);
    // Another name of the stream changes what is said, and nothing else.
    rules = rules.map((one) => ({ ...one, name: 'Gate' }));
    await teller.announce(never);
    expect(broker.published.length).toBe(before + 2);
    expect(JSON.parse(broker.retained.get(CONFIG)!).device.name).toBe('Gate');
  });

  it('that goes away is taken back, also by the next server', async () => {
    const teller = tellerOf();
    rules = [...rules, { stream: 'yard', name: 'Yard', rules: ['a', 'b'] }];
    await teller.announce(never);
    opened.records.take([report('open', 'e1', 1)]);
    rules = [{ stream: 'yard', name: 'Yard', rules: ['b'] }];
    await teller.announce(never);
    expect([...broker.retained.keys()].sort()).toEqual([
      'homeassistant/binary_sensor/sidestream_yard/b/config',
      'sidestream/status',
      'sidestream/yard/b/state',
    ]);
    // What is still told of it leaves nothing behind.
    await deliverEvents(depsOf(teller), never);
    expect([idsAt(EVENT), broker.retained.has(STATE)]).toEqual([['e1-1'], false]);
    rules = [];
    await tellerOf().announce(never);
    expect([...broker.retained.keys()]).toEqual(['sidestream/status']);
    expect(opened.records.topics.all()).toEqual([]);
  });

  it('is not announced where that is not wanted any more; its state is', async () => {
    await tellerOf().announce(never);
    await tellerOf({ discovery: undefined }).announce(never);
    expect([...broker.retained.keys()].sort()).toEqual([STATE, 'sidestream/status']);
  });

  it('is announced again to a broker that has forgotten it, as it stands', async () => {
    const teller = tellerOf();
    await teller.announce(never);
    await broker.stop();
    await teller.announce(never);
    opened.records.take([report('open', 'e1', 1)]);
    await broker.start();
    await until(() => mqtt.connections === 2 && isOnline());
    await deliverEvents(depsOf(teller), never);
    await until(() => broker.retained.has(CONFIG) && broker.retained.get(STATE) === 'ON');
    const before = broker.published.length;
    await teller.announce(never);
    expect(broker.published.length).toBe(before);
  });

  it('whose broker goes away meanwhile is announced later', async () => {
    const teller = tellerOf();
    broker.answers = (topic) => topic.endsWith('/status');
    const failing = teller.announce(never);
    await Promise.all([
      expect(failing).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' }),
      broker.cutOff(),
    ]);
    broker.answers = () => true;
    await until(() => mqtt.connections === 2 && isOnline());
    await teller.announce(never);
    expect([broker.retained.get(STATE), broker.retained.has(CONFIG)]).toEqual(['OFF', true]);
  });
});

it('over restarts of the broker, nothing is lost and nothing overtakes', async () => {
  const random = randomOf(5);
  rules = [{ stream: 'gate', name: 'Gate', rules: ['loitering', 'parked'] }];
  const stop = new AbortController();
  const house = keepEvents(
    {
      ...depsOf(tellerOf()),
      records: opened.records,
      retention: { days: 0, message_days: 7 },
      isKept: () => true,
    },
    stop.signal,
  );
  let isOver = false;
  const trouble = (async () => {
    for (let round = 1; round <= 3; round++) {
      await until(() => mqtt.connections === round && mqtt.isConnected);
      await sleep(random() * 100);
      if (round === 2) broker.cutOff();
      else await broker.stop().then(() => broker.start());
    }
    await until(() => mqtt.connections === 4);
    isOver = true;
  })();
  for (let n = 1; !isOver; n++) {
    now = Date.now();
    for (const rule of ['loitering', 'parked']) {
      const more = { began: n * 10, rule };
      opened.records.take([report('open', `${rule}-${n}`, n * 10 + 1, more)]);
      if (random() < 0.8) opened.records.take([report('close', `${rule}-${n}`, n * 10 + 3, more)]);
    }
    await sleep(20);
  }
  await trouble;
  await until(() => waiting() === 0);
  const expected = opened.db.prepare('SELECT event, number, rule FROM event_messages ORDER BY seq').all() as {
    event: string;
    number: number;
    rule: string;
  }[];
  for (const rule of ['loitering', 'parked']) {
    const told = idsAt(`${PREFIX}/gate/${rule}/event`);
    const all = expected.filter((one) => one.rule === rule).map(({ event, number }) => `${event}-${number}`);
    // A double comes right after the first, before anything else of the rule.
    expect(told.filter((id, i) => id !== told[i - 1])).toEqual(all);
    const state = opened.records.isOpen('gate', rule) ? 'ON' : 'OFF';
    await until(() => broker.retained.get(`${PREFIX}/gate/${rule}/state`) === state);
  }
  stop.abort();
  await house;
});
