import { z } from 'zod';
import { SidestreamError } from '../core/errors.ts';

/** The figures of an R-SAN. Sides of images in pixels; `heads` divide their width. */
export interface Architecture {
  readonly clip: {
    /** D, the joint space of images and words. */
    readonly embed: number;
    readonly vision: {
      readonly width: number;
      readonly heads: number;
      readonly layers: number;
      /** Blocks before the region tokens join. */
      readonly split: number;
      readonly patch: number;
      /** Side of the square images of pretraining. */
      readonly imageSize: number;
    };
    readonly text: {
      readonly vocab: number;
      readonly context: number;
      readonly width: number;
      readonly heads: number;
      readonly layers: number;
    };
  };
  readonly side: {
    readonly width: number;
    readonly depth: number;
    readonly heads: number;
    /** Q, mask proposals of a frame. */
    readonly queries: number;
    readonly patch: number;
    /** Height and width of the images it was trained on. */
    readonly imageSize: readonly [height: number, width: number];
    /** CLIP feature `feature` joins after side block `block` (0: before the first). In the order of the layers. */
    readonly fusion: readonly { readonly block: number; readonly feature: number }[];
    /** Channels of mask embeddings and hidden channels of the decoder's MLPs. */
    readonly embed: number;
    readonly mlp: number;
  };
  /** The CLIP tower sees the image at this scale. */
  readonly clipResolution: number;
}

const whole = z.number().int().positive();

/** An architecture file: whatever the tensors do not tell, or all of it. Unknown keys are other programs' business. */
const fileSchema = z.object({
  clip: z
    .object({
      embed: whole.optional(),
      vision: z
        .object({ width: whole, heads: whole, layers: whole, split: whole, patch: whole, image_size: whole })
        .partial()
        .optional(),
      text: z
        .object({ vocab: whole, context: whole, width: whole, heads: whole, layers: whole })
        .partial()
        .optional(),
    })
    .optional(),
  side: z
    .object({
      width: whole,
      depth: whole,
      heads: whole,
      queries: whole,
      image_size: z.tuple([whole, whole]),
      patch: whole,
      fusion: z.record(z.string().regex(/^\d+$/), z.number().int().min(0)),
      embed: whole,
      mlp: whole,
    })
    .partial()
    .optional(),
  clip_resolution: z.number().positive().max(1).optional(),
});
export type ArchitectureFile = z.infer<typeof fileSchema>;

/** Parses an architecture file's JSON. `source` names it in errors. */
export function parseArchitectureFile(json: string, source: string): ArchitectureFile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new SidestreamError('MODEL_INVALID', `${source} is not JSON`, { cause: error });
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SidestreamError('MODEL_INVALID', `${source}: ${issue.path.join('.')}: ${issue.message}`);
}

/** The layout of an architecture file, for writing one. */
export function toArchitectureFile({ clip, side, clipResolution }: Architecture): ArchitectureFile {
  const { imageSize, ...vision } = clip.vision;
  const { imageSize: sideImage, fusion, ...rest } = side;
  return {
    clip: { embed: clip.embed, vision: { ...vision, image_size: imageSize }, text: { ...clip.text } },
    side: {
      ...rest,
      image_size: [sideImage[0], sideImage[1]],
      fusion: Object.fromEntries(fusion.map(({ block, feature }) => [String(block), feature])),
    },
    clip_resolution: clipResolution,
  };
}
