import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Storage } from '../storage/storage.ts';
import type { Db } from './database.ts';
import { uploadKey } from './description.ts';
import type { Uploads } from './jobs.ts';
import type { Room } from './room.ts';

export interface UploadRecord {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly submitter: string;
}

export interface UploadStore extends Uploads {
  find(id: string): UploadRecord | undefined;
  /** Removes uploads from before `time` (milliseconds since 1970) that no job uses. */
  removeUnused(time: number): Promise<void>;
}

export function createUploads(
  { db, storage, room }: { readonly db: Db; readonly storage: Storage; readonly room: Room },
  { folder, maxBytes }: { readonly folder: string; readonly maxBytes: number },
): UploadStore {
  const find = (id: string) =>
    db.prepare('SELECT id, name, bytes, submitter FROM uploads WHERE id = ?').get(id) as
      | UploadRecord
      | undefined;
  return {
    folder,
    maxBytes,
    find,
    check: (bytes, submitter) => room.check(bytes, submitter.id),
    async take(path, { fileName, submitter, id = randomBytes(16).toString('hex') }) {
      const { size } = await stat(path);
      await room.check(size, submitter.id);
      await storage.putFile(uploadKey(id), path, { move: true });
      db.prepare(
        'INSERT OR REPLACE INTO uploads (id, name, bytes, submitter, created) VALUES (?, ?, ?, ?, ?)',
      ).run(id, fileName, size, submitter.id, Date.now());
      return { id, bytes: size };
    },
    async removeUnused(time) {
      const unused =
        'SELECT id FROM uploads WHERE created < ? AND id NOT IN (SELECT upload FROM jobs WHERE upload IS NOT NULL)';
      for (const { id } of db.prepare(unused).all(time) as { id: string }[]) {
        await storage.remove(uploadKey(id));
        db.prepare('DELETE FROM uploads WHERE id = ?').run(id);
      }
    },
  };
}
