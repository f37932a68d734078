import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Db } from './database.ts';
import type { Key, Keys, Role } from './jobs.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly created: number;
  readonly revoked: number | null;
  readonly hash: Uint8Array;
}

const keyOf = ({ id, name, role, created, revoked }: Row): Key => ({
  id,
  name,
  role,
  created_at: new Date(created).toISOString(),
  revoked_at: revoked === null ? undefined : new Date(revoked).toISOString(),
});

/** A key is 256 random bits: nobody can guess it, so a fast hash does, and no salt is needed. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Compared with where there is no such key, so that this takes as long. */
const NOBODY = Buffer.alloc(32);

/** Keys of the API, of which only hashes are kept. */
export function createKeys(db: Db): Keys {
  const columns = 'id, name, role, created, revoked, hash';
  return {
    count: () =>
      (db.prepare('SELECT COUNT(*) AS n FROM keys WHERE revoked IS NULL').get() as { n: number }).n,
    list: () => (db.prepare(`SELECT ${columns} FROM keys ORDER BY created, id`).all() as Row[]).map(keyOf),
    create(name, role) {
      const id = randomBytes(6).toString('hex');
      const secret = `ssk_${id}_${randomBytes(32).toString('base64url')}`;
      const created = Date.now();
      db.prepare('INSERT INTO keys (id, name, role, hash, created) VALUES (?, ?, ?, ?, ?)').run(
        id,
        name,
        role,
        hashOf(secret),
        created,
      );
      return { key: keyOf({ id, name, role, created, revoked: null, hash: NOBODY }), secret };
    },
    revoke: (id) =>
      db.prepare('UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL').run(Date.now(), id).changes >
      0,
    find(secret) {
      const [, id = ''] = /^ssk_([0-9a-f]{12})_[\w-]{43}$/.exec(secret) ?? [];
      const row = db.prepare(`SELECT ${columns} FROM keys WHERE id = ? AND revoked IS NULL`).get(id) as
        | Row
        | undefined;
      const same = timingSafeEqual(row ? Buffer.from(row.hash) : NOBODY, hashOf(secret));
      return row && same ? keyOf(row) : undefined;
    },
  };
}
