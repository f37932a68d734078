import { assign } from '../../core/assignment.ts';
import { idsOf } from './identity.ts';
import type { Pair, Sighting } from './sightings.ts';

export interface HotaScores {
  readonly hota: number;
  /** Of detection and of association. */
  readonly deta: number;
  readonly assa: number;
}

/** 0.05 to 0.95, each the nearest number to its fraction, as IoUs are: 0.15 is not below 3 ÷ 20. */
const ALPHAS = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/**
 * Higher order tracking accuracy (Luiten et al., "HOTA: a higher order metric for evaluating multi-object tracking",
 * IJCV 2020), as TrackEval has it. In each frame objects and masks are matched so that the sum of IoU × alignment is
 * greatest, where the alignment of two tracks is the Jaccard index of their whole lives (see `alignment`). At each
 * alpha the matches with IoU ≥ alpha are true: TP, the others' objects FN and masks FP.
 *
 * - DetA = TP ÷ (TP + FN + FP)
 * - AssA = the mean over true matches c of TPA(c) ÷ (TPA(c) + FNA(c) + FPA(c)), where TPA(c) are the true matches of
 *   c's two tracks with one another, FNA(c) the other frames of its object and FPA(c) the other frames of its mask
 * - HOTA = √(DetA × AssA)
 *
 * Each is given as its mean over alpha = 0.05, 0.10 … 0.95. Without true matches AssA is 0; without objects on either
 * side all are NaN.
 */
export function hotaScores(sightings: readonly Sighting[]): HotaScores {
  const lives = livesOf(sightings);
  const alike = alignment(sightings, lives);
  /** True matches of two tracks at each alpha. */
  const matches = new Map<number, Uint32Array>();
  for (const { truths, guesses, pairs } of sightings) {
    for (const { truth, guess, iou } of matched(truths, guesses, pairs, alike, lives.tracks)) {
      const key = truths[truth] * lives.tracks + guesses[guess];
      let counts = matches.get(key);
      if (!counts) {
        counts = new Uint32Array(ALPHAS.length);
        matches.set(key, counts);
      }
      for (let a = 0; a < ALPHAS.length && iou >= ALPHAS[a]; a++) counts[a]++;
    }
  }
  const sums = { hota: 0, deta: 0, assa: 0 };
  for (let a = 0; a < ALPHAS.length; a++) {
    let hits = 0;
    let together = 0;
    for (const [key, counts] of matches) {
      const count = counts[a];
      const truth = Math.floor(key / lives.tracks);
      hits += count;
      together += (count * count) / (lives.truths[truth] + lives.guesses[key % lives.tracks] - count);
    }
    const deta = hits / (lives.seen + lives.guessed - hits);
    const assa = hits === 0 ? 0 : together / hits;
    sums.deta += deta;
    sums.assa += lives.seen + lives.guessed === 0 ? Number.NaN : assa;
    sums.hota += Math.sqrt(deta * assa);
  }
  const mean = (sum: number) => sum / ALPHAS.length;
  return { hota: mean(sums.hota), deta: mean(sums.deta), assa: mean(sums.assa) };
}

/** In how many frames each object of the truth and each track of the masks is there. */
function livesOf(sightings: readonly Sighting[]) {
  const [objects, tracks] = idsOf(sightings);
  const truths = new Float64Array(objects);
  const guesses = new Float64Array(tracks);
  let seen = 0;
  let guessed = 0;
  for (const sighting of sightings) {
    for (const id of sighting.truths) truths[id]++;
    for (const id of sighting.guesses) guesses[id]++;
    seen += sighting.truths.length;
    guessed += sighting.guesses.length;
  }
  return { truths, guesses, tracks, seen, guessed };
}

/**
 * How far an object and a track are one over their lives, by object × tracks + track: with their common presence c, the
 * sum over frames of IoU ÷ (all IoUs of the object there + all IoUs of the mask there − IoU), it is c ÷ (frames of the
 * object + frames of the track − c).
 */
function alignment(sightings: readonly Sighting[], lives: ReturnType<typeof livesOf>): Map<number, number> {
  const common = new Map<number, number>();
  for (const { truths, guesses, pairs } of sightings) {
    const ofTruth = new Float64Array(truths.length);
    const ofGuess = new Float64Array(guesses.length);
    for (const { truth, guess, iou } of pairs) {
      ofTruth[truth] += iou;
      ofGuess[guess] += iou;
    }
    for (const { truth, guess, iou } of pairs) {
      const key = truths[truth] * lives.tracks + guesses[guess];
      common.set(key, (common.get(key) ?? 0) + iou / (ofTruth[truth] + ofGuess[guess] - iou));
    }
  }
  for (const [key, c] of common) {
    const frames = lives.truths[Math.floor(key / lives.tracks)] + lives.guesses[key % lives.tracks];
    common.set(key, c / (frames - c));
  }
  return common;
}

/** The pairs of a frame, one to one, whose sum of IoU × alignment is greatest. */
function matched(
  truths: readonly number[],
  guesses: readonly number[],
  pairs: readonly Pair[],
  alike: ReadonlyMap<number, number>,
  tracks: number,
): Pair[] {
  const cost = new Float64Array(truths.length * guesses.length);
  const at = (pair: Pair) => pair.truth * guesses.length + pair.guess;
  for (const pair of pairs) {
    cost[at(pair)] = -pair.iou * (alike.get(truths[pair.truth] * tracks + guesses[pair.guess]) ?? 0);
  }
  const columns = assign(cost, truths.length, guesses.length);
  return pairs.filter(({ truth, guess }) => columns[truth] === guess);
}
