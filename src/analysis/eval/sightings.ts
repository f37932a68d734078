import { assign } from '../../core/assignment.ts';

/** The objects of one frame that count: ids of the truth's and of the masks', and how much they are alike. */
export interface Sighting {
  /** Each object once; ids are numbers from 0, truth and masks apart. */
  readonly truths: readonly number[];
  readonly guesses: readonly number[];
  /** Pairs of one name that overlap: indices into the two lists, and intersection over union. */
  readonly pairs: readonly Pair[];
}

export interface Pair {
  readonly truth: number;
  readonly guess: number;
  readonly iou: number;
}

/** From this IoU on two objects may be the same, for id switches and IDF1. */
export const SAME = 0.5;

/** An object of a frame as drawn. */
export interface SeenObject {
  /** Which it is, in all frames: objects of one name and identity are one. */
  readonly key: string;
  /** Number of its name among the truth's. */
  readonly name: number;
  readonly crowd: boolean;
}

/** A frame's objects: pixel i shows `objects[places[map[i]] − 1]`, or none where the place is 0. */
export interface ObjectFrame {
  readonly map: Uint16Array;
  readonly places: ArrayLike<number>;
  readonly objects: readonly SeenObject[];
}

/**
 * Gathers sightings frame by frame. `least`: pixels that an object must have to count. As in the MOT challenges
 * (Dendorfer et al., "MOTChallenge", IJCV 2021; for sizes as in KITTI's), what does not count is ignored, not wrong:
 * truth and masks are matched first, so that the sum of IoUs of 0.5 and more is greatest; masks matched to a truth that
 * is too small are left out, and so are masks without a match that are too small themselves. The truth's crowds are
 * never matched: a mask without a match is left out too when more than half of it lies in crowds of its name.
 */
export function createSightings(pixels: number, least: number) {
  const sightings: Sighting[] = [];
  const truthIds = new Map<string, number>();
  const guessIds = new Map<string, number>();

  function add(truth: ObjectFrame, masks: ObjectFrame): void {
    const { both, truthAreas, guessAreas } = intersections(truth, masks, pixels);
    const across = masks.objects.length;
    const iou = new Float64Array(both.length);
    const inCrowd = new Float64Array(across);
    for (const [t, { name, crowd }] of truth.objects.entries()) {
      for (const [g, guess] of masks.objects.entries()) {
        const at = t * across + g;
        if (both[at] === 0 || guess.name !== name) continue;
        if (crowd) inCrowd[g] += both[at];
        else iou[at] = both[at] / (truthAreas[t] + guessAreas[g] - both[at]);
      }
    }
    const matched = new Int32Array(across).fill(-1);
    for (const [t, g] of match(iou, truth.objects.length, across)) matched[g] = t;
    const truths = truth.objects.flatMap(({ crowd }, t) =>
      crowd || truthAreas[t] === 0 || truthAreas[t] < least ? [] : [t],
    );
    const counting = new Set(truths);
    const guesses = masks.objects.flatMap((_, g) => {
      const area = guessAreas[g];
      const counts =
        matched[g] >= 0 ? counting.has(matched[g]) : area > 0 && area >= least && inCrowd[g] * 2 <= area;
      return counts ? [g] : [];
    });
    const pairs: Pair[] = [];
    for (const [i, t] of truths.entries()) {
      for (const [j, g] of guesses.entries()) {
        const alike = iou[t * across + g];
        if (alike > 0) pairs.push({ truth: i, guess: j, iou: alike });
      }
    }
    sightings.push({
      truths: truths.map((t) => idOf(truthIds, truth.objects[t].key)),
      guesses: guesses.map((g) => idOf(guessIds, masks.objects[g].key)),
      pairs,
    });
  }

  return { add, sightings: sightings as readonly Sighting[] };
}

/** Pairs of row and column with IoU ≥ 0.5 whose sum is greatest. */
function match(iou: Float64Array, rows: number, columns: number): [row: number, column: number][] {
  // No overlap costs as much as staying alone: nobody is matched for the sake of one more pair.
  const cost = iou.map((value) => (value < SAME ? 0 : -value));
  const pairs: [number, number][] = [];
  for (const [row, column] of assign(cost, rows, columns).entries()) {
    if (column >= 0 && cost[row * columns + column] < 0) pairs.push([row, column]);
  }
  return pairs;
}

/** Pixels of every object, and of every object of the truth (row) with every one of the masks (column): one look at each pixel. */
function intersections(truth: ObjectFrame, masks: ObjectFrame, pixels: number) {
  const rows = truth.objects.length;
  const columns = masks.objects.length;
  // Row 0 and column 0 are what is no object.
  const counts = new Uint32Array((rows + 1) * (columns + 1));
  for (let i = 0; i < pixels; i++) {
    counts[truth.places[truth.map[i]] * (columns + 1) + masks.places[masks.map[i]]]++;
  }
  const truthAreas = new Float64Array(rows);
  const guessAreas = new Float64Array(columns);
  const both = new Float64Array(rows * columns);
  for (let t = 0; t <= rows; t++) {
    for (let g = 0; g <= columns; g++) {
      const count = counts[t * (columns + 1) + g];
      if (t > 0) truthAreas[t - 1] += count;
      if (g > 0) guessAreas[g - 1] += count;
      if (t > 0 && g > 0) both[(t - 1) * columns + g - 1] = count;
    }
  }
  return { both, truthAreas, guessAreas };
}

function idOf(ids: Map<string, number>, key: string): number {
  let id = ids.get(key);
  if (id === undefined) {
    id = ids.size;
    ids.set(key, id);
  }
  return id;
}
