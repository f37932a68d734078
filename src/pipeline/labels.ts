import { createLabeler } from '../analysis/pixels.ts';
import { createSketcher } from '../analysis/sketch.ts';
import { createSpreader, type Spreader } from '../analysis/spread.ts';
import type { LabelMap, MaskGeometry } from '../core/frame.ts';
import type { Size } from '../media/geometry.ts';
import type { NamedFrame, PointNaming, RegionNaming } from './name.ts';

/** The names of frames' pixels at one size. Frames that look the same are labelled once. */
export interface FrameLabels {
  /** The map belongs to this object: the next call overwrites it. */
  map(frame: NamedFrame): LabelMap;
  /** How sure the frame just labelled is of each name, in [0, 1]. */
  confidence(frame: NamedFrame): Float64Array;
}

/** `quick`: for painting, where single pixels along borders do not matter. */
export function createFrameLabels(
  geometry: MaskGeometry,
  { width, height }: Size,
  names: number,
  quick: boolean,
): FrameLabels {
  let labeler: ReturnType<typeof createLabeler> | undefined;
  let sketcher: ReturnType<typeof createSketcher> | undefined;
  let spreader: Spreader | undefined;
  let last: { naming: RegionNaming | PointNaming; map: LabelMap } | undefined;

  function label(naming: RegionNaming | PointNaming): LabelMap {
    if (naming.kind === 'points') {
      spreader ??= createSpreader(naming, geometry, width, height, names);
      return spreader(naming.labels);
    }
    const { regions, probabilities } = naming;
    if (quick) {
      sketcher ??= createSketcher(geometry, width, height);
      return sketcher.sketch(regions.maskLogits, probabilities, regions.count);
    }
    labeler ??= createLabeler(geometry, width, height);
    return labeler.label(regions.maskLogits, probabilities, regions.count);
  }

  return {
    map({ naming }) {
      if (!last || !same(last.naming, naming)) last = { naming, map: label(naming) };
      return last.map;
    },
    confidence({ naming }) {
      if (naming.kind === 'points') return naming.confidence;
      const { regions, probabilities } = naming;
      if (!labeler) throw new TypeError('only what was labelled exactly has a confidence');
      return labeler.confidence(regions.maskLogits, probabilities, regions.count);
    },
  };
}

function same(a: RegionNaming | PointNaming, b: RegionNaming | PointNaming): boolean {
  if (a === b) return true;
  if (a.kind !== 'points' || b.kind !== 'points') return false;
  return Buffer.from(a.labels.buffer).equals(Buffer.from(b.labels.buffer));
}
