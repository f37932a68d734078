import { SidestreamError } from '../../core/errors.ts';
import { type Fitting, fitBetween, fitTogether } from './fitting.ts';
import type { ParameterSets } from './h264.ts';
import type { SegmentFacts } from './segment-facts.ts';
import { TICKS } from './segment-packets.ts';
import { type SoundPlan, soundPlan } from './sound-plan.ts';
import {
  cutStretches,
  isGap,
  type Limits,
  largest,
  type Run,
  type StretchCut,
  seenIn,
  smallest,
  stretchesOf,
} from './stretches.ts';

/** A stretch without pictures within a clip. `from`, `to`: ticks since 1970. `at`, `shown`: seconds, in the clip. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly shown: number;
}

/** Pictures of [from, to), in ticks since 1970, are shown from `at` on, in ticks from the clip's beginning. */
export interface Place {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** What a clip has of a stretch, and where. */
export interface PlacedCut extends StretchCut {
  /** To be taken away from times to have those of the clip, in ticks. */
  readonly offset: number;
  /** When the last picture is over. */
  readonly end: number;
}

export interface CutPlan {
  readonly cuts: readonly PlacedCut[];
  readonly pieces: readonly Place[];
  readonly gaps: readonly Gap[];
  /** In ticks. */
  readonly length: number;
  /** Ticks by which decoding runs ahead of showing. */
  readonly ahead: number;
  /** What is taken over needs these. Undefined: everything is coded anew, for this reason. */
  readonly taken: ParameterSets | undefined;
  readonly why: string | undefined;
  /** How pictures are coded between those taken over; undefined: none are, or all are. */
  readonly fitting: Fitting | undefined;
  readonly sound: SoundPlan;
}

export interface PlanOptions extends Limits {
  readonly gapSeconds: number;
  readonly audio: boolean;
}

/** Decides how a clip is cut, by what is known of the files, in order of time. Throws NOT_RECORDED where none has a picture. */
export function planCut(files: readonly SegmentFacts[], options: PlanOptions): CutPlan {
  const stretches = stretchesOf(files, options.gapSeconds);
  const all = cutStretches(stretches, options, false);
  if (all.length === 0)
    throw new SidestreamError('NOT_RECORDED', 'there is no picture in this time: ask for another one');
  const used = [...new Set(all.flatMap(({ stretch }) => stretch.parts.map(({ facts }) => facts)))];
  const { cuts, ...how } = coding(used, all, () => cutStretches(stretches, options, true));
  const placed = place(cuts, options.gapSeconds);
  const sound = soundPlan(used, { wanted: options.audio, gaps: placed.gaps.length > 0 });
  return { ...how, ...placed, ahead: aheadOf(cuts), sound };
}

/** Ticks. */
const MOST_AHEAD = 10 * TICKS;

/** What is taken over and what is coded anew. */
function coding(
  files: readonly SegmentFacts[],
  all: readonly StretchCut[],
  smartly: () => readonly StretchCut[],
): Pick<CutPlan, 'taken' | 'why' | 'fitting'> & { readonly cuts: readonly StretchCut[] } {
  const anew = (why: string) => ({ cuts: all, taken: undefined, why, fitting: undefined });
  const fits = fitTogether(files);
  if ('why' in fits) return anew(fits.why);
  const cuts = smartly();
  if (aheadOf(cuts) > MOST_AHEAD) return anew('its pictures are too far out of order');
  const runs = cuts.flatMap((cut) => cut.runs);
  const taken = fits.sets;
  if (runs.every(({ kind }) => kind === 'copy')) return { cuts, taken, why: undefined, fitting: undefined };
  if (runs.every(({ kind }) => kind === 'code')) return anew('it lies between two key frames');
  const fitting = fitBetween(taken, cuts);
  return 'why' in fitting ? anew(fitting.why) : { cuts, taken, why: undefined, fitting };
}

/** One after the other, with gaps between. */
function place(
  cuts: readonly StretchCut[],
  gapSeconds: number,
): Pick<CutPlan, 'cuts' | 'pieces' | 'gaps' | 'length'> {
  const placed: PlacedCut[] = [];
  const pieces: Place[] = [];
  const gaps: Gap[] = [];
  let at = 0;
  for (const cut of cuts) {
    const { first, end } = reach(cut);
    const last = placed.at(-1);
    if (last) {
      const hole = first - last.end;
      const gap = isGap(hole, gapSeconds);
      const shown = gap ? Math.min(hole, Math.round(gapSeconds * TICKS)) : Math.max(0, hole);
      if (gap) gaps.push({ from: last.end, to: first, at: at / TICKS, shown: shown / TICKS });
      at += shown;
    }
    // Files that nearly touch are one piece: its times go on.
    const piece = pieces.at(-1);
    if (piece && gaps.at(-1)?.to !== first) pieces[pieces.length - 1] = { ...piece, to: end };
    else pieces.push({ from: first, to: end, at });
    placed.push({ ...cut, offset: first - at, end });
    at += end - first;
  }
  return { cuts: placed, pieces, gaps, length: at };
}

/** From the first picture to when the last one is over. */
function reach({ stretch, lo, hi }: StretchCut): { readonly first: number; readonly end: number } {
  const seen = seenIn(stretch.times, lo, hi).map((i) => stretch.times[i]);
  const last = largest(seen);
  const next = smallest(stretch.times.filter((time) => time > last));
  return { first: smallest(seen), end: Math.max(last + 1, Math.min(hi, next, stretch.end)) };
}

/** Decoding times of the packets of a run that are taken over, but for `ahead`: their times of showing, in order. */
export const inOrder = (times: readonly number[], { from, to }: Pick<Run, 'from' | 'to'>): number[] =>
  times.slice(from, to).sort((a, b) => a - b);

/** The least by which each packet is decoded before its picture is shown. */
function aheadOf(cuts: readonly StretchCut[]): number {
  const copied = cuts.flatMap(({ stretch: { times }, runs }) =>
    runs.filter(({ kind }) => kind === 'copy').map((run) => ({ times, run })),
  );
  return Math.max(
    0,
    ...copied.map(({ times, run }) =>
      largest(inOrder(times, run).map((time, i) => time - times[run.from + i])),
    ),
  );
}
