import type { MaskGeometry } from '../../core/frame.ts';
import type { Pts, Rational } from '../../core/time.ts';
import type { Vocabulary } from '../../core/vocabulary.ts';
import type { Size } from '../../media/geometry.ts';
import type { PixelLayout } from '../../media/nut.ts';
import { createOverlay, type OverlayOptions } from '../../overlay/overlay.ts';
import { createFrameLayouts, createSegmentMaps } from '../labels.ts';
import type { PointNaming } from '../name.ts';

export type Style = Pick<OverlayOptions, 'opacity' | 'outline' | 'labels' | 'colourBy'> &
  Partial<Pick<OverlayOptions, 'colours'>>;

/** How names look that lie over a stream's pictures. */
export interface Look {
  /** The picture to be laid over, of `size`, in PAINT_LAYOUT: the very same for the same naming. */
  paint(naming: PointNaming, frame: { readonly index: number; readonly pts: Pts }): Promise<Uint8Array>;
}

export const PAINT_LAYOUT: PixelLayout = 'yuva420p';

export function createLook(
  options: Style & {
    readonly vocabulary: Vocabulary;
    readonly geometry: MaskGeometry;
    /** Of the painted pictures: even. */
    readonly size: Size;
    /** Lines of the camera's picture: what colours it is likely in. */
    readonly lines: number;
    readonly timeBase: Rational;
  },
): Look {
  const { geometry, size, timeBase, lines } = options;
  const space = { matrix: lines >= 720 ? 'bt709' : 'bt601', range: 'tv' } as const;
  const overlay = createOverlay({ ...options, ...size, space });
  const segments = createSegmentMaps(geometry, size);
  const layout = createFrameLayouts(options, timeBase, segments);
  let last: { readonly naming: PointNaming; readonly picture: Uint8Array } | undefined;
  return {
    async paint(naming, { index, pts }) {
      if (last?.naming === naming) return last.picture;
      const frame = { index, pts, analysed: true, naming };
      const seen = segments(frame);
      const { data } = await overlay.paint(seen.map, seen.segments, layout(frame));
      // The overlay paints the next one into the same memory.
      const picture = data.slice();
      last = { naming, picture };
      return picture;
    },
  };
}
