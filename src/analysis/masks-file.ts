import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { isErrno, SidestreamError } from '../core/errors.ts';

const rle = z.object({ size: z.tuple([z.int().positive(), z.int().positive()]), counts: z.string() });

const schema = z.object({
  videos: z
    .array(z.object({ width: z.int().positive(), height: z.int().positive(), length: z.int().nonnegative() }))
    .length(1),
  categories: z.array(z.object({ id: z.int(), name: z.string() })),
  annotations: z.array(
    z.object({
      category_id: z.int(),
      segmentations: z.array(rle.nullable()),
      areas: z.array(z.number().nullable()).optional(),
      bboxes: z.array(z.array(z.number()).length(4).nullable()).optional(),
    }),
  ),
});

/** What `eval` needs of a masks JSON: one video, its names and their masks per frame. */
export type MasksFile = z.infer<typeof schema>;

/** Reads masks JSON, gzipped or not. Throws INPUT_NOT_FOUND and TRUTH_INVALID. */
export async function readMasksFile(path: string): Promise<MasksFile> {
  const invalid = (why: string, cause?: unknown) =>
    new SidestreamError('TRUTH_INVALID', `${path}: ${why}; it should be masks JSON (YouTube-VIS layout)`, {
      cause,
    });
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    throw new SidestreamError('INPUT_NOT_FOUND', `${path} does not exist`, { cause: error });
  }
  let parsed: unknown;
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await promisify(gunzip)(bytes);
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
  const result = schema.safeParse(parsed);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw invalid(`${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  }
  const { videos, annotations } = result.data;
  const [{ width, height, length }] = videos;
  for (const [i, { segmentations }] of annotations.entries()) {
    if (segmentations.length !== length) {
      throw invalid(`annotations.${i} has ${segmentations.length} frames, the video ${length}`);
    }
    const odd = segmentations.find((mask) => mask && (mask.size[0] !== height || mask.size[1] !== width));
    if (odd)
      throw invalid(`annotations.${i} has a mask of ${odd.size.join('×')}, the video is ${height}×${width}`);
  }
  return result.data;
}
