import { assign } from '../../core/assignment.ts';
import { SAME, type Sighting } from './sightings.ts';

export interface IdentityScores {
  readonly idf1: number;
  /** Precision and recall of identities. */
  readonly idp: number;
  readonly idr: number;
}

/**
 * Identity scores (Ristani et al., "Performance measures and a data set for multi-target, multi-camera tracking", ECCV
 * workshops 2016): truth and tracks are paired one to one for the whole video, so that IDTP, the frames in which a pair
 * has IoU ≥ 0.5, is greatest. IDP is IDTP ÷ all masks of objects, IDR is IDTP ÷ all objects of the truth, each counted
 * once a frame, and IDF1 their harmonic mean, 2 IDTP ÷ (masks + objects). NaN where there is nothing to divide by.
 */
export function identityScores(sightings: readonly Sighting[]): IdentityScores {
  const [rows, columns] = idsOf(sightings);
  const cost = new Float64Array(rows * columns);
  let seen = 0;
  let guessed = 0;
  for (const { truths, guesses, pairs } of sightings) {
    seen += truths.length;
    guessed += guesses.length;
    for (const { truth, guess, iou } of pairs) {
      if (iou >= SAME) cost[truths[truth] * columns + guesses[guess]]--;
    }
  }
  let right = 0;
  for (const [row, column] of assign(cost, rows, columns).entries()) {
    if (column >= 0) right -= cost[row * columns + column];
  }
  return { idf1: (2 * right) / (seen + guessed), idp: right / guessed, idr: right / seen };
}

/** How many objects the truth has and how many tracks the masks: ids are numbers without gaps. */
export function idsOf(sightings: readonly Sighting[]): [truths: number, guesses: number] {
  let truths = 0;
  let guesses = 0;
  for (const sighting of sightings) {
    for (const id of sighting.truths) truths = Math.max(truths, id + 1);
    for (const id of sighting.guesses) guesses = Math.max(guesses, id + 1);
  }
  return [truths, guesses];
}
