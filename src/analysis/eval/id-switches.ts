import { assign } from '../../core/assignment.ts';
import { SAME, type Sighting } from './sightings.ts';

/** What it is worth to go on with a track: more than all IoUs of a frame. */
const GOING_ON = 1000;

/**
 * Identity switches by CLEAR MOT (Bernardin and Stiefelhagen, EURASIP JIVP 2008), as TrackEval counts them: in each
 * frame objects and masks with IoU ≥ 0.5 are matched, so that as many as possible go on with the match of the frame
 * before and then the sum of IoUs is greatest; an object matched to another track than the last time that it was
 * matched, however long ago, is a switch.
 */
export function idSwitches(sightings: readonly Sighting[]): number {
  const last = new Map<number, number>();
  let before = new Map<number, number>();
  let switches = 0;
  for (const { truths, guesses, pairs } of sightings) {
    // Such frames say nothing of who goes on.
    if (truths.length === 0 || guesses.length === 0) continue;
    const cost = new Float64Array(truths.length * guesses.length);
    for (const { truth, guess, iou } of pairs) {
      if (iou < SAME) continue;
      const goesOn = before.get(truths[truth]) === guesses[guess];
      cost[truth * guesses.length + guess] = -iou - (goesOn ? GOING_ON : 0);
    }
    before = new Map();
    for (const [row, column] of assign(cost, truths.length, guesses.length).entries()) {
      if (column < 0 || cost[row * guesses.length + column] === 0) continue;
      const [truth, guess] = [truths[row], guesses[column]];
      if (last.has(truth) && last.get(truth) !== guess) switches++;
      last.set(truth, guess);
      before.set(truth, guess);
    }
  }
  return switches;
}
