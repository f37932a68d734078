import { z } from 'zod';
import { outputSchema, wordsSchema } from '../jobs/request.ts';

/** What a stream may be asked for: the bodies of `POST /v1/streams` and `PATCH /v1/streams/{id}`. */

/** Which frames go through the model. `latest`: the newest whenever it is free; `every:N`: each N-th; `all`: each one. */
export const policySchema = z
  .string()
  .regex(/^(latest|all|every:[1-9]\d{0,3})$/, 'must be latest, all or every:N');

const styleSchema = outputSchema.pick({
  opacity: true,
  outline: true,
  labels: true,
  color_by: true,
  colors: true,
  encoder: true,
  crf: true,
  preset: true,
});

/** Bounds of `record.seconds`: what a crash costs, against how many files there are. */
export const recordSchema = z.union([
  z.boolean(),
  z.strictObject({
    audio: z.boolean().default(true),
    seconds: z.number().min(2).max(60).optional().describe('of a segment, at least: it ends at a key frame'),
    days: z.number().min(0).max(36_500).optional().describe('that recordings are kept; 0: for ever'),
    max_bytes: z.int().min(0).max(1e18).optional().describe('beyond which the oldest go; 0: any number'),
  }),
]);

const changeable = {
  name: z.string().trim().min(1).max(200),
  vocabulary: wordsSchema,
  expand: z.enum(['coco-stuff', 'model', 'none']),
  things: z.array(z.string().max(200)).max(10_000).describe('names that are things, for sure'),
  stuff: z.array(z.string().max(200)).max(10_000).describe('names that are stuff, for sure'),
  policy: policySchema,
  between: z
    .enum(['hold', 'move'])
    .describe(
      'what frames show that do not go through the model: its last masks as they were, or moved along',
    ),
  rules: z
    .union([z.string().max(500_000), z.looseObject({}), z.null()])
    .describe('what is waited for, as YAML or as JSON; null: nothing. See docs/rules.md'),
  record: recordSchema.describe('whether pictures, sound and what is seen in them are recorded'),
  metadata: z
    .record(z.string().max(100), z.string().max(1000))
    .refine((entries) => Object.keys(entries).length <= 50, 'must have at most 50 entries'),
};

const where = {
  url: z
    .string()
    .min(1)
    .max(4000)
    .describe('rtsp, rtsps, rtmp, srt, http(s) (HLS or MJPEG), udp, a device, or a file that is looped'),
  transport: z
    .enum(['tcp', 'udp', 'multicast', 'http'])
    .optional()
    .describe('how RTSP sends: tcp, if not said'),
  track: z.int().min(0).max(99).optional().describe('which of several video tracks, from 0'),
};

export const streamRequestSchema = z.strictObject({
  ...where,
  ...z.strictObject(changeable).partial().shape,
  model: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be the name of a model')
    .optional(),
  short_side: z.int().min(32).max(4096).optional(),
  output: styleSchema
    .extend({
      hls: z.boolean().default(true).describe('HLS at /v1/streams/{id}/hls/index.m3u8'),
      rtsp: z
        .url({ protocol: /^rtsps?$/ })
        .max(4000)
        .optional()
        .describe('published there as well'),
      audio: z.boolean().default(true).describe("the camera's sound, passed through"),
    })
    .default({ hls: true, audio: true }),
  state: z.enum(['running', 'paused', 'stopped']).default('running'),
});
export type StreamRequest = z.infer<typeof streamRequestSchema>;

/** What may change while it runs. Words change on the next frame, without a gap; another address is connected to anew. */
export const streamPatchSchema = z
  .strictObject({ ...where, ...changeable, state: z.enum(['running', 'paused', 'stopped']) })
  .partial();
export type StreamPatch = z.infer<typeof streamPatchSchema>;
