import { z } from 'zod';

/**
 * What a worker says of an event of a stream that it holds. Said at least once, perhaps twice, perhaps late: by a worker
 * that was cut off, or again from the files of a recording. What another version of the worker says besides is left out.
 */

/** Seconds since 1970, on the timeline of the stream. */
const seconds = z.number().min(0).max(1e11);
/** 0..1; what is a rounding error off is no reason to lose an event. */
const part = z.number().min(-0.01).max(1.01);

export const reportSchema = z.object({
  stream: z.string().regex(/^[a-z0-9]{1,64}$/, 'must be the id of a stream'),
  /** Of the holder of the stream: grows with each one. */
  token: z.int().min(0),
  /** Seconds of a clip before the event and after it, by its rule; null: there shall be none. */
  clip: z
    .object({ before: z.number().min(0), after: z.number().min(0) })
    .nullable()
    .optional(),
  event: z.object({
    /** `open` is said again by a new holder for each event that it knows to be open. */
    type: z.enum(['open', 'update', 'close']),
    id: z.string().regex(/^[\w-]{1,64}$/, 'must be the id of an event'),
    rule: z.string().min(1).max(200),
    /** Of the picture that made the worker say so. */
    seconds,
    began: seconds,
    ended: seconds.optional(),
    tracks: z.array(z.int()).max(10_000),
    names: z.array(z.string().max(200)).max(10_000),
    best: z.object({
      seconds,
      track: z.int().optional(),
      score: part,
      share: part,
      /** x0, y0, x1, y1 as shares of the picture. */
      box: z.tuple([part, part, part, part]).optional(),
    }),
    why: z.string().max(1000).optional(),
  }),
});
export type Report = z.output<typeof reportSchema>;

/** The order in which a report's parts are compared, whoever wrote it. */
const PARTS = [
  ...['type', 'id', 'rule', 'seconds', 'began', 'ended', 'tracks', 'names'],
  ...['best', 'track', 'score', 'share', 'box', 'why'],
];
const RANKS = { open: 0, update: 1, close: 2 } as const;

/**
 * Which of two reports of one event counts: more than 0 where `a` does. A total order, so that it does not matter in
 * which order they come: an end before a change before a beginning; of several, what the newest holder says, the latest
 * first. But the earliest beginning: later ones only repeat it.
 */
export function compareReports(a: Report, b: Report): number {
  const rank = RANKS[a.event.type] - RANKS[b.event.type];
  if (rank !== 0) return rank;
  const [token, time] = [a.token - b.token, a.event.seconds - b.event.seconds];
  const order = a.event.type === 'open' ? -time || -token : token || time;
  if (order !== 0) return order;
  const [one, other] = [a, b].map(({ event }) => JSON.stringify(event, PARTS));
  return one === other ? 0 : one > other ? 1 : -1;
}
