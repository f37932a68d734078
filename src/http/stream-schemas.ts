import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../core/errors.ts';
import { streamPatchSchema, streamRequestSchema } from '../streams/request.ts';
import { STREAM_STATES, type StreamView, WISHES } from '../streams/streams.ts';

/** Streams as they go out, and in. */

const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);
const time = z.iso.datetime();
const figures = z.object({ median: z.number(), p95: z.number() });

const statsSchema = z
  .object({
    width: z.int().describe('of the camera’s picture; 0 before the first one'),
    height: z.int(),
    codec: z.string().describe('as ffmpeg calls it'),
    fps: z.number().describe('frames a second of late, as they come'),
    analysed_fps: z.number().describe('and as they go through the model'),
    latency_ms: figures.describe('from a frame’s arrival to its leaving the encoder, over the last minute'),
    inference_ms: figures.describe('of that in the model'),
    frames: z
      .object({
        decoded: z.int(),
        analysed: z.int(),
        emitted: z.int(),
        dropped: z.array(z.object({ reason: z.string(), count: z.int() })),
      })
      .describe('decoded = emitted + all that were dropped + what is under way'),
    reconnects: z.int(),
    outputs: z
      .record(z.string(), z.object({ ok: z.boolean(), reason: z.string().optional() }))
      .describe('`hls`, `rtsp`: whether they go on, else why not'),
  })
  .meta({ id: 'StreamStats', description: 'Counts are since its worker has it' });

export const streamSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string().describe('without credentials'),
    transport: z.enum(['tcp', 'udp', 'multicast', 'http']),
    track: z.int().describe('which of its video tracks, from 0'),
    wish: z.enum(WISHES).describe('what was asked for'),
    state: z
      .enum(STREAM_STATES)
      .describe('starting: no worker has it yet; connecting: the camera is away, and asked again and again'),
    reason: z
      .object({ code, message: z.string() })
      .optional()
      .describe('why it is connecting, or the last change was not taken'),
    since: time.describe('when it came to be in this state'),
    vocabulary: z.array(z.string()).describe('names looked for: the first of each one’s synonyms'),
    words: z
      .array(z.array(z.string()))
      .describe('the same, each with all of its synonyms, as it is asked for'),
    model: z.string(),
    policy: z.string(),
    between: z.enum(['hold', 'move']),
    record: z
      .object({ audio: z.boolean(), seconds: z.number(), days: z.number(), max_bytes: z.number() })
      .nullable()
      .describe('null: nothing is recorded'),
    rules: z
      .looseObject({})
      .nullable()
      .describe('what is waited for, with all that was left out filled in; null: nothing'),
    metadata: z.record(z.string(), z.string()),
    revision: z.int().describe('grows with each change'),
    applied: z.int().optional().describe('the revision that its worker goes by'),
    created_at: time,
    updated_at: time,
    worker: z.string().optional().describe('who holds it'),
    stats: statsSchema.optional(),
  })
  .meta({ id: 'Stream' });

/** Fails to compile where the schema and what it stands for drift apart. */
export const toStream = (view: StreamView): z.input<typeof streamSchema> => ({
  ...view,
  vocabulary: [...view.vocabulary],
  words: view.words.map((synonyms) => [...synonyms]),
  metadata: { ...view.metadata },
  rules: view.rules && { ...view.rules },
  stats: view.stats && {
    ...view.stats,
    frames: { ...view.stats.frames, dropped: [...view.stats.frames.dropped] },
    outputs: { ...view.stats.outputs },
  },
});

export const streamsSchema = z.object({ streams: z.array(streamSchema) }).meta({ id: 'Streams' });

for (const [schema, id] of [
  [streamRequestSchema, 'StreamRequest'],
  [streamPatchSchema, 'StreamPatch'],
] as const) {
  z.globalRegistry.add(schema, { id });
}

export { streamPatchSchema, streamRequestSchema };

export const fileSchema = z.object({
  id: z.string(),
  file: z
    .string()
    .regex(/^[\w-][\w.-]{0,99}\.(m3u8|m4s|mp4|ts)$/, 'must be the name of a playlist or a segment')
    .describe('index.m3u8; the playlist names the others'),
});
