import { TICKS } from './card.ts';

/** What there is of a stream in a stretch of time, and why there is nothing in between. Times are ticks. */

export interface Recorded {
  readonly begin: number;
  readonly end: number;
  /** Of who recorded it. */
  readonly token: number;
}

/** `from` = `to`: so it is until something is recorded again; those of before a stretch of time are those that still hold. */
export interface MissingNote {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** The part of a segment that counts. */
export interface Part<S> {
  readonly segment: S;
  readonly from: number;
  readonly to: number;
}

export interface GapOfTime {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** A distance between segments that is no gap: a picture came a little late. */
export const LEAST_GAP = TICKS / 2;

/**
 * Segments in order, each moment once: where two workers believed that they held the stream, the later one counts.
 * `segments`: by `begin`.
 */
export function partsOf<S extends Recorded>(segments: readonly S[]): Part<S>[] {
  const parts: Part<S>[] = [];
  for (const segment of segments) {
    let from = segment.begin;
    for (let last = parts.at(-1); last && last.to > from; last = parts.at(-1)) {
      if (segment.token < last.segment.token) {
        from = last.to;
        break;
      }
      parts.pop();
      if (last.from < from) {
        parts.push({ ...last, to: from });
        break;
      }
    }
    if (from < segment.end) parts.push({ segment, from, to: segment.end });
  }
  return parts;
}

/** Parts without what is noted to be missing in them: a camera may send nothing for a while and then go on. */
export function withoutHoles<S extends Recorded>(
  parts: readonly Part<S>[],
  notes: readonly MissingNote[],
): Part<S>[] {
  return parts.flatMap((part) => {
    const pieces: Part<S>[] = [];
    let { from } = part;
    for (const note of notes) {
      if (note.from >= note.to || note.from < from || note.to > part.to) continue;
      if (note.from > from) pieces.push({ ...part, from, to: note.from });
      from = note.to;
    }
    return from < part.to ? [...pieces, { ...part, from }] : pieces;
  });
}

/** Stretches with pictures, joined. */
export function stretchesOf(
  parts: readonly Part<unknown>[],
): { readonly from: number; readonly to: number }[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of parts) {
    const last = joined.at(-1);
    if (last && from - last.to <= LEAST_GAP) last.to = to;
    else joined.push({ from, to });
  }
  return joined;
}

/**
 * The gaps of [from, to) between parts, each with its reason; what nobody gives a reason for is `unknown`'s to tell, by
 * the parts before and after.
 */
export function gapsOf<S extends Recorded>(
  parts: readonly Part<S>[],
  notes: readonly MissingNote[],
  from: number,
  to: number,
  unknown: (before: S | undefined, after: S | undefined) => string | undefined,
): GapOfTime[] {
  const gaps: GapOfTime[] = [];
  const sorted = [...notes].sort((a, b) => a.from - b.from || a.to - b.to);
  // What was said before still holds, up to the first part.
  const said = sorted.filter((note) => note.from === note.to && note.from < from).at(-1)?.reason;
  const between = (begin: number, end: number, before: S | undefined, after: S | undefined) => {
    if (end - begin <= LEAST_GAP) return;
    const otherwise = (before ? undefined : said) ?? unknown(before, after);
    for (const gap of explained(begin, end, sorted, otherwise)) {
      const last = gaps.at(-1);
      if (last?.to === gap.from && last.reason === gap.reason)
        gaps[gaps.length - 1] = { ...last, to: gap.to };
      else gaps.push(gap);
    }
  };
  let at = from;
  let before: S | undefined;
  for (const part of parts) {
    if (part.to <= from || part.from >= to) continue;
    between(at, Math.min(part.from, to), before, part.segment);
    at = Math.max(at, part.to);
    before = part.segment;
  }
  between(at, to, before, undefined);
  return gaps;
}

/** One gap by what is known of it. `otherwise`: undefined where it is no gap as far as nobody says so. */
function* explained(
  begin: number,
  end: number,
  notes: readonly MissingNote[],
  otherwise: string | undefined,
): Generator<GapOfTime> {
  let at = begin;
  let reason = otherwise;
  const upTo = function* (time: number): Generator<GapOfTime> {
    if (time > at && reason !== undefined) yield { from: at, to: time, reason };
    at = Math.max(at, time);
  };
  for (const note of notes) {
    if (note.to < begin || note.from >= end) continue;
    const [from, to] = [Math.max(begin, note.from), Math.min(end, note.to)];
    if (note.from === note.to) {
      yield* upTo(from);
      reason = note.reason;
    } else if (to > at) {
      yield* upTo(from);
      if (to > at) yield { from: at, to, reason: note.reason };
      at = to;
    }
  }
  yield* upTo(end);
}
