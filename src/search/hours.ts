import type { Pause } from './pause.ts';
import { decodeRows, type Rows } from './rows.ts';
import type { Tables } from './tables.ts';

/** What is asked about: sources, and times in milliseconds, half-open. */
export interface Range {
  /** All sources where absent. */
  readonly sources?: readonly string[] | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface HourRows {
  readonly id: number;
  readonly source: string;
  /** What the rows' times count from. */
  readonly start: number;
  readonly rows: Rows;
}

interface Hour {
  readonly id: number;
  readonly source: string;
  readonly start: number;
}

interface Bytes {
  readonly looks: ArrayBuffer;
  readonly rows: ArrayBuffer;
}

/**
 * The rows of a model, source after source and hour after hour. `wanted` says of the looks of some rows whether they are
 * worth reading. An hour that is changed meanwhile is read as it was or as it is.
 */
export async function* readHours(
  tables: Tables,
  model: number,
  { sources, from = -Infinity, to = Infinity }: Range,
  wanted: (looks: Uint32Array) => boolean,
  pause: Pause,
): AsyncGenerator<HourRows> {
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
    for (const rows of rowsOfHour(tables, id, wanted)) yield { id, source, start, rows };
  }
}

/** The joined rows, or those of each part: read at once, so that none is read twice. */
function rowsOfHour(tables: Tables, hour: number, wanted: (looks: Uint32Array) => boolean): Rows[] {
  const joined = tables.get<{ looks: ArrayBuffer | null }>('SELECT looks FROM hours WHERE id = ?', hour);
  if (joined?.looks) {
    if (!wanted(new Uint32Array(joined.looks))) return [];
    const found = tables.get<{ rows: ArrayBuffer }>('SELECT rows FROM hours WHERE id = ?', hour);
    return found ? [decodeRows(joined.looks, found.rows)] : [];
  }
  return tables
    .all<Bytes>('SELECT looks, rows FROM parts WHERE hour = ? ORDER BY start', hour)
    .filter(({ looks }) => wanted(new Uint32Array(looks)))
    .map(({ looks, rows }) => decodeRows(looks, rows));
}

/** SQLite has no infinite integers. */
const bound = (time: number): number => Math.max(-(2 ** 53), Math.min(2 ** 53, Math.ceil(time)));
