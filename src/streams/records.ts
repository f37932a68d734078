import type { Db } from '../jobs/database.ts';
import type { StreamDescription } from './description.ts';
import type { Wish } from './streams.ts';

/** What is known of a stream when nobody holds it. */
export interface StreamRecord {
  readonly description: StreamDescription;
  readonly wish: Wish;
  /** Milliseconds since 1970: when that came to be the wish, when the stream was made, and when it was last changed. */
  readonly wished: number;
  readonly created: number;
  readonly updated: number;
  readonly submitter: string;
  readonly shown: Shown;
}

/** What is for people alone. */
export interface Shown {
  /** Without credentials. */
  readonly url: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface StreamRecords {
  add(record: StreamRecord): void;
  get(id: string): StreamRecord | undefined;
  /** By name. */
  list(): readonly StreamRecord[];
  /** Keeps what has changed. False where the stream is gone. */
  update(record: StreamRecord): boolean;
  remove(id: string): void;
}

interface Row {
  readonly wish: Wish;
  readonly wished: number;
  readonly created: number;
  readonly updated: number;
  readonly submitter: string;
  readonly shown: string;
  readonly description: string;
}

const recordOf = ({ wish, wished, created, updated, submitter, shown, description }: Row): StreamRecord => ({
  description: JSON.parse(description),
  wish,
  wished,
  created,
  updated,
  submitter,
  shown: JSON.parse(shown),
});

const COLUMNS = 'wish, wished, created, updated, submitter, shown, description';

export function createStreamRecords(db: Db): StreamRecords {
  const all = (sql: string, ...values: unknown[]) => (db.prepare(sql).all(...values) as Row[]).map(recordOf);
  return {
    add({ description, wish, wished, created, updated, submitter, shown }) {
      const { id, name, revision } = description;
      db.prepare(
        `INSERT INTO streams (id, name, revision, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        id,
        name,
        revision,
        wish,
        wished,
        created,
        updated,
        submitter,
        JSON.stringify(shown),
        JSON.stringify(description),
      );
    },
    get: (id) => all(`SELECT ${COLUMNS} FROM streams WHERE id = ?`, id)[0],
    list: () => all(`SELECT ${COLUMNS} FROM streams ORDER BY name COLLATE NOCASE, id`),
    update({ description, wish, wished, updated, shown }) {
      const { id, name, revision } = description;
      const { changes } = db
        .prepare(
          'UPDATE streams SET name = ?, revision = ?, wish = ?, wished = ?, updated = ?, shown = ?, description = ? WHERE id = ?',
        )
        .run(name, revision, wish, wished, updated, JSON.stringify(shown), JSON.stringify(description), id);
      return changes > 0;
    },
    remove(id) {
      db.prepare('DELETE FROM streams WHERE id = ?').run(id);
    },
  };
}
