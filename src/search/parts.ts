import type { KnownLooks, Model } from './known-looks.ts';
import { decodeRows, encodeRows, joinRows, rowsOf } from './rows.ts';
import type { Run } from './runs.ts';
import type { Tables } from './tables.ts';

/** Runs of one recorded segment, or of one job. */
export interface Part {
  /** The stream or the job. */
  readonly source: string;
  /** The segment, or the job: added again, it replaces what it was. */
  readonly key: string;
  readonly model: { readonly sum: string; readonly dim: number };
  /** Milliseconds, half-open: since 1970 for streams, from the video's start for jobs. */
  readonly from: number;
  readonly to: number;
  /** None begins before `from`. */
  readonly runs: readonly Run[];
}

/** Parts that begin in the same hour stand together. */
const HOUR = 3_600_000;
/** An hour of fewer parts is read from them: joining them would gain nothing. */
const WORTH_JOINING = 16;
/** Hours that are joined at once; what is left has its turn an hour later. */
const AT_ONCE = 2;

/** Keeps parts in the tables. */
export interface Parts {
  /** Throws RangeError where runs do not fit the part or the model. */
  add(part: Part): void;
  remove(source: string, keys: readonly string[]): void;
  /** Removes some of a source's parts; false: there was none left. */
  removeSome(source: string): boolean;
}

interface Kept {
  readonly id: number;
  readonly hour: number;
  readonly looks: ArrayBuffer;
}

export function createParts(tables: Tables, known: KnownLooks): Parts {
  /** The looks of a source's last part: those of its next one are mostly the same. Few sources are live at once. */
  const recent = new Map<string, readonly number[]>();
  const remember = (source: string, looks: readonly number[]) => {
    recent.delete(source);
    recent.set(source, looks);
    if (recent.size > 64) recent.delete(recent.keys().next().value ?? '');
  };

  const modelOf = ({ sum, dim }: Part['model']): Model => {
    const found = tables.get<Model>('SELECT id, dim FROM models WHERE sum = ?', sum);
    if (found && found.dim !== dim)
      throw new RangeError(`the index has embeddings of ${found.dim} numbers of model ${sum}, not of ${dim}`);
    return found ?? { id: tables.insert('INSERT INTO models (sum, dim) VALUES (?, ?)', sum, dim), dim };
  };

  /** The hour that a part belongs to. What was joined of it no longer holds. */
  const hourOf = (model: Model, { source, from }: Part, latest: number) => {
    const start = Math.floor(from / HOUR) * HOUR;
    const find = 'SELECT id FROM hours WHERE source = ? AND start = ? AND model = ?';
    const found = tables.get<{ id: number }>(find, source, start, model.id);
    const change = 'UPDATE hours SET latest = max(latest, ?), looks = NULL, rows = NULL WHERE id = ?';
    if (found) tables.run(change, latest, found.id);
    const insert = 'INSERT INTO hours (model, source, start, latest) VALUES (?, ?, ?, ?)';
    return {
      id: found?.id ?? tables.insert(insert, model.id, source, start, latest),
      start,
      begun: found === undefined,
    };
  };

  const drop = (part: Kept) => {
    const sql = `SELECT models.id, dim FROM hours JOIN models ON models.id = model WHERE hours.id = ?`;
    const model = tables.get<Model>(sql, part.hour);
    tables.run('DELETE FROM parts WHERE id = ?', part.id);
    if (!model) return;
    known.count(model, new Uint32Array(part.looks), -1);
    if (tables.get('SELECT 1 FROM parts WHERE hour = ? LIMIT 1', part.hour)) {
      tables.run('UPDATE hours SET looks = NULL, rows = NULL WHERE id = ?', part.hour);
      return;
    }
    tables.run('DELETE FROM hours WHERE id = ?', part.hour);
    if (tables.get('SELECT 1 FROM hours WHERE model = ? LIMIT 1', model.id)) return;
    tables.run('DELETE FROM kinds WHERE model = ?', model.id);
    tables.run('DELETE FROM models WHERE id = ?', model.id);
    known.forget();
  };
  const find = 'SELECT id, hour, looks FROM parts WHERE source = ? AND key = ?';
  const dropKey = (source: string, key: string) => {
    const part = tables.get<Kept>(find, source, key);
    if (part) drop(part);
  };

  /** Joins the rows of hours that are over. */
  const join = (source: string) => {
    const over = `SELECT id FROM hours WHERE source = ?1 AND rows IS NULL
      AND start < (SELECT max(start) FROM hours WHERE source = ?1) ORDER BY start DESC`;
    let joined = 0;
    for (const { id } of tables.all<{ id: number }>(over, source)) {
      const sql = 'SELECT looks, rows FROM parts WHERE hour = ? ORDER BY start';
      const parts = tables.all<{ looks: ArrayBuffer; rows: ArrayBuffer }>(sql, id);
      if (parts.length < WORTH_JOINING) continue;
      const { looks, rows } = encodeRows(joinRows(parts.map((part) => decodeRows(part.looks, part.rows))));
      tables.run('UPDATE hours SET looks = ?, rows = ? WHERE id = ?', looks, rows, id);
      if (++joined === AT_ONCE) return;
    }
  };

  /** In one transaction; where it fails, the looks in memory are those of before, too. */
  const change = <T>(work: () => T): T => {
    try {
      return tables.together(work);
    } catch (error) {
      known.forget();
      recent.clear();
      throw error;
    }
  };

  return {
    add(part) {
      check(part);
      const { source, key, runs } = part;
      const begun = change(() => {
        dropKey(source, key);
        const model = modelOf(part.model);
        const latest = Math.ceil(runs.reduce((last, { to }) => Math.max(last, to), part.to));
        const hour = hourOf(model, part, latest);
        const ids = known.assign(
          model,
          runs.map(({ look }) => look),
          recent.get(source) ?? [],
        );
        const rows = rowsOf(
          runs.map(({ track, from, to, at, share }, i) => ({
            look: ids[i],
            track,
            share,
            from: from - hour.start,
            to: to - hour.start,
            at: at - hour.start,
          })),
        );
        known.count(model, rows.looks, 1);
        const bytes = encodeRows(rows);
        const insert = 'INSERT INTO parts (hour, source, key, start, looks, rows) VALUES (?, ?, ?, ?, ?, ?)';
        tables.run(insert, hour.id, source, key, Math.floor(part.from), bytes.looks, bytes.rows);
        remember(source, [...rows.looks]);
        return hour.begun;
      });
      if (begun) tables.together(() => join(source));
    },
    remove(source, keys) {
      change(() => {
        for (const key of keys) dropKey(source, key);
      });
    },
    removeSome(source) {
      return change(() => {
        const some = 'SELECT id, hour, looks FROM parts WHERE source = ? LIMIT 32';
        const parts = tables.all<Kept>(some, source);
        for (const part of parts) drop(part);
        recent.delete(source);
        return parts.length > 0;
      });
    },
  };
}

function check({ source, key, model, from, to, runs }: Part): void {
  const what = `part ${key} of ${source}`;
  if (!(Number.isFinite(from) && from <= to && to < Infinity))
    throw new RangeError(`${what} ends before it begins`);
  for (const run of runs) {
    if (run.look.length !== model.dim)
      throw new RangeError(
        `${what} has a look of ${run.look.length} numbers, and its model has ${model.dim}`,
      );
    if (!(run.from >= Math.floor(from) && run.from <= run.at && run.at < run.to && run.to - from < 2 ** 31))
      throw new RangeError(`${what} has a run from ${run.from} to ${run.to}, which is not of its time`);
  }
}
