import type { LabelMap, Segment } from '../core/frame.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import { createPlacer, type Labelled } from './places.ts';

/** What is written over a frame, and where. Plain data: it may be decided on one machine and drawn on another. */
export interface Layout {
  /** Indices of the names in the legend. */
  readonly legend: readonly number[];
  /** The names over the picture, the most important first. */
  readonly places: readonly Spot[];
}

export interface Spot {
  /** Index of the segment that is named. */
  readonly segment: number;
  /** In parts of the picture's width and height. */
  readonly x: number;
  readonly y: number;
  /** From the spot to the region's border, in parts of the picture's width. */
  readonly depth: number;
}

export interface LayoutOptions {
  readonly vocabulary: Vocabulary;
  /** `ids`: names, and for things the ids of their tracks. */
  readonly labels: 'none' | 'names' | 'ids';
}

/**
 * Decides the layout of a frame, whose map says of each point which of `segments` it is. `seconds` is the frame's time.
 * Frames must come in their order: names stay where they are from one to the next, and the legend learns what was seen
 * of late.
 */
export type Layouter = (map: LabelMap, segments: readonly Segment[], seconds: number) => Layout;

/** A name stays in the legend this long after it was last seen. */
const LEGEND_SECONDS = 3;
/** Part of the picture that a name must cover to enter the legend. */
const LEGEND_SHARE = 0.002;
/** The smallest regions that are named, as parts of the picture. */
const SMALLEST_THING = 0.004;
const SMALLEST_STUFF = 0.02;
/** Points that are counted, about. */
const COUNTED = 25_000;
const NOTHING: Layout = { legend: [], places: [] };

export function createLayouter({ vocabulary, labels }: LayoutOptions): Layouter {
  const lastSeen = new Float64Array(vocabulary.length).fill(-Infinity);
  const placer = createPlacer();

  function legendOf(map: LabelMap, segments: readonly Segment[], seconds: number): number[] {
    const counts = new Int32Array(vocabulary.length);
    // Every third point both ways of a large map is enough to tell what is seen.
    const step = map.labels.length > COUNTED ? 3 : 1;
    for (let y = step >> 1; y < map.height; y += step) {
      for (let x = step >> 1; x < map.width; x += step)
        counts[segments[map.labels[y * map.width + x]].name]++;
    }
    const enough = (LEGEND_SHARE * map.labels.length) / step ** 2;
    const shown = [];
    for (const [i, { other }] of vocabulary.entries()) {
      if (counts[i] >= enough) lastSeen[i] = seconds;
      // A jump back in time must not keep a name for ever.
      const age = Math.abs(seconds - lastSeen[i]);
      if (!other && age <= LEGEND_SECONDS) shown.push(i);
    }
    return shown;
  }

  function labelled({ name, track, identified }: Segment): Labelled {
    const { isthing, other } = vocabulary[name];
    return {
      key: track,
      wanted: !other,
      smallest: isthing ? SMALLEST_THING : SMALLEST_STUFF,
      // Without identities all things of a name are one segment.
      most: isthing && identified === undefined ? 6 : 1,
    };
  }

  return (map, segments, seconds) => {
    if (labels === 'none') return NOTHING;
    const places = placer.place(map, segments.map(labelled)).map(({ label, x, y, depth }) => ({
      segment: label,
      x: x / map.width,
      y: y / map.height,
      depth: depth / map.width,
    }));
    return { legend: legendOf(map, segments, seconds), places };
  };
}
