import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Mqtt, openMqtt, parseMqttUrl } from '../../../src/net/mqtt.ts';
import { CERTIFICATE, startBroker, type TestBroker, until } from '../../unit/clips/events/broker.ts';

const open: AsyncDisposable[] = [];
const said: string[] = [];
let connected = 0;

async function brokerOf(options: Parameters<typeof startBroker>[0] = {}): Promise<TestBroker> {
  const broker = await startBroker(options);
  open.unshift(broker);
  return broker;
}
async function clientOf(url: string, prefix = 'a/b'): Promise<Mqtt> {
  const mqtt = await openMqtt(
    { url, prefix },
    { say: (error) => said.push(error.message), connected: () => connected++ },
  );
  open.push(mqtt);
  return mqtt;
}

beforeEach(() => {
  said.length = 0;
  connected = 0;
});
afterEach(async () => {
  // Clients before their brokers.
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const once = { retain: false };

describe('a connection', () => {
  it('says that it is there, and publishes what the broker then has', async () => {
    const broker = await brokerOf();
    const mqtt = await clientOf(broker.url);
    await expect(mqtt.publish('t', '1', once)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
    await until(() => mqtt.isConnected);
    await mqtt.publish('t', 'ü', once);
    await mqtt.publish('kept', '1', { retain: true });
    expect(broker.published).toContainEqual({ topic: 't', payload: 'ü', qos: 1, retain: false });
    expect([...broker.retained].sort()).toEqual([
      ['a/b/status', 'online'],
      ['kept', '1'],
    ]);
    expect([mqtt.connections, connected, said]).toEqual([1, 1, []]);
  });

  it('that is closed says so; one that breaks has it said', async () => {
    const broker = await brokerOf();
    const mqtt = await clientOf(broker.url);
    await until(() => broker.retained.get('a/b/status') === 'online');
    broker.cutOff();
    await until(() => broker.retained.get('a/b/status') === 'offline');
    await until(() => broker.retained.get('a/b/status') === 'online');
    await mqtt[Symbol.asyncDispose]();
    expect(broker.retained.get('a/b/status')).toBe('offline');
    expect(mqtt.isConnected).toBe(false);
    await expect(mqtt.publish('t', '1', once)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  });

  it('that is back takes back what another says of it', async () => {
    const broker = await brokerOf();
    const mqtt = await clientOf(broker.url);
    await until(() => broker.retained.get('a/b/status') === 'online');
    // As the will of a connection that broke unseen.
    const other = await clientOf(broker.url, 'other');
    await until(() => other.isConnected);
    await other.publish('a/b/status', 'offline', { retain: true });
    await until(() => broker.published.findLast(({ topic }) => topic === 'a/b/status')?.payload === 'online');
    expect(broker.published).toContainEqual(expect.objectContaining({ payload: 'offline' }));
    expect(mqtt.connections).toBe(1);
  });

  it('is made again for ever, whenever the broker comes', async () => {
    const broker = await brokerOf();
    await broker.stop();
    const mqtt = await clientOf(broker.url);
    await until(() => said.length > 0);
    expect(said[0]).toMatch(/^the MQTT broker at localhost:\d+ does not answer: .*ECONNREFUSED/);
    for (let round = 1; round <= 2; round++) {
      await broker.start();
      await until(() => mqtt.connections === round && mqtt.isConnected);
      await mqtt.publish('t', String(round), once);
      expect(broker.published).toContainEqual({ topic: 't', payload: String(round), qos: 1, retain: false });
      await broker.stop();
      await until(() => !mqtt.isConnected);
    }
    expect(connected).toBe(2);
  });

  it('fails what has no answer when it ends, and does not send it by itself later', async () => {
    const broker = await brokerOf();
    const mqtt = await clientOf(broker.url);
    await until(() => mqtt.isConnected);
    broker.answers = (topic) => topic !== 't';
    const lost = ['1', '2', '3'].map((payload) => mqtt.publish('t', payload, once));
    const failed = Promise.allSettled(lost);
    await mqtt.publish('other', '1', once);
    broker.answers = () => true;
    broker.cutOff();
    for (const one of await failed)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'SERVER_UNREACHABLE' } });
    await until(() => mqtt.connections === 2);
    await mqtt.publish('t', '4', once);
    expect(broker.published.filter(({ topic }) => topic === 't').map(({ payload }) => payload)).toEqual([
      '4',
    ]);
  });

  it('gives up a message with its signal', async () => {
    const broker = await brokerOf();
    const mqtt = await clientOf(broker.url);
    await until(() => mqtt.isConnected);
    broker.answers = (topic) => topic === 'a/b/status';
    const stop = new AbortController();
    const message = mqtt.publish('t', '1', { retain: false, signal: stop.signal });
    setTimeout(() => stop.abort(), 10);
    await expect(message).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
    await expect(mqtt.publish('t', '1', { retain: false, signal: stop.signal })).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
    });
  });
});

describe('an address', () => {
  it('has user and password, which nothing tells', async () => {
    const broker = await brokerOf({ password: 'open:sesame@1' });
    const { port } = broker;
    const url = (password: string) => `mqtt://me:${encodeURIComponent(password)}@127.0.0.1:${port}`;
    const mqtt = await clientOf(url('open:sesame@1'));
    await until(() => mqtt.isConnected);
    const wrong = await clientOf(url('wrong-word'));
    await until(() => said.length > 1);
    expect([wrong.isConnected, said[0]]).toEqual([
      false,
      expect.stringMatching(
        /^the MQTT broker at 127\.0\.0\.1:\d+ does not answer: .*(Not authorized|Bad user)/i,
      ),
    ]);
    expect(said.join()).not.toMatch(/wrong-word|sesame/);
  });

  it('may be of TLS, with certificates of one’s own', async () => {
    const broker = await brokerOf({ tls: true });
    const mqtt = await clientOf(`${broker.url}?ca=${encodeURIComponent(CERTIFICATE)}`);
    await until(() => mqtt.isConnected);
    await mqtt.publish('t', '1', once);
    const doubting = await clientOf(broker.url);
    await until(() => said.length > 0);
    expect([doubting.isConnected, said[0]]).toEqual([false, expect.stringMatching(/certificate/i)]);
  });

  it('is read', () => {
    expect(parseMqttUrl('mqtt://broker')).toEqual({ protocol: 'mqtt', host: 'broker', port: 1883 });
    expect(parseMqttUrl('mqtts://u%40x:p%2F%25@[::1]:9000')).toEqual({
      protocol: 'mqtts',
      host: '::1',
      port: 9000,
      username: 'u@x',
      password: 'p/%',
    });
    expect(parseMqttUrl('wss://broker/mqtt?x=1')).toEqual({
      protocol: 'wss',
      host: 'broker',
      port: 443,
      path: '/mqtt?x=1',
    });
  });

  it.each([
    ['redis://me:secret@broker', 'it must begin with'],
    ['mqtt://', 'the host is missing'],
    ['mqtt://me:secret@/x', 'it is no address'],
    ['mqtt://me:sec/ret@broker:1', 'it is no address'],
    ['mqtt://me:secret%@broker', '%25'],
    ['mqtts://me:secret@broker?ca=/no/such/file.pem', 'cannot be read'],
  ])('%s is refused, without its password', (url, why) => {
    let message = '';
    try {
      parseMqttUrl(url);
    } catch (error) {
      expect(error).toMatchObject({ code: 'CONFIG' });
      message = (error as Error).message;
    }
    expect(message).toMatch(/^mqtt\.url /);
    expect(message).toContain(why);
    expect(message).not.toMatch(/secret|sec\/ret/);
  });
});
