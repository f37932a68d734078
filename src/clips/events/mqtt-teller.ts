import type { Mqtt } from '../../net/mqtt.ts';
import { mqttPayloadOf } from './body.ts';
import type { Delivery } from './deliveries.ts';
import type { EventRecords } from './records.ts';
import { discoveryOf, type RulesOfStream, topicsOf } from './topics.ts';

/** Tells of events by MQTT: each message, and whether anything is open of a rule; Home Assistant learns which rules there are. */
export interface MqttTeller {
  /** False while the broker is away: what is due waits. */
  readonly isConnected: boolean;
  /** Resolves once the broker has the message, and the state of its rule. Throws SERVER_UNREACHABLE. */
  tell(message: Delivery, signal: AbortSignal): Promise<void>;
  /**
   * Says which rules there are, and how each stands; removes what it had said of others. Says only what has changed, and
   * all of it after each connection, as a broker may have lost what it retained. Throws SERVER_UNREACHABLE.
   */
  announce(signal: AbortSignal): Promise<void>;
}

export interface MqttTellerDeps {
  readonly mqtt: Pick<Mqtt, 'isConnected' | 'connections' | 'publish'>;
  readonly records: Pick<EventRecords, 'isOpen' | 'topics'>;
  rulesOf(): readonly RulesOfStream[];
  readonly settings: {
    readonly prefix: string;
    /** undefined: Home Assistant is told nothing. */
    readonly discovery: string | undefined;
    readonly version: string;
  };
}

/** Milliseconds in which an event that has begun switches its rule on, even if it has ended meanwhile: later it is past. */
const FRESH = 10_000;

export function createMqttTeller({ mqtt, records, rulesOf, settings }: MqttTellerDeps): MqttTeller {
  const { prefix, discovery, version } = settings;
  /** What was said in this connection: retained payloads by topic; for states, that there is one. */
  const said = new Map<string, string>();
  let connection = 0;

  const publish = (topic: string, payload: string, retain: boolean, signal: AbortSignal) =>
    mqtt.publish(topic, payload, { retain, signal });

  /** What each topic that is retained says. `state`: it depends on the moment. */
  function wanted(): Map<string, { readonly payload: () => string; readonly key: string }> {
    const topics = new Map<string, { readonly payload: () => string; readonly key: string }>();
    for (const stream of rulesOf()) {
      for (const rule of stream.rules) {
        if (discovery !== undefined) {
          const { topic, payload } = discoveryOf(stream, rule, { prefix, discovery, version });
          topics.set(topic, { payload: () => payload, key: payload });
        }
        const payload = () => stateOf(records.isOpen(stream.stream, rule));
        topics.set(topicsOf(prefix, stream.stream, rule).state, { payload, key: 'state' });
      }
    }
    return topics;
  }

  async function announce(signal: AbortSignal): Promise<void> {
    if (!mqtt.isConnected) return;
    if (connection !== mqtt.connections) said.clear();
    connection = mqtt.connections;
    const topics = wanted();
    const changes = [...topics].filter(([topic, { key }]) => said.get(topic) !== key);
    const leftover = records.topics.all().filter((topic) => !topics.has(topic));
    for (const [topic] of changes) records.topics.add(topic);
    await Promise.all([
      ...changes.map(async ([topic, { payload, key }]) => {
        const ours = connection;
        said.set(topic, key);
        try {
          await publish(topic, payload(), true, signal);
        } catch (error) {
          if (ours === connection) said.delete(topic);
          throw error;
        }
      }),
      ...leftover.map(async (topic) => {
        said.delete(topic);
        await publish(topic, '', true, signal);
        records.topics.remove(topic);
      }),
    ]);
  }

  return {
    get isConnected() {
      return mqtt.isConnected;
    },
    announce,
    async tell(message, signal) {
      // Not waited for: it is on its way before what follows, and done again where it does not get there.
      if (connection !== mqtt.connections) void announce(signal).catch(() => {});
      const { event, state } = topicsOf(prefix, message.stream, message.rule);
      const begins = message.type === 'event.opened' && Date.now() - message.made < FRESH;
      const isOpen = begins || records.isOpen(message.stream, message.rule);
      // In this order: what is switched on finds its attributes there.
      const told = [publish(event, mqttPayloadOf(message), false, signal)];
      // Of a rule that is gone nothing must be retained again.
      if (said.has(state)) told.push(publish(state, stateOf(isOpen), true, signal));
      await Promise.all(told);
    },
  };
}

const stateOf = (isOpen: boolean): string => (isOpen ? 'ON' : 'OFF');
