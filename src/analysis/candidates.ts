import { INSIDE, type Mixtures } from '../core/frame.ts';

/** Names that a point may take. */
export const CANDIDATES = 4;
/** A name's part in a region below which it cannot show. */
const FAINT = 0.004;
export const NO_NAME = 0xffff;

/** The likeliest names of every mixture, likeliest first. */
export interface Candidates {
  /** mixtures × CANDIDATES; NO_NAME behind the last one. */
  readonly names: Uint16Array;
  /** mixtures × CANDIDATES, each in [0, 1]: the name's part of all names' scores. */
  readonly scores: Float32Array;
}

/**
 * Σ_q p(q, c) · level(q), the published score of name c at a point, for the names that come first.
 * `probabilities`: float32, regions × entries.
 */
export function candidatesOf(
  { starts, regions, levels }: Mixtures,
  probabilities: Float32Array,
  entries: number,
): Candidates {
  const mixtures = starts.length - 1;
  const named = namesOf(probabilities, entries);
  const names = new Uint16Array(mixtures * CANDIDATES).fill(NO_NAME);
  const scores = new Float32Array(mixtures * CANDIDATES);
  const sums = new Float64Array(entries);
  const touched: number[] = [];
  for (let mixture = 0; mixture < mixtures; mixture++) {
    let all = 0;
    for (let part = starts[mixture]; part < starts[mixture + 1]; part++) {
      const weight = levels[part] / INSIDE;
      const { ids, values } = named[regions[part]];
      for (let i = 0; i < ids.length; i++) {
        if (sums[ids[i]] === 0) touched.push(ids[i]);
        sums[ids[i]] += weight * values[i];
        all += weight * values[i];
      }
    }
    const from = mixture * CANDIDATES;
    for (const name of touched) {
      const score = Math.fround(sums[name] / all);
      sums[name] = 0;
      // Equal scores go to the name that was asked for first.
      let place = CANDIDATES;
      while (
        place > 0 &&
        (score > scores[from + place - 1] ||
          (score === scores[from + place - 1] && name < names[from + place - 1]))
      )
        place--;
      if (place === CANDIDATES) continue;
      for (let k = CANDIDATES - 1; k > place; k--) {
        names[from + k] = names[from + k - 1];
        scores[from + k] = scores[from + k - 1];
      }
      names[from + place] = name;
      scores[from + place] = score;
    }
    touched.length = 0;
    // Where no region is, nothing is known: the first name, by no margin at all.
    if (names[from] === NO_NAME) names[from] = 0;
  }
  return { names, scores };
}

/** The names that a region may show. */
function namesOf(probabilities: Float32Array, entries: number): { ids: number[]; values: number[] }[] {
  return Array.from({ length: probabilities.length / entries }, (_, region) => {
    const ids: number[] = [];
    const values: number[] = [];
    for (let name = 0; name < entries; name++) {
      const value = probabilities[region * entries + name];
      if (value < FAINT) continue;
      ids.push(name);
      values.push(value);
    }
    return { ids, values };
  });
}
