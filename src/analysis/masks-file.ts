import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { encodeCounts } from '../core/mask.ts';

const POLYGONS = 'polygons are not understood: turn them into run lengths (RLE) first';
/** COCO has 0 and 1, others false and true. */
export const flag = z.union([z.number(), z.boolean()]).optional();

const rle = z.object(
  {
    size: z.tuple([z.int().positive(), z.int().positive()]),
    /** Compressed by COCO's rules, or as they are. */
    counts: z.union([z.string(), z.array(z.int().nonnegative()).transform(encodeCounts)]),
  },
  { error: ({ input }) => (Array.isArray(input) ? POLYGONS : undefined) },
);

const schema = z.object({
  videos: z
    .array(
      z.object({
        width: z.int().positive(),
        height: z.int().positive(),
        length: z.int().nonnegative(),
        frame_rate: z.number().nonnegative().nullish(),
      }),
    )
    .length(1, 'it must be one video'),
  categories: z.array(z.object({ id: z.int(), name: z.string(), isthing: flag })),
  annotations: z.array(
    z.object({
      category_id: z.int(),
      track_id: z.int().nullish(),
      instance: z.int().nullish(),
      iscrowd: flag,
      segmentations: z.array(rle.nullable()),
      areas: z.array(z.number().nullable()).optional(),
      bboxes: z.array(z.array(z.number()).length(4).nullable()).optional(),
    }),
  ),
});

/** What `eval` needs of a masks JSON: one video, its names and their masks per frame. */
export type MasksFile = z.infer<typeof schema>;

/** Reads masks JSON, gzipped or not. Throws INPUT_NOT_FOUND, INPUT_UNREADABLE and TRUTH_INVALID. */
export async function readMasksFile(path: string): Promise<MasksFile> {
  return masksFrom(path, await readJson(path));
}

/** Reads JSON, gzipped or not. Throws INPUT_NOT_FOUND, INPUT_UNREADABLE and TRUTH_INVALID. */
export async function readJson(path: string): Promise<unknown> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw unread(path, error);
  }
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await promisify(gunzip)(bytes);
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new SidestreamError(
      'TRUTH_INVALID',
      `${path}: no JSON that can be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Masks JSON as read; `path` is for messages. Throws TRUTH_INVALID. */
export function masksFrom(path: string, json: unknown): MasksFile {
  const result = schema.safeParse(json);
  if (!result.success) throw layout(path, firstIssue(result.error));
  const { videos, categories, annotations } = result.data;
  const [{ width, height, length }] = videos;
  const known = new Set(categories.map(({ id }) => id));
  for (const [i, { category_id, segmentations }] of annotations.entries()) {
    if (!known.has(category_id)) {
      throw layout(path, `annotations.${i} is of category ${category_id}, which is not listed`);
    }
    if (segmentations.length !== length) {
      throw layout(path, `annotations.${i} has ${segmentations.length} frames, the video ${length}`);
    }
    const frame = segmentations.findIndex(
      (mask) => mask && (mask.size[0] !== height || mask.size[1] !== width),
    );
    if (frame >= 0) {
      const size = segmentations[frame]?.size.join('×');
      throw layout(path, `frame ${frame}: annotations.${i} is ${size}, the video ${height}×${width}`);
    }
  }
  return result.data;
}

/** Where the first mistake is and what. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue.path.join('.') || 'the whole'}: ${issue.message}`;
}

/** Why a file or folder cannot be read. */
export function unread(path: string, error: unknown): unknown {
  if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR'))
    return new SidestreamError('INPUT_NOT_FOUND', `${path} does not exist`, { cause: error });
  if (isErrno(error, 'EACCES') || isErrno(error, 'EPERM'))
    return new SidestreamError('INPUT_UNREADABLE', `${path} may not be read`, { cause: error });
  if (isErrno(error, 'EISDIR'))
    return new SidestreamError('TRUTH_INVALID', `${path} is a folder; it should be a file`, { cause: error });
  return error;
}

function layout(path: string, why: string): SidestreamError {
  return new SidestreamError(
    'TRUTH_INVALID',
    `${path}: ${why}; it should be masks JSON (YouTube-VIS layout)`,
  );
}
