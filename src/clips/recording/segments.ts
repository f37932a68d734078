import type { Db } from '../../jobs/database.ts';
import type { Card } from './card.ts';
import type { MissingNote, Recorded } from './coverage.ts';

/** Which segments there are: an index of the cards in the storage, which can be made anew from them. Times are ticks. */

export const RECORDING_TABLES = `CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    begin INTEGER NOT NULL,
    end INTEGER NOT NULL,
    token INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    model TEXT
  ) STRICT;
  CREATE INDEX segments_time ON segments (stream, begin);
  CREATE INDEX segments_age ON segments (begin);
  CREATE TABLE missing (
    segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    stream TEXT NOT NULL, begin INTEGER NOT NULL, end INTEGER NOT NULL, reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX missing_time ON missing (stream, begin);
  CREATE INDEX missing_segment ON missing (segment);
  CREATE TABLE seen (
    segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    name TEXT NOT NULL, ms INTEGER NOT NULL, share REAL NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (segment, name)
  ) STRICT, WITHOUT ROWID;`;

/** What there is of each stream, kept with every change: millions of segments are not added up each time somebody asks. */
export const RECORDED_TABLE = `CREATE TABLE recorded (
    stream TEXT PRIMARY KEY, segments INTEGER NOT NULL, bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO recorded SELECT stream, SUM(frames > 0), SUM(bytes) FROM segments GROUP BY stream;
  CREATE TRIGGER segment_added AFTER INSERT ON segments BEGIN
    INSERT INTO recorded VALUES (NEW.stream, NEW.frames > 0, NEW.bytes)
      ON CONFLICT (stream) DO UPDATE SET segments = segments + excluded.segments, bytes = bytes + excluded.bytes;
  END;
  CREATE TRIGGER segment_removed AFTER DELETE ON segments BEGIN
    UPDATE recorded SET segments = segments - (OLD.frames > 0), bytes = bytes - OLD.bytes WHERE stream = OLD.stream;
  END;`;

export interface SegmentRow extends Recorded {
  /** Of its card. */
  readonly key: string;
  readonly stream: string;
  /** 0: nothing was recorded; the card says why. */
  readonly frames: number;
  /** Of all its files. */
  readonly bytes: number;
  /** Checksum of the model that saw it; null: there is no analysis. */
  readonly model: string | null;
}

export interface SeenRow {
  /** Milliseconds since 1970: beginning of the bucket. */
  readonly bucket: number;
  readonly name: string;
  readonly ms: number;
  readonly share: number;
  readonly count: number;
}

export interface Segments {
  /** False where it was there already. */
  add(key: string, card: Card, cardBytes: number): boolean;
  has(key: string): boolean;
  /** All whose keys begin with `prefix`. */
  keysBelow(prefix: string): readonly string[];
  /** Segments with pictures in [from, to), by their beginnings. */
  between(stream: string, from: number, to: number): readonly SegmentRow[];
  /** The newest with pictures. */
  last(stream: string): SegmentRow | undefined;
  missing(stream: string, from: number, to: number): readonly MissingNote[];
  /** What was seen, by names and buckets of `step` milliseconds. */
  seen(stream: string, from: number, to: number, step: number): readonly SeenRow[];
  /** Names that were seen in [from, to), longest first. */
  names(stream: string, from: number, to: number): readonly string[];
  /** Those that the model saw, in the order in which they came to be known, behind the one numbered `after`. */
  analysed(after: number, limit: number): readonly { readonly id: number; readonly key: string }[];
  remove(keys: readonly string[]): void;
  /** Oldest first, of one stream or of all. */
  oldest(limit: number, stream?: string): readonly SegmentRow[];
  /** Those that ended before, oldest first. */
  endedBefore(stream: string, time: number, limit: number): readonly SegmentRow[];
  bytes(stream?: string): number;
  /** What there is of each stream that was ever recorded: segments with pictures, and bytes of all files. */
  totals(): readonly { readonly stream: string; readonly segments: number; readonly bytes: number }[];
  streams(): readonly string[];
}

/** A segment is no longer than that, in ticks: how far before a time one may begin that has it. */
const LONGEST = 3600 * 90_000;
const COLUMNS = 'key, stream, begin, end, token, frames, bytes, model';

export function createSegments(db: Db): Segments {
  const rows = (where: string, ...values: unknown[]) =>
    db.prepare(`SELECT ${COLUMNS} FROM segments ${where}`).all(...values) as SegmentRow[];
  return {
    add(key, card, cardBytes) {
      const { stream, begin, end, token, video, analysis, names, missing } = card;
      const bytes = (video?.bytes ?? 0) + (analysis?.bytes ?? 0) + cardBytes;
      db.exec('BEGIN IMMEDIATE');
      try {
        const { changes, lastInsertRowid: id } = db
          .prepare(
            'INSERT OR IGNORE INTO segments (key, stream, begin, end, token, frames, bytes, model) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
          )
          .run(key, stream, begin, end, token, video?.frames ?? 0, bytes, analysis?.model.sum ?? null);
        if (changes > 0) {
          const miss = db.prepare('INSERT INTO missing VALUES (?, ?, ?, ?, ?)');
          for (const { from, to, reason } of missing) miss.run(id, stream, from, to, reason);
          const see = db.prepare('INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?, ?)');
          for (const { name, ms, share, count } of names) see.run(id, name, ms, share, count);
        }
        db.exec('COMMIT');
        return changes > 0;
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    has: (key) => db.prepare('SELECT 1 FROM segments WHERE key = ?').get(key) !== undefined,
    keysBelow: (prefix) =>
      rows('WHERE key >= ? AND key < ?', prefix, `${prefix}\uffff`).map(({ key }) => key),
    between: (stream, from, to) =>
      rows(
        'WHERE stream = ? AND begin >= ? AND begin < ? AND end > ? AND frames > 0 ORDER BY begin, token',
        ...[stream, from - LONGEST, to, from],
      ),
    last: (stream) => rows('WHERE stream = ? AND frames > 0 ORDER BY begin DESC LIMIT 1', stream)[0],
    missing: (stream, from, to) => {
      const about = 'SELECT begin AS "from", end AS "to", reason FROM missing WHERE stream = ?';
      const within = db.prepare(`${about} AND begin < ? AND end >= ? ORDER BY begin`).all(stream, to, from);
      // What holds until something is recorded again may have been said long before.
      const before = db
        .prepare(
          `${about} AND begin < ? AND begin = end AND NOT EXISTS (
             SELECT 1 FROM segments WHERE segments.stream = missing.stream AND frames > 0
               AND segments.begin >= missing.begin AND segments.begin < ?
           ) ORDER BY begin DESC LIMIT 1`,
        )
        .all(stream, from, from);
      return [...before, ...within] as MissingNote[];
    },
    seen: (stream, from, to, step) =>
      db
        .prepare(
          `SELECT CAST(begin / 90 / ? AS INTEGER) * ? AS bucket, name, SUM(ms) AS ms, MAX(share) AS share, MAX(count) AS count
           FROM segments JOIN seen ON seen.segment = segments.id
           WHERE stream = ? AND begin >= ? AND begin < ? AND frames > 0 GROUP BY bucket, name ORDER BY bucket, ms DESC`,
        )
        .all(step, step, stream, from, to) as SeenRow[],
    names: (stream, from, to) =>
      (
        db
          .prepare(
            `SELECT name, SUM(ms) AS ms FROM segments JOIN seen ON seen.segment = segments.id
             WHERE stream = ? AND begin >= ? AND begin < ? AND end > ? GROUP BY name ORDER BY SUM(ms) DESC`,
          )
          .all(stream, from - LONGEST, to, from) as { name: string }[]
      ).map(({ name }) => name),
    analysed: (after, limit) =>
      db
        .prepare('SELECT id, key FROM segments WHERE id > ? AND model IS NOT NULL ORDER BY id LIMIT ?')
        .all(after, limit) as { id: number; key: string }[],
    remove(keys) {
      const statement = db.prepare('DELETE FROM segments WHERE key = ?');
      for (const key of keys) statement.run(key);
    },
    oldest: (limit, stream) =>
      stream === undefined
        ? rows('ORDER BY begin LIMIT ?', limit)
        : rows('WHERE stream = ? ORDER BY begin LIMIT ?', stream, limit),
    endedBefore: (stream, time, limit) =>
      rows('WHERE stream = ? AND end < ? ORDER BY begin LIMIT ?', stream, time, limit),
    bytes(stream) {
      const where = stream === undefined ? '' : 'WHERE stream = ?';
      const values = stream === undefined ? [] : [stream];
      const row = db.prepare(`SELECT COALESCE(SUM(bytes), 0) AS n FROM recorded ${where}`).get(...values);
      return Number((row as { n: number }).n);
    },
    totals: () =>
      db.prepare('SELECT stream, segments, bytes FROM recorded ORDER BY stream').all() as ReturnType<
        Segments['totals']
      >,
    streams: () =>
      (db.prepare('SELECT DISTINCT stream FROM segments').all() as { stream: string }[]).map(
        ({ stream }) => stream,
      ),
  };
}
