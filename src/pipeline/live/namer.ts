import { candidatesOf } from '../../analysis/candidates.ts';
import { nameRegions } from '../../analysis/name.ts';
import { createSteadyNamer, type SteadyNamer, surenessOf } from '../../analysis/steady.ts';
import { noRegions, type RegionState } from '../../associate/region-state.ts';
import { gridOf, masksOf } from '../../associate/regions.ts';
import { noSeeds, type SeedState, trackSeeds } from '../../associate/seeds.ts';
import { associate } from '../../associate/tracker.ts';
import type { Mixtures } from '../../core/frame.ts';
import { type Pts, ptsToSeconds, type Rational } from '../../core/time.ts';
import { type Classifier, nameKey, type Vocabulary } from '../../core/vocabulary.ts';
import type { PointRegions } from '../associate.ts';
import type { PointNaming } from '../name.ts';
import { createSegmenter, type Labelled, noMemory, type SegmenterMemory } from '../segments.ts';
import type { Motions } from './move.ts';

/** Words with what is compared with them. */
export interface Words {
  readonly vocabulary: Vocabulary;
  readonly classifier: Classifier;
}

/** Everything that following and naming a stream remembers. */
export interface LiveMemory {
  /** Number of the last frame; −1 before the first. */
  readonly index: number;
  /** When it is remembered, in milliseconds since 1970. */
  readonly at: number;
  /** When that was, by the camera's clock and by that of following; see `createPace`. */
  readonly pace: Pace;
  readonly regions: RegionState;
  readonly seeds: SeedState;
  readonly segments: SegmenterMemory;
  /** The names that objects were told apart by. */
  readonly vocabulary: Vocabulary;
}

export const noLiveMemory: LiveMemory = {
  index: -1,
  at: 0,
  pace: { seen: 0, seconds: 0, usual: 0.1 },
  regions: noRegions,
  seeds: noSeeds,
  segments: noMemory,
  vocabulary: [],
};

/** A naming, how its things move, and what it was made of. */
export interface LiveNaming {
  readonly naming: PointNaming;
  readonly motions: Motions;
  /** int32: the track of each region; −1 for one that is nowhere. */
  readonly tracks: Int32Array;
  readonly seeds: Int32Array;
}

export interface LiveNamer {
  /** associate → name of one frame, at once: nothing is looked ahead. Frames come in the order of their times. */
  name(frame: { readonly index: number; readonly pts: Pts }, regions: PointRegions): LiveNaming;
  /** Other words from the next frame on. Regions, seeds and ids go on. */
  words(words: Words): void;
  readonly vocabulary: Vocabulary;
  memory(): LiveMemory;
}

/** `from`: what another one remembered, also with other words. */
export function createLiveNamer(words: Words, timeBase: Rational, from = noLiveMemory): LiveNamer {
  type Held = Labelled & { readonly points: Mixtures };
  let { vocabulary, classifier } = words;
  let { regions: state, seeds, index: last, pace } = from;
  let orphans = handOver(from.segments, placesOf(from.vocabulary, vocabulary), vocabulary);
  let segmenter = createSegmenter<Held>(vocabulary, true, orphans.memory);
  let steady: SteadyNamer<undefined> | undefined;
  let points = 0;

  /** Tracks that show, as they looked of late. */
  function tableOf(tracks: Int32Array) {
    const rows = new Map([...state.ids].map((id, row) => [id, row]));
    const ids = [...new Set(tracks)].filter((id) => id > 0);
    const embeddings = new Float32Array(ids.length * state.dim);
    for (const [i, id] of ids.entries()) {
      const row = rows.get(id)!;
      embeddings.set(state.embeddings.subarray(row * state.dim, (row + 1) * state.dim), i * state.dim);
    }
    return { places: new Map(ids.map((id, i) => [id, i])), count: ids.length, embeddings };
  }

  return {
    name({ index, pts }, seen) {
      pace = goOn(pace, ptsToSeconds(pts, timeBase));
      const { seconds } = pace;
      const { count, embeddings, queries } = seen;
      const grid = { ...gridOf(seen.points), ...masksOf(seen.points, count) };
      const followed = associate(state, { count, embeddings, queries, ...grid, index, seconds });
      state = followed.state;
      const { tracks } = followed;
      const seeded = trackSeeds(seeds, seen.points, tracks, { index, seconds });
      seeds = seeded.state;
      last = index;

      const table = tableOf(tracks);
      const probabilities = nameRegions(table, classifier, vocabulary.length);
      const regions = seen.points.regions.map((region) => table.places.get(tracks[region])!);
      const mixtures = { ...seen.points, regions };
      const candidates = candidatesOf(mixtures, probabilities, vocabulary.length);
      const { codes, width, height } = mixtures;
      if (!steady || points !== codes.length) {
        steady = createSteadyNamer(codes.length, true);
        points = codes.length;
      }
      const [{ labels }] = steady.push(undefined, codes, candidates, seconds);

      if (orphans.left.length > 0) {
        const memory = adopt(segmenter.memory(), orphans.left, labels, vocabulary);
        segmenter = createSegmenter<Held>(vocabulary, true, memory);
        orphans = { ...orphans, left: [] };
      }
      const frame = { points: mixtures, seeds: seeded.seeds, index, seconds, labels };
      const [{ pieces, map }] = segmenter.push(frame);
      const { confidence, margin } = surenessOf(labels, map, pieces.length, codes, candidates);
      const segments = pieces.map(({ name, track, identified }, i) => {
        return { name, track, identified, confidence: confidence[i], margin: margin[i] };
      });
      const objects = new Map(segmenter.memory().objects.objects.map((object) => [object.id, object]));
      const motions = new Map(
        pieces.flatMap(({ object }, i) => {
          const known = object === undefined ? undefined : objects.get(object);
          return known ? [[i, known] as const] : [];
        }),
      );
      const naming: PointNaming = { kind: 'points', width, height, labels, segments, pieces: map };
      return { naming, motions, tracks, seeds: seeded.seeds };
    },
    words(next) {
      const places = placesOf(vocabulary, next.vocabulary);
      orphans = handOver(segmenter.memory(), places, next.vocabulary);
      steady?.rename((name) => places[name]);
      ({ vocabulary, classifier } = next);
      segmenter = createSegmenter<Held>(vocabulary, true, orphans.memory);
    },
    get vocabulary() {
      return vocabulary;
    },
    memory: () => ({
      index: last,
      at: Date.now(),
      pace,
      regions: state,
      seeds,
      segments: segmenter.memory(),
      vocabulary,
    }),
  };
}

export interface Pace {
  readonly seen: number;
  readonly seconds: number;
  /** Seconds from one frame to the next, of late. */
  readonly usual: number;
}

/** Seconds without a frame that are a gap, if they are so many times the usual; and up to which things are looked for where they were. */
const [GAP, TIMES, LONGEST_GAP] = [0.5, 4, 10];

/**
 * The time that following goes by. While a camera is away nothing is seen to move, and what stands still should be itself
 * when it is back: a gap counts as one frame. After a longer one all begins anew.
 */
export function goOn({ seen, seconds, usual }: Pace, now: number): Pace {
  const passed = now - seen;
  if (passed > LONGEST_GAP) return { seen: now, seconds: seconds + passed, usual };
  if (passed <= 0 || passed > Math.max(GAP, TIMES * usual))
    return { seen: now, seconds: seconds + usual, usual };
  return { seen: now, seconds: seconds + passed, usual: usual + (passed - usual) / 8 };
}

type Followed = SegmenterMemory['objects']['objects'][number];

/** Where the names of one vocabulary are in another: what shares a word is the same. Undefined where none does. */
function placesOf(before: Vocabulary, after: Vocabulary): (number | undefined)[] {
  const places = new Map<string, number>();
  for (const [i, { synonyms }] of after.entries()) {
    for (const word of synonyms) if (!places.has(nameKey(word))) places.set(nameKey(word), i);
  }
  return before.map(({ synonyms }) =>
    synonyms.map((word) => places.get(nameKey(word))).find((place) => place !== undefined),
  );
}

/** Objects by their new names; those whose name is not asked for any more are left over. */
function handOver(memory: SegmenterMemory, places: readonly (number | undefined)[], after: Vocabulary) {
  const place = ({ name }: Followed) => places[name];
  const { objects } = memory.objects;
  const kept = objects.flatMap((object) => {
    const name = place(object);
    return name === undefined || !after[name].isthing || after[name].other ? [] : [{ ...object, name }];
  });
  const known = new Set(kept.map(({ id }) => id));
  return {
    memory: { ...memory, objects: { ...memory.objects, objects: kept } },
    left: objects.filter(({ id }) => !known.has(id)),
  };
}

/** Gives what is left over the names that its points have now: a thing stays itself, whatever it is called. */
function adopt(
  memory: SegmenterMemory,
  left: readonly Followed[],
  labels: Uint16Array,
  vocabulary: Vocabulary,
): SegmenterMemory {
  const renamed = left.flatMap((object) => {
    const counts = new Map<number, number>();
    for (let i = 0; i < object.runs.length; i += 2) {
      for (let point = object.runs[i]; point < object.runs[i] + object.runs[i + 1]; point++)
        counts.set(labels[point], (counts.get(labels[point]) ?? 0) + 1);
    }
    const [likeliest] = [...counts].sort(([, a], [, b]) => b - a);
    const entry = likeliest === undefined ? undefined : vocabulary[likeliest[0]];
    return entry?.isthing && !entry.other ? [{ ...object, name: likeliest[0] }] : [];
  });
  const objects = [...memory.objects.objects, ...renamed].sort((a, b) => a.id - b.id);
  return { ...memory, objects: { ...memory.objects, objects } };
}
