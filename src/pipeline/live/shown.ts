import type { Vocabulary } from '../../core/vocabulary.ts';
import type { PointNaming } from '../name.ts';
import { type Sighting, sightingsOf } from './sightings.ts';

/** A frame as it was given out. */
export interface Shown {
  readonly index: number;
  /** When it was taken, in milliseconds since 1970. */
  readonly wall: number;
  /** Milliseconds from its arrival to its leaving the encoder. */
  readonly latency: number;
  /** The frame whose masks it shows: itself, or the newest before it that went through the model; undefined: none yet. */
  readonly masks: { readonly index: number; readonly wall: number } | undefined;
  readonly width: number;
  readonly height: number;
  readonly sightings: () => readonly Sighting[];
}

/** What a frame shows, with the words that it was named by. */
export interface Named {
  readonly naming: PointNaming;
  readonly vocabulary: Vocabulary;
  readonly index: number;
  readonly wall: number;
}

/** Sightings are made when somebody asks, once for all frames that show the same. */
export function sightingsOnce(width: number, height: number): (named: Named) => readonly Sighting[] {
  let last: { readonly naming: PointNaming; readonly found: readonly Sighting[] } | undefined;
  return ({ naming, vocabulary }) => {
    if (last?.naming !== naming) last = { naming, found: sightingsOf(naming, vocabulary, { width, height }) };
    return last.found;
  };
}
