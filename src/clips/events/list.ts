import { z } from 'zod';
import { SidestreamError } from '../../core/errors.ts';
import type { Db } from '../../jobs/database.ts';
import type { EventQuery, EventView } from '../clips.ts';
import { filterOf } from './messages.ts';
import { type EventState, viewOf } from './state.ts';

/** When the last event of a page began, in milliseconds since 1970, and its id. */
const cursorSchema = z.tuple([z.int(), z.string().max(100)]);
type Cursor = z.output<typeof cursorSchema>;

const write = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function read(text: string): Cursor {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch (error) {
    const message = 'cursor: no page of events gave it, leave it out to begin with the newest';
    throw new SidestreamError('USAGE', message, { cause: error });
  }
}

/** Events, the one that began last first. Throws USAGE on a cursor that no page gave. */
export function listEvents(
  db: Db,
  query: EventQuery & { readonly cursor?: string | undefined; readonly limit: number },
): { readonly events: readonly EventView[]; readonly next: string | undefined } {
  const { label, state, from, to, cursor, limit } = query;
  const filter = filterOf(query);
  const tests: (readonly [test: string, values: readonly (string | number)[]])[] = [
    [filter.test, filter.values],
    ...(label === undefined
      ? []
      : [['AND id IN (SELECT event FROM event_names WHERE name = ?)', [label.toLowerCase()]] as const]),
    ...(state === undefined ? [] : [[`AND ended IS ${state === 'open' ? '' : 'NOT'} NULL`, []] as const]),
    ...(from === undefined ? [] : [['AND (ended IS NULL OR ended >= ?)', [from]] as const]),
    ...(to === undefined ? [] : [['AND began < ?', [to]] as const]),
    ...(cursor === undefined ? [] : [['AND (began, id) < (?, ?)', read(cursor)] as const]),
  ];
  // One more than asked for, which tells whether there is another page.
  const rows = db
    .prepare(
      `SELECT id, began, state FROM events WHERE 1 ${tests.map(([test]) => test).join(' ')}
        ORDER BY began DESC, id DESC LIMIT ?`,
    )
    .all(...tests.flatMap(([, values]) => values), limit + 1) as {
    id: string;
    began: number;
    state: string;
  }[];
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    events: page.map((row) => viewOf(JSON.parse(row.state) as EventState)),
    next: rows.length > limit && last ? write([last.began, last.id]) : undefined,
  };
}
