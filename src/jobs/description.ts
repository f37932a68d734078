import { z } from 'zod';
import type { Storage } from '../storage/storage.ts';

/**
 * What a job is about, as it is kept in the storage: everything that those who work on it need to know, decided when it
 * was submitted, so that the settings of their machines do not matter.
 */

const location = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('path'), path: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('object'), key: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('url'), url: z.string(), name: z.string() }),
]);
export type Location = z.infer<typeof location>;

/** The words that are looked for. */
export const wordsSchema = z.strictObject({
  names: z.array(z.array(z.string())),
  expand: z.enum(['coco-stuff', 'model', 'none']),
  things: z.array(z.string()),
  stuff: z.array(z.string()),
});

/** How pictures are painted and coded. */
export const pictureShape = {
  encoder: z.strictObject({ encoder: z.string().nullable(), crf: z.int(), preset: z.string() }),
  style: z.strictObject({
    opacity: z.number(),
    outline: z.number(),
    labels: z.enum(['none', 'names', 'ids']),
    color_by: z.enum(['name', 'track']),
    colors: z.record(z.string(), z.string()),
  }),
  paint_side: z.int(),
};

const descriptionSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['segment', 'label']),
  /** The job whose analysis is named anew. */
  of: z.string().optional(),
  submitter: z.string(),
  priority: z.enum(['high', 'normal', 'low']),
  input: location,
  words: wordsSchema,
  see: z.strictObject({
    model: z.string(),
    association: z.enum(['online', 'clustered']),
    every: z.int(),
    short_side: z.int().nullable(),
    deinterlace: z.boolean(),
  }),
  output: z.strictObject({
    video: z.boolean(),
    masks: z.boolean(),
    /** Jobs of before there was one have none. */
    panoptic: z.boolean().default(false),
    format: z.enum(['mp4', 'mov', 'mkv', 'webm']),
    ...pictureShape,
  }),
});
export type JobDescription = z.infer<typeof descriptionSchema>;

const CONTAINERS = { mp4: 'mp4', mov: 'mov', mkv: 'matroska', webm: 'webm' } as const;
export const containerOf = ({ output }: JobDescription) => CONTAINERS[output.format];

/** What a job is about. Throws OBJECT_NOT_FOUND. */
export async function readDescription(
  id: string,
  storage: Pick<Storage, 'read'>,
  signal?: AbortSignal,
): Promise<JobDescription> {
  return descriptionSchema.parse(JSON.parse(String(await storage.read(jobKeys(id).description, signal))));
}

/** Where the files of a job lie in the storage. */
export const jobKeys = (id: string) => {
  const folder = `jobs/${id}`;
  const parts = `${folder}/parts`;
  return {
    folder: `${folder}/`,
    description: `${folder}/job.json`,
    plan: `${folder}/plan.json`,
    /** A video that was fetched. */
    source: `${folder}/source`,
    analysis: `${folder}/file.analysis`,
    video: (format: JobDescription['output']['format']) => `${folder}/video.${format}`,
    masks: `${folder}/masks.json`,
    panoptic: `${folder}/file.panoptic`,
    report: `${folder}/report.json`,
    thumbnail: `${folder}/thumbnail.jpg`,
    /** What is needed only while the job runs. */
    parts: `${parts}/`,
    analysed: (part: number, whole: boolean) => `${parts}/${whole ? 'w' : 'a'}${part}.analysis`,
    names: `${parts}/names.json`,
    named: (part: number) => `${parts}/n${part}.named`,
    piece: (part: number) => `${parts}/p${part}.nut`,
  };
};

export const uploadKey = (id: string): string => `uploads/${id}`;
