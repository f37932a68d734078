import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { EVENT_TABLES } from '../clips/events/tables.ts';
import { RECORDED_TABLE } from '../clips/recording/segments.ts';
import { CLIP_TABLES } from '../clips/tables.ts';
import { SESSION_TABLE } from './sessions.ts';

/**
 * The durable record of jobs, streams, recordings, clips, events, keys and uploads: SQLite, one file beside the server. Redis may forget a job; this does not.
 */
export type Db = Database.Database;

const RECORDS = [
  `CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    submitter TEXT NOT NULL,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    finished INTEGER,
    bytes INTEGER NOT NULL DEFAULT 0,
    upload TEXT,
    view TEXT NOT NULL,
    webhook TEXT
  ) STRICT;
  CREATE INDEX jobs_state ON jobs (state, id);
  CREATE INDEX jobs_submitter ON jobs (submitter);
  CREATE TABLE names (job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, name TEXT NOT NULL, PRIMARY KEY (name, job)) STRICT, WITHOUT ROWID;
  CREATE TABLE idempotency (
    submitter TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, job TEXT NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (submitter, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE webhooks (
    job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE uploads (id TEXT PRIMARY KEY, name TEXT NOT NULL, bytes INTEGER NOT NULL, submitter TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
  CREATE TABLE keys (id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash BLOB NOT NULL, created INTEGER NOT NULL, revoked INTEGER) STRICT;`,
  `CREATE TABLE streams (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    wish TEXT NOT NULL,
    wished INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    submitter TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    shown TEXT NOT NULL,
    description TEXT NOT NULL
  ) STRICT;`,
  CLIP_TABLES,
  EVENT_TABLES,
  RECORDED_TABLE,
  SESSION_TABLE,
];

/** Opens the records. `path`: a file, or `:memory:`. */
export const openDatabase = (path: string): Db => openSqlite(path, RECORDS, 'FULL');

/**
 * Opens a database, and makes it or brings it up to date first. `migrations`: each brings the file from one version to the
 * next; `user_version` counts them. `synchronous`: FULL where what was answered for must outlive a power cut, NORMAL where
 * it can be made again.
 */
export function openSqlite(path: string, migrations: readonly string[], synchronous: 'FULL' | 'NORMAL'): Db {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const db = new Database(path);
  db.exec('PRAGMA busy_timeout = 5000');
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  db.exec('PRAGMA foreign_keys = ON');
  const version = () => Number(Object.values(db.prepare('PRAGMA user_version').get() as object)[0]);
  for (let next = version(); next < migrations.length; next++) {
    db.exec('BEGIN IMMEDIATE');
    // Another process may have done it meanwhile.
    if (version() === next) db.exec(`${migrations[next]} PRAGMA user_version = ${next + 1}`);
    db.exec('COMMIT');
  }
  return db;
}
