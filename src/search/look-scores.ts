import type { Query } from '../analysis/search.ts';
import type { Looks } from './looks.ts';
import type { Pause } from './pause.ts';

/** What products in float32 may be off by. */
const ROUNDING = 1e-5;

/**
 * The scores of the looks that reach `threshold`, by id: as `scoreOf` has them. Most looks are something else, and one name
 * that fits them better than the words is enough to tell: that of the last look of their kind is tried first.
 */
export function scoreLooks(
  looks: Looks,
  { words, others, scale }: Query,
  threshold: number,
  pause: Pause,
): Promise<Map<number, number>> {
  // How much better than the words another name may be.
  const margin = (threshold <= 0 ? Infinity : Math.log(1 / threshold - 1) / scale) + ROUNDING;
  const scores = new Map<number, number>();
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
