import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isErrno, SidestreamError } from '../../core/errors.ts';
import { firstIssue, flag } from '../masks-file.ts';
import { draw, readIds } from './png.ts';
import { invalid, isSet, type Piece, type Scenes } from './scenes.ts';

const id = z.union([z.int(), z.string()]);
const schema = z.object({
  images: z.array(z.object({ id })).min(1),
  annotations: z.array(
    z.object({
      image_id: id,
      file_name: z.string(),
      segments_info: z.array(
        z.object({ id: z.int().nonnegative(), category_id: z.int(), isthing: flag, iscrowd: flag }),
      ),
    }),
  ),
  categories: z.array(z.object({ id: z.int(), name: z.string(), isthing: flag })),
});

/** Pixels that belong to no segment, unless one has this id. */
const VOID = 0;

/** True for what looks like COCO's panoptic JSON. */
export function isPanoptic(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || !('annotations' in json)) return false;
  const first: unknown = Array.isArray(json.annotations) ? json.annotations[0] : undefined;
  const segments = typeof first === 'object' && first !== null && 'segments_info' in first;
  return segments || ('images' in json && !('videos' in json));
}

/**
 * COCO's panoptic layout (Kirillov et al., "Panoptic segmentation", CVPR 2019) for the frames of one video, in the
 * order of `images`: `folder` has a PNG of segment ids for each. Ids of things last over frames, as in VPS (Kim et al.,
 * CVPR 2020) and VIPSeg (Miao et al., CVPR 2022): they are the identities.
 */
export async function openPanoptic(path: string, json: unknown, folder: string): Promise<Scenes> {
  const result = schema.safeParse(json);
  if (!result.success) throw invalid(path, undefined, firstIssue(result.error));
  const { images, annotations, categories } = result.data;
  const byImage = new Map(annotations.map((annotation) => [annotation.image_id, annotation]));
  const frames = images.map((image, frame) => {
    const annotation = byImage.get(image.id);
    if (!annotation) throw invalid(path, frame, `image ${image.id} has no annotation`);
    return annotation;
  });
  // Where categories do not say what is a thing, their segments do.
  const things = new Set<number>();
  for (const { id, isthing } of categories) if (isSet(isthing)) things.add(id);
  const silent = new Set(categories.filter(({ isthing }) => isthing === undefined).map(({ id }) => id));
  for (const { segments_info } of annotations) {
    for (const { category_id, isthing } of segments_info) {
      if (silent.has(category_id) && isSet(isthing)) things.add(category_id);
    }
  }
  await mustBeFolder(folder);
  const places = new Map(categories.map(({ id }, i) => [id, i]));
  const { width, height } = await readIds(join(folder, frames[0].file_name), 0);
  const map = new Uint16Array(width * height);
  return {
    path,
    width,
    height,
    length: frames.length,
    frameRate: undefined,
    names: categories.map(({ id, name }) => ({ name, isthing: things.has(id) })),
    async picture(frame) {
      const { file_name, segments_info } = frames[frame];
      const file = join(folder, file_name);
      const png = await readIds(file, frame);
      if (png.width !== width || png.height !== height) {
        throw invalid(file, frame, `${png.width}×${png.height} pixels, frame 0 has ${width}×${height}`);
      }
      const segments = new Map(segments_info.map((segment) => [segment.id, segment]));
      const pieces: Piece[] = [];
      draw(png, map, (id) => {
        const segment = segments.get(id);
        if (!segment && id === VOID) return 0;
        if (!segment) throw invalid(file, frame, `id ${id} is not in the segments_info of ${path}`);
        const name = places.get(segment.category_id);
        if (name === undefined) {
          throw invalid(
            path,
            frame,
            `segment ${id} is of category ${segment.category_id}, which is not listed`,
          );
        }
        return pieces.push({ name, identity: `segment ${id}`, crowd: isSet(segment.iscrowd) });
      });
      return { map, pieces };
    },
  };
}

async function mustBeFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  throw new SidestreamError(
    'INPUT_NOT_FOUND',
    `${folder} is no folder; the PNGs of a panoptic truth are there, or where --truth-pngs says`,
  );
}
