import { levelOf } from './levels.ts';
import { GAP } from './runs.ts';

/** Runs as the index keeps them: in columns, by the ids of their looks. Milliseconds count from the hour's start. */
export interface Rows {
  /** Ids of the looks that occur, ascending. */
  readonly looks: Uint32Array;
  /** One a row, by `from`: where its look is in `looks`. */
  readonly look: Uint16Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly share: Float32Array;
}

/** With what few of those who ask for rows want to know. */
export interface WholeRows extends Rows {
  readonly track: Int32Array;
  readonly at: Uint32Array;
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

export function rowsOf(list: readonly Row[]): WholeRows {
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

export interface RowBytes {
  readonly looks: ArrayBuffer;
  readonly rows: ArrayBuffer;
}

export interface WholeRowBytes extends RowBytes {
  readonly moments: ArrayBuffer;
}

/** Bytes of a row, and of its moment. */
const [ROW, MOMENT] = [14, 8];

/** Looks as they are; then the columns, the widest first. */
export function encodeRows({ looks, look, from, to, share, track, at }: WholeRows): WholeRowBytes {
  const bytesOf = (...columns: readonly ArrayBufferView[]) =>
    new Uint8Array(
      Buffer.concat(
        columns.map((column) => new Uint8Array(column.buffer, column.byteOffset, column.byteLength)),
      ),
    ).buffer;
  return {
    looks: bytesOf(looks),
    rows: bytesOf(from, to, share, look),
    moments: bytesOf(track, at),
  };
}

export function decodeRows({ looks, rows }: RowBytes): Rows {
  const count = rows.byteLength / ROW;
  return {
    looks: new Uint32Array(looks),
    from: new Uint32Array(rows, 0, count),
    to: new Uint32Array(rows, 4 * count, count),
    share: new Float32Array(rows, 8 * count, count),
    look: new Uint16Array(rows, 12 * count, count),
  };
}

export function decodeWholeRows(bytes: WholeRowBytes): WholeRows {
  const count = bytes.moments.byteLength / MOMENT;
  return {
    ...decodeRows(bytes),
    track: new Int32Array(bytes.moments, 0, count),
    at: new Uint32Array(bytes.moments, 4 * count, count),
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
export function joinRows(parts: readonly WholeRows[]): WholeRows {
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

function listOf({ looks, look, track, from, to, at, share }: WholeRows): Row[] {
  return Array.from(look, (place, i) => ({
    look: looks[place],
    track: track[i],
    from: from[i],
    to: to[i],
    at: at[i],
    share: share[i],
  }));
}
