import { createLatticeMasks, type LatticeMasks } from '../analysis/lattice-masks.ts';
import { createLabeler } from '../analysis/pixels.ts';
import { createSketcher } from '../analysis/sketch.ts';
import { createSpreader, type Spreader } from '../analysis/spread.ts';
import type { LabelMap, MaskGeometry, Segment } from '../core/frame.ts';
import { type LabelMask, masksOf } from '../core/mask.ts';
import { ptsToSeconds, type Rational } from '../core/time.ts';
import type { Size } from '../media/geometry.ts';
import { createLayouter, type Layout, type LayoutOptions } from '../overlay/layout.ts';
import type { NamedFrame, PointNaming, RegionNaming } from './name.ts';

type Naming = RegionNaming | PointNaming;

/** Makes maps of frames at one size. A map belongs to its maker, which overwrites it with the next one. */
export type NameMaps = (frame: NamedFrame) => LabelMap;
export type SegmentMaps = (frame: NamedFrame) => {
  readonly map: LabelMap;
  readonly segments: readonly Segment[];
};

export type SegmentMasks = (frame: NamedFrame) => {
  readonly masks: readonly LabelMask[];
  readonly segments: readonly Segment[];
};

/** The name of every pixel. */
export function createNameMaps(geometry: MaskGeometry, { width, height }: Size, names: number): NameMaps {
  let labeler: ReturnType<typeof createLabeler> | undefined;
  let spread: Spreader | undefined;
  const make = once(sameNames, (naming: Naming) => {
    if (naming.kind === 'points') {
      spread ??= createSpreader(naming, geometry, width, height, names);
      return spread(naming.labels);
    }
    const { regions, probabilities } = naming;
    labeler ??= createLabeler(geometry, width, height);
    return labeler.label(regions.maskLogits, probabilities, regions.count);
  });
  return ({ naming }) => make(naming);
}

/** The segment of every pixel, for painting: single pixels along borders do not matter. Without association a name is one segment. */
export function createSegmentMaps(geometry: MaskGeometry, { width, height }: Size): SegmentMaps {
  let sketcher: ReturnType<typeof createSketcher> | undefined;
  let spread: Spreader | undefined;
  const spreadPieces = once(samePieces, (naming: PointNaming) => {
    spread ??= createSpreader(naming, geometry, width, height, MOST_SEGMENTS);
    return spread(naming.pieces);
  });
  const sketch = once(Object.is, ({ regions, probabilities }: RegionNaming) => {
    const { maskLogits, count } = regions;
    sketcher ??= createSketcher(geometry, width, height);
    const map = sketcher.sketch(maskLogits, probabilities, count);
    return { map, segments: namesAlone(new Float64Array(probabilities.length / count)) };
  });
  return ({ naming }) =>
    naming.kind === 'points' ? { map: spreadPieces(naming), segments: naming.segments } : sketch(naming);
}

/** What is written over a frame. Frames must come in their order. */
export type FrameLayouts = (frame: NamedFrame) => Layout;

/**
 * Layouts by the points that names were decided for, whatever the size of the painted picture; `segments`: maps of
 * frames whose regions were named each for itself.
 */
export function createFrameLayouts(
  options: LayoutOptions,
  timeBase: Rational,
  segments: SegmentMaps,
): FrameLayouts {
  const layout = createLayouter(options);
  return (frame) => {
    const { naming } = frame;
    const seconds = ptsToSeconds(frame.pts, timeBase);
    if (naming.kind === 'points') {
      const { width, height, pieces } = naming;
      return layout({ width, height, labels: pieces }, naming.segments, seconds);
    }
    const seen = segments(frame);
    return layout(seen.map, seen.segments, seconds);
  };
}

/** The mask of every segment, exactly. A mask's label is the index of its segment. */
export function createSegmentMasks(geometry: MaskGeometry, { width, height }: Size): SegmentMasks {
  let labeler: ReturnType<typeof createLabeler> | undefined;
  let lattice: LatticeMasks | undefined;
  const ofPoints = once(samePieces, (naming: PointNaming) => {
    lattice ??= createLatticeMasks(naming, geometry, width, height);
    return lattice(naming.pieces);
  });
  const ofRegions = once(Object.is, ({ regions, probabilities }: RegionNaming) => {
    const { maskLogits, count } = regions;
    labeler ??= createLabeler(geometry, width, height);
    const masks = masksOf(labeler.label(maskLogits, probabilities, count));
    return { masks, segments: namesAlone(labeler.confidence(maskLogits, probabilities, count)) };
  });
  return ({ naming }) =>
    naming.kind === 'points' ? { masks: ofPoints(naming), segments: naming.segments } : ofRegions(naming);
}

const namesAlone = (confidence: Float64Array): Segment[] =>
  Array.from(confidence, (sure, name) => ({ name, track: name + 1, confidence: sure }));

/** Segments of a frame, at most, as far as their numbers go. */
export const MOST_SEGMENTS = 0x10000;

/** Makes nothing twice for frames that look the same. */
function once<N, T>(alike: (a: N, b: N) => boolean, make: (naming: N) => T): (naming: N) => T {
  let last: { naming: N; made: T } | undefined;
  return (naming) => {
    if (!last || !alike(last.naming, naming)) last = { naming, made: make(naming) };
    return last.made;
  };
}

function sameNames(a: Naming, b: Naming): boolean {
  if (a === b) return true;
  return a.kind === 'points' && b.kind === 'points' && equal(a.labels, b.labels);
}

const samePieces = (a: PointNaming, b: PointNaming): boolean => equal(a.pieces, b.pieces);

const equal = (a: Uint16Array, b: Uint16Array): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
