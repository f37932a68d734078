import { createLabeler } from '../analysis/pixels.ts';
import { createSketcher } from '../analysis/sketch.ts';
import { createSpreader, type Spreader } from '../analysis/spread.ts';
import type { LabelMap, MaskGeometry, Segment } from '../core/frame.ts';
import type { Size } from '../media/geometry.ts';
import type { NamedFrame, PointNaming, RegionNaming } from './name.ts';

type Naming = RegionNaming | PointNaming;

/** Makes maps of frames at one size. A map belongs to its maker, which overwrites it with the next one. */
export type NameMaps = (frame: NamedFrame) => LabelMap;
export type SegmentMaps = (frame: NamedFrame) => {
  readonly map: LabelMap;
  readonly segments: readonly Segment[];
};

/** The name of every pixel; for painting (`quick`), single pixels along borders do not matter. */
export function createNameMaps(
  geometry: MaskGeometry,
  { width, height }: Size,
  names: number,
  quick: boolean,
): NameMaps {
  let sketcher: ReturnType<typeof createSketcher> | undefined;
  let labeler: ReturnType<typeof createLabeler> | undefined;
  let spread: Spreader | undefined;
  return once(same, (naming) => {
    if (naming.kind === 'points') {
      spread ??= createSpreader(naming, geometry, width, height, names);
      return spread(naming.labels);
    }
    const { regions, probabilities } = naming;
    if (quick) {
      sketcher ??= createSketcher(geometry, width, height);
      return sketcher.sketch(regions.maskLogits, probabilities, regions.count);
    }
    labeler ??= createLabeler(geometry, width, height);
    return labeler.label(regions.maskLogits, probabilities, regions.count);
  });
}

/** The segment of every pixel. Without association a name is one segment. */
export function createSegmentMaps(geometry: MaskGeometry, { width, height }: Size): SegmentMaps {
  let labeler: ReturnType<typeof createLabeler> | undefined;
  let spread: Spreader | undefined;
  return once(Object.is, (naming) => {
    if (naming.kind === 'points') {
      spread ??= createSpreader(naming, geometry, width, height, MOST_SEGMENTS);
      return { map: spread(naming.pieces), segments: naming.segments };
    }
    const { regions, probabilities } = naming;
    labeler ??= createLabeler(geometry, width, height);
    const map = labeler.label(regions.maskLogits, probabilities, regions.count);
    const confidence = labeler.confidence(regions.maskLogits, probabilities, regions.count);
    const segments = Array.from(confidence, (sure, name) => {
      return { name, track: name + 1, confidence: sure };
    });
    return { map, segments };
  });
}

const MOST_SEGMENTS = 0x10000;

/** Makes nothing twice for frames that look the same. */
function once<T>(
  alike: (a: Naming, b: Naming) => boolean,
  make: (naming: Naming) => T,
): (frame: NamedFrame) => T {
  let last: { naming: Naming; made: T } | undefined;
  return ({ naming }) => {
    if (!last || !alike(last.naming, naming)) last = { naming, made: make(naming) };
    return last.made;
  };
}

function same(a: Naming, b: Naming): boolean {
  if (a === b) return true;
  if (a.kind !== 'points' || b.kind !== 'points') return false;
  return Buffer.from(a.labels.buffer).equals(Buffer.from(b.labels.buffer));
}
