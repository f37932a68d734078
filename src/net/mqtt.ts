import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IClientOptions, MqttClient } from 'mqtt';
import { SidestreamError } from '../core/errors.ts';
import { redact } from '../core/redact.ts';

/** The one that speaks MQTT (3.1.1), loaded where there is a broker to speak to. */

export interface MqttSettings {
  /**
   * `mqtt://[user:password@]host[:port]`, `mqtts://` (TLS; `?ca=file` for certificates of one's own), `ws://` or `wss://`
   * (over HTTP).
   */
  readonly url: string;
  /** What topics begin with: `<prefix>/status` says `online`, or `offline`, retained. */
  readonly prefix: string;
}

export interface MqttDeps {
  /** Told of what goes wrong with the connection, without passwords; the same again and again while it lasts. */
  say(error: Error): void;
  /** Told of each connection. */
  connected(): void;
}

/** A connection to a broker that is made again for ever, by itself. */
export interface Mqtt extends AsyncDisposable {
  readonly isConnected: boolean;
  /** How many there were; each may find a broker that has forgotten everything. */
  readonly connections: number;
  /**
   * Resolves once the broker has the message (QoS 1). What has no answer when the connection ends is not sent again by
   * itself: whether it was taken is not known. Throws SERVER_UNREACHABLE, also where `signal` ended it.
   */
  publish(
    topic: string,
    payload: string,
    options: { readonly retain: boolean; readonly signal?: AbortSignal },
  ): Promise<void>;
}

/** Where a connection says whether it is there, retained. */
export const statusTopicOf = (prefix: string): string => `${prefix}/status`;

/** Milliseconds: between two tries to connect, for the broker to answer one, for it to take a message, and to say goodbye. */
const [RECONNECT, CONNECT, ANSWER, GOODBYE] = [1000, 10_000, 20_000, 1000];
/** Seconds of silence after which it is asked whether it is there. */
const KEEPALIVE = 30;

/** Connects in the background; the broker may be away. The caller closes it. Throws CONFIG for the address. */
export async function openMqtt({ url, prefix }: MqttSettings, deps: MqttDeps): Promise<Mqtt> {
  const address = parseMqttUrl(url);
  const { connect } = await import('mqtt');
  const status = statusTopicOf(prefix);
  const client = connect({
    ...address,
    clientId: `sidestream-${randomBytes(5).toString('hex')}`,
    clean: true,
    keepalive: KEEPALIVE,
    connectTimeout: CONNECT,
    reconnectPeriod: RECONNECT,
    // A wrong password may be right later: it is the broker's to change.
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    will: { topic: status, payload: Buffer.from('offline'), qos: 1, retain: true },
  });
  let [isConnected, isClosing, connections] = [false, false, 0];
  const host = `${address.host}:${address.port}`;

  const unreachable = (why: string, cause?: unknown) =>
    new SidestreamError('SERVER_UNREACHABLE', `the MQTT broker at ${host} ${why}`, { cause });

  function publish(topic: string, payload: string, retain: boolean, signal?: AbortSignal): Promise<void> {
    if (!isConnected) return Promise.reject(unreachable('is away: it is tried for ever'));
    if (signal?.aborted) return Promise.reject(unreachable('was not asked: it was stopped'));
    return new Promise((resolve, reject) => {
      const settle = (error?: Error | null) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', drop);
        if (error) reject(unreachable(`did not take a message: ${error.message}`, error));
        else resolve();
      };
      // The client then calls back with an error.
      const drop = () => client.removeOutgoingMessage(id);
      const timer = setTimeout(drop, ANSWER);
      signal?.addEventListener('abort', drop, { once: true });
      client.publish(topic, payload, { qos: 1, retain }, settle);
      const id = client.getLastMessageId();
    });
  }

  const sayOnline = () => publish(status, 'online', true).catch(() => {}); // The next connection says it again.

  client.on('error', (error) => deps.say(unreachable(`does not answer: ${redact(error.message)}`, error)));
  client.on('close', () => {
    isConnected = false;
    dropAll(client);
  });
  client.on('connect', () => {
    isConnected = true;
    connections++;
    // A connection that broke unseen has a will that the broker may carry out after we are back.
    client.subscribe(status, { qos: 1 }, () => {});
    void sayOnline();
    deps.connected();
  });
  client.on('message', (topic, payload) => {
    if (topic === status && String(payload) !== 'online' && !isClosing) void sayOnline();
  });

  return {
    get isConnected() {
      return isConnected;
    },
    get connections() {
      return connections;
    },
    publish: (topic, payload, { retain, signal }) => publish(topic, payload, retain, signal),
    async [Symbol.asyncDispose]() {
      isClosing = true;
      const within = (work: Promise<unknown>) =>
        Promise.race([work.catch(() => {}), sleep(GOODBYE, undefined, { ref: false })]);
      if (isConnected) await within(publish(status, 'offline', true));
      dropAll(client);
      await within(client.endAsync(!isConnected));
      client.stream.destroy();
    },
  };
}

/** What nobody has answered must not be sent by itself later on, out of turn. */
function dropAll(client: MqttClient): void {
  for (const id of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(id));
}

type Address = Pick<IClientOptions, 'username' | 'password' | 'path' | 'ca'> & {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  readonly host: string;
  readonly port: number;
};

const PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const;

/** Throws CONFIG, without the password. */
export function parseMqttUrl(text: string): Address {
  const invalid = (why: string, cause?: unknown) =>
    new SidestreamError('CONFIG', `mqtt.url ${redact(text)}: ${why}`, { cause });
  const [, protocol] = /^(mqtts?|wss?):\/\//.exec(text) ?? [];
  if (!protocol) throw invalid('it must begin with mqtt://, mqtts://, ws:// or wss://');
  if (!URL.canParse(text))
    throw invalid('it is no address: escape what is special in the password (%40 for @)');
  const { hostname, port, username, password, pathname, search, searchParams } = new URL(text);
  if (!hostname) throw invalid('the host is missing');
  const known = protocol as keyof typeof PORTS;
  const ca = searchParams.get('ca');
  const isWeb = known === 'ws' || known === 'wss';
  return {
    protocol: known,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port ? Number(port) : PORTS[known],
    ...(isWeb ? { path: `${pathname}${ca === null ? search : ''}` } : {}),
    ...(username ? { username: plain(username, invalid) } : {}),
    ...(password ? { password: plain(password, invalid) } : {}),
    ...(ca === null ? {} : { ca: certificates(ca, invalid) }),
  };
}

type Invalid = (why: string, cause?: unknown) => SidestreamError;

function plain(text: string, invalid: Invalid): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw invalid('a % in the user or the password stands for itself: write %25', error);
  }
}

function certificates(path: string, invalid: Invalid): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw invalid(`${path} cannot be read: it should hold certificates`, error);
  }
}
