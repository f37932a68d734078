import { type GapOfTime, gapsOf, type MissingNote, type Part, partsOf, withoutHoles } from './coverage.ts';
import type { SegmentRow, Segments } from './segments.ts';

/** What there is of a stream, and what there is not. Times are ticks of 1/90000 s since 1970. */
export interface Holdings {
  /** Segments with any of [from, to), in order. */
  segments(stream: string, from: number, to: number): readonly SegmentRow[];
  parts(stream: string, from: number, to: number): readonly Part<SegmentRow>[];
  gaps(stream: string, from: number, to: number): readonly GapOfTime[];
  /** Names that were seen, longest first. */
  names(stream: string, from: number, to: number): readonly string[];
  /** Up to when all is known: the end of the last segment, or for ever where nothing is recorded at present. */
  knownUntil(stream: string): number;
  /** Since when nothing is recorded, and why, where somebody said so. */
  endedBy(stream: string): MissingNote | undefined;
}

/** `isRecording`: whether a stream is to be recorded at present. */
export function createHoldings(segments: Segments, isRecording: (stream: string) => boolean): Holdings {
  /** The newest note that nothing is recorded, if that is so. */
  function ended(stream: string, last: SegmentRow | undefined): MissingNote | undefined {
    const note = segments
      .missing(stream, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
      .find(({ from, to }) => from === to);
    return note && note.from >= (last?.end ?? 0) ? note : undefined;
  }

  const endedBy = (stream: string) => ended(stream, segments.last(stream));

  function knownUntil(stream: string): number {
    const last = segments.last(stream);
    const note = ended(stream, last);
    // What is recorded again may not have come to be known yet.
    if (note && !isRecording(stream)) return Number.MAX_SAFE_INTEGER;
    return Math.max(last?.end ?? 0, note?.from ?? 0);
  }

  const notes = (stream: string, from: number, to: number) => segments.missing(stream, from, to);
  const parts = (stream: string, from: number, to: number) =>
    withoutHoles(partsOf(segments.between(stream, from, to)), notes(stream, from, to));
  return {
    segments: (stream, from, to) =>
      parts(stream, from, to)
        .filter((part) => part.from < to && part.to > from)
        .map(({ segment }) => segment)
        .filter((segment, i, all) => all.indexOf(segment) === i),
    parts,
    gaps(stream, from, to) {
      // What has not come to be known yet is no gap; but one that somebody spoke of goes on.
      const known = endedBy(stream) ? to : knownUntil(stream);
      const end = Math.max(from, Math.min(to, known));
      const unknown = (before: SegmentRow | undefined, after: SegmentRow | undefined) =>
        before && after && before.token === after.token
          ? 'UNKNOWN'
          : before && after
            ? 'WORKER_LOST'
            : undefined;
      return gapsOf(parts(stream, from, end), notes(stream, from, end), from, end, unknown);
    },
    names: (stream, from, to) => segments.names(stream, from, to),
    knownUntil,
    endedBy,
  };
}
