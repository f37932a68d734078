import { type AnalysisHeader, invalidAnalysis } from '../analysis/file/format.ts';
import { type AnalysisFile, openAnalysis } from '../analysis/file/reader.ts';
import { createAnalysisWriter } from '../analysis/file/writer.ts';
import type { Frame } from '../core/frame.ts';
import type { Model } from '../rsan/model.ts';
import type { PointRegions, RegionsAt } from './associate.ts';
import type { Range, windowSize } from './cluster.ts';
import { type Association, associated, regionsOf } from './see.ts';
import { createStopwatch } from './stopwatch.ts';

/** One video analysed in parts, on any machine and in any order, and put together as if it had been one. */

export interface Part extends Range {
  /** The frames that must be decoded for it: `first` ≤ index < `end`. */
  readonly first: number;
  readonly end: number;
}

type Kept = Exclude<Association, 'none'>;

/**
 * Parts of about equal length that cover `frames` frames, `count` at most. Where windows share queries, parts begin
 * where a window does; where the model sees each n-th frame, with one of these.
 */
export function planParts(
  frames: number,
  count: number,
  { every, association }: { readonly every: number; readonly association: Kept },
  window: ReturnType<typeof windowSize>,
): Part[] {
  const { frames: size, overlap } = window;
  const step = association === 'clustered' ? lowest(size - overlap, every) : every;
  const starts = new Set<number>();
  for (let part = 0; part < count; part++) starts.add(Math.round((frames * part) / count / step) * step);
  // A window of nothing but what it shares with the one before is none.
  const least = association === 'clustered' ? overlap + 1 : 1;
  const firsts = [...starts].filter((start) => start === 0 || frames - start >= least);
  return firsts.map((first, i) => {
    const next = firsts[i + 1];
    if (association === 'online') return { from: first, to: next ?? frames, first, end: next ?? frames };
    // A window shows what it shares with its neighbours half.
    const from = first === 0 ? 0 : first + overlap / 2;
    if (next === undefined) return { from, to: frames, first, end: frames };
    // One frame more: with it, its last window is known not to be the video's.
    return { from, to: next + overlap / 2, first, end: Math.min(frames, next + overlap + 1) };
  });
}

/** The least common multiple. */
function lowest(a: number, b: number): number {
  let multiple = a;
  while (multiple % b !== 0) multiple += a;
  return multiple;
}

/** Analyses a part: `frames` are those that it wants decoded, with their numbers in the video. */
export async function analysePart(
  path: string,
  part: Part,
  frames: AsyncIterable<Frame>,
  header: AnalysisHeader,
  request: { readonly every: number; readonly association: Kept },
  model: Model,
  signal: AbortSignal,
  watch = createStopwatch(['decode', 'analyse', 'associate']),
): Promise<void> {
  await using writer = await createAnalysisWriter(path, { ...header, association: null });
  let last: PointRegions | undefined;
  for await (const { index, pts, regions } of regionsOf(frames, request, model, watch, signal, part)) {
    await writer.add({ index, pts, analysed: last !== regions, regions, points: regions.points });
    last = regions;
  }
  await writer.finish();
}

/** Puts parts together, given in any order. Throws ANALYSIS_INVALID where they are not the parts of one video, or one is missing. */
export async function joinParts(
  path: string,
  parts: readonly string[],
  association: Kept,
  signal: AbortSignal,
  progress: (frames: number) => void = () => {},
): Promise<{ readonly frames: number; readonly analysed: number; readonly tracks: number }> {
  const files: AnalysisFile[] = [];
  try {
    for (const part of parts) files.push(await openAnalysis(part));
    const [{ header }] = files;
    for (const file of files) checkPart(file, header);
    files.sort((a, b) => (a.times?.first ?? 0) - (b.times?.first ?? 0));
    const watch = createStopwatch(['decode', 'analyse', 'associate']);
    const counts = { decoded: 0, tracks: 0 };
    const done = { frames: 0, analysed: 0 };
    await using writer = await createAnalysisWriter(path, { ...header, association });
    for await (const frame of associated(regionsIn(files), association, header.time_base, counts, watch)) {
      signal.throwIfAborted();
      await writer.add(frame);
      if (frame.analysed) done.analysed++;
      progress(++done.frames);
    }
    await writer.finish();
    return { ...done, tracks: counts.tracks };
  } finally {
    for (const file of files) await file[Symbol.asyncDispose]();
  }
}

function checkPart({ path, header, whole }: AnalysisFile, first: AnalysisHeader): void {
  if (!whole) throw invalidAnalysis(path, 'it was cut off: analyse this part again');
  for (const key of ['model', 'preprocessing', 'lattice', 'time_base', 'source'] as const) {
    if (JSON.stringify(header[key]) !== JSON.stringify(first[key]))
      throw invalidAnalysis(path, `its ${key} is not that of the other parts`);
  }
}

/** The regions of all parts, frame after frame. */
async function* regionsIn(files: readonly AnalysisFile[]): AsyncGenerator<RegionsAt> {
  let next = 0;
  for (const file of files) {
    let last: { table: object; points: object; regions: PointRegions } | undefined;
    for await (const { index, pts, regions: table, points } of file.unassociated()) {
      if (index !== next) throw invalidAnalysis(file.path, `frame ${next} is missing: before frame ${index}`);
      next++;
      // Frames that show what the one before them shows have its very arrays.
      if (last?.points !== points || last.table !== table)
        last = { table, points, regions: { ...table, points } };
      yield { index, pts, regions: last.regions };
    }
  }
}
