import { codecOf } from '../rtsp/parameter-sets.ts';
import { freeId, type ParameterSets, parseSequence, type SequenceParameters, unitedSets } from './h264.ts';
import type { SegmentFacts } from './segment-facts.ts';
import type { StretchCut } from './stretches.ts';

/** Whether packets can be taken over into a clip as they are, and pictures that are coded anew stand between them. */

/** What pictures that are coded anew have in common with those that are taken over. */
export interface Fitting {
  readonly sets: ParameterSets;
  /** A number that none of the sets has. */
  readonly id: number;
  readonly like: SequenceParameters;
}

/** `why`: in a few words, why all is coded anew. */
export type Fits = { readonly sets: ParameterSets } | { readonly why: string };

/** Whether packets of all these files can be in one track. */
export function fitTogether(files: readonly SegmentFacts[]): Fits {
  const other = files.find(({ codec }) => codec !== 'h264');
  if (other) return { why: `it is coded as ${codecOf(other.video)}` };
  const [{ video }] = files;
  if (files.some(({ video: { width, height } }) => width !== video.width || height !== video.height))
    return { why: 'the size of the pictures changes' };
  if (files.some(({ sets }) => sets === undefined))
    return { why: 'its parameter sets are not told beforehand' };
  try {
    const sets = unitedSets(files.flatMap((file) => file.sets ?? []));
    if (!sets) return { why: 'its parameter sets change' };
    if (sets.sequence.length === 0) return { why: 'it has no parameter sets' };
    const sizes = new Set(sets.sequence.map(parseSequence).map(({ width, height }) => `${width}x${height}`));
    return sizes.size > 1 ? { why: 'the size of the pictures changes' } : { sets };
  } catch (error) {
    if (error instanceof RangeError)
      return { why: `its parameter sets are not understood: ${error.message}` };
    throw error;
  }
}

/** Baseline, Main and High. */
const PROFILES = new Set([66, 77, 100]);

/**
 * How pictures are to be coded that stand between packets taken over. A decoder changes to them and back at key frames: it
 * must know of all pictures whether others come before them, or it could show some in the wrong order.
 */
export function fitBetween(sets: ParameterSets, cuts: readonly StretchCut[]): Fitting | { why: string } {
  const all = sets.sequence.map(parseSequence);
  const [like] = all;
  if (all.some(({ profile }) => !PROFILES.has(profile))) return { why: `its profile is ${like.profile}` };
  if (all.some(({ chroma, bitDepth }) => chroma !== 1 || bitDepth !== 8))
    return { why: 'its colours are not 4:2:0 in 8 bits' };
  if (all.some(({ progressive }) => !progressive)) return { why: 'it is interlaced' };
  const isOrdered = cuts.every(({ stretch: { times } }) =>
    times.every((time, i) => i === 0 || time > times[i - 1]),
  );
  if (!isOrdered && all.some(({ reorder }) => reorder === undefined))
    return { why: 'it does not say how far pictures are out of order' };
  const id = freeId(sets);
  return id === undefined ? { why: 'it has too many parameter sets' } : { sets, id, like };
}
