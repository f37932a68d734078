import type { Span } from './days.ts';
import type { Cell } from './recorded.ts';
import { xOf } from './view.ts';

/** What is drawn on a timeline, in pixels. Pure. */

/** The path of a row's bars: as high as there is something to see in the bucket. `step`: milliseconds of a bucket. */
export function barsOf(
  cells: readonly Cell[],
  step: number,
  view: Span,
  width: number,
  { top, height }: { readonly top: number; readonly height: number },
): string {
  const bottom = top + height;
  const parts: string[] = [];
  let column = { from: Number.NaN, to: Number.NaN, share: 0 };
  const flush = () => {
    if (!(column.share > 0)) return;
    // Little is seen of little otherwise.
    const high = Math.max(2, Math.sqrt(column.share) * height);
    parts.push(
      `M${column.from} ${bottom}V${round(bottom - high)}H${round(Math.max(column.to, column.from + 1))}V${bottom}z`,
    );
  };
  for (const { from, seconds } of cells) {
    // What began in a short bucket may go on after it.
    const length = Math.max(step, seconds * 1000);
    if (from + length <= view.from || from >= view.to) continue;
    const begin = Math.floor(Math.max(0, xOf(view, width, from)));
    const end = Math.min(width, xOf(view, width, from + length));
    const share = Math.min(1, (seconds * 1000) / length);
    // Several buckets in one column of pixels: the fullest is seen.
    if (begin === column.from) {
      column = { from: begin, to: Math.max(column.to, end), share: Math.max(column.share, share) };
    } else {
      flush();
      column = { from: begin, to: end, share };
    }
  }
  flush();
  return parts.join('');
}

const round = (value: number) => Math.round(value * 10) / 10;

/** Something that can be pointed at; several that lie too close together are one. */
export interface Mark<T extends Span> extends Span {
  readonly x: number;
  readonly width: number;
  readonly all: readonly T[];
}

/** `least`: pixels that a mark has at least. `spans`: in order. */
export function marksOf<T extends Span>(
  spans: readonly T[],
  view: Span,
  width: number,
  least: number,
): Mark<T>[] {
  const marks: Mark<T>[] = [];
  for (const span of spans) {
    if (span.to < view.from || span.from > view.to) continue;
    const begin = Math.max(0, xOf(view, width, span.from));
    const end = Math.min(width, Math.max(xOf(view, width, span.to), begin + least));
    const x = Math.min(begin, width - least);
    const last = marks.at(-1);
    if (last && x < last.x + last.width) {
      const wide = Math.max(last.x + last.width, end) - last.x;
      marks[marks.length - 1] = {
        ...{ from: last.from, to: Math.max(last.to, span.to), x: last.x, width: wide },
        all: [...last.all, span],
      };
    } else marks.push({ from: span.from, to: span.to, x, width: Math.max(least, end - x), all: [span] });
  }
  return marks;
}
