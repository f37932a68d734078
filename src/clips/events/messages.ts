import { createHash } from 'node:crypto';
import type { Db } from '../../jobs/database.ts';
import type { Webhook } from '../../jobs/records.ts';
import type { EventMessage, EventQuery, EventView } from '../clips.ts';

/** Who is told of events, apart from those who look. */
export interface Told {
  /** Webhooks of the settings and of the stream; one address is told once. */
  webhooksOf(stream: string): readonly Webhook[];
  readonly mqtt: boolean;
}

/** The target that is not a webhook. */
export const MQTT = 'mqtt';

/** Messages in the order in which they were made. Whoever writes has begun a transaction. */
export interface Messages {
  /** Makes a message, the `number`-th of its event, and what is due of it for everybody who is told. */
  add(message: { type: EventMessage['event']; number: number; view: EventView; made: number }): void;
  /** Messages after `after` up to `upTo`, oldest first. */
  read(query: {
    readonly after: number;
    readonly upTo: number;
    readonly stream?: string | undefined;
    readonly rule?: string | undefined;
    readonly limit: number;
  }): readonly { readonly seq: number; readonly message: EventMessage }[];
  /** Sequence number of the newest there ever was; 0 before the first. */
  newest(): number;
  /** Forgets messages from before `time` (milliseconds since 1970). How many of them somebody had not been told yet. */
  forget(time: number): number;
}

/** An id of a webhook that tells nothing of its address. */
const targetOf = (url: string): string => createHash('sha256').update(url).digest('hex').slice(0, 32);

/** What must not overtake each other: messages of an event; at MQTT those of a rule, since it has one state. */
const chainOf = (target: string, { id, stream, rule }: EventView): string =>
  target === MQTT ? `${stream}/${rule}` : id;

export function createMessages(db: Db, { webhooksOf, mqtt }: Told): Messages {
  function deliveries(seq: number, view: EventView, made: number): void {
    const webhooks = webhooksOf(view.stream).map(({ url, secret }) => ({ id: targetOf(url), url, secret }));
    const keep = db.prepare('INSERT OR REPLACE INTO event_targets (id, url, secret) VALUES (?, ?, ?)');
    for (const { id, url, secret } of webhooks) keep.run(id, url, secret);
    const add = db.prepare(
      `INSERT OR IGNORE INTO event_deliveries (target, chain, message, due) VALUES (?1, ?2, ?3,
        CASE WHEN EXISTS (SELECT 1 FROM event_deliveries WHERE target = ?1 AND chain = ?2) THEN NULL ELSE ?4 END)`,
    );
    for (const target of new Set([...webhooks.map(({ id }) => id), ...(mqtt ? [MQTT] : [])]))
      add.run(target, chainOf(target, view), seq, made);
  }

  return {
    add({ type, number, view, made }) {
      const { lastInsertRowid } = db
        .prepare(
          'INSERT INTO event_messages (event, number, stream, rule, type, made, view) VALUES (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(view.id, number, view.stream, view.rule, type, made, JSON.stringify(view));
      deliveries(Number(lastInsertRowid), view, made);
    },
    read({ after, upTo, stream, rule, limit }) {
      const { test, values } = filterOf({ stream, rule });
      const rows = db
        .prepare(
          `SELECT seq, type, view FROM event_messages WHERE seq > ? AND seq <= ? ${test} ORDER BY seq LIMIT ?`,
        )
        .all(after, upTo, ...values, limit) as { seq: number; type: EventMessage['event']; view: string }[];
      return rows.map(({ seq, type, view }) => ({
        seq,
        message: { id: String(seq), event: type, data: JSON.parse(view) },
      }));
    },
    newest() {
      const row = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event_messages'").get();
      return (row as { seq: number } | undefined)?.seq ?? 0;
    },
    forget(time) {
      const { lost } = db
        .prepare(
          `SELECT COUNT(DISTINCT message) AS lost FROM event_deliveries
            WHERE message IN (SELECT seq FROM event_messages WHERE made < ?)`,
        )
        .get(time) as { lost: number };
      db.prepare('DELETE FROM event_messages WHERE made < ?').run(time);
      if (lost > 0)
        db.prepare(`UPDATE event_deliveries AS one SET due = ? WHERE due IS NULL AND ${FIRST}`).run(time);
      db.exec('DELETE FROM event_targets WHERE id NOT IN (SELECT target FROM event_deliveries)');
      return lost;
    },
  };
}

/** Of the delivery `one`: it comes first in its chain. */
const FIRST = `NOT EXISTS (SELECT 1 FROM event_deliveries AS other
  WHERE other.target = one.target AND other.chain = one.chain AND other.message < one.message)`;

/** `AND …` for the stream and the rule, where they are asked for. */
export function filterOf({ stream, rule }: Pick<EventQuery, 'stream' | 'rule'>): {
  readonly test: string;
  readonly values: readonly string[];
} {
  return {
    test: `${stream === undefined ? '' : 'AND stream = ?'} ${rule === undefined ? '' : 'AND rule = ?'}`,
    values: [stream, rule].filter((one) => one !== undefined),
  };
}
