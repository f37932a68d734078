import { z } from 'zod';
import {
  CLIP_RESULTS,
  CLIP_STATES,
  type ClipResultName,
  type ClipView,
  type EventView,
  type Found,
  type TimelineView,
} from '../clips/clips.ts';
import {
  clipPatchSchema,
  clipRequestSchema,
  timelineRequestSchema,
  timeOf,
  timeSchema,
} from '../clips/request.ts';
import { SidestreamError } from '../core/errors.ts';
import { RequestFault } from './errors.ts';
import { problemSchema } from './schemas.ts';

/** Clips, timelines, events and what is found, as they go out, and what is asked for in addresses. */

const time = z.iso.datetime();
const gap = { from: time, to: time, reason: z.string().describe('a code: why there are no pictures') };
const next = z.string().optional().describe('the cursor of the next page; absent on the last one');

const resultSchema = z.object({ bytes: z.int(), type: z.string(), sha256: z.string() });

export const clipSchema = z
  .object({
    id: z.string(),
    stream: z.string(),
    stream_name: z.string(),
    state: z
      .enum(CLIP_STATES)
      .describe('waiting: the recording has not come to its end yet; queued, running: it is being cut'),
    error: z.object({ code: problemSchema.shape.code, message: z.string() }).optional(),
    title: z.string().optional(),
    from: time.describe('as asked for'),
    to: time,
    first: time.optional().describe('time of its first picture, once it is cut'),
    last: time.optional(),
    duration: z.number().optional().describe('seconds'),
    frames: z.int().optional(),
    gaps: z
      .array(
        z.object({
          ...gap,
          at: z.number().describe('where it is in the clip, in seconds'),
          shown: z.number().describe('seconds that it takes there'),
        }),
      )
      .describe('stretches without pictures'),
    labels: z.array(z.string()).describe('names that are seen in it, longest first'),
    event: z.string().optional().describe('the event that it was cut for'),
    rule: z.string().optional().describe('the rule of that event'),
    keep: z.boolean().describe('not to be removed by retention'),
    vocabulary: z.array(z.string()).describe('names that overlay and masks go by'),
    metadata: z.record(z.string(), z.string()),
    created_at: time,
    finished_at: time.optional(),
    results: z
      .object(
        Object.fromEntries(CLIP_RESULTS.map((name) => [name, resultSchema.optional()])) as Record<
          ClipResultName,
          z.ZodOptional<typeof resultSchema>
        >,
      )
      .describe('what is there; overlay and masks are made when they are first asked for'),
  })
  .meta({ id: 'Clip' });

/** Fails to compile where the schema and what it stands for drift apart, as do the others below. */
export const toClip = (view: ClipView): z.input<typeof clipSchema> => ({
  ...view,
  gaps: [...view.gaps],
  labels: [...view.labels],
  vocabulary: [...view.vocabulary],
  metadata: { ...view.metadata },
  results: { ...view.results },
});

export const clipsPageSchema = z.object({ clips: z.array(clipSchema), next }).meta({ id: 'ClipsPage' });

export const eventSchema = z
  .object({
    id: z.string(),
    stream: z.string(),
    rule: z.string(),
    state: z.enum(['open', 'closed']),
    began_at: time,
    ended_at: time.optional(),
    updated_at: time,
    names: z.array(z.string()).describe('names that took part'),
    tracks: z.array(z.int()).describe('ids of what took part'),
    best: z
      .object({
        time,
        track: z.int().optional(),
        score: z.number(),
        share: z.number().describe('of the picture, 0 to 1'),
        box: z.array(z.number()).optional().describe('x0, y0, x1, y1 as shares of the picture'),
      })
      .describe('the moment that shows it best'),
    clip: z.string().optional().describe('the clip that was cut for it'),
    why: z.string().optional().describe('why it ended, where not by itself'),
  })
  .meta({ id: 'Event' });

export const toEvent = (view: EventView): z.input<typeof eventSchema> => ({
  ...view,
  names: [...view.names],
  tracks: [...view.tracks],
  best: { ...view.best, box: view.best.box && [...view.best.box] },
});

export const eventsPageSchema = z.object({ events: z.array(eventSchema), next }).meta({ id: 'EventsPage' });

export const timelineSchema = z
  .object({
    stream: z.string(),
    from: time,
    to: time,
    recorded: z.array(z.object({ from: time, to: time })).describe('stretches with pictures'),
    gaps: z.array(z.object(gap)),
    step: z.number().describe('milliseconds of a bucket'),
    names: z.array(z.string()),
    buckets: z
      .array(
        z.object({
          time,
          seen: z.array(
            z.object({
              name: z.int().describe('index in `names`'),
              seconds: z.number().describe('in which it is seen'),
              share: z.number().describe('largest share of the picture, 0 to 1'),
              count: z.int().describe('most objects at a time; 0 for stuff'),
            }),
          ),
        }),
      )
      .describe('those in which anything is seen'),
    events: z.array(eventSchema),
  })
  .meta({ id: 'Timeline' });

export const toTimeline = (view: TimelineView): z.input<typeof timelineSchema> => ({
  ...view,
  recorded: [...view.recorded],
  gaps: [...view.gaps],
  names: [...view.names],
  buckets: view.buckets.map((bucket) => ({ ...bucket, seen: [...bucket.seen] })),
  events: view.events.map(toEvent),
});

const moment = z.union([time, z.number()]);
const foundSchema = z
  .object({
    stream: z.string().optional().describe('times are on the clock'),
    job: z.string().optional().describe('times are seconds from its video’s beginning'),
    from: moment,
    to: moment,
    at: moment.describe('the moment that fits best'),
    score: z.number().describe('0 to 1; 0.5: as good as the best other name'),
    track: z.int(),
    share: z.number().describe('of the picture, 0 to 1'),
    thumbnail: z.string().optional().describe('address of a picture of the moment, below the server'),
    video: z.string().optional().describe('address of the video, below the server'),
    clip: z
      .object({ url: z.string(), body: clipRequestSchema.extend({ to: timeSchema.optional() }) })
      .optional()
      .describe('what to POST for a clip of it, and where'),
  })
  .meta({ id: 'Found' });

export const toFound = (found: Found): z.input<typeof foundSchema> => found;

export const foundPageSchema = z
  .object({ found: z.array(foundSchema), next, took_ms: z.number() })
  .meta({ id: 'FoundPage' });

for (const [schema, id] of [
  [clipRequestSchema, 'ClipRequest'],
  [clipPatchSchema, 'ClipPatch'],
] as const) {
  z.globalRegistry.add(schema, { id });
}

/** A time in an address, where `+02:00` comes as ` 02:00` from those that do not know that it must be written `%2B`. */
const asked = z.preprocess(
  (text) => (typeof text === 'string' ? text.replace(/ (?=\d{2}:\d{2}$|\d+[a-z]+$)/, '+') : text),
  timeSchema,
);

export const span = {
  from: asked.optional().describe('what has any of the time from here'),
  to: asked.optional().describe('to here'),
};
export const page = {
  cursor: z.string().min(1).max(200).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
};
export const flag = z.enum(['0', '1']);
const word = z.string().min(1).max(200);
export const filters = {
  stream: z
    .string()
    .regex(/^[a-z0-9]{1,64}$/, 'must be the id of a stream')
    .optional(),
  rule: word.optional(),
  label: word.optional().describe('a name that is seen in it'),
};
export const momentSchema = asked;

export const timelineQuerySchema = timelineRequestSchema.extend({
  from: asked.default('now-1h'),
  to: asked.default('now'),
});

/** Times of a query in milliseconds since 1970. Throws USAGE where they are not in order. */
export function spanOf({
  from,
  to,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}) {
  const now = Date.now();
  const read = (text: string | undefined) => (text === undefined ? undefined : timeOf(text, now));
  const [first, last] = [read(from), read(to)];
  if (first !== undefined && last !== undefined && first >= last)
    throw new RequestFault('USAGE', 'query.from: it must be earlier than query.to');
  return { from: first, to: last };
}

/** The id in the address. One that cannot be any clip's is never passed on. Throws CLIP_NOT_FOUND. */
export function clipIdOf({ id }: { readonly id: string }): string {
  if (!/^[\w-]{1,64}$/.test(id)) throw new SidestreamError('CLIP_NOT_FOUND', 'there is no such clip');
  return id;
}

/** The same for an event. Throws EVENT_NOT_FOUND. */
export function eventIdOf({ id }: { readonly id: string }): string {
  if (!/^[\w-]{1,64}$/.test(id)) throw new SidestreamError('EVENT_NOT_FOUND', 'there is no such event');
  return id;
}

/** The value of `Link` for the next page of a query: the same one with the cursor. */
export function nextLink(path: string, query: object, cursor: string): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, cursor })) {
    if (value !== undefined) text.set(name, String(value));
  }
  return `<${path}?${text}>; rel="next"`;
}
