/** Stretches of time as spans: what overlaps or is less than a gap apart is one. */

/** The best moment of a span. */
export interface Moment {
  readonly score: number;
  readonly share: number;
  readonly track: number;
  /** Milliseconds. */
  readonly at: number;
  /** Id of the hour that it was found in. */
  readonly hour: number;
}

export interface Span {
  /** Milliseconds, half-open. */
  readonly from: number;
  readonly to: number;
  /** Undefined where none of its stretches counts as a moment. */
  readonly best: Moment | undefined;
}

export interface Spans {
  add(from: number, to: number, moment: Moment | undefined): void;
  /** All spans, by time. */
  finish(): Span[];
}

/** `gap`: milliseconds; stretches less than that apart are one. Stretches may come in any order; in order is quicker. */
export function createSpans(gap: number): Spans {
  const closed: Span[] = [];
  let open: { from: number; to: number; best: Moment | undefined } | undefined;
  const add = (from: number, to: number, moment: Moment | undefined) => {
    if (open && from - open.to < gap && open.from - to < gap) {
      open.from = Math.min(open.from, from);
      open.to = Math.max(open.to, to);
      open.best = better(open.best, moment);
      return;
    }
    if (open) closed.push(open);
    open = { from, to, best: moment };
  };
  return {
    add,
    finish() {
      if (open) closed.push(open);
      const spans = closed.sort((a, b) => a.from - b.from);
      const merged: Span[] = [];
      let last: { from: number; to: number; best: Moment | undefined } | undefined;
      for (const span of spans) {
        if (last && span.from - last.to < gap) {
          last.to = Math.max(last.to, span.to);
          last.best = better(last.best, span.best);
        } else {
          last = { ...span };
          merged.push(last);
        }
      }
      return merged;
    },
  };
}

/** The higher score, then the larger share, then the earlier moment. */
export function better(a: Moment | undefined, b: Moment | undefined): Moment | undefined {
  if (!a || !b) return a ?? b;
  const order = b.score - a.score || b.share - a.share || a.at - b.at || a.track - b.track;
  return order > 0 ? b : a;
}
