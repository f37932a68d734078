import { createEventRecords, type EventRecords } from '../../../../src/clips/events/records.ts';
import type { Report } from '../../../../src/clips/events/report.ts';
import { EVENT_TABLES } from '../../../../src/clips/events/tables.ts';
import { type Db, openSqlite } from '../../../../src/jobs/database.ts';
import type { Webhook } from '../../../../src/jobs/records.ts';

/** Seconds since 1970 that the tests count from. */
export const START = 1_700_000_000;

type Said = Report['event'];

/** What a worker says. `at`: seconds after `START`. */
export function report(
  type: Said['type'],
  id: string,
  at: number,
  {
    stream = 'gate',
    token = 1,
    rule = 'loitering',
    began = 0,
    ...more
  }: Partial<Omit<Said, 'began'>> & { stream?: string; token?: number; began?: number } = {},
): Report {
  return {
    stream,
    token,
    event: {
      type,
      id,
      rule,
      seconds: START + at,
      began: START + began,
      tracks: [7],
      names: ['person'],
      best: { seconds: START + began, track: 7, score: 0.75, share: 0.125, box: [0.25, 0.5, 0.5, 1] },
      ...(type === 'close' ? { ended: START + at } : {}),
      ...more,
    },
  };
}

export const time = (at: number): string => new Date((START + at) * 1000).toISOString();

export interface Opened {
  readonly db: Db;
  readonly records: EventRecords;
}

export function openRecords({
  path = ':memory:',
  webhooks = [],
  mqtt = false,
  now,
}: {
  path?: string;
  webhooks?: readonly Webhook[];
  mqtt?: boolean;
  now?: () => number;
} = {}): Opened {
  const db = openSqlite(path, [EVENT_TABLES], 'FULL');
  const records = createEventRecords(db, { webhooksOf: () => webhooks, mqtt, ...(now ? { now } : {}) });
  return { db, records };
}

/** All messages that are there, in order. */
export const messagesOf = (records: EventRecords, after = 0) =>
  records.messages
    .read({ after, upTo: records.messages.newest(), limit: 100_000 })
    .map(({ message }) => message);

/** Numbers from 0 to 1 that hang on the seed alone (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const left = [...values];
  for (let i = left.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [left[i], left[j]] = [left[j], left[i]];
  }
  return left;
}
