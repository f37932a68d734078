import { levelOf } from './levels.ts';
import { GAP } from './runs.ts';

/** Runs as the index keeps them: in columns, by the ids of their looks. Milliseconds count from the hour's start. */
export interface Rows {
  /** Ids of the looks that occur, ascending. */
  readonly looks: Uint32Array;
  /** One a row, by `from`: where its look is in `looks`. */
  readonly look: Uint16Array;
  readonly track: Int32Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly at: Uint32Array;
  readonly share: Float32Array;
}

export interface Row {
  /** Id. */
  readonly look: number;
  readonly track: number;
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly share: number;
}

export function rowsOf(list: readonly Row[]): Rows {
  const sorted = [...list].sort((a, b) => a.from - b.from || a.track - b.track);
  const looks = Uint32Array.from(new Set(sorted.map(({ look }) => look))).sort();
  const places = new Map(Array.from(looks, (id, place) => [id, place]));
  return {
    looks,
    look: Uint16Array.from(sorted, ({ look }) => places.get(look) ?? 0),
    track: Int32Array.from(sorted, ({ track }) => track),
    from: Uint32Array.from(sorted, ({ from }) => from),
    to: Uint32Array.from(sorted, ({ to }) => to),
    at: Uint32Array.from(sorted, ({ at }) => at),
    share: Float32Array.from(sorted, ({ share }) => share),
  };
}

/** Bytes of a row. */
const ROW = 22;

/** Looks as they are; then the columns, the widest first. */
export function encodeRows({ looks, look, track, from, to, at, share }: Rows): {
  readonly looks: Uint8Array;
  readonly rows: Uint8Array;
} {
  const columns = [track, from, to, at, share, look];
  const bytes = columns.map((column) => new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return { looks: new Uint8Array(looks.buffer), rows: Buffer.concat(bytes) };
}

export function decodeRows(looks: ArrayBuffer, rows: ArrayBuffer): Rows {
  const count = rows.byteLength / ROW;
  return {
    looks: new Uint32Array(looks),
    track: new Int32Array(rows, 0, count),
    from: new Uint32Array(rows, 4 * count, count),
    to: new Uint32Array(rows, 8 * count, count),
    at: new Uint32Array(rows, 12 * count, count),
    share: new Float32Array(rows, 16 * count, count),
    look: new Uint16Array(rows, 20 * count, count),
  };
}

interface Joined extends Row {
  to: number;
  at: number;
  share: number;
}

/**
 * Rows that go on, one for each: those of a track with the same look and level of share, less than a second apart. What a
 * search finds is the same before and after.
 */
export function joinRows(parts: readonly Rows[]): Rows {
  const all = parts.flatMap((rows) => listOf(rows)).sort((a, b) => a.from - b.from);
  const open = new Map<string, Joined>();
  const joined: Joined[] = [];
  for (const row of all) {
    const key = `${row.track} ${row.look} ${levelOf(row.share)}`;
    const before = open.get(key);
    if (before && row.from - before.to < GAP) {
      before.to = Math.max(before.to, row.to);
      if (row.share > before.share) Object.assign(before, { share: row.share, at: row.at });
    } else {
      const begun = { ...row };
      joined.push(begun);
      open.set(key, begun);
    }
  }
  return rowsOf(joined);
}

function listOf({ looks, look, track, from, to, at, share }: Rows): Row[] {
  return Array.from(look, (place, i) => ({
    look: looks[place],
    track: track[i],
    from: from[i],
    to: to[i],
    at: at[i],
    share: share[i],
  }));
}
