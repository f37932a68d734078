import type { Db } from '../../jobs/database.ts';

/**
 * Times are milliseconds since 1970. `events.ended` is null while an event is open. Of the deliveries of a chain, the first
 * alone has a time when it is due: the next one gets it when that is done, so nothing is overtaken.
 */
export const EVENT_TABLES = `CREATE TABLE events (
    id TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    rule TEXT NOT NULL,
    token INTEGER NOT NULL,
    began INTEGER NOT NULL,
    ended INTEGER,
    messages INTEGER NOT NULL,
    state TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_began ON events (began, id);
  CREATE INDEX events_stream ON events (stream, began, id);
  CREATE INDEX events_order ON events (stream, rule, token, began, id);
  CREATE INDEX events_open ON events (stream, rule) WHERE ended IS NULL;
  CREATE INDEX events_ended ON events (ended, id) WHERE ended IS NOT NULL;
  CREATE TABLE event_names (
    event TEXT NOT NULL REFERENCES events (id) ON DELETE CASCADE, name TEXT NOT NULL, PRIMARY KEY (name, event)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_names_event ON event_names (event);
  CREATE TABLE event_messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    stream TEXT NOT NULL,
    rule TEXT NOT NULL,
    type TEXT NOT NULL,
    made INTEGER NOT NULL,
    view TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_messages_made ON event_messages (made);
  CREATE TABLE event_targets (id TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL) STRICT;
  CREATE TABLE event_deliveries (
    target TEXT NOT NULL,
    chain TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES event_messages (seq) ON DELETE CASCADE,
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER,
    PRIMARY KEY (target, chain, message)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_deliveries_due ON event_deliveries (target, due) WHERE due IS NOT NULL;
  CREATE INDEX event_deliveries_message ON event_deliveries (message);
  CREATE TABLE event_topics (topic TEXT PRIMARY KEY) STRICT;
  CREATE TABLE event_marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;`;

/** All of the work, or nothing of it. */
export function together<T>(db: Db, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}
