import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../core/errors.ts';
import { ROLES } from '../jobs/jobs.ts';
import { QUEUES } from '../queue/names.ts';
import { MODEL_STATES, type ModelDetails, type ModelView } from '../system/models.ts';
import type { SystemView } from '../system/system.ts';
import { type Suggestion, WORD_SOURCES } from '../system/words.ts';
import { readinessSchema } from './schemas.ts';

/** The system, its models, words and settings, as they go out. */

const time = z.iso.datetime();
const bytes = z.int().min(0);
const count = z.int().min(0);

const gpuSchema = z
  .object({
    name: z.string(),
    total: bytes.optional().describe('bytes of its memory; absent where the system does not tell'),
    used: bytes.optional().describe('bytes of it in use'),
    busy: z.number().min(0).max(1).optional().describe('how busy it is'),
  })
  .meta({ id: 'Gpu' });

const workerSchema = z
  .object({
    id: z.string().describe('the `worker` of the streams that it holds'),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    queues: z.array(z.enum(QUEUES)).describe('what it takes work from'),
    since: time,
    seen_at: time.describe('its last sign of life, of one every 5 s; after 15 s it is not listed any more'),
    work: z
      .array(
        z.object({
          queue: z.enum(QUEUES),
          since: time,
          job: z.string().optional(),
          stream: z.string().optional(),
          clip: z.string().optional(),
          part: count.optional().describe('number of the chunk'),
          step: z.string().optional(),
        }),
      )
      .describe('what it does, the oldest first; no more than 64'),
    working: count.describe('how many pieces of work that is in all'),
    full: z.boolean().describe('it takes up nothing new: the disk of the storage is nearly full'),
    models: z
      .array(z.object({ name: z.string(), provider: z.string(), precision: z.string() }))
      .describe('models in its memory, and what they run on: cpu, cuda, …'),
    packs: z.array(z.string()).describe('names of the models that its machine has'),
    gpus: z.array(gpuSchema).describe('of its machine'),
    rss: bytes.describe('memory of the process, without what it has started'),
    cpu: z.number().min(0).describe('cores that the process has used of late, without what it has started'),
    cores: z.int().describe('of its machine'),
    load: z.number().min(0).describe('of its machine, over a minute'),
    memory: z.object({ total: bytes, free: bytes }).describe('of its machine'),
  })
  .meta({ id: 'Worker' });

const spaceSchema = z.object({ total: bytes, free: bytes });
const limit = z.number().min(0);

export const systemSchema = z
  .object({
    version: z.string(),
    node: z.string(),
    platform: z.string(),
    started_at: time,
    uptime: z.int().describe('seconds'),
    time: time.describe('the clock of the server'),
    you: z
      .object({ role: z.enum(ROLES), keyless: z.boolean().describe('no key is needed here at present') })
      .describe('who asks'),
    checks: readinessSchema.shape.checks.describe('as in /readyz'),
    queues: z
      .array(
        z.object({
          name: z.enum(QUEUES),
          waiting: count,
          delayed: count.describe('wait for another try, or for room'),
          blocked: count.describe('wait for their own chunks'),
          active: count,
          failed: count,
          paused: z.boolean(),
        }),
      )
      .describe('empty while Redis does not answer'),
    workers: z.array(workerSchema).describe('alive, on any machine; empty while Redis does not answer'),
    disk: z
      .object({
        data: spaceSchema.describe("of the server's data folder"),
        storage: z.object({
          kind: z.enum(['fs', 's3']),
          space: spaceSchema.optional().describe('absent where no limit is known'),
          reserve: bytes.describe('what stays free'),
        }),
        used: z.object({ jobs: bytes.describe('with uploads'), recordings: bytes, clips: bytes }),
        limits: z
          .object({
            quota_bytes: limit.describe('of one key'),
            jobs: z.object({ days: limit, bytes: limit }),
            recordings: z.object({ days: limit, bytes: limit, stream_bytes: limit }),
            clips: z.object({ days: limit }),
          })
          .describe('as the settings have them; 0: none'),
      })
      .describe('bytes'),
    redis: z
      .object({
        kind: z.enum(['single', 'sentinel', 'cluster']),
        version: z.string(),
        memory: z.object({ used: bytes, most: bytes.describe('0: no limit') }),
        latency_ms: z.number().min(0),
      })
      .optional()
      .describe('absent while Redis does not answer'),
  })
  .meta({ id: 'System' });

/** Fails to compile where the schema and what it stands for drift apart. */
export const toSystem = (
  view: SystemView,
  you: z.input<typeof systemSchema>['you'],
): z.input<typeof systemSchema> => ({
  ...view,
  you,
  checks: [...view.checks],
  queues: [...view.queues],
  workers: view.workers.map((worker) => ({
    ...worker,
    queues: [...worker.queues],
    work: [...worker.work],
    models: [...worker.models],
    packs: [...worker.packs],
    gpus: [...worker.gpus],
  })),
});

export const configViewSchema = z
  .object({
    settings: z
      .record(
        z.string(),
        z.record(
          z.string(),
          z.object({
            value: z.unknown().describe('`***` for what is secret; passwords in addresses are masked'),
            source: z.string().describe('`default`, file and line, or the name of a variable or an option'),
            about: z.string().describe('what it is, with unit and range'),
          }),
        ),
      )
      .describe('by section and name: `http`, `port`'),
  })
  .meta({ id: 'Config' });

export const modelSchema = z
  .object({
    name: z.string().describe('what to give for `model`'),
    title: z.string(),
    state: z
      .enum(MODEL_STATES)
      .describe(
        '`embedded`: comes with the program; `fetched`; `own`: lies in a folder of the settings; `available`: can be ' +
          'fetched; `missing`: cannot be had from here',
      ),
    default: z.boolean().describe('used where nothing is said'),
    bytes: bytes.optional().describe('of its files, or of its download where that is known'),
    partial: bytes.describe('of a download that was not finished: the next one goes on there'),
    licence: z.object({
      code: z.string(),
      weights: z.string(),
      attribution: z.string(),
    }),
    page: z.string().describe('where it is described'),
    short_side: z.int().describe('pixels of the shorter side of what it sees'),
    taught: count.describe('how many names it was taught; 0: no closed list'),
    fetching: z
      .object({
        bytes,
        of: bytes
          .optional()
          .describe('bytes in all, once the server has told; when all are there the pack is made'),
        since: time,
        error: z
          .object({ code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]), message: z.string() })
          .optional()
          .describe('why it ended: it stays until it is fetched again, or cancelled'),
      })
      .optional()
      .describe('its download, while it goes on or has failed'),
  })
  .meta({ id: 'Model' });

export const modelsSchema = z.object({ models: z.array(modelSchema) }).meta({ id: 'Models' });

export const modelDetailsSchema = modelSchema
  .extend({
    names: z
      .array(z.object({ name: z.string(), synonyms: z.array(z.string()), isthing: z.boolean() }))
      .describe('what it was taught to name'),
  })
  .meta({ id: 'ModelDetails' });

export const toModel = (view: ModelView): z.input<typeof modelSchema> => view;
export const toModelDetails = ({ names, ...view }: ModelDetails): z.input<typeof modelDetailsSchema> => ({
  ...view,
  names: names.map((one) => ({ ...one, synonyms: [...one.synonyms] })),
});

export const wordsSchema = z
  .object({
    words: z.array(
      z
        .object({
          name: z.string(),
          source: z
            .enum(WORD_SOURCES)
            .describe(
              'where it is from: the jobs and streams of this server, the model, the names of COCO-Stuff',
            ),
          isthing: z.boolean().describe('countable, such as a car, and not stuff, such as the sky'),
          taught: z.boolean().describe('the model was taught this name, or another word for it'),
          synonyms: z.array(z.string()).describe('other words for the same'),
        })
        .meta({ id: 'Word' }),
    ),
  })
  .meta({ id: 'Words' });

export const toWords = (words: readonly Suggestion[]): z.input<typeof wordsSchema> => ({
  words: words.map((word) => ({ ...word, synonyms: [...word.synonyms] })),
});
