import { z } from 'zod';
import { outputSchema, wordsSchema } from '../jobs/request.ts';

/** What clips, timelines and rules may be asked for over HTTP. */

const NOT_A_TIME = 'must be ISO 8601 with its zone, milliseconds since 1970, now, or such as now-90s';

/** A time: ISO 8601 with its zone, milliseconds since 1970, `now`, or so long before or after it: `now-90s`, `now+2h`. */
export const timeSchema = z
  .union([
    z.iso.datetime({ offset: true, error: NOT_A_TIME }),
    z.string().regex(/^(now([+-]\d{1,9}(ms|s|m|h|d))?|\d{12,14})$/, NOT_A_TIME),
  ])
  .describe('ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h');

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** The last moment that ISO 8601 writes with four digits of the year. */
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/** Milliseconds since 1970, from 1970 to 9999. `text`: what `timeSchema` takes. */
export function timeOf(text: string, now: number): number {
  const [, sign, length, unit] = /^now(?:([+-])(\d+)(ms|s|m|h|d))?$/.exec(text) ?? [];
  const read = () => {
    if (text === 'now') return now;
    if (length !== undefined)
      return now + (sign === '-' ? -1 : 1) * Number(length) * UNITS[unit as keyof typeof UNITS];
    return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  };
  return Math.min(LATEST, Math.max(0, read()));
}

const words = {
  vocabulary: wordsSchema.optional().describe('for overlay and masks; as the stream had it, if not said'),
  expand: z.enum(['coco-stuff', 'model', 'none']).optional(),
  things: z.array(z.string().max(200)).max(10_000).optional(),
  stuff: z.array(z.string().max(200)).max(10_000).optional(),
};

export const clipRequestSchema = z.strictObject({
  from: timeSchema,
  to: timeSchema.default('now'),
  title: z.string().trim().min(1).max(200).optional(),
  tolerance: z
    .number()
    .min(0)
    .max(60)
    .optional()
    .describe('seconds that it may begin earlier, at a key frame, so that nothing is coded anew; 0: exact'),
  audio: z.boolean().optional(),
  keep: z.boolean().optional().describe('not to be removed by retention'),
  ...words,
  output: outputSchema
    .pick({ opacity: true, outline: true, labels: true, color_by: true, colors: true })
    .optional(),
  metadata: z
    .record(z.string().max(100), z.string().max(1000))
    .refine((entries) => Object.keys(entries).length <= 50, 'must have at most 50 entries')
    .optional(),
});
/** What is left out is as the server's settings have it. */
export type ClipRequest = z.input<typeof clipRequestSchema>;

export const clipPatchSchema = z
  .strictObject({
    keep: z.boolean().describe('not to be removed by retention'),
    title: clipRequestSchema.shape.title.unwrap(),
  })
  .partial();

export const timelineRequestSchema = z.strictObject({
  from: timeSchema.default('now-1h'),
  to: timeSchema.default('now'),
  step: z.coerce.number().int().min(1).max(86_400).default(60).describe('seconds of a bucket'),
  vocabulary: z.string().max(10_000).optional().describe('other words than at the time'),
});
export type TimelineRequest = z.output<typeof timelineRequestSchema>;

/** Rules themselves are read by whoever takes the request. */
export const rulePreviewRequestSchema = z.strictObject({
  from: timeSchema.default('now-1h').describe('a day before `to` at most'),
  to: timeSchema.default('now'),
  vocabulary: wordsSchema
    .optional()
    .describe('beside the words of the rules; as the stream has it, if not said'),
});
export type RulePreviewRequest = z.output<typeof rulePreviewRequestSchema>;

/** Segments in one answer, at most. */
const MOST_FILES = 1000;

export const recordedFilesRequestSchema = z.strictObject({
  from: timeSchema.default('now-1h'),
  to: timeSchema.default('now'),
  limit: z.coerce.number().int().min(1).max(MOST_FILES).default(MOST_FILES),
});
export type RecordedFilesRequest = z.output<typeof recordedFilesRequestSchema>;
