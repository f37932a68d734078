import type { PanopticFrame, PanopticIndex, PanopticSegment } from '../../panoptic/format.ts';
import { createPainter, createPointer, type Inks, inksOf, type Pointed } from '../../panoptic/look.ts';
import { colorOf, opacity, outline } from './look.ts';

/** Longest side of what is drawn, in pixels: larger videos are drawn smaller, and scaled by the browser. */
const LONGEST = 1920;
/** How much more of its colour the segment under the pointer gets. */
const STRONGER = 0.25;

export interface Overlay {
  /** Draws a frame, or nothing. What is shown already is not drawn again. */
  show(frame: PanopticFrame | undefined): void;
  /** Draws what is shown anew, because its look has changed. */
  renew(): void;
  /** The segment at a place of the picture: 0 to 1 across and down. */
  at(across: number, down: number): Pointed | undefined;
  /** Makes a segment stand out. */
  point(segment: PanopticSegment | undefined): void;
  readonly frame: PanopticFrame | undefined;
}

/** The names of a video's frames, on a canvas that lies over it. */
export function createOverlay(canvas: HTMLCanvasElement, index: PanopticIndex): Overlay {
  const { video, lattice } = index;
  const scale = Math.min(1, LONGEST / Math.max(video.width, video.height));
  canvas.width = Math.round(video.width * scale);
  canvas.height = Math.round(video.height * scale);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no canvas to draw on');
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  const painter = createPainter(lattice, canvas);
  const pointer = createPointer(index);

  let shown: PanopticFrame | undefined;
  let pointed: PanopticSegment | undefined;
  /** Inks of the table that was painted with last. */
  let inks: { readonly table: readonly PanopticSegment[]; readonly of: Inks } | undefined;

  function inksFor(table: readonly PanopticSegment[]): Inks {
    if (inks?.table === table) return inks.of;
    const style = { opacity: opacity.value ?? index.style.opacity, outline: outline.value ? 1 : 0 };
    const of = inksOf(table, (segment) => colorOf(index, segment), style);
    const place = table.findIndex(
      (one) => pointed && one.track === pointed.track && one.name === pointed.name,
    );
    if (place >= 0) {
      const strong = { ...style, opacity: Math.min(1, style.opacity + STRONGER) };
      const one = inksOf([table[place] as PanopticSegment], (segment) => colorOf(index, segment), strong);
      of.inside[place] = one.inside[0] ?? 0;
      of.border[place] = one.border[0] ?? 0;
    }
    inks = { table, of };
    return of;
  }

  function draw(): void {
    if (!shown) {
      context?.clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    painter.paint(shown, inksFor(shown.table), pixels, outline.value ? 1 : 0);
    context?.putImageData(image, 0, 0);
  }

  function renew(): void {
    inks = undefined;
    draw();
  }

  return {
    show(frame) {
      const same = frame && shown && frame.map === shown.map && frame.table === shown.table;
      shown = frame;
      if (!same) draw();
    },
    renew,
    at: (across, down) =>
      shown && pointer(shown, Math.floor(across * video.width), Math.floor(down * video.height)),
    point(segment) {
      if (segment?.track === pointed?.track && segment?.name === pointed?.name) return;
      pointed = segment;
      renew();
    },
    get frame() {
      return shown;
    },
  };
}
