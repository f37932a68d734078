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
  const touched = new Uint16Array(entries);
  for (let mixture = 0; mixture < mixtures; mixture++) {
    let all = 0;
    let found = 0;
    for (let part = starts[mixture]; part < starts[mixture + 1]; part++) {
      const weight = levels[part] / INSIDE;
      const end = named.starts[regions[part] + 1];
      for (let i = named.starts[regions[part]]; i < end; i++) {
        const name = named.ids[i];
        const amount = weight * named.values[i];
        if (sums[name] === 0) touched[found++] = name;
        sums[name] += amount;
        all += amount;
      }
    }
    const from = mixture * CANDIDATES;
    const last = from + CANDIDATES - 1;
    for (let i = 0; i < found; i++) {
      const name = touched[i];
      const score = Math.fround(sums[name] / all);
      sums[name] = 0;
      // Equal scores go to the name that was asked for first.
      if (score < scores[last] || (score === scores[last] && name > names[last])) continue;
      let place = last;
      while (
        place > from &&
        (score > scores[place - 1] || (score === scores[place - 1] && name < names[place - 1]))
      ) {
        names[place] = names[place - 1];
        scores[place] = scores[place - 1];
        place--;
      }
      names[place] = name;
      scores[place] = score;
    }
    // Where no region is, nothing is known: the first name, by no margin at all.
    if (names[from] === NO_NAME) names[from] = 0;
  }
  return { names, scores };
}

/** The names that each region may show: of region q those from starts[q] to before starts[q + 1]. */
function namesOf(probabilities: Float32Array, entries: number) {
  const regions = probabilities.length / entries;
  const starts = new Uint32Array(regions + 1);
  const ids = new Uint16Array(probabilities.length);
  const values = new Float64Array(probabilities.length);
  let count = 0;
  for (let region = 0, at = 0; region < regions; region++) {
    for (let name = 0; name < entries; name++, at++) {
      if (probabilities[at] < FAINT) continue;
      ids[count] = name;
      values[count++] = probabilities[at];
    }
    starts[region + 1] = count;
  }
  return { starts, ids, values };
}
