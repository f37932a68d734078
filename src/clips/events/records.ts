import type { Db } from '../../jobs/database.ts';
import type { EventQuery, EventView } from '../clips.ts';
import { type Bell, createBell } from './bell.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import { listEvents } from './list.ts';
import { createMessages, type Messages, type Told } from './messages.ts';
import type { Report } from './report.ts';
import { type EventState, messageOf, timesOf, viewOf, withEnd, withReport } from './state.ts';
import { together } from './tables.ts';
import { createTopicRecords, type TopicRecords } from './topic-records.ts';

/**
 * Events as they are kept. Each change of one makes a message, and what is due of it for whoever is told, in the same
 * transaction: a change that is known will be told.
 */
export interface EventRecords {
  /**
   * Takes what workers say, all or nothing. How many messages it made. What comes twice, or late, changes nothing. One event
   * is open at a time of a rule of a stream: where a later one is known, an earlier one has ended unseen (`lost`).
   */
  take(reports: readonly Report[]): number;
  get(id: string): EventView | undefined;
  /** Newest first. Throws USAGE on a cursor that no page gave. */
  list(query: EventQuery & { readonly cursor?: string | undefined; readonly limit: number }): {
    readonly events: readonly EventView[];
    readonly next: string | undefined;
  };
  openOf(stream: string): readonly EventView[];
  isOpen(stream: string, rule: string): boolean;
  /**
   * Ends what is open of a stream `at` a time (milliseconds since 1970), and says why. `olderThan`: only what no holder with
   * this token, or a newer one, has spoken of. How many events that were.
   */
  closeAll(stream: string, at: number, why: string, olderThan?: number): number;
  /** Says which clip was cut for an event; undefined: it is gone. Nothing where there is no such event. */
  setClip(event: string, clip: string | undefined): void;
  /**
   * Removes events that ended before `time` (milliseconds since 1970), but for those whose clip is kept; what is still
   * reported of them is not heard. How many there were.
   */
  removeEnded(time: number, isKept: (clip: string) => boolean): number;
  readonly messages: Omit<Messages, 'add'>;
  readonly deliveries: Deliveries;
  /** Topics with retained messages that are ours to remove. */
  readonly topics: TopicRecords;
  /** Rings when there are new messages. */
  readonly bell: Bell;
}

interface Row {
  readonly state: string;
  readonly messages: number;
}
type Known = { readonly state: EventState; readonly messages: number };

const LOST = 'lost';
/** Events that are looked at in one go. */
const BATCH = 500;

export function createEventRecords(
  db: Db,
  { now = Date.now, ...told }: Told & { readonly now?: () => number },
): EventRecords {
  const bell = createBell();
  const messages = createMessages(db, told);

  const known = (sql: string, ...values: unknown[]): Known[] =>
    (db.prepare(`SELECT state, messages FROM events ${sql}`).all(...values) as Row[]).map((row) => ({
      state: JSON.parse(row.state),
      messages: row.messages,
    }));
  const find = (id: string): Known | undefined => known('WHERE id = ?', id)[0];
  const views = (sql: string, ...values: unknown[]) =>
    known(sql, ...values).map(({ state }) => viewOf(state));

  /** Keeps a change, and tells of it if it can be seen. How many messages that makes. */
  function keep(before: Known | undefined, state: EventState): number {
    if (before?.state === state) return 0;
    const view = viewOf(state);
    const isSeen = !before || JSON.stringify(view) !== JSON.stringify(viewOf(before.state));
    const number = (before?.messages ?? 0) + (isSeen ? 1 : 0);
    const { began, ended } = timesOf(state);
    db.prepare(
      `INSERT INTO events (id, stream, rule, token, began, ended, messages, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET token = excluded.token, began = excluded.began, ended = excluded.ended,
          messages = excluded.messages, state = excluded.state`,
    ).run(view.id, view.stream, view.rule, state.token, began, ended ?? null, number, JSON.stringify(state));
    if (!isSeen) return 0;
    db.prepare('DELETE FROM event_names WHERE event = ?').run(view.id);
    const name = db.prepare('INSERT OR IGNORE INTO event_names (event, name) VALUES (?, ?)');
    for (const one of view.names) name.run(view.id, one.toLowerCase());
    messages.add({ type: messageOf(before?.state, state), number, view, made: now() });
    return 1;
  }

  /** Earlier or later by who reported it and when it began: a holder that was cut off may have gone on by itself. */
  const others = (than: '<' | '>', open: string) =>
    `WHERE stream = ? AND rule = ? ${open} AND (token, began, id) ${than} (?, ?, ?) AND id <> ?`;

  function takeOne(report: Report): number {
    const { stream, event } = report;
    const before = find(event.id);
    if (!before && event.seconds * 1000 < horizon()) return 0;
    let state = withReport(before?.state, report);
    const place = [stream, event.rule, state.token, timesOf(state).began, event.id, event.id];
    const isLater = db.prepare(`SELECT 1 FROM events ${others('>', '')} LIMIT 1`).get(...place) !== undefined;
    if (isLater) state = withEnd(state, LOST);
    const lost = known(others('<', 'AND ended IS NULL'), ...place);
    return [...lost.map((one) => keep(one, withEnd(one.state, LOST))), keep(before, state)].reduce(
      (sum, made) => sum + made,
    );
  }

  const horizon = () => {
    const row = db.prepare("SELECT value FROM event_marks WHERE name = 'removed'").get();
    return (row as { value: number } | undefined)?.value ?? 0;
  };

  /** A change of one or more events, and then the bell. */
  function change(work: () => number): number {
    const made = together(db, work);
    if (made > 0) bell.ring();
    return made;
  }

  return {
    bell,
    messages: { ...messages, forget: (time) => together(db, () => messages.forget(time)) },
    deliveries: createDeliveries(db, now),
    topics: createTopicRecords(db),
    take: (reports) => change(() => reports.reduce((sum, report) => sum + takeOne(report), 0)),
    get(id) {
      const found = find(id);
      return found && viewOf(found.state);
    },
    list: (query) => listEvents(db, query),
    openOf: (stream) => views('WHERE stream = ? AND ended IS NULL ORDER BY began, id', stream),
    isOpen: (stream, rule) =>
      db
        .prepare('SELECT 1 FROM events WHERE stream = ? AND rule = ? AND ended IS NULL LIMIT 1')
        .get(stream, rule) !== undefined,
    closeAll: (stream, at, why, olderThan = Number.MAX_SAFE_INTEGER) =>
      change(() =>
        known(
          'WHERE stream = ? AND ended IS NULL AND token < ? ORDER BY began, id',
          stream,
          olderThan,
        ).reduce((sum, one) => sum + keep(one, withEnd(one.state, why, at)), 0),
      ),
    setClip(event, clip) {
      change(() => {
        const before = find(event);
        return before ? keep(before, { ...before.state, clip }) : 0;
      });
    },
    removeEnded(time, isKept) {
      together(db, () =>
        db
          .prepare(
            `INSERT INTO event_marks (name, value) VALUES ('removed', ?)
              ON CONFLICT (name) DO UPDATE SET value = MAX(value, excluded.value)`,
          )
          .run(time),
      );
      let removed = 0;
      for (let last = { ended: -1, id: '' }, more = true; more; ) {
        const rows = db
          .prepare(
            'SELECT id, ended, state FROM events WHERE ended < ? AND (ended, id) > (?, ?) ORDER BY ended, id LIMIT ?',
          )
          .all(time, last.ended, last.id, BATCH) as { id: string; ended: number; state: string }[];
        const old = rows.filter(({ state }) => {
          const { clip }: EventState = JSON.parse(state);
          return clip === undefined || !isKept(clip);
        });
        together(db, () => {
          for (const { id } of old) db.prepare('DELETE FROM events WHERE id = ?').run(id);
        });
        removed += old.length;
        more = rows.length === BATCH;
        last = rows.at(-1) ?? last;
      }
      return removed;
    },
  };
}
