import type { ClipView } from './clips.ts';
import type { Cut } from './description.ts';
import { isoOf, TICKS } from './recording/card.ts';
import type { GapOfTime } from './recording/coverage.ts';

/** The gaps of a clip, with where it shows them. `known`: gaps of the recording; what is missing beyond could not be read. */
export function shownGaps({ first, last, gaps, pieces }: Cut, known: readonly GapOfTime[]): ClipView['gaps'] {
  /** In the clip, in seconds. What lies between two pieces is where the one before ends. */
  const placeOf = (time: number): number => {
    const piece = pieces.findLast(({ from }) => from <= time) ?? pieces[0];
    return piece ? (piece.at + Math.max(0, Math.min(time, piece.to) - piece.from)) / TICKS : 0;
  };
  /** Where it goes on: a gap that ends with a piece's first picture is shown up to that. */
  const endOf = (time: number): number => {
    const next = pieces.find(({ from }) => Math.abs(from - time) < TICKS / 100);
    return next ? next.at / TICKS : placeOf(time);
  };
  const told = known.filter(({ from, to }) => from < last && to > first);
  const unread = gaps
    .filter((gap) => !told.some(({ from, to }) => from < gap.to && to > gap.from))
    .map(({ from, to }) => ({ from, to, reason: 'UNREADABLE' }));
  return [...told, ...unread]
    .sort((a, b) => a.from - b.from)
    .map(({ from, to, reason }) => {
      const at = placeOf(from);
      const shown = Math.max(0, endOf(to) - at);
      return { from: isoOf(from), to: isoOf(to), reason, at: rounded(at), shown: rounded(shown) };
    });
}

const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
