import { isSameStream } from '../live/kept.ts';
import { PICTURE, type SegmentFacts } from './segment-facts.ts';
import { TICKS } from './segment-packets.ts';

/** Which pictures of recorded files are decoded one after the other, and which of them a clip has. Times are ticks. */

/** Packets that can be decoded one after the other: files that follow each other at once, without damage. */
export interface Stretch {
  /** What it consists of, in order: packets `from` to `to` of a file. */
  readonly parts: readonly { readonly facts: SegmentFacts; readonly from: number; readonly to: number }[];
  /** Of all its packets, in the order of decoding. */
  readonly times: readonly number[];
  /** Values of PICTURE. */
  readonly kinds: readonly number[];
  /** When its last picture is over. */
  readonly end: number;
}

/** Some packets of a stretch, by number. */
export interface Run {
  /** `code`: they are decoded, and those to be seen are coded anew. */
  readonly kind: 'copy' | 'code';
  readonly from: number;
  readonly to: number;
  /** Those before, by number, are decoded and not seen. */
  readonly seenFrom: number;
}

/** What a clip has of a stretch: pictures with lo ≤ time < hi. */
export interface StretchCut {
  readonly stretch: Stretch;
  readonly lo: number;
  readonly hi: number;
  /** In the order of the clip. They may share packets: those after which pictures are coded anew. */
  readonly runs: readonly Run[];
}

/** Ticks between two files that are no gap: a picture comes a little late. */
export const isGap = (hole: number, gapSeconds: number): boolean =>
  hole > Math.min(TICKS / 2, Math.max(gapSeconds * TICKS, TICKS / 20));

/** Files in the order of time as stretches. */
export function stretchesOf(files: readonly SegmentFacts[], gapSeconds: number): Stretch[] {
  const groups: Stretch[][] = [];
  for (const one of files.flatMap(undamaged)) {
    const last = groups.at(-1);
    if (last && follows(last.at(-1)!, one, gapSeconds)) last.push(one);
    else groups.push([one]);
  }
  return groups.map((group) => ({
    parts: group.flatMap(({ parts }) => parts),
    times: group.flatMap(({ times }) => times),
    kinds: group.flatMap(({ kinds }) => kinds),
    end: group.at(-1)!.end,
  }));
}

/** What of a file can be decoded one after the other. */
function undamaged(facts: SegmentFacts): Stretch[] {
  const { times, kinds, segment } = facts;
  const found: Stretch[] = [];
  for (let from = 0; from < kinds.length; from++) {
    if (kinds[from] === PICTURE.lost) continue;
    const lost = kinds.indexOf(PICTURE.lost, from);
    const to = lost < 0 ? kinds.length : lost;
    const own = times.slice(from, to);
    const last = largest(own);
    const next = smallest(times.filter((time) => time > last));
    const end = Math.max(last + 1, Math.min(segment.end, next));
    found.push({ parts: [{ facts, from, to }], times: own, kinds: kinds.slice(from, to), end });
    from = to;
  }
  return found;
}

/** Both of one file each. */
function follows(before: Stretch, after: Stretch, gapSeconds: number): boolean {
  const [last, first] = [before.parts[0], after.parts[0]];
  return (
    last.facts.whole &&
    first.from === 0 &&
    last.facts !== first.facts &&
    isSameStream(last.facts.video, first.facts.video) &&
    smallest(after.times) > largest(before.times) &&
    !isGap(after.times[0] - before.end, gapSeconds)
  );
}

/** The clip has pictures with from ≤ time < to, and may begin by `tolerance` earlier. */
export interface Limits {
  readonly from: number;
  readonly to: number;
  readonly tolerance: number;
}

/** What of each stretch is seen. `copy`: packets may be taken over where pictures need not be coded anew. */
export function cutStretches(stretches: readonly Stretch[], limits: Limits, copy: boolean): StretchCut[] {
  const cuts: StretchCut[] = [];
  for (const [i, stretch] of stretches.entries()) {
    // What is shown before the first key frame cannot be decoded.
    const lo = Math.max(limits.from, stretch.times[0]);
    // The later one counts from its beginning on.
    const hi = Math.min(limits.to, ...stretches.slice(i + 1, i + 2).map(({ times }) => times[0]));
    if (!stretch.times.some((time) => time >= lo && time < hi)) continue;
    const tolerance = cuts.length === 0 ? limits.tolerance : 0;
    cuts.push(copy ? cutSmartly(stretch, lo, hi, tolerance) : codedAnew(stretch, lo, hi));
  }
  return cuts;
}

/** As little as can be is coded anew: up to the first key frame, and behind the last picture that needs none that is left out. */
function cutSmartly(stretch: Stretch, lo: number, hi: number, tolerance: number): StretchCut {
  const { times, kinds } = stretch;
  const clean = [...kinds.keys()].filter((i) => kinds[i] === PICTURE.clean);
  const before = clean.findLast((i) => times[i] <= lo);
  const begin =
    before !== undefined && lo - times[before] <= tolerance
      ? before
      : clean.find((i) => times[i] >= lo && times[i] < hi);
  if (begin === undefined) return codedAnew(stretch, lo, hi);
  const from = Math.min(lo, times[begin]);
  const end = copiedUpTo(times, begin, hi);
  if (end === begin) return codedAnew(stretch, from, hi);
  const seen = seenIn(times, from, hi);
  const runs: Run[] = [{ kind: 'copy', from: begin, to: end, seenFrom: begin }];
  const head = seen.find((i) => i < begin);
  if (head !== undefined)
    runs.unshift({ kind: 'code', from: decodedFrom(stretch, from), to: begin, seenFrom: 0 });
  const tail = seen.findLast((i) => i >= end);
  if (tail !== undefined) {
    const start = clean.findLast((i) => i <= end) ?? begin;
    runs.push({ kind: 'code', from: start, to: tail + 1, seenFrom: end });
  }
  return { stretch, lo: from, hi, runs };
}

function codedAnew(stretch: Stretch, lo: number, hi: number): StretchCut {
  const last = seenIn(stretch.times, lo, hi).at(-1) ?? 0;
  const run: Run = { kind: 'code', from: decodedFrom(stretch, lo), to: last + 1, seenFrom: 0 };
  return { stretch, lo, hi, runs: [run] };
}

/** Where decoding begins so that all pictures from `lo` on come out. */
function decodedFrom({ times, kinds }: Stretch, lo: number): number {
  const before = (least: number) => [...kinds.keys()].filter((i) => kinds[i] >= least && times[i] <= lo);
  const clean = before(PICTURE.clean).at(-1);
  // Pictures behind another key frame may look back over it: from one group earlier on all is there.
  return clean ?? before(PICTURE.key).at(-2) ?? 0;
}

/**
 * The packet behind those that can be taken over from `begin` on: each of them is seen, and is shown before all that are
 * not taken over. Packets are whole, so those that are shown late keep later ones of theirs from being taken over.
 */
function copiedUpTo(times: readonly number[], begin: number, hi: number): number {
  const found = times.findIndex((time, i) => i >= begin && time >= hi);
  let end = found < 0 ? times.length : found;
  const rest = seenIn(times, times[begin], hi).filter((i) => i >= end);
  if (rest.length === 0) return end;
  let first = smallest(rest.map((i) => times[i]));
  while (end > begin && largest(times.slice(begin, end)) > first) {
    end--;
    first = Math.min(first, times[end]);
  }
  return end;
}

/** Numbers of the packets whose pictures are seen. */
export const seenIn = (times: readonly number[], lo: number, hi: number): number[] =>
  [...times.keys()].filter((i) => times[i] >= lo && times[i] < hi);

export const smallest = (values: readonly number[]): number =>
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
export const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
