import { z } from 'zod';

/** What a job may be asked for: the body of `POST /v1/jobs`, and of `POST /v1/jobs/{id}/label`. */

/** Names looked for, as on the command line (`"road, car|vehicle"`) or as a list, with synonyms as lists in it. */
export const wordsSchema = z.union([
  z.string().max(200_000),
  z.array(z.union([z.string().max(500), z.array(z.string().max(500)).min(1).max(50)])).max(10_000),
]);

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #ff8800');

/** What is made of the video. What is left out is as the server's settings have it. */
export const outputSchema = z.strictObject({
  video: z.boolean().default(true).describe('the video with names painted over it'),
  masks: z.boolean().default(true).describe('masks JSON, in YouTube-VIS layout'),
  panoptic: z
    .boolean()
    .default(true)
    .describe('the panoptic file: which segment every pixel belongs to, to be drawn by whoever shows it'),
  format: z.enum(['mp4', 'mov', 'mkv', 'webm']).default('mp4').describe('container of the video'),
  opacity: z.number().min(0).max(1).optional(),
  outline: z.number().min(0).max(2).optional(),
  labels: z.enum(['none', 'names', 'ids']).optional(),
  color_by: z.enum(['name', 'track']).optional(),
  colors: z.record(z.string().max(200), colour).optional(),
  encoder: z
    .string()
    .regex(/^[\w-]{1,40}$/, "must be ffmpeg's name of an encoder")
    .optional(),
  crf: z.int().min(0).max(63).optional(),
  preset: z
    .enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow'])
    .optional(),
});

const common = {
  vocabulary: wordsSchema.optional(),
  expand: z.enum(['coco-stuff', 'model', 'none']).optional(),
  things: z.array(z.string().max(200)).max(10_000).default([]).describe('names that are things, for sure'),
  stuff: z.array(z.string().max(200)).max(10_000).default([]).describe('names that are stuff, for sure'),
  output: outputSchema.default(outputSchema.parse({})),
  priority: z.enum(['low', 'normal', 'high']).default('normal'),
  webhook: z
    .union([
      z.url().max(2000),
      z.strictObject({ url: z.url().max(2000), secret: z.string().min(16).max(200).optional() }),
    ])
    .optional()
    .describe('told of the end of the job, signed as Standard Webhooks says'),
  metadata: z
    .record(z.string().max(100), z.string().max(1000))
    .refine((entries) => Object.keys(entries).length <= 50, 'must have at most 50 entries')
    .optional()
    .describe("the submitter's own notes, given back as they are"),
};

export const inputSchema = z.union([
  z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(4000) }),
  z.strictObject({ upload: z.string().regex(/^[\w-]{8,64}$/) }),
  z.strictObject({ path: z.string().min(1).max(4000) }),
]);

export const jobRequestSchema = z.strictObject({
  input: inputSchema,
  model: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be the name of a model')
    .optional(),
  association: z.enum(['online', 'clustered']).optional(),
  every: z.int().min(1).max(10_000).optional(),
  short_side: z.int().min(32).max(4096).optional(),
  deinterlace: z.boolean().default(false),
  ...common,
});
export type JobRequest = z.infer<typeof jobRequestSchema>;

/** New words for an old video. */
export const labelRequestSchema = z.strictObject(common);
export type LabelRequest = z.infer<typeof labelRequestSchema>;
