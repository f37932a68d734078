import { SidestreamError } from '../core/errors.ts';
import type { Db } from './database.ts';
import { isFinal, type JobState, type JobView, STATES } from './jobs.ts';

/** What is known of a job when nobody works on it. */
export interface JobRecord {
  readonly view: JobView;
  readonly submitter: string;
  /** The upload that it is about. */
  readonly upload: string | undefined;
  readonly webhook: Webhook | undefined;
  /** Of all that it has in the storage. */
  readonly bytes: number;
}

export interface Webhook {
  readonly url: string;
  readonly secret: string;
}

export interface Delivery {
  readonly job: string;
  readonly attempts: number;
}

export interface Records {
  /**
   * Keeps a new job. With an idempotency key that is known: the id of the job of the first time, where the request is the
   * same, and nothing is kept. Throws CONFLICT where it is another.
   */
  add(record: JobRecord, idempotency?: { readonly key: string; readonly request: string }): string;
  get(id: string): JobRecord | undefined;
  /** Newest first, those before `before`. */
  list(query: {
    readonly state?: JobState | undefined;
    readonly label?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  }): readonly JobRecord[];
  /** Those that have not ended, oldest first. */
  open(): readonly JobRecord[];
  /** Keeps what has changed. A job that has ended stays so; with its end its webhook is due. */
  update(view: JobView, bytes: number): void;
  remove(id: string): void;
  /** Bytes that a submitter's jobs and uploads have in the storage; of all of them where none is named. */
  bytes(submitter?: string): number;
  /** How many jobs are in each state. */
  counts(): Readonly<Record<string, number>>;
  /** Jobs that ended before `time` (milliseconds since 1970), oldest first. */
  endedBefore(time: number, limit: number): readonly JobRecord[];
  due(time: number, limit: number): readonly Delivery[];
  /** Tries the webhook of a job again at `due`; undefined: never again. */
  deliver(job: string, due: number | undefined): void;
  /** Idempotency keys from before `time` are forgotten. */
  forget(time: number): void;
}

interface Row {
  readonly submitter: string;
  readonly view: string;
  readonly upload: string | null;
  readonly webhook: string | null;
  readonly bytes: number;
}

const recordOf = ({ submitter, view, upload, webhook, bytes }: Row): JobRecord => ({
  view: JSON.parse(view),
  submitter,
  upload: upload ?? undefined,
  webhook: webhook === null ? undefined : JSON.parse(webhook),
  bytes,
});

const COLUMNS = 'jobs.submitter, jobs.view, jobs.upload, jobs.webhook, jobs.bytes';

export function createRecords(db: Db): Records {
  const all = (sql: string, ...values: unknown[]) => (db.prepare(sql).all(...values) as Row[]).map(recordOf);
  const number = (sql: string, ...values: unknown[]) =>
    Number(Object.values((db.prepare(sql).get(...values) ?? { none: 0 }) as object)[0] ?? 0);
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
    add: ({ view, submitter, upload, webhook, bytes }, idempotency) =>
      together(() => {
        const now = Date.parse(view.created_at);
        if (idempotency) {
          const { key, request } = idempotency;
          const find = db.prepare('SELECT request, job FROM idempotency WHERE submitter = ? AND key = ?');
          const known = find.get(submitter, key) as { request: string; job: string } | undefined;
          if (known && known.request !== request) {
            const message = `the Idempotency-Key ${key} was used for another request: use a new one`;
            throw new SidestreamError('CONFLICT', message);
          }
          if (known) return known.job;
          const keep =
            'INSERT INTO idempotency (submitter, key, request, job, created) VALUES (?, ?, ?, ?, ?)';
          db.prepare(keep).run(submitter, key, request, view.id, now);
        }
        db.prepare(
          'INSERT INTO jobs (id, submitter, state, created, bytes, upload, view, webhook) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        ).run(
          view.id,
          submitter,
          view.state,
          now,
          bytes,
          upload ?? null,
          JSON.stringify(view),
          webhook ? JSON.stringify(webhook) : null,
        );
        const name = db.prepare('INSERT OR IGNORE INTO names (job, name) VALUES (?, ?)');
        for (const one of view.vocabulary) name.run(view.id, one.toLowerCase());
        return view.id;
      }),
    get: (id) => all(`SELECT ${COLUMNS} FROM jobs WHERE id = ?`, id)[0],
    list({ state, label, before, limit }) {
      const tests = [
        ...(state === undefined ? [] : [['jobs.state = ?', state] as const]),
        ...(before === undefined ? [] : [['jobs.id < ?', before] as const]),
        ...(label === undefined
          ? []
          : [['jobs.id IN (SELECT job FROM names WHERE name = ?)', label.toLowerCase()] as const]),
      ];
      const where = tests.length > 0 ? `WHERE ${tests.map(([test]) => test).join(' AND ')}` : '';
      const values = tests.map(([, value]) => value);
      return all(`SELECT ${COLUMNS} FROM jobs ${where} ORDER BY jobs.id DESC LIMIT ?`, ...values, limit);
    },
    open: () => all(`SELECT ${COLUMNS} FROM jobs WHERE state IN ('queued', 'running') ORDER BY id`),
    update: (view, bytes) =>
      together(() => {
        const finished = view.finished_at === undefined ? null : Date.parse(view.finished_at);
        const { changes } = db
          .prepare(
            "UPDATE jobs SET state = ?, view = ?, bytes = ?, finished = ? WHERE id = ? AND state IN ('queued', 'running')",
          )
          .run(view.state, JSON.stringify(view), bytes, finished, view.id);
        if (changes === 0 || !isFinal(view.state)) return;
        db.prepare(
          'INSERT OR IGNORE INTO webhooks (job, due) SELECT id, ? FROM jobs WHERE id = ? AND webhook IS NOT NULL',
        ).run(Date.now(), view.id);
      }),
    remove(id) {
      db.prepare('DELETE FROM jobs WHERE id = ?').run(id);
    },
    bytes(submitter) {
      const whose = submitter === undefined ? '' : 'WHERE submitter = ?';
      const values = submitter === undefined ? [] : [submitter];
      return ['jobs', 'uploads'].reduce(
        (sum, table) => sum + number(`SELECT SUM(bytes) FROM ${table} ${whose}`, ...values),
        0,
      );
    },
    counts() {
      const rows = db.prepare('SELECT state, COUNT(*) AS n FROM jobs GROUP BY state').all();
      const found = (rows as { state: string; n: number }[]).map(({ state, n }) => [state, n] as const);
      return { ...Object.fromEntries(STATES.map((state) => [state, 0])), ...Object.fromEntries(found) };
    },
    endedBefore: (time, limit) =>
      all(`SELECT ${COLUMNS} FROM jobs WHERE finished < ? ORDER BY finished LIMIT ?`, time, limit),
    due: (time, limit) =>
      db
        .prepare('SELECT job, attempts FROM webhooks WHERE due <= ? ORDER BY due LIMIT ?')
        .all(time, limit) as Delivery[],
    deliver(job, due) {
      if (due === undefined) db.prepare('DELETE FROM webhooks WHERE job = ?').run(job);
      else db.prepare('UPDATE webhooks SET attempts = attempts + 1, due = ? WHERE job = ?').run(due, job);
    },
    forget(time) {
      db.prepare('DELETE FROM idempotency WHERE created < ?').run(time);
    },
  };
}
