import { decodeCounts, fillMask } from '../../core/mask.ts';
import type { MasksFile } from '../masks-file.ts';
import { invalid, isSet, type Piece, type ScenePicture, type Scenes } from './scenes.ts';

/**
 * Masks JSON as scenes. A thing's identity is its `track_id`, or the annotation itself where it has none; in a truth
 * `instance`, where it is above 0, goes first. Masks are decoded frame by frame; where some overlap after all, the last
 * annotation wins.
 */
export function masksScenes(path: string, file: MasksFile, role: 'masks' | 'truth'): Scenes {
  const [{ width, height, length, frame_rate }] = file.videos;
  const places = new Map(file.categories.map(({ id }, i) => [id, i]));
  const annotations = file.annotations.map((annotation, i) => {
    const { category_id, track_id, instance, iscrowd, segmentations } = annotation;
    let identity = `annotation ${i}`;
    if (role === 'truth' && (instance ?? 0) > 0) identity = `instance ${instance}`;
    else if (track_id != null) identity = `track ${track_id}`;
    // The file's reader has seen to it that the category is there.
    return { piece: { name: places.get(category_id) ?? 0, identity, crowd: isSet(iscrowd) }, segmentations };
  });
  const map = new Uint16Array(width * height);
  return {
    path,
    width,
    height,
    length,
    frameRate: frame_rate || undefined,
    names: file.categories.map(({ name, isthing }) => ({ name, isthing: isSet(isthing) })),
    picture(frame): ScenePicture {
      const pieces: Piece[] = [];
      map.fill(0);
      for (const { piece, segmentations } of annotations) {
        const mask = segmentations[frame];
        if (!mask) continue;
        pieces.push(piece);
        try {
          fillMask(decodeCounts(mask.counts), pieces.length, map);
        } catch (error) {
          throw invalid(path, frame, error);
        }
      }
      return { map, pieces };
    },
  };
}
