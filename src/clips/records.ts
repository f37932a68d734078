import type { Db } from '../jobs/database.ts';
import { type ClipQuery, type ClipState, type ClipView, isCut } from './clips.ts';

/** The durable record of clips. */
export interface ClipRecord {
  readonly view: ClipView;
  readonly submitter: string;
  /** Of all that it has in the storage. */
  readonly bytes: number;
}

export interface ClipRecords {
  /** False where there is one for the event already; it stays as it is. */
  add(record: ClipRecord): boolean;
  get(id: string): ClipRecord | undefined;
  ofEvent(event: string): ClipRecord | undefined;
  /** Newest first; `cursor`: those before that id. */
  list(query: ClipQuery): readonly ClipRecord[];
  /** Those that are not cut yet, oldest first. */
  open(): readonly ClipRecord[];
  /** False where it is gone. */
  update(view: ClipView, bytes: number): boolean;
  remove(id: string): void;
  /** Clips that may go, made before `time` (milliseconds since 1970), oldest first. */
  madeBefore(time: number, limit: number): readonly ClipRecord[];
  /** Events whose clips are to be kept. */
  keptEvents(): readonly string[];
  bytes(submitter?: string): number;
  counts(): Readonly<Record<string, number>>;
}

interface Row {
  readonly view: string;
  readonly submitter: string;
  readonly bytes: number;
}

const recordOf = ({ view, submitter, bytes }: Row): ClipRecord => ({
  view: JSON.parse(view),
  submitter,
  bytes,
});
const COLUMNS = 'clips.view, clips.submitter, clips.bytes';

export function createClipRecords(db: Db): ClipRecords {
  const all = (rest: string, ...values: unknown[]) =>
    (db.prepare(`SELECT ${COLUMNS} FROM clips ${rest}`).all(...values) as Row[]).map(recordOf);
  const sum = (rest: string, ...values: unknown[]) =>
    Number(
      (db.prepare(`SELECT COALESCE(SUM(bytes), 0) AS n FROM clips ${rest}`).get(...values) as { n: number })
        .n,
    );
  const nameAll = ({ id, labels }: ClipView) => {
    db.prepare('DELETE FROM clip_names WHERE clip = ?').run(id);
    const name = db.prepare('INSERT OR IGNORE INTO clip_names (clip, name) VALUES (?, ?)');
    for (const label of labels) name.run(id, label.toLowerCase());
  };
  const together = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };
  return {
    add: ({ view, submitter, bytes }) =>
      together(() => {
        const { changes } = db
          .prepare(
            'INSERT OR IGNORE INTO clips (id, stream, state, begin, end, event, rule, keep, submitter, created, bytes, view) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
          )
          .run(
            ...[
              view.id,
              view.stream,
              view.state,
              Date.parse(view.from),
              Date.parse(view.to),
              view.event ?? null,
            ],
            ...[view.rule ?? null, Number(view.keep), submitter, Date.parse(view.created_at), bytes],
            JSON.stringify(view),
          );
        if (changes > 0) nameAll(view);
        return changes > 0;
      }),
    get: (id) => all('WHERE id = ?', id)[0],
    ofEvent: (event) => all('WHERE event = ?', event)[0],
    list(query) {
      const { stream, label, rule, event, keep, state, from, to, cursor, limit } = query;
      const tests: (readonly [string, unknown])[] = [
        ['stream = ?', stream],
        ['id IN (SELECT clip FROM clip_names WHERE name = ?)', label?.toLowerCase()],
        ['rule = ?', rule],
        ['event = ?', event],
        ['keep = ?', keep === undefined ? undefined : Number(keep)],
        ['state = ?', state],
        ['end > ?', from],
        ['begin < ?', to],
        ['id < ?', cursor],
      ];
      const asked = tests.filter(([, value]) => value !== undefined);
      const where = asked.length > 0 ? `WHERE ${asked.map(([test]) => test).join(' AND ')}` : '';
      return all(`${where} ORDER BY id DESC LIMIT ?`, ...asked.map(([, value]) => value), limit);
    },
    open: () => all("WHERE state IN ('waiting', 'queued', 'running') ORDER BY id"),
    update: (view, bytes) =>
      together(() => {
        const { changes } = db
          .prepare('UPDATE clips SET state = ?, keep = ?, bytes = ?, view = ? WHERE id = ?')
          .run(view.state, Number(view.keep), bytes, JSON.stringify(view), view.id);
        if (changes > 0) nameAll(view);
        return changes > 0;
      }),
    remove(id) {
      db.prepare('DELETE FROM clips WHERE id = ?').run(id);
    },
    madeBefore: (time, limit) =>
      all('WHERE keep = 0 AND created < ? ORDER BY created LIMIT ?', time, limit).filter(({ view }) =>
        isCut(view.state as ClipState),
      ),
    keptEvents: () =>
      (
        db.prepare('SELECT event FROM clips WHERE keep = 1 AND event IS NOT NULL').all() as {
          event: string;
        }[]
      ).map(({ event }) => event),
    bytes: (submitter) => (submitter === undefined ? sum('') : sum('WHERE submitter = ?', submitter)),
    counts() {
      const rows = db.prepare('SELECT state, COUNT(*) AS n FROM clips GROUP BY state').all();
      return Object.fromEntries((rows as { state: string; n: number }[]).map(({ state, n }) => [state, n]));
    },
  };
}
