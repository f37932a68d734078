import type { KnownLooks, Model } from './known-looks.ts';
import type { Pause } from './pause.ts';
import {
  decodeRows,
  decodeWholeRows,
  encodeRows,
  joinRows,
  type Rows,
  type WholeRowBytes,
  type WholeRows,
} from './rows.ts';
import type { Tables } from './tables.ts';

/** Parts that begin in the same hour stand together. Milliseconds. */
const HOUR = 3_600_000;
/** An hour of fewer parts is read from them: joining them would gain nothing. */
const WORTH_JOINING = 16;
/** Hours that are joined at once; what is left has its turn an hour later. */
const AT_ONCE = 2;

export const hourOf = (time: number): number => Math.floor(time / HOUR) * HOUR;

export interface OpenHour {
  readonly id: number;
  /** True where it is its first part. */
  readonly begun: boolean;
}

/** The hour of a part that is added. What was joined of it no longer holds. `latest`: when the part's last run ends. */
export function openHour(
  tables: Tables,
  known: KnownLooks,
  model: Model,
  part: {
    readonly source: string;
    readonly from: number;
    readonly latest: number;
    readonly looks: Uint32Array;
  },
): OpenHour {
  const { source, from, latest, looks } = part;
  const start = hourOf(from);
  const find = `SELECT id, looks, latest, rows IS NOT NULL AS joined FROM hours
    WHERE source = ? AND start = ? AND model = ?`;
  interface Found {
    readonly id: number;
    readonly looks: ArrayBuffer;
    readonly latest: number;
    readonly joined: number;
  }
  const found = tables.get<Found>(find, source, start, model.id);
  const before = new Set(found && new Uint32Array(found.looks));
  const more = looks.filter((look) => !before.has(look));
  known.count(model, more, 1);
  const all = Uint32Array.of(...before, ...more).sort();
  if (!found) {
    const insert = 'INSERT INTO hours (model, source, start, latest, looks) VALUES (?, ?, ?, ?, ?)';
    // Most of the parts to come end before that, and then only they are written.
    const id = tables.insert(insert, model.id, source, start, Math.max(latest, start + HOUR), all);
    return { id, begun: true };
  }
  const change = 'UPDATE hours SET looks = ?, latest = ?, rows = NULL, moments = NULL WHERE id = ?';
  if (more.length > 0 || found.joined || latest > found.latest)
    tables.run(change, all, Math.max(latest, found.latest), found.id);
  return { id: found.id, begun: false };
}

/** Brings an hour up to date of which parts were removed. */
export function renewHour(tables: Tables, known: KnownLooks, id: number): void {
  const sql = 'SELECT models.id, dim, looks FROM hours JOIN models ON models.id = model WHERE hours.id = ?';
  const hour = tables.get<Model & { readonly looks: ArrayBuffer }>(sql, id);
  if (!hour) return;
  const parts = tables.all<{ looks: ArrayBuffer }>('SELECT looks FROM parts WHERE hour = ?', id);
  const left = new Set(parts.flatMap(({ looks }) => [...new Uint32Array(looks)]));
  known.count(
    hour,
    new Uint32Array(hour.looks).filter((look) => !left.has(look)),
    -1,
  );
  if (parts.length === 0) tables.run('DELETE FROM hours WHERE id = ?', id);
  else
    tables.run(
      'UPDATE hours SET looks = ?, rows = NULL, moments = NULL WHERE id = ?',
      Uint32Array.from(left).sort(),
      id,
    );
}

/** Joins the rows of a source's hours that are over. */
export function joinHours(tables: Tables, source: string): void {
  const over = `SELECT id FROM hours WHERE source = ?1 AND rows IS NULL
    AND start < (SELECT max(start) FROM hours WHERE source = ?1) ORDER BY start DESC`;
  let joined = 0;
  for (const { id } of tables.all<{ id: number }>(over, source)) {
    const parts = tables.all<WholeRowBytes>(WHOLE.ofParts, id);
    if (parts.length < WORTH_JOINING) continue;
    const { looks, rows, moments } = encodeRows(joinRows(parts.map(decodeWholeRows)));
    const sql = 'UPDATE hours SET looks = ?, rows = ?, moments = ? WHERE id = ?';
    tables.run(sql, looks, rows, moments, id);
    if (++joined === AT_ONCE) return;
  }
}

/** What is asked about: sources, and times in milliseconds, half-open. */
export interface Range {
  /** All sources where absent. */
  readonly sources?: readonly string[] | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface HourRows<R extends Rows> {
  readonly id: number;
  readonly source: string;
  /** What the rows' times count from. */
  readonly start: number;
  readonly rows: R;
}

/** What is read of rows: the same for all who ask. */
export interface Reading<R extends Rows> {
  readonly ofHour: string;
  readonly ofParts: string;
  readonly decode: (bytes: WholeRowBytes) => R;
}

const reading = <R extends Rows>(columns: string, decode: Reading<R>['decode']): Reading<R> => ({
  ofHour: `SELECT ${columns} FROM hours WHERE id = ? AND rows IS NOT NULL`,
  ofParts: `SELECT ${columns} FROM parts WHERE hour = ? ORDER BY start`,
  decode,
});
export const TIMES: Reading<Rows> = reading('looks, rows', decodeRows);
export const WHOLE: Reading<WholeRows> = reading('looks, rows, moments', decodeWholeRows);

interface Hour {
  readonly id: number;
  readonly source: string;
  readonly start: number;
}

/**
 * The rows of a model, source after source and hour after hour. `wanted` says of the looks of some rows whether they are
 * worth reading. An hour that is changed meanwhile is read as it was or as it is.
 */
export async function* readHours<R extends Rows>(
  tables: Tables,
  model: number,
  { sources, from = -Infinity, to = Infinity }: Range,
  { what, wanted }: { readonly what: Reading<R>; readonly wanted: (looks: Uint32Array) => boolean },
  pause: Pause,
): AsyncGenerator<HourRows<R>> {
  const find = 'SELECT id, source, start FROM hours WHERE model = ? AND start < ? AND latest > ?';
  const bounds = [model, bound(to), bound(from)];
  const hours =
    sources === undefined
      ? tables.all<Hour>(`${find} ORDER BY source, start`, ...bounds)
      : [...new Set(sources)].flatMap((source) =>
          tables.all<Hour>(`${find} AND source = ? ORDER BY start`, ...bounds, source),
        );
  for (const { id, source, start } of hours) {
    await pause();
    const hour = tables.get<{ looks: ArrayBuffer }>('SELECT looks FROM hours WHERE id = ?', id);
    if (!hour || !wanted(new Uint32Array(hour.looks))) continue;
    for (const rows of rowsOfHour(tables, id, what, wanted)) yield { id, source, start, rows };
  }
}

/** The joined rows of an hour, or those of each part: read at once, so that none is read twice. */
export function rowsOfHour<R extends Rows>(
  tables: Tables,
  id: number,
  { ofHour, ofParts, decode }: Reading<R>,
  wanted: (looks: Uint32Array) => boolean,
): R[] {
  const joined = tables.get<WholeRowBytes>(ofHour, id);
  if (joined) return [decode(joined)];
  return tables
    .all<WholeRowBytes>(ofParts, id)
    .filter(({ looks }) => wanted(new Uint32Array(looks)))
    .map(decode);
}

/** SQLite has no infinite integers. */
const bound = (time: number): number => Math.max(-(2 ** 53), Math.min(2 ** 53, Math.ceil(time)));
