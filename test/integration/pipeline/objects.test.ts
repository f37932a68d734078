import { join } from 'node:path';
import { expect, it } from 'vitest';
import { objectScores } from '../../../src/analysis/eval/objects.ts';
import { createSightings } from '../../../src/analysis/eval/sightings.ts';
import { readMasksFile } from '../../../src/analysis/masks-file.ts';
import { connectedParts, mapOf, type Parts } from '../../../src/associate/connected-parts.ts';
import { noObjects } from '../../../src/associate/object-state.ts';
import { trackObjects } from '../../../src/associate/objects.ts';
import { shapeOf } from '../../../src/associate/shape.ts';
import { projectFolder } from '../../../src/config/folders.ts';
import { decodeCounts, fillMask } from '../../../src/core/mask.ts';

const TOWN = join(projectFolder, 'test/fixtures/toytown');
const [WIDTH, HEIGHT, FPS] = [160, 90, 24];

interface Instance {
  readonly key: string;
  /** Index of its name among the things. */
  readonly name: number;
}

/** The things of every frame, each known apart: a map of the place of each instance plus one. */
async function instancesOf(clip: string) {
  const truth = await readMasksFile(join(TOWN, `${clip}.truth.json.gz`));
  const [{ width, height, length }] = truth.videos;
  const things = truth.categories.filter(({ isthing }) => isthing);
  const instances: Instance[] = [];
  const annotations = truth.annotations.flatMap((annotation) => {
    const name = things.findIndex(({ id }) => id === annotation.category_id);
    if (name < 0) return [];
    instances.push({ key: `${name} ${annotation.instance}`, name });
    return [{ ...annotation, place: instances.length }];
  });
  const picture = new Uint8Array(width * height);
  const maps = Array.from({ length }, (_, frame) => {
    picture.fill(0);
    for (const { segmentations, place } of annotations) {
      const mask = segmentations[frame];
      if (mask) fillMask(decodeCounts(mask.counts), place, picture);
    }
    // Down the columns, and every other pixel.
    return Uint8Array.from(
      { length: WIDTH * HEIGHT },
      (_, at) => picture[(at % WIDTH) * 2 * height + Math.floor(at / WIDTH) * 2],
    );
  });
  return { maps, instances, names: things.length };
}

/** The name of each point, from 1. */
const namesOf = (map: Uint8Array, instances: readonly Instance[]): Uint8Array =>
  map.map((place) => (place === 0 ? 0 : instances[place - 1].name + 1));

/** One part for each thing, also where something in front cuts it in two. */
function whole(map: Uint8Array, instances: readonly Instance[]): Parts {
  const runs = instances.map((): number[] => []);
  for (let at = 0; at < map.length; ) {
    const place = map[at];
    const start = at++;
    while (at < map.length && at % WIDTH !== 0 && map[at] === place) at++;
    if (place > 0) runs[place - 1].push(start, at - start);
  }
  const shapes = runs.flatMap((list, i) => {
    const shape = list.length > 0 ? shapeOf(Int32Array.from(list), WIDTH) : undefined;
    return shape && shape.area >= 4 ? [{ ...shape, name: instances[i].name + 1 }] : [];
  });
  const parts = shapes.sort((a, b) => a.runs[0] - b.runs[0]);
  return {
    parts,
    map: mapOf(
      parts.map((part) => part.runs),
      WIDTH * HEIGHT,
    ),
  };
}

/** Follows the truth's masks, known apart (`instances`) or by name alone, and scores identities. */
async function follow(clip: string, apart: boolean) {
  const { maps, instances, names } = await instancesOf(clip);
  const all = new Uint8Array(256).fill(1);
  all[0] = 0;
  const sightings = createSightings(WIDTH * HEIGHT, 0.005 * WIDTH * HEIGHT);
  let state = noObjects;
  for (const [index, map] of maps.entries()) {
    const found = apart
      ? whole(map, instances)
      : connectedParts(namesOf(map, instances), WIDTH, HEIGHT, all, 4);
    const parts = found.parts.map((part) => ({ ...part, name: part.name - 1 }));
    const frame = { ...found, parts, index, seconds: index / FPS, width: WIDTH, height: HEIGHT };
    const { state: next, objects } = trackObjects(state, frame);
    state = next;
    expect(new Set(objects.map(({ id }) => id)).size).toBe(objects.length);
    const side = (list: readonly Instance[]) => ({
      objects: list.map((one) => ({ ...one, crowd: false })),
      places: [0, ...list.map((_, i) => i + 1)],
    });
    const guesses = objects.map(({ id, name }): Instance => ({ key: `${name} ${id}`, name }));
    sightings.add(
      { map: Uint16Array.from(map), ...side(instances) },
      {
        map: mapOf(
          objects.map(({ runs }) => runs),
          WIDTH * HEIGHT,
        ),
        ...side(guesses),
      },
    );
  }
  expect(names).toBe(3);
  return objectScores(sightings.sightings, FPS);
}

/** What following alone can do, and what masks that know names alone allow. */
it.each([
  ['drive', 0.95, 0.65],
  ['watch', 0.95, 0.7],
])(
  'follows the true masks of %s: IDF1 of at least %d apart, and %d where those that touch are one',
  async (clip, apart, together) => {
    const [known, named] = [await follow(clip, true), await follow(clip, false)];
    expect(known.idf1).toBeGreaterThanOrEqual(apart);
    expect(named.idf1).toBeGreaterThanOrEqual(together);
    expect(named.idf1).toBeLessThan(known.idf1!);
  },
);
