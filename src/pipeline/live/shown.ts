import type { MaskGeometry } from '../../core/frame.ts';
import type { Rle } from '../../core/mask.ts';
import { pts } from '../../core/time.ts';
import type { Vocabulary } from '../../core/vocabulary.ts';
import type { Size } from '../../media/geometry.ts';
import { createSegmentMasks } from '../labels.ts';
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
  /** The masks of segments, by their numbers. */
  readonly rles: () => ReadonlyMap<number, Rle>;
}

/** What a frame shows, with the words that it was named by. */
export interface Named {
  readonly naming: PointNaming;
  readonly vocabulary: Vocabulary;
  readonly index: number;
  readonly wall: number;
}

/** What is told of namings: made when somebody asks, once for all frames that show the same. `size`: of the camera's picture. */
export interface Teller {
  sightings(named: Named | undefined): readonly Sighting[];
  rles(named: Named | undefined): ReadonlyMap<number, Rle>;
}

export function createTeller(geometry: MaskGeometry, size: Size): Teller {
  const masks = createSegmentMasks(geometry, size);
  return {
    sightings: once([], ({ naming, vocabulary }) => sightingsOf(naming, vocabulary, size)),
    rles: once(new Map(), ({ naming, index }) => {
      const found = masks({ index, pts: pts(0), analysed: true, naming }).masks;
      return new Map(found.map(({ label, rle }) => [label, rle]));
    }),
  };
}

function once<T>(none: T, make: (named: Named) => T): (named: Named | undefined) => T {
  let last: { readonly naming: PointNaming; readonly made: T } | undefined;
  return (named) => {
    if (!named) return none;
    if (last?.naming !== named.naming) last = { naming: named.naming, made: make(named) };
    return last.made;
  };
}

/** A frame as those who listen are told of it. `masks`: with each object's mask, as COCO's compressed run lengths. */
export function frameEvent(
  { index, wall, latency, masks, width, height, sightings, rles }: Shown,
  { masks: withMasks = false } = {},
) {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  return {
    index,
    time: time(wall),
    latency_ms: latency,
    masks: masks ? { index: masks.index, time: time(masks.wall) } : null,
    width,
    height,
    objects: sightings().map(({ segment, ...object }) =>
      withMasks ? { ...object, rle: rles().get(segment) } : object,
    ),
  };
}
