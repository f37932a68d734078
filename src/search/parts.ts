import { hourOf, joinHours, type OpenHour, openHour, renewHour } from './hours.ts';
import type { KnownLooks, Model } from './known-looks.ts';
import { createPause } from './pause.ts';
import { encodeRows, rowsOf } from './rows.ts';
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

/** Keeps parts in the tables, one change after the other. */
export interface Parts {
  /** Throws RangeError where runs do not fit the part or the model. */
  add(part: Part): Promise<void>;
  remove(source: string, keys: readonly string[]): Promise<void>;
  removeAll(source: string): Promise<void>;
  /** Begins nothing more, and waits for what was begun. A source that is being removed may keep some of its parts. */
  close(): Promise<void>;
}

interface Kept {
  readonly id: number;
  readonly hour: number;
}

/** Parts that are removed in one transaction. */
const AT_ONCE = 64;

export function createParts(tables: Tables, known: KnownLooks): Parts {
  /** The looks of a source's last part: those of its next one are mostly the same. Few sources are live at once. */
  const recent = new Map<string, readonly number[]>();
  const remember = (source: string, looks: readonly number[]) => {
    recent.delete(source);
    recent.set(source, looks);
    const [first] = recent.keys();
    if (recent.size > 64) recent.delete(first);
  };

  const modelOf = ({ sum, dim }: Part['model']): Model => {
    const found = tables.get<Model>('SELECT id, dim FROM models WHERE sum = ?', sum);
    if (found && found.dim !== dim)
      throw new RangeError(`the index has embeddings of ${found.dim} numbers of model ${sum}, not of ${dim}`);
    return found ?? { id: tables.insert('INSERT INTO models (sum, dim) VALUES (?, ?)', sum, dim), dim };
  };

  const insert = (part: Part, model: Model, looks: readonly number[]): OpenHour => {
    const { source, key, runs } = part;
    const start = hourOf(part.from);
    const rows = rowsOf(
      runs.map(({ track, from, to, at, share }, i) => ({
        look: looks[i],
        track,
        share,
        from: from - start,
        to: to - start,
        at: at - start,
      })),
    );
    const latest = Math.ceil(runs.reduce((last, { to }) => Math.max(last, to), part.to));
    const replaced = find(source, key);
    if (replaced) tables.run('DELETE FROM parts WHERE id = ?', replaced.id);
    const hour = openHour(tables, known, model, { source, from: part.from, latest, looks: rows.looks });
    const bytes = encodeRows(rows);
    const sql =
      'INSERT INTO parts (hour, source, key, start, looks, rows, moments) VALUES (?, ?, ?, ?, ?, ?, ?)';
    tables.run(sql, hour.id, source, key, Math.floor(part.from), bytes.looks, bytes.rows, bytes.moments);
    // Last, so that looks stay that the part has again.
    if (replaced) renewHour(tables, known, replaced.hour);
    remember(source, [...rows.looks]);
    return hour;
  };

  const find = (source: string, key: string) =>
    tables.get<Kept>('SELECT id, hour FROM parts WHERE source = ? AND key = ?', source, key);

  const drop = (parts: readonly Kept[]) => {
    for (const { id } of parts) tables.run('DELETE FROM parts WHERE id = ?', id);
    for (const hour of new Set(parts.map((part) => part.hour))) renewHour(tables, known, hour);
    dropModels();
  };

  /** Models of which there is nothing any more. */
  const dropModels = () => {
    const empty = 'SELECT id FROM models WHERE NOT EXISTS (SELECT 1 FROM hours WHERE model = models.id)';
    for (const { id } of tables.all<{ id: number }>(empty)) {
      tables.run('DELETE FROM kinds WHERE model = ?', id);
      tables.run('DELETE FROM models WHERE id = ?', id);
      known.forget();
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  /** After all that was asked for before. Where it fails, the looks in memory are read again. */
  const change = <T>(work: () => T | Promise<T>): Promise<T> => {
    const changed = last.then(() => tables.together(work));
    last = changed.catch(() => {
      known.forget();
      recent.clear();
    });
    return changed;
  };

  const running = new Set<Promise<void>>();
  let closing = false;
  /** Until it has ended, nothing is closed. */
  const begin = (work: () => Promise<void>): Promise<void> => {
    if (closing) return Promise.reject(new Error('the search index is closed'));
    const begun = work().finally(() => running.delete(begun));
    running.add(begun);
    return begun;
  };

  /** Batch after batch, for as long as there are more. What is added meanwhile has an id above `newest`, and stays. */
  const removing = (work: (newest: number, batch: number) => boolean) =>
    begin(async () => {
      const pause = createPause();
      let newest = 0;
      for (let [batch, more] = [0, true]; more; batch++) {
        more = await change(() => {
          if (batch === 0) newest = tables.get<{ id: number }>('SELECT max(id) AS id FROM parts')?.id ?? 0;
          return work(newest, batch);
        });
        await pause();
      }
    });

  return {
    add: (part) =>
      begin(async () => {
        check(part);
        const { begun } = await change(async () => {
          const model = modelOf(part.model);
          const looks = part.runs.map(({ look }) => look);
          const ids = await known.assign(model, looks, recent.get(part.source) ?? [], createPause());
          const hour = insert(part, model, ids);
          dropModels();
          return hour;
        });
        if (begun) await change(() => joinHours(tables, part.source));
      }),
    remove: (source, keys) =>
      removing((newest, batch) => {
        const some = keys.slice(batch * AT_ONCE, (batch + 1) * AT_ONCE);
        drop(some.flatMap((key) => find(source, key) ?? []).filter(({ id }) => id <= newest));
        return keys.length > (batch + 1) * AT_ONCE;
      }),
    removeAll: (source) =>
      removing((newest) => {
        const some = `SELECT id, hour FROM parts WHERE id <= ? AND hour = (
            SELECT hour FROM parts WHERE source = ? AND id <= ? LIMIT 1
          ) LIMIT ?`;
        const parts = tables.all<Kept>(some, newest, source, newest, AT_ONCE);
        drop(parts);
        return parts.length > 0 && !closing;
      }),
    async close() {
      closing = true;
      await Promise.allSettled(running);
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
