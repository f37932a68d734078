import { z } from 'zod';
import { wordsSchema } from '../jobs/description.ts';
import type { Rules } from './rules/rules.ts';

/** What rules would have made of recordings: what a worker is asked, and what it answers. Times are ticks since 1970. */

export const previewQuestionSchema = z.strictObject({
  stream: z.string(),
  rules: z.custom<Rules>((value) => typeof value === 'object' && value !== null && 'rules' in value),
  model: z.string(),
  words: wordsSchema,
  /** The span that was asked for, half-open, and up to when is known what was recorded of it. */
  from: z.int(),
  to: z.int(),
  known: z.int(),
  /** Seconds after which what was found so far is given. */
  seconds: z.number(),
  /**
   * Parts of segments, in order; those before `from` are looked at without rules. `after`, `before`: where a segment is cut; null: it is not. `analysis`: its key, and the
   * checksum of its model; null: no model has seen it.
   */
  parts: z.array(
    z.strictObject({
      from: z.int(),
      to: z.int(),
      after: z.int().nullable(),
      before: z.int().nullable(),
      analysis: z.strictObject({ key: z.string(), model: z.string() }).nullable(),
    }),
  ),
  /** When the stream was paused or stopped, and what is said of events that were open then. */
  stops: z.array(z.strictObject({ at: z.int(), why: z.string() })),
});
export type PreviewQuestion = z.infer<typeof previewQuestionSchema>;

const share = z.number();
export const previewAnswerSchema = z.strictObject({
  /** Times are milliseconds since 1970. */
  events: z.array(
    z.strictObject({
      rule: z.string(),
      began: z.number(),
      /** Absent where it goes on. */
      ended: z.number().optional(),
      names: z.array(z.string()),
      tracks: z.array(z.number()),
      best: z.strictObject({
        time: z.number(),
        track: z.number().optional(),
        score: z.number(),
        share,
        box: z.tuple([share, share, share, share]).optional(),
      }),
      why: z.string().optional(),
    }),
  ),
  /** Parts that could not be looked at, in ticks. */
  unseen: z.array(
    z.strictObject({ from: z.int(), to: z.int(), reason: z.enum(['NOT_ANALYSED', 'UNREADABLE']) }),
  ),
  /** Up to where it was looked at; null: to the end. */
  until: z.int().nullable(),
});
export type PreviewAnswer = z.infer<typeof previewAnswerSchema>;
