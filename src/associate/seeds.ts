import { INSIDE, type Mixtures } from '../core/frame.ts';
import { connectedParts, mapOf, type Parts } from './connected-parts.ts';
import { noObjects, type ObjectState } from './object-state.ts';
import { trackObjects } from './objects.ts';

/**
 * Objects take their ids from seeds: connected parts of the picture that lie further inside one region than inside any
 * other, followed over time. No word is needed to find them, so that ids are the same whatever words come later.
 */
export interface SeedState {
  /** The id that the next seed gets, from 1. */
  readonly nextId: number;
  readonly objects: ObjectState;
}

export const noSeeds: SeedState = { nextId: 1, objects: noObjects };

/** A part of fewer points is no seed: it would not make an object. */
const SMALLEST = 4;
/** Below half the full level nothing is inside. */
const LEAST_INSIDE = Math.ceil(INSIDE / 2);

/** The region that each mixture lies furthest inside, by row; `NOWHERE` where it lies in none. Of equals the first. */
export function dominantRows({ starts, regions, levels }: Mixtures): Uint16Array {
  const rows = new Uint16Array(starts.length - 1).fill(NOWHERE);
  for (let mixture = 0; mixture < rows.length; mixture++) {
    let most = LEAST_INSIDE - 1;
    for (let part = starts[mixture]; part < starts[mixture + 1]; part++) {
      if (levels[part] <= most) continue;
      most = levels[part];
      rows[mixture] = regions[part];
    }
  }
  return rows;
}

export const NOWHERE = 0xffff;

/** The seeds of a frame, in order of their first points. */
function partsOf(points: Mixtures): Parts {
  const { width, height, codes } = points;
  const rows = dominantRows(points);
  const labels = new Uint16Array(codes.length);
  for (let point = 0; point < codes.length; point++) labels[point] = rows[codes[point]];
  return connectedParts(labels, width, height, ALL, SMALLEST);
}

/** Every region may hold objects; what is nowhere is beyond its end. */
const ALL = new Uint8Array(NOWHERE).fill(1);

/**
 * Follows the seeds of a frame. `tracks`: id of each row's track. `seeds`: int32, the id of each, in order of their first
 * points; `seedMap` says where they are. Pure: `state` is not changed. Throws RangeError where the frame's number does not
 * grow.
 */
export function trackSeeds(
  state: SeedState,
  points: Mixtures,
  tracks: Int32Array,
  { index, seconds }: { readonly index: number; readonly seconds: number },
): { readonly state: SeedState; readonly seeds: Int32Array } {
  const { parts, map } = partsOf(points);
  let { nextId } = state;
  const named = parts.map((part) => ({ ...part, name: tracks[part.name] }));
  const { width, height } = points;
  const frame = { index, seconds, width, height, parts: named, map, birth: () => nextId++ };
  const { state: objects, objects: found } = trackObjects(state.objects, frame);
  const drawn = mapOf(
    found.map(({ runs }) => runs),
    width * height,
  );
  const seeds = Int32Array.from(parts, ({ runs }) => found[drawn[runs[0]] - 1].id);
  return { state: { nextId, objects }, seeds };
}

/** int32, height × width: the seed at each point, 0 where there is none. `seeds`: as `trackSeeds` gave them. */
export function seedMap(points: Mixtures, seeds: Int32Array): Int32Array {
  const { parts, map } = partsOf(points);
  if (parts.length !== seeds.length) throw new RangeError(`${seeds.length} seeds for ${parts.length} parts`);
  const seedAt = new Int32Array(map.length);
  for (let point = 0; point < map.length; point++)
    if (map[point] !== 0) seedAt[point] = seeds[map[point] - 1];
  return seedAt;
}
