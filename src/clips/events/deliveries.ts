import type { Db } from '../../jobs/database.ts';
import type { EventMessage } from '../clips.ts';
import { together } from './tables.ts';

/** A message that somebody is to be told of now. */
export interface Delivery {
  readonly target: string;
  readonly chain: string;
  /** Sequence number. */
  readonly message: number;
  /** Tries that have failed. */
  readonly attempts: number;
  /** Of the target; undefined for MQTT. */
  readonly url: string | undefined;
  readonly secret: string | undefined;
  readonly event: string;
  /** Which of its event's messages it is, from 1. */
  readonly number: number;
  readonly stream: string;
  readonly rule: string;
  readonly type: EventMessage['event'];
  /** Milliseconds since 1970. */
  readonly made: number;
  /** JSON of an `EventView`. */
  readonly view: string;
}

/** What is still to be told, and to whom. */
export interface Deliveries {
  /** For whom anything is due at `time` (milliseconds since 1970). */
  targets(time: number): readonly string[];
  /** The longest due first: of each chain its first message alone. */
  due(target: string, time: number, limit: number): readonly Delivery[];
  /** It was taken, or given up: the next one of its chain is due. */
  done(delivery: Pick<Delivery, 'target' | 'chain' | 'message'>): void;
  /** It failed: again at `due`. */
  retry(delivery: Pick<Delivery, 'target' | 'chain' | 'message'>, due: number): void;
  /** Whoever it is wants nothing of what waits. How much that is. */
  end(target: string): number;
  /** How many messages wait for each target. */
  waiting(): ReadonlyMap<string, number>;
}

interface Row extends Omit<Delivery, 'url' | 'secret'> {
  readonly url: string | null;
  readonly secret: string | null;
}

const ONE = 'target = ? AND chain = ? AND message = ?';

export function createDeliveries(db: Db, now: () => number): Deliveries {
  return {
    targets: (time) =>
      (
        db
          .prepare('SELECT DISTINCT target FROM event_deliveries WHERE due <= ? ORDER BY target')
          .all(time) as {
          target: string;
        }[]
      ).map(({ target }) => target),
    due: (target, time, limit) =>
      (
        db
          .prepare(
            `SELECT target, chain, message, attempts, url, secret, event, number, stream, rule, type, made, view
              FROM event_deliveries JOIN event_messages ON seq = message LEFT JOIN event_targets ON id = target
              WHERE target = ? AND due <= ? ORDER BY due, message LIMIT ?`,
          )
          .all(target, time, limit) as Row[]
      ).map((row) => ({ ...row, url: row.url ?? undefined, secret: row.secret ?? undefined })),
    done: ({ target, chain, message }) =>
      together(db, () => {
        const { changes } = db
          .prepare(`DELETE FROM event_deliveries WHERE ${ONE}`)
          .run(target, chain, message);
        if (changes === 0) return;
        db.prepare(
          `UPDATE event_deliveries SET due = ?1 WHERE target = ?2 AND chain = ?3 AND due IS NULL
            AND message = (SELECT MIN(message) FROM event_deliveries WHERE target = ?2 AND chain = ?3)`,
        ).run(now(), target, chain);
      }),
    retry({ target, chain, message }, due) {
      db.prepare(`UPDATE event_deliveries SET attempts = attempts + 1, due = ? WHERE ${ONE}`).run(
        due,
        target,
        chain,
        message,
      );
    },
    end: (target) => db.prepare('DELETE FROM event_deliveries WHERE target = ?').run(target).changes,
    waiting() {
      const rows = db.prepare('SELECT target, COUNT(*) AS n FROM event_deliveries GROUP BY target').all();
      return new Map((rows as { target: string; n: number }[]).map(({ target, n }) => [target, n]));
    },
  };
}
