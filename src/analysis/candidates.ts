import { INSIDE, type Mixtures } from '../core/frame.ts';

/** Names that a point may take. */
export const CANDIDATES = 4;
/** A name's part in a region below which it cannot show. */
const FAINT = 0.004;
export const NO_NAME = 0xffff;

/** Levels as parts of the full one. */
const SHARES = Float64Array.from({ length: 256 }, (_, level) => level / INSIDE);

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
  const { starts: firsts, ids, values } = namesOf(probabilities, entries);
  const names = new Uint16Array(mixtures * CANDIDATES).fill(NO_NAME);
  const scores = new Float32Array(mixtures * CANDIDATES);
  const sums = new Float64Array(entries);
  const touched = new Uint16Array(entries);
  const best = new Float64Array(CANDIDATES);
  const bestNames = new Uint16Array(CANDIDATES);
  for (let mixture = 0; mixture < mixtures; mixture++) {
    let all = 0;
    let found = 0;
    const end = starts[mixture + 1];
    for (let part = starts[mixture]; part < end; part++) {
      const weight = SHARES[levels[part]];
      const region = regions[part];
      const last = firsts[region + 1];
      for (let i = firsts[region]; i < last; i++) {
        const name = ids[i];
        const amount = weight * values[i];
        const sum = sums[name];
        if (sum === 0) touched[found++] = name;
        sums[name] = sum + amount;
        all += amount;
      }
    }
    // The largest sums, insertion sorted. Equal ones go to the name that was asked for first.
    let kept = 0;
    for (let i = 0; i < found; i++) {
      const name = touched[i];
      const sum = sums[name];
      sums[name] = 0;
      let place = kept;
      while (place > 0 && (sum > best[place - 1] || (sum === best[place - 1] && name < bestNames[place - 1])))
        place--;
      if (place === CANDIDATES) continue;
      if (kept < CANDIDATES) kept++;
      for (let k = kept - 1; k > place; k--) {
        best[k] = best[k - 1];
        bestNames[k] = bestNames[k - 1];
      }
      best[place] = sum;
      bestNames[place] = name;
    }
    const from = mixture * CANDIDATES;
    for (let k = 0; k < kept; k++) {
      names[from + k] = bestNames[k];
      scores[from + k] = best[k] / all;
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
