import { z } from 'zod';
import { pictureShape, wordsSchema } from '../jobs/description.ts';
import type { Storage } from '../storage/storage.ts';

/** What a clip is about, as it is kept in the storage for whoever cuts it. Times are ticks of 1/90000 s since 1970. */
const descriptionSchema = z.strictObject({
  id: z.string(),
  stream: z.string(),
  /** Pictures with from <= time < to. */
  from: z.int(),
  to: z.int(),
  audio: z.boolean(),
  /** Seconds. */
  tolerance: z.number(),
  gap_seconds: z.number(),
  preview_width: z.int(),
  /** The moment that the thumbnail shows; null: the one in the middle. */
  moment: z.int().nullable(),
  model: z.string(),
  words: wordsSchema,
  ...pictureShape,
});
export type ClipDescription = z.infer<typeof descriptionSchema>;

/** The segments that a clip is made of, as its description has them when it is cut; beside it, so that no list is too long. */
export const segmentListSchema = z.array(
  z.strictObject({ begin: z.int(), end: z.int(), video: z.string(), analysis: z.string().nullable() }),
);
export type SegmentList = z.infer<typeof segmentListSchema>;

/** What came of cutting: its presence says that all files of the clip are there. */
export const cutSchema = z.strictObject({
  frames: z.int(),
  encoded: z.int(),
  first: z.int(),
  last: z.int(),
  duration: z.number(),
  gaps: z.array(z.strictObject({ from: z.int(), to: z.int(), at: z.number(), shown: z.number() })),
  /** Where in the clip times are shown: `at`, in ticks. */
  pieces: z.array(z.strictObject({ from: z.int(), to: z.int(), at: z.int() })),
  files: z.record(z.string(), z.strictObject({ bytes: z.int(), sha256: z.string() })),
});
export type Cut = z.infer<typeof cutSchema>;

/** The same for what is painted later. */
export const paintedSchema = cutSchema.pick({ files: true });

/** Throws OBJECT_NOT_FOUND. */
export async function readClip(id: string, storage: Pick<Storage, 'read'>): Promise<ClipDescription> {
  return descriptionSchema.parse(JSON.parse(String(await storage.read(clipKeys(id).description))));
}

/** Where the files of a clip lie in the storage. */
export const clipKeys = (id: string) => {
  const folder = `clips/${id}/`;
  return {
    folder,
    description: `${folder}clip.json`,
    segments: `${folder}segments.json`,
    cut: `${folder}cut.json`,
    painted: `${folder}painted.json`,
    video: `${folder}video.mp4`,
    overlay: `${folder}overlay.mp4`,
    masks: `${folder}masks.json`,
    thumbnail: `${folder}thumbnail.jpg`,
    preview: `${folder}preview.webp`,
    analysis: `${folder}file.analysis`,
  };
};
