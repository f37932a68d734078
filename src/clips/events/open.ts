import type { Logger } from 'pino';
import type { Config } from '../../config/load.ts';
import { SidestreamError } from '../../core/errors.ts';
import type { Db } from '../../jobs/database.ts';
import { repeat } from '../../jobs/housekeeping.ts';
import { createGuard } from '../../net/address-guard.ts';
import { openMqtt } from '../../net/mqtt.ts';
import { answered, whileAway } from '../../queue/connection.ts';
import { onceInAWhile } from '../../queue/quiet.ts';
import type { StreamBoard } from '../../queue/stream-board.ts';
import type { StreamRecords } from '../../streams/records.ts';
import { heldBy } from '../../streams/view.ts';
import { keepEvents } from './housekeeping.ts';
import { createMqttTeller } from './mqtt-teller.ts';
import { createEventRecords, type EventRecords } from './records.ts';

/** Events of the server: their records, and everybody who is told of them. */
export interface EventStation extends AsyncDisposable {
  readonly records: EventRecords;
  /** Tells, until `signal` is aborted. `isKept`: whether a clip is. */
  run(isKept: (clip: string) => boolean, signal: AbortSignal): Promise<void>;
}

export interface EventStationDeps {
  readonly config: Config;
  readonly db: Db;
  readonly streams: StreamRecords;
  readonly board: StreamBoard;
  readonly version: string;
  readonly log: Logger;
}

/** Milliseconds between two looks for events that nobody will end. */
const LOOK = 5000;

/** Throws CONFIG. */
export async function openEvents({
  config,
  db,
  streams,
  board,
  version,
  log,
}: EventStationDeps): Promise<EventStation> {
  const { events, webhooks, mqtt: broker, clips } = config;
  const { secret } = webhooks;
  if (events.webhooks.length > 0 && secret === null)
    throw new SidestreamError('CONFIG', 'events.webhooks cannot be signed: set webhooks.secret');
  const told = events.webhooks.map((url) => ({ url, secret: secret ?? '' }));
  const records = createEventRecords(db, { webhooksOf: () => told, mqtt: broker.url !== null });
  const away = onceInAWhile((error: Error) =>
    log.warn({ err: error.message }, 'the MQTT broker is away: trying again'),
  );
  const connection =
    broker.url === null
      ? undefined
      : await openMqtt(
          { url: broker.url, prefix: broker.prefix },
          { say: away, connected: () => records.bell.ring() },
        );
  const rulesOf = () =>
    streams.list().map(({ description: { id, name, rules } }) => ({
      ...{ stream: id, name, rules: rules?.rules.map((rule) => rule.name) ?? [] },
    }));
  const mqtt =
    connection &&
    createMqttTeller({
      ...{ mqtt: connection, records, rulesOf },
      settings: { prefix: broker.prefix, discovery: broker.discovery ?? undefined, version },
    });

  /** Events of streams that are stopped or gone end with them: nobody looks any more. */
  async function endAbandoned(): Promise<void> {
    const { events: open } = records.list({ state: 'open', limit: 1000 });
    for (const stream of new Set(open.map((event) => event.stream))) {
      const record = streams.get(stream);
      if (record?.wish === 'running') continue;
      // While Redis is away nobody knows whether it is held.
      const situations = await answered(board.read([stream])).catch(whileAway(undefined));
      if (!situations || heldBy(situations[0])) continue;
      records.closeAll(stream, Date.now(), record ? 'the stream was stopped' : 'the stream was removed');
    }
  }

  return {
    records,
    async run(isKept, signal) {
      const every = repeat(log, signal);
      const { attempts, timeout_ms } = webhooks;
      const guard = createGuard({ allow: config.jobs.allow_addresses });
      const retention = { days: clips.event_days, message_days: events.message_days };
      await Promise.all([
        keepEvents(
          { ...{ records, guard, mqtt, log, isKept, retention }, settings: { attempts, timeout_ms } },
          signal,
        ),
        every(LOOK, 'ending events of streams that are gone', endAbandoned),
      ]);
    },
    [Symbol.asyncDispose]: async () => connection?.[Symbol.asyncDispose](),
  };
}
