/** Stretches of time as spans: what overlaps or is less than a gap apart is one. */

export interface Span {
  /** Milliseconds, half-open. */
  from: number;
  to: number;
  /** The best moment: its score, −1 where there is none. */
  score: number;
  share: number;
  /** Id of the hour that it was found in. */
  hour: number;
}

export interface Spans {
  add(stretch: Readonly<Span>): void;
  /** All spans, by time. */
  finish(): Span[];
}

/** `gap`: milliseconds; stretches less than that apart are one. Stretches may come in any order; in order is quicker. */
export function createSpans(gap: number): Spans {
  const closed: Span[] = [];
  let open: Span | undefined;
  return {
    add(stretch) {
      if (open && stretch.from - open.to < gap && open.from - stretch.to < gap) {
        open.from = Math.min(open.from, stretch.from);
        join(open, stretch);
      } else {
        open = { ...stretch };
        closed.push(open);
      }
    },
    finish() {
      const merged: Span[] = [];
      for (const span of closed.sort((a, b) => a.from - b.from)) {
        const last = merged.at(-1);
        if (last && span.from - last.to < gap) join(last, span);
        else merged.push(span);
      }
      return merged;
    },
  };
}

/** Adds what begins no earlier. */
function join(span: Span, other: Readonly<Span>): void {
  span.to = Math.max(span.to, other.to);
  // The higher score, then the larger share, then the earlier hour.
  if ((other.score - span.score || other.share - span.share || span.hour - other.hour) <= 0) return;
  span.score = other.score;
  span.share = other.share;
  span.hour = other.hour;
}
