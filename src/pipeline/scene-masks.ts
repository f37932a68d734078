import { z } from 'zod';
import { invalid, isSet } from '../analysis/eval/scenes.ts';
import { firstIssue, type MasksFile, masksFrom, readJson } from '../analysis/masks-file.ts';
import type { Zone } from '../clips/rules/rules.ts';
import type { Scene, SceneObject } from '../clips/rules/scene.ts';
import { areaOf, boxOf, decodeCounts } from '../core/mask.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import { pointsIn } from './scene.ts';

/** A masks JSON as rules see it. */
export interface MasksScenes {
  /** The file's categories, in its order. */
  readonly vocabulary: Vocabulary;
  /** Every frame. Throws TRUTH_INVALID with file and frame. */
  scenes(): Generator<Scene>;
}

/** What rules need beside what is read already. */
const timesSchema = z.object({
  videos: z.array(z.object({ pts_s: z.array(z.number()).optional() })),
  annotations: z.array(z.object({ score: z.number().min(0).max(1).optional() })),
});

/**
 * Opens masks JSON, gzipped or not: ours, or a truth in the layout of YouTube-VIS. A thing is known by its `instance` where
 * that is above 0, else by its `track_id`, else by its annotation. Times are `pts_s`, or count frames. Throws
 * INPUT_NOT_FOUND, INPUT_UNREADABLE and TRUTH_INVALID.
 */
export async function openMasksScenes(path: string): Promise<MasksScenes> {
  const json = await readJson(path);
  const file = masksFrom(path, json);
  const parsed = timesSchema.safeParse(json);
  if (!parsed.success) throw invalid(path, undefined, firstIssue(parsed.error));
  const { videos, annotations } = parsed.data;
  const times = timesOf(path, file, videos[0].pts_s);
  const vocabulary = file.categories.map(({ name, isthing }) => {
    return { name, synonyms: [name], other: false, isthing: isSet(isthing) };
  });
  const scores = annotations.map(({ score }) => score ?? 1);
  return { vocabulary, scenes: () => scenesOf(path, file, times, scores) };
}

function timesOf(
  path: string,
  { videos: [{ length, frame_rate }] }: MasksFile,
  times?: readonly number[],
): readonly number[] {
  if (times) {
    if (times.length !== length)
      throw invalid(path, undefined, `it has ${length} frames and ${times.length} times`);
    return times;
  }
  if (!frame_rate) throw invalid(path, undefined, 'it tells no times: give it a frame_rate or pts_s');
  return Array.from({ length }, (_, frame) => frame / frame_rate);
}

function* scenesOf(
  path: string,
  { videos: [{ width, height }], categories, annotations }: MasksFile,
  times: readonly number[],
  scores: readonly number[],
): Generator<Scene> {
  const pixels = width * height;
  const places = new Map(categories.map(({ id }, name) => [id, name]));
  const zones = new Map<Zone, { readonly before: Uint32Array; readonly all: number }>();
  const all = annotations.map((annotation, i) => {
    const { category_id, instance, track_id, iscrowd } = annotation;
    // The file's reader has seen to it that the category is there.
    const name = places.get(category_id) ?? 0;
    const thing = isSet(categories[name].isthing) && !isSet(iscrowd);
    const id = (instance ?? 0) > 0 ? Number(instance) : (track_id ?? -1 - i);
    return { ...annotation, name, thing, id, score: scores[i] };
  });

  function zoneOf(zone: Zone) {
    const known = zones.get(zone) ?? columnsOf(pointsIn(zone, width, height), width, height);
    zones.set(zone, known);
    return known;
  }

  for (const [frame, seconds] of times.entries()) {
    const shown = all.flatMap(({ name, thing, id, score, segmentations, areas }) => {
      const mask = segmentations[frame];
      if (!mask) return [];
      const counts = decoded(path, frame, mask.counts);
      return [{ name, thing, id, score, counts, area: areas?.[frame] ?? areaOf(counts) }];
    });
    const objects = shown.flatMap(({ name, thing, id, score, counts, area }): SceneObject[] => {
      if (!thing || area === 0) return [];
      const [x, y, across, down] = boxOf(counts, height);
      const box = [x / width, y / height, (x + across) / width, (y + down) / height] as const;
      return [{ id, name, score, box, share: area / pixels }];
    });
    yield {
      seconds,
      aspect: width / height,
      objects,
      share(name, zone) {
        const own = shown.filter((one) => one.name === name);
        if (!zone) return own.reduce((sum, { area }) => sum + area, 0) / pixels;
        const { before, all } = zoneOf(zone);
        return own.reduce((sum, { counts }) => sum + areaIn(counts, before), 0) / all;
      },
    };
  }
}

function decoded(path: string, frame: number, text: string): number[] {
  try {
    return decodeCounts(text);
  } catch (error) {
    throw invalid(path, frame, error);
  }
}

/** For every pixel down the columns, how many of the zone come before it. */
function columnsOf(points: Uint32Array, width: number, height: number) {
  const before = new Uint32Array(width * height + 1);
  for (const point of points) before[(point % width) * height + Math.floor(point / width) + 1] = 1;
  for (let i = 1; i < before.length; i++) before[i] += before[i - 1];
  return { before, all: points.length };
}

/** Pixels of a mask that lie in a zone. */
function areaIn(counts: readonly number[], before: Uint32Array): number {
  let area = 0;
  let at = 0;
  for (const [i, run] of counts.entries()) {
    if (i % 2 === 1) area += before[at + run] - before[at];
    at += run;
  }
  return area;
}
