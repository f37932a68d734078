import { isInside } from '../clips/rules/geometry.ts';
import type { Zone } from '../clips/rules/rules.ts';
import type { Scene, SceneObject } from '../clips/rules/scene.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { Size } from '../media/geometry.ts';
import type { PointNaming } from './name.ts';

/**
 * A named picture as rules see it. `seconds`: its time; `size`: of the picture as it is shown, in any unit. Objects are things
 * that are told apart; shares count points of the lattice, those of a zone the points whose centres lie in it.
 */
export function sceneOf(
  naming: PointNaming,
  vocabulary: Vocabulary,
  { seconds, size }: { readonly seconds: number; readonly size: Size },
): Scene {
  const { width, height, labels } = naming;
  const counts = new Map<Zone | undefined, { readonly points: Uint32Array; readonly all: number }>();

  function countsIn(zone: Zone | undefined) {
    const points = new Uint32Array(vocabulary.length);
    const inside = zone && pointsIn(zone, width, height);
    if (inside) for (let i = 0; i < inside.length; i++) points[labels[inside[i]]]++;
    else for (let i = 0; i < labels.length; i++) points[labels[i]]++;
    return { points, all: inside ? inside.length : labels.length };
  }

  return {
    seconds,
    aspect: size.width / size.height,
    objects: objectsOf(naming, vocabulary),
    share(name, zone) {
      let counted = counts.get(zone);
      if (!counted) {
        counted = countsIn(zone);
        counts.set(zone, counted);
      }
      return counted.points[name] / counted.all;
    },
  };
}

function objectsOf({ width, height, segments, pieces }: PointNaming, vocabulary: Vocabulary): SceneObject[] {
  const boxes = segments.map(({ name, identified }) => {
    const { isthing, other } = vocabulary[name];
    if (!isthing || other || identified === false) return undefined;
    return { x0: width, y0: height, x1: 0, y1: 0, area: 0 };
  });
  if (!boxes.some((box) => box)) return [];
  for (let y = 0, point = 0; y < height; y++) {
    for (let x = 0; x < width; x++, point++) {
      const box = boxes[pieces[point]];
      if (!box) continue;
      box.area++;
      if (x < box.x0) box.x0 = x;
      if (x >= box.x1) box.x1 = x + 1;
      if (y < box.y0) box.y0 = y;
      box.y1 = y + 1;
    }
  }
  return segments.flatMap(({ name, track, confidence }, i): SceneObject[] => {
    const box = boxes[i];
    if (!box || box.area === 0) return [];
    const { x0, y0, x1, y1, area } = box;
    return [
      {
        id: track,
        name,
        score: confidence,
        box: [x0 / width, y0 / height, x1 / width, y1 / height],
        share: area / (width * height),
      },
    ];
  });
}

/** Points of zones by the size of the lattice; forgotten with the zone. */
const rasters = new WeakMap<Zone, Map<string, Uint32Array>>();

/**
 * Which points of a row-major lattice lie in a zone, in order; at least the one nearest to its middle, however small it is.
 */
export function pointsIn(zone: Zone, width: number, height: number): Uint32Array {
  const key = `${width}x${height}`;
  const known = rasters.get(zone) ?? new Map<string, Uint32Array>();
  rasters.set(zone, known);
  let points = known.get(key);
  if (!points) {
    points = rasterOf(zone, width, height);
    known.set(key, points);
  }
  return points;
}

function rasterOf(zone: Zone, width: number, height: number): Uint32Array {
  const [across, down] = [zone.map(([x]) => x), zone.map(([, y]) => y)];
  const first = (values: readonly number[], size: number) =>
    Math.max(0, Math.floor(Math.min(...values) * size));
  const end = (values: readonly number[], size: number) =>
    Math.min(size, Math.ceil(Math.max(...values) * size));
  const points: number[] = [];
  for (let y = first(down, height); y < end(down, height); y++) {
    for (let x = first(across, width); x < end(across, width); x++) {
      if (isInside(zone, [(x + 0.5) / width, (y + 0.5) / height])) points.push(y * width + x);
    }
  }
  if (points.length === 0) {
    const middle = (values: readonly number[], size: number) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return Math.min(size - 1, Math.floor(mean * size));
    };
    points.push(middle(down, height) * width + middle(across, width));
  }
  return Uint32Array.from(points);
}
