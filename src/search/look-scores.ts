import type { Query } from '../analysis/search.ts';
import type { Looks } from './looks.ts';
import type { Pause } from './pause.ts';

/** What products in float32 may be off by. */
const ROUNDING = 1e-5;

/** Scores of looks, by id. */
export interface Scores {
  /** How many looks reach the threshold. */
  readonly size: number;
  /** −1 for a look that does not reach it. */
  of(look: number): number;
}

/**
 * The scores of the looks that reach `threshold`: as `scoreOf` has them. Most looks are something else, and one name
 * that fits them better than the words is enough to tell: that of the last look of their kind is tried first.
 */
export function scoreLooks(
  looks: Looks,
  { words, others, scale }: Query,
  threshold: number,
  pause: Pause,
): Promise<Scores> {
  // How much better than the words another name may be.
  const margin = (threshold <= 0 ? Infinity : Math.log(1 / threshold - 1) / scale) + ROUNDING;
  const scores = createScores();
  const rivals = new Map<number, number>();
  return looks.beside(words, (own) =>
    looks.beside(others, async (other) => {
      for (const [turn, id] of looks.ids().entries()) {
        if (turn % 256 === 0) await pause();
        const look = looks.get(id);
        if (!look) continue;
        let best = -Infinity;
        for (const place of own) best = Math.max(best, looks.dot(look.place, place));
        const most = best + margin;
        const rival = rivals.get(look.kind);
        if (rival !== undefined && looks.dot(look.place, rival) > most) continue;
        let bestOther = -Infinity;
        for (const place of other) {
          bestOther = Math.max(bestOther, looks.dot(look.place, place));
          if (bestOther <= most) continue;
          rivals.set(look.kind, place);
          break;
        }
        const score = 1 / (1 + Math.exp(scale * (bestOther - best)));
        if (bestOther <= most && score >= threshold) scores.set(id, score);
      }
      return scores;
    }),
  );
}

/** Bits of an id that tell its place on a page. */
const PAGE = 10;

/** Asked for each look of each hour: a map would take longer than all else. */
function createScores() {
  const pages: (Float64Array | undefined)[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    of: (look: number) => pages[look >>> PAGE]?.[look & ((1 << PAGE) - 1)] ?? -1,
    set(look: number, score: number) {
      pages[look >>> PAGE] ??= new Float64Array(1 << PAGE).fill(-1);
      pages[look >>> PAGE]![look & ((1 << PAGE) - 1)] = score;
      size++;
    },
  };
}
