import { type Db, openSqlite } from '../jobs/database.ts';

/** The file of the index: all of it can be made again from lists of runs. */

const TABLES = [
  `CREATE TABLE models (id INTEGER PRIMARY KEY AUTOINCREMENT, sum TEXT NOT NULL UNIQUE, dim INTEGER NOT NULL) STRICT;
  CREATE TABLE kinds (id INTEGER PRIMARY KEY AUTOINCREMENT, model INTEGER NOT NULL, steps BLOB NOT NULL) STRICT;
  CREATE INDEX kinds_model ON kinds (model);
  -- hours: how many have runs that look like this.
  CREATE TABLE looks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, model INTEGER NOT NULL, kind INTEGER NOT NULL, hours INTEGER NOT NULL,
    steps BLOB NOT NULL
  ) STRICT;
  CREATE INDEX looks_model ON looks (model);
  -- Parts that begin in one hour. latest: when the last of their runs ends, or later. looks: all that they have.
  -- rows, moments: all of theirs, joined; NULL: to be read from the parts. What is read most comes first.
  CREATE TABLE hours (
    id INTEGER PRIMARY KEY AUTOINCREMENT, model INTEGER NOT NULL, source TEXT NOT NULL, start INTEGER NOT NULL,
    latest INTEGER NOT NULL, looks BLOB NOT NULL, rows BLOB, moments BLOB
  ) STRICT;
  CREATE UNIQUE INDEX hours_source ON hours (source, start, model);
  CREATE INDEX hours_model ON hours (model, source, start);
  CREATE TABLE parts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, hour INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, start INTEGER NOT NULL,
    looks BLOB NOT NULL, rows BLOB NOT NULL, moments BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX parts_key ON parts (source, key);
  CREATE INDEX parts_hour ON parts (hour, start);`,
];

export interface Tables {
  all<T>(sql: string, ...values: readonly unknown[]): T[];
  /** Blobs are ArrayBuffers of their own. */
  get<T>(sql: string, ...values: readonly unknown[]): T | undefined;
  run(sql: string, ...values: readonly unknown[]): void;
  /** Adds a row; gives its id. */
  insert(sql: string, ...values: readonly unknown[]): number;
  /**
   * All of it or nothing. One after the other: `work` may let others have their turn, and what these read meanwhile is
   * what is written so far.
   */
  together<T>(work: () => T | Promise<T>): Promise<T>;
  close(): void;
}

/** Opens the tables, and makes them where there are none. `path`: a file, or `:memory:`. */
export function openTables(path: string): Tables {
  const db = openSqlite(path, TABLES, 'NORMAL');
  const statements = new Map<string, ReturnType<Db['prepare']>>();
  const prepared = (sql: string) => {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  /** The library takes bytes alone. */
  const bound = (values: readonly unknown[]) =>
    values.map((value) => {
      if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    });
  return {
    all: <T>(sql: string, ...values: readonly unknown[]) => prepared(sql).all(...bound(values)) as T[],
    // `get` of the library gives blobs as Buffers and adds a key of its own.
    get: <T>(sql: string, ...values: readonly unknown[]) =>
      prepared(sql).all(...bound(values))[0] as T | undefined,
    run: (sql, ...values) => void prepared(sql).run(...bound(values)),
    insert: (sql, ...values) => Number(prepared(sql).run(...bound(values)).lastInsertRowid),
    async together(work) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = await work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => void db.close(),
  };
}
