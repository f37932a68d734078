import type { LabelMap } from '../core/frame.ts';
import { type ColourSpace, mix, type Rgb, toYuv } from './colour.ts';
import type { Picture } from './picture.ts';

export interface PaintStyle {
  /** How much of a region's colour covers the video, 0 to 1. */
  readonly opacity: number;
  /** Width of the bright line along a region's inner border in pixels of the painted picture, 0 to 2. */
  readonly outline: number;
}

/** What one segment looks like: [y, u, v, alpha] of its inside and of its border, 8 bytes a segment. */
export type Inks = Uint8Array;

const INK = 8;

/** The inks of segments. Those without a colour stay clear: the video shows through untouched. */
export function inksOf(colours: readonly (Rgb | undefined)[], style: PaintStyle, space: ColourSpace): Inks {
  const inks = new Uint8Array(colours.length * INK);
  for (const [i, colour] of colours.entries()) {
    if (colour === undefined) continue;
    const inside = toYuv(colour, space);
    const border = toYuv(mix(colour, 0xffffff, 0.3), space);
    const borderOpacity = style.outline > 0 ? Math.min(1, style.opacity + 0.4) : style.opacity;
    inks.set([...inside, Math.round(style.opacity * 255)], i * INK);
    inks.set([...border, Math.round(borderOpacity * 255)], i * INK + 4);
  }
  return inks;
}

/**
 * Paints the names of the pixels over the whole of `picture`, which has the label map's size.
 * A clear pixel carries its neighbour's colour and a half-resolution chroma sample that of its visible pixels, so that
 * neither the picture's enlargement nor 4:2:0 mixes grey into the borders.
 */
export function paintLabels(picture: Picture, map: LabelMap, inks: Inks, outline: number): void {
  const { width, height, labels } = map;
  if (picture.width !== width || picture.height !== height) {
    throw new RangeError(
      `labels of ${width}×${height} do not fit a picture of ${picture.width}×${picture.height}`,
    );
  }
  const { y: luma, u, v, a: alpha } = picture;
  const halfWidth = width >> 1;
  const reach = Math.min(2, Math.round(outline));
  for (let top = 0; top < height; top += 2) {
    for (let left = 0; left < width; left += 2) {
      let weight = 0;
      let blue = 0;
      let red = 0;
      const at = top * width + left;
      const label = labels[at];
      const same =
        labels[at + 1] === label && labels[at + width] === label && labels[at + width + 1] === label;
      // Blocks inside a region are the many: one look at the labels around tells.
      if (same && (reach === 0 || isInside(labels, width, height, left, top, reach))) {
        const ink = label * INK;
        const y = inks[ink];
        const a = inks[ink + 3];
        luma[at] = luma[at + 1] = luma[at + width] = luma[at + width + 1] = y;
        alpha[at] = alpha[at + 1] = alpha[at + width] = alpha[at + width + 1] = a;
        weight = a;
        blue = a * inks[ink + 1];
        red = a * inks[ink + 2];
      } else {
        for (let i = 0; i < 4; i++) {
          const x = left + (i & 1);
          const y = top + (i >> 1);
          const pixel = y * width + x;
          const name = labels[pixel];
          const ink = name * INK + (isBorder(labels, width, height, x, y, reach) ? 4 : 0);
          const a = inks[ink + 3];
          luma[pixel] = inks[ink];
          alpha[pixel] = a;
          weight += a;
          blue += a * inks[ink + 1];
          red += a * inks[ink + 2];
        }
      }
      const half = (top >> 1) * halfWidth + (left >> 1);
      u[half] = weight > 0 ? blue / weight + 0.5 : 128;
      v[half] = weight > 0 ? red / weight + 0.5 : 128;
    }
  }
  bleed(picture);
}

/** True when the 2×2 block at (left, top), all of one label, has no other label within reach. */
function isInside(
  labels: LabelMap['labels'],
  width: number,
  height: number,
  left: number,
  top: number,
  reach: number,
): boolean {
  const at = top * width + left;
  const label = labels[at];
  for (let i = 1; i <= reach; i++) {
    if (left >= i && (labels[at - i] !== label || labels[at + width - i] !== label)) return false;
    if (left + 1 + i < width && (labels[at + 1 + i] !== label || labels[at + width + 1 + i] !== label))
      return false;
    if (top >= i && (labels[at - i * width] !== label || labels[at + 1 - i * width] !== label)) return false;
    const below = at + (1 + i) * width;
    if (top + 1 + i < height && (labels[below] !== label || labels[below + 1] !== label)) return false;
  }
  return true;
}

function isBorder(
  labels: LabelMap['labels'],
  width: number,
  height: number,
  x: number,
  y: number,
  reach: number,
): boolean {
  const at = y * width + x;
  const label = labels[at];
  for (let i = 1; i <= reach; i++) {
    if (x >= i && labels[at - i] !== label) return true;
    if (x + i < width && labels[at + i] !== label) return true;
    if (y >= i && labels[at - i * width] !== label) return true;
    if (y + i < height && labels[at + i * width] !== label) return true;
  }
  return false;
}

/** Gives clear pixels beside visible ones their colour, still clear. */
function bleed(picture: Picture): void {
  const { width, height, y, u, v, a } = picture;
  const halfWidth = width >> 1;
  for (let row = 0; row < height; row++) {
    for (let x = 0, at = row * width; x < width; x++, at++) {
      if (a[at] !== 0) continue;
      const half = (row >> 1) * halfWidth + (x >> 1);
      let from = -1;
      let halfFrom = half;
      if (x > 0 && a[at - 1] !== 0) {
        from = at - 1;
        halfFrom = (row >> 1) * halfWidth + ((x - 1) >> 1);
      } else if (x + 1 < width && a[at + 1] !== 0) {
        from = at + 1;
        halfFrom = (row >> 1) * halfWidth + ((x + 1) >> 1);
      } else if (row > 0 && a[at - width] !== 0) {
        from = at - width;
        halfFrom = ((row - 1) >> 1) * halfWidth + (x >> 1);
      } else if (row + 1 < height && a[at + width] !== 0) {
        from = at + width;
        halfFrom = ((row + 1) >> 1) * halfWidth + (x >> 1);
      }
      if (from < 0) continue;
      y[at] = y[from];
      if (halfFrom !== half && isClear(a, width, half, halfWidth)) {
        u[half] = u[halfFrom];
        v[half] = v[halfFrom];
      }
    }
  }
}

/** True when the four pixels of a chroma sample are clear. */
function isClear(a: Uint8Array, width: number, half: number, halfWidth: number): boolean {
  const at = Math.floor(half / halfWidth) * 2 * width + (half % halfWidth) * 2;
  return a[at] + a[at + 1] + a[at + width] + a[at + width + 1] === 0;
}
