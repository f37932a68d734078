import type { AnalysisFile } from '../analysis/file/reader.ts';
import type { TrackTable } from '../core/frame.ts';
import type { Pts } from '../core/time.ts';
import { levelOf } from './levels.ts';
import { dot, toSteps, toUnit } from './vectors.ts';

/** A stretch of time in which a track is seen and looks alike. */
export interface Run {
  readonly track: number;
  /** Milliseconds, whole, half-open. */
  readonly from: number;
  readonly to: number;
  /** The largest share of the picture in it, 0 to 1; all its shares are of one level. */
  readonly share: number;
  /** When that was, in milliseconds: from `from` on and before `to`. */
  readonly at: number;
  /** The direction of its mean embedding, int8, D. */
  readonly look: Int8Array<ArrayBuffer>;
}

/** Milliseconds for which a track may be out of sight within a run: less than this. */
export const GAP = 1000;
/** How alike to the mean of its run, as a cosine, a track must stay. */
const ALIKE = 0.97;

/** Makes runs of the tables of tracks of a part of a video. */
export interface Runs {
  /** A group of frames, in order. `from`, `to`: milliseconds, half-open. Throws RangeError where the table has another D. */
  add(tracks: TrackTable, from: number, to: number): void;
  /** All runs, by `from` and track. Nothing can be added afterwards. */
  finish(): Run[];
}

interface Open {
  readonly level: number;
  readonly from: number;
  to: number;
  share: number;
  at: number;
  /** Sum of unit embeddings, and its direction. */
  readonly sum: Float64Array;
  mean: Float32Array;
}

/** `dim`: numbers in an embedding, D. */
export function createRuns(dim: number): Runs {
  const open = new Map<number, Open[]>();
  const runs: Run[] = [];
  const close = (track: number, { from, to, share, at, sum }: Open) =>
    runs.push({ track, from, to, share, at, look: toSteps(sum) });
  return {
    add({ ids, shares, embeddings }, begins, ends) {
      if (embeddings.length !== ids.length * dim)
        throw new RangeError(`${embeddings.length} numbers are not ${ids.length} embeddings of ${dim}`);
      const from = Math.round(begins);
      // The last group may be a single frame, of which nobody knows how long it is seen.
      const to = Math.max(Math.round(ends), from + 1);
      for (const [row, track] of ids.entries()) {
        const level = levelOf(shares[row]);
        if (!(level >= 0)) continue;
        const unit = toUnit(embeddings.subarray(row * dim, (row + 1) * dim));
        if (unit.every((value) => value === 0)) continue;
        const own = (open.get(track) ?? []).filter((run) => {
          const lasts = from - run.to < GAP;
          if (!lasts) close(track, run);
          return lasts;
        });
        open.set(track, own);
        const run = mostAlike(own, unit, level);
        if (run) extend(run, unit, { from, to, share: shares[row] });
        else
          own.push({
            level,
            from,
            to,
            share: shares[row],
            at: from,
            sum: Float64Array.from(unit),
            mean: unit,
          });
      }
    },
    finish() {
      for (const [track, own] of open) for (const run of own) close(track, run);
      return runs.sort((a, b) => a.from - b.from || a.track - b.track);
    },
  };
}

function mostAlike(open: readonly Open[], unit: Float32Array, level: number): Open | undefined {
  let best: Open | undefined;
  let most = ALIKE;
  for (const run of open) {
    if (run.level !== level) continue;
    const alike = dot(run.mean, 0, unit, 0, unit.length);
    if (alike < most) continue;
    most = alike;
    best = run;
  }
  return best;
}

function extend(
  run: Open,
  unit: Float32Array,
  { from, to, share }: { readonly from: number; readonly to: number; readonly share: number },
): void {
  run.to = to;
  for (let i = 0; i < unit.length; i++) run.sum[i] += unit[i];
  run.mean = toUnit(run.sum);
  if (share <= run.share) return;
  run.share = share;
  run.at = from;
}

/** The runs of an analysis, without its frames. `timeOf`: milliseconds of a time of the analysis. Throws ANALYSIS_INVALID. */
export async function runsOf(
  analysis: Pick<AnalysisFile, 'header' | 'spans'>,
  timeOf: (at: Pts) => number,
): Promise<Run[]> {
  const runs = createRuns(analysis.header.model.dim);
  for await (const { tracks, from, to } of analysis.spans()) runs.add(tracks, timeOf(from), timeOf(to));
  return runs.finish();
}
