import { SidestreamError } from '../core/errors.ts';
import { createNameScores, type NamedFrame, type NameScores } from './eval/names.ts';
import { type ObjectScores, objectScores } from './eval/objects.ts';
import type { ScenePicture, Scenes } from './eval/scenes.ts';
import { createSightings, type ObjectFrame, type SeenObject } from './eval/sightings.ts';

/** How good masks are against a truth. */
export interface Evaluation extends NameScores {
  readonly frames: number;
  readonly objects: ObjectScores;
}

export interface EvaluationOptions {
  /** Part of the picture, 0 to 1: objects smaller than that are ignored. 0: all count. */
  readonly minArea?: number;
}

/** Names without regard to case. Names that the truth does not know are wrong wherever they are, and all the same. */
interface CommonNames {
  readonly shown: readonly string[];
  /** 1 for the first of `shown`; one more than there are for strange ones. */
  readonly valueOf: (name: string) => number;
  readonly isThing: (value: number) => boolean;
}

/**
 * Compares masks with a truth, frame by frame, at the truth's size (masks are read at the nearest pixel, so that at
 * half size every other row and column counts). Counts are summed over all frames; pixels without truth are ignored.
 * Names are matched without regard to case. Objects are what the truth calls things, where it tells them apart; objects
 * of different names are never the same. Throws TRUTH_INVALID when the two are not of one video, and what reading a
 * frame throws.
 */
export async function evaluate(
  masks: Scenes,
  truth: Scenes,
  { minArea = 0 }: EvaluationOptions = {},
): Promise<Evaluation> {
  const { width, height, length } = truth;
  if (masks.length !== length) {
    throw new SidestreamError(
      'TRUTH_INVALID',
      `${masks.path} has ${masks.length} frames, ${truth.path} ${length}: they must be of the same video`,
    );
  }
  const pixels = width * height;
  const names = commonNames(truth);
  const resize = resizer(masks, truth);
  const scores = createNameScores(names.shown, pixels);
  const sightings = createSightings(pixels, minArea * pixels);
  for (let frame = 0; frame < length; frame++) {
    const want = await truth.picture(frame);
    const have = await masks.picture(frame);
    const fitting = { map: resize(have.map), pieces: have.pieces };
    scores.add(named(want, truth, names), named(fitting, masks, names));
    sightings.add(objectsOf(want, truth, names), objectsOf(fitting, masks, names));
  }
  return {
    frames: length,
    ...scores.scores(),
    objects: objectScores(sightings.sightings, truth.frameRate ?? masks.frameRate),
  };
}

function commonNames({ names }: Scenes): CommonNames {
  const values = new Map<string, number>();
  const shown: string[] = [];
  const things = new Set<number>();
  for (const { name, isthing } of names) {
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, shown.push(name));
    if (isthing) things.add(values.get(key) ?? 0);
  }
  const strange = shown.length + 1;
  return {
    shown,
    valueOf: (name) => values.get(name.toLowerCase()) ?? strange,
    isThing: (value) => things.has(value),
  };
}

/** The names of a picture: the value of each piece, after 0 for what is no piece. */
function named({ map, pieces }: ScenePicture, scenes: Scenes, names: CommonNames): NamedFrame {
  return { map, values: [0, ...pieces.map(({ name }) => names.valueOf(scenes.names[name].name))] };
}

/** The objects of a picture: pieces of one name and identity are one. */
function objectsOf({ map, pieces }: ScenePicture, scenes: Scenes, names: CommonNames): ObjectFrame {
  const objects: SeenObject[] = [];
  const known = new Map<string, number>();
  const places = [0];
  for (const { name: index, identity, crowd } of pieces) {
    const name = names.valueOf(scenes.names[index].name);
    let place = 0;
    if (identity !== undefined && names.isThing(name)) {
      const key = `${name} ${crowd ? 'crowd' : ''}${identity}`;
      place = known.get(key) ?? objects.push({ key, name, crowd });
      known.set(key, place);
    }
    places.push(place);
  }
  return { map, places, objects };
}

/** Reads a map of the masks' size at the nearest pixels of the truth's, both down the columns. */
function resizer(masks: Scenes, { width, height }: Scenes): (map: Uint16Array) => Uint16Array {
  if (masks.width === width && masks.height === height) return (map) => map;
  const sources = new Int32Array(width * height);
  for (let x = 0, i = 0; x < width; x++) {
    const column = Math.floor((x * masks.width) / width) * masks.height;
    for (let y = 0; y < height; y++, i++) sources[i] = column + Math.floor((y * masks.height) / height);
  }
  const out = new Uint16Array(width * height);
  return (map) => {
    for (let i = 0; i < out.length; i++) out[i] = map[sources[i]];
    return out;
  };
}
