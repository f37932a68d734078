import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../core/errors.ts';
import { type JobView, type Key, type RESULTS, ROLES, STAGES, STATES } from '../jobs/jobs.ts';
import { jobRequestSchema, labelRequestSchema } from '../jobs/request.ts';

/** What goes in and out, as schemas: requests are checked by them, and the API's description is made of them. */

const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);
const time = z.iso.datetime();

/** What is wrong with a part of a request. */
export const fieldErrorSchema = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().optional().describe('where in a text, from 1'),
  column: z.int().optional(),
});

export const problemSchema = z
  .object({
    type: z.string().describe('a name for the kind of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('what happened and what to do'),
    code: code.describe('the same as on the command line'),
    instance: z.string().optional().describe('the path that was asked for'),
    errors: z.array(fieldErrorSchema).optional().describe('what of the request is wrong, where in it'),
  })
  .meta({ id: 'Problem', description: 'What went wrong, as RFC 9457 has it' });

const resultSchema = z.object({ bytes: z.int(), type: z.string() });

export const jobSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['segment', 'label']),
    state: z.enum(STATES),
    stage: z.enum(STAGES).optional().describe('what is being done'),
    progress: z.number().min(0).max(1).describe('never less than before'),
    frames: z.int().optional().describe('frames of the video, once they are counted'),
    frames_done: z.int().describe('frames that the present stage has done'),
    fps: z.number().optional().describe('frames a second, of late'),
    eta: z.number().optional().describe('seconds left, as far as can be told'),
    error: z.object({ code, message: z.string() }).optional(),
    created_at: time,
    started_at: time.optional(),
    finished_at: time.optional(),
    priority: z.enum(['low', 'normal', 'high']),
    input: z
      .union([
        z.object({ url: z.string() }),
        z.object({ upload: z.string() }),
        z.object({ path: z.string() }),
      ])
      .describe('as it was asked for, without credentials'),
    vocabulary: z.array(z.string()).describe('names looked for: the first of each one’s synonyms'),
    model: z.string(),
    metadata: z.record(z.string(), z.string()),
    of: z.string().optional().describe('the job whose analysis this one names anew'),
    retry_of: z.string().optional().describe('the job that this one is once more'),
    results: z.object({
      video: resultSchema.optional(),
      masks: resultSchema.optional(),
      panoptic: resultSchema.optional(),
      report: resultSchema.optional(),
      thumbnail: resultSchema.optional(),
      source: resultSchema.optional().describe('the video that the job was about, as it came'),
    } satisfies Record<(typeof RESULTS)[number], z.ZodType>),
  })
  .meta({ id: 'Job' });
/** Fails to compile where the schema and what it stands for drift apart. */
export const toJob = (view: JobView): z.input<typeof jobSchema> => ({
  ...view,
  vocabulary: [...view.vocabulary],
  metadata: { ...view.metadata },
  results: { ...view.results },
});

export const jobsPageSchema = z
  .object({
    jobs: z.array(jobSchema),
    next: z.string().optional().describe('the cursor of the next page; absent on the last one'),
  })
  .meta({ id: 'JobsPage' });

export const listQuerySchema = z.object({
  state: z.enum(STATES).optional(),
  label: z.string().min(1).max(200).optional().describe('a name that was looked for'),
  cursor: z.string().min(1).max(200).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

export const idempotencySchema = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .describe('the same request with the same key makes one job only'),
});

const text = z.string();
/** Parts of multipart/form-data. For the description: what they say is read in `job-form.ts`. */
export const jobFormSchema = z
  .object({
    file: z.any().meta({ type: 'string', format: 'binary', description: 'the video' }),
    job: jobRequestSchema
      .omit({ input: true })
      .partial()
      .optional()
      .meta({ description: 'what is wanted, as JSON; instead of the single parts' }),
    vocabulary: text.optional().describe('such as `road, car|vehicle`, or JSON'),
    expand: text.optional(),
    model: text.optional(),
    priority: text.optional(),
    association: text.optional(),
    every: text.optional(),
    short_side: text.optional(),
    deinterlace: text.optional(),
    things: text.optional().describe('names with commas between, or JSON'),
    stuff: text.optional().describe('names with commas between, or JSON'),
    output: text.optional().describe('JSON'),
    webhook: text.optional().describe('an address, or JSON'),
    metadata: text.optional().describe('JSON'),
  })
  .meta({ id: 'JobForm' });

export const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    created_at: time,
    revoked_at: time.optional(),
  })
  .meta({ id: 'Key' });
export const toKey = ({ id, name, role, created_at, revoked_at }: Key): z.input<typeof keySchema> => ({
  id,
  name,
  role,
  created_at,
  revoked_at,
});
export const keyRequestSchema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(100)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
      .regex(/^[^\u0000-\u001f\u007f]*$/, 'must have no control characters'),
    role: z.enum(ROLES),
  })
  .meta({ id: 'KeyRequest' });
export const newKeySchema = keySchema
  .extend({ secret: z.string().describe('the whole key; it is shown this once') })
  .meta({ id: 'NewKey' });

export const healthSchema = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });
export const readinessSchema = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ id: 'Readiness' });

for (const [schema, id] of [
  [jobRequestSchema, 'JobRequest'],
  [labelRequestSchema, 'LabelRequest'],
] as const) {
  z.globalRegistry.add(schema, { id });
}

export const idSchema = z.object({ id: z.string() });
/** Bytes of any kind. */
export const binarySchema = z.any().meta({ type: 'string', format: 'binary' });

const problem = (codes: readonly ErrorCode[]) => ({
  description: codes.map((one) => `${one}: ${ERRORS[one].text}`).join('; '),
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** The answers to what may go wrong on a route that needs a key, by status. */
export function problems(...codes: readonly ErrorCode[]) {
  const all = [...new Set<ErrorCode>([...codes, 'KEY_REQUIRED', 'KEY_FORBIDDEN', 'TOO_MANY_REQUESTS'])];
  const statuses = new Set(all.map((one) => ERRORS[one].http));
  return {
    ...Object.fromEntries(
      [...statuses].map((status) => [status, problem(all.filter((one) => ERRORS[one].http === status))]),
    ),
    default: problem(['INTERNAL']),
  };
}

/** An answer that is no JSON. */
export const answer = (description: string, ...types: readonly string[]) => ({
  description,
  content: Object.fromEntries(types.map((type) => [type, { schema: binarySchema }])),
});
