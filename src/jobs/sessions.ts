import { createHash, randomBytes } from 'node:crypto';
import type { Db } from './database.ts';
import type { Key } from './jobs.ts';

/**
 * Sessions of browsers, each made with a key: pictures, videos and event streams of a page cannot show a key in a header,
 * and show a cookie. A session ends with its key at once.
 */
export interface Sessions {
  /** `secret` is what the cookie holds; only its hash is kept. */
  open(key: Pick<Key, 'id'>): { readonly secret: string; readonly maxAge: number };
  /** The key of a session in force. */
  find(secret: string): Key | undefined;
  /**
   * The same for somebody who comes back, and so keeps the session. `maxAge`: seconds that the cookie is good for from now
   * on, where it must be set anew.
   */
  visit(secret: string): { readonly key: Key; readonly maxAge: number | undefined } | undefined;
  /** Idempotent. */
  close(secret: string): void;
}

export const SESSION_TABLE = `CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    key TEXT NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_key ON sessions (key, created);`;

/** Sessions of one key at most; those end first that nobody has come with for longest. */
const MOST = 100;
/** This part of its length must have passed before a session is prolonged: pages ask often, and each time it is written. */
const STEP = 0.01;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly role: Key['role'];
  readonly created: number;
  readonly expires: number;
}

/** As text: the library takes a sole argument that is bytes for a set of named ones, and ends the process. */
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** `hours`: a session ends when nobody comes with it for so long. `now`: milliseconds since 1970. */
export function createSessions(db: Db, hours: number, now: () => number = Date.now): Sessions {
  const length = hours * 3_600_000;

  function read(secret: string): { key: Key; expires: number } | undefined {
    const row = db
      .prepare(
        `SELECT keys.id, keys.name, keys.role, keys.created, expires FROM sessions JOIN keys ON keys.id = sessions.key
         WHERE sessions.hash = ? AND revoked IS NULL AND expires > ?`,
      )
      .get(hashOf(secret), now()) as Row | undefined;
    if (!row) return undefined;
    const { id, name, role, created, expires } = row;
    return {
      key: { id, name, role, created_at: new Date(created).toISOString(), revoked_at: undefined },
      expires,
    };
  }

  return {
    open({ id }) {
      const secret = randomBytes(32).toString('base64url');
      db.prepare('DELETE FROM sessions WHERE expires <= ?').run(now());
      db.prepare('INSERT INTO sessions (hash, key, created, expires) VALUES (?, ?, ?, ?)').run(
        hashOf(secret),
        id,
        now(),
        now() + length,
      );
      db.prepare(
        'DELETE FROM sessions WHERE key = ?1 AND hash NOT IN (SELECT hash FROM sessions WHERE key = ?1 ORDER BY expires DESC LIMIT ?2)',
      ).run(id, MOST);
      return { secret, maxAge: length / 1000 };
    },
    find: (secret) => read(secret)?.key,
    visit(secret) {
      const found = read(secret);
      if (!found) return undefined;
      const { key, expires } = found;
      if (expires - now() > length * (1 - STEP)) return { key, maxAge: undefined };
      db.prepare('UPDATE sessions SET expires = ? WHERE hash = ?').run(now() + length, hashOf(secret));
      return { key, maxAge: length / 1000 };
    },
    close(secret) {
      db.prepare('DELETE FROM sessions WHERE hash = ?').run(hashOf(secret));
    },
  };
}
