import { CANDIDATES, type Candidates, NO_NAME } from './candidates.ts';

/**
 * Names that do not flicker. At each point the names over time are those with the largest sum of scores, where each
 * change of name costs SWITCH: a chain with Potts' potential, solved exactly by Viterbi's algorithm. A short mistake
 * is not worth two changes; a real change is, and takes place when it is seen, neither before nor after.
 *
 * All messages but those within SWITCH of the best are equal to the best's less SWITCH, so few names are kept for each
 * point, nearly always one; and where it is one, the frames before no longer depend on those after.
 */
const SWITCH = 0.4;
/** The frame rate that SWITCH is meant for. */
const RATE = 24;
/** How much of a score a frame counts that stays for a shorter or longer time. */
const [LEAST, MOST] = [0.4, 1.5];
/** Frames that are looked ahead, at least; and decided together, counted from the first. */
export const LOOK_AHEAD = 24;

export interface SteadyNamer<T> {
  /** Takes the next frame, with the names that its points may take. Gives the frames that are decided, in order. */
  push(frame: T, codes: Uint16Array, candidates: Candidates, seconds: number): Decided<T>[];
  /** The frames that are left. */
  finish(): Decided<T>[];
  /** Goes on with other names: `place` gives the new index of an old one, undefined where it is gone. Nothing may wait. */
  rename(place: (name: number) => number | undefined): void;
}

export interface Decided<T> {
  readonly frame: T;
  /** Index of a name for each point. */
  readonly labels: Uint16Array;
}

/** One name for each of `points` points over time. `causal`: each frame is decided at once, from those before it. */
export function createSteadyNamer<T>(points: number, causal = false): SteadyNamer<T> {
  const state = {
    names: new Uint16Array(points * CANDIDATES).fill(NO_NAME),
    // Of the best name 0, of others more than −SWITCH.
    messages: new Float32Array(points * CANDIDATES),
  };
  const waiting: { frame: T; alive: Uint16Array }[] = [];
  let last: { codes: Uint16Array; candidates: Candidates; seconds: number } | undefined;
  const ids = new Uint16Array(2 * CANDIDATES);
  const values = new Float64Array(2 * CANDIDATES);

  /** Takes the scores of one point into account. */
  function update(at: number, from: number, { names, scores }: Candidates, weight: number): void {
    let found = 0;
    const fresh = state.names[at] === NO_NAME;
    for (let k = 0; k < CANDIDATES && state.names[at + k] !== NO_NAME; k++) {
      ids[found] = state.names[at + k];
      values[found++] = state.messages[at + k];
    }
    for (let k = 0; k < CANDIDATES && names[from + k] !== NO_NAME; k++) {
      let place = 0;
      while (place < found && ids[place] !== names[from + k]) place++;
      if (place === found) {
        ids[found] = names[from + k];
        values[found++] = fresh ? 0 : -SWITCH;
      }
      values[place] += weight * scores[from + k];
    }
    let best = values[0];
    for (let k = 1; k < found; k++) if (values[k] > best) best = values[k];
    for (let kept = 0; kept < CANDIDATES; kept++) {
      let top = -1;
      for (let k = 0; k < found; k++)
        if (values[k] > best - SWITCH && (top < 0 || values[k] > values[top])) top = k;
      if (top < 0) {
        state.names[at + kept] = NO_NAME;
        continue;
      }
      state.names[at + kept] = ids[top];
      state.messages[at + kept] = values[top] - best;
      values[top] = Number.NEGATIVE_INFINITY;
    }
  }

  function advance(codes: Uint16Array, candidates: Candidates, weight: number): void {
    const { names } = state;
    for (let point = 0, at = 0; point < points; point++, at += CANDIDATES) {
      const from = codes[point] * CANDIDATES;
      // One name that is also the likeliest now: it stays the only one.
      if (names[at + 1] === NO_NAME && names[at] === candidates.names[from]) continue;
      update(at, from, candidates, weight);
    }
  }

  /** The best name of each point so far. */
  function firsts(): Uint16Array {
    const { names } = state;
    const labels = new Uint16Array(points);
    for (let point = 0; point < points; point++) labels[point] = names[point * CANDIDATES];
    return labels;
  }

  /** Decides the waiting frames from the newest back; the first `count` are given, the others wait on. */
  function decide(count: number): Decided<T>[] {
    const labels = new Uint16Array(points).fill(NO_NAME);
    const decided: Decided<T>[] = [];
    for (let index = waiting.length - 1; index >= 0; index--) {
      const { frame, alive } = waiting[index];
      for (let point = 0, at = 0; point < points; point++, at += CANDIDATES) {
        const name = labels[point];
        // A name that was in the running stays; another one could only have come from the best.
        const stays =
          name !== NO_NAME &&
          (name === alive[at] || name === alive[at + 1] || name === alive[at + 2] || name === alive[at + 3]);
        if (!stays) labels[point] = alive[at];
      }
      if (index < count) decided.push({ frame, labels: labels.slice() });
    }
    waiting.splice(0, count);
    return decided.reverse();
  }

  return {
    push(frame, codes, candidates, seconds) {
      // A frame that shows what the one before it showed is no new evidence.
      if (codes !== last?.codes || candidates !== last.candidates) {
        const stayed = last ? (seconds - last.seconds) * RATE : 1;
        advance(codes, candidates, Math.min(Math.max(stayed, LEAST), MOST));
        last = { codes, candidates, seconds };
      }
      if (causal) return [{ frame, labels: firsts() }];
      waiting.push({ frame, alive: state.names.slice() });
      return waiting.length >= 2 * LOOK_AHEAD ? decide(LOOK_AHEAD) : [];
    },
    finish: () => decide(waiting.length),
    rename(place) {
      const { names, messages } = state;
      for (let at = 0; at < names.length; at += CANDIDATES) {
        let kept = 0;
        let best = 0;
        for (let k = 0; k < CANDIDATES && names[at + k] !== NO_NAME; k++) {
          const next = place(names[at + k]);
          if (next === undefined) continue;
          if (kept === 0) best = messages[at + k];
          names[at + kept] = next;
          messages[at + kept++] = messages[at + k] - best;
        }
        names.fill(NO_NAME, at + kept, at + CANDIDATES);
      }
      last = undefined;
    },
  };
}

/** How sure points are of their names: the mean score, and by how much it leads the best other one. Both in [0, 1]. */
export interface Sureness {
  readonly confidence: Float64Array;
  readonly margin: Float64Array;
}

/** One of each for every one of `count` pieces. `pieces`: the piece of each point. `wanted`: not 0 for those that matter; all if left out. */
export function surenessOf(
  labels: Uint16Array,
  pieces: Uint16Array,
  count: number,
  codes: Uint16Array,
  { names, scores }: Candidates,
  wanted?: Uint8Array,
): Sureness {
  const confidence = new Float64Array(count);
  const margin = new Float64Array(count);
  const area = new Float64Array(count);
  let [code, name, own, lead] = [-1, -1, 0, 0];
  for (let point = 0; point < labels.length; point++) {
    if (wanted && wanted[pieces[point]] === 0) continue;
    // Neighbours are mostly alike.
    if (codes[point] !== code || labels[point] !== name) {
      code = codes[point];
      name = labels[point];
      const from = code * CANDIDATES;
      let place = 0;
      while (place < CANDIDATES && names[from + place] !== name) place++;
      own = place < CANDIDATES ? scores[from + place] : 0;
      // The likeliest comes first. A name that is kept for a moment though another is likelier leads by nothing.
      lead = Math.max(0, own - (place === 0 ? scores[from + 1] : scores[from]));
    }
    const piece = pieces[point];
    area[piece]++;
    confidence[piece] += own;
    margin[piece] += lead;
  }
  for (let piece = 0; piece < count; piece++) {
    if (area[piece] === 0) continue;
    confidence[piece] /= area[piece];
    margin[piece] /= area[piece];
  }
  return { confidence, margin };
}
