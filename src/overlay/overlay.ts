import type { LabelMap, Segment } from '../core/frame.ts';
import { readableId } from '../core/track-id.ts';
import type { ColourSpace, Rgb } from './colour.ts';
import { legendSprite, pillSprite } from './labels.ts';
import type { Layout, LayoutOptions } from './layout.ts';
import { inksOf, type PaintStyle, paintLabels } from './paint.ts';
import { colourOfTrack, paletteOf } from './palette.ts';
import { blit, createPicture, type Picture } from './picture.ts';

export interface OverlayOptions extends PaintStyle, LayoutOptions {
  /** Colours asked for, by name in lower case. */
  readonly colours?: ReadonlyMap<string, Rgb>;
  /** Whether all things of a name have one colour, or each its own. */
  readonly colourBy: 'name' | 'track';
  /** Size of the painted picture and of the label maps: even. ffmpeg enlarges it to the video's. */
  readonly width: number;
  readonly height: number;
  readonly space: ColourSpace;
}

export interface Overlay {
  readonly width: number;
  readonly height: number;
  /**
   * Paints one frame, whose map says of each pixel which of `segments` it is. What was painted before does not matter.
   * The picture is the overlay's own: the next call overwrites it. Awaits only when a name is seen first.
   */
  paint(map: LabelMap, segments: readonly Segment[], layout: Layout): Promise<Picture>;
}

/** Labels kept drawn: things come and go, and each may have its own. */
const MOST_PILLS = 512;

export function createOverlay(options: OverlayOptions): Overlay {
  const { vocabulary, width, height, space, colourBy } = options;
  const palette = paletteOf(vocabulary, options.colours);
  const picture = createPicture(width, height);
  const size = Math.max(9, Math.round(Math.min(width, height) / 32));
  const margin = even(size * 0.7);
  const pills = new Map<string, Picture>();
  let legend: { names: string; sprite: Picture } | undefined;

  const isThing = ({ name, identified }: Segment) => vocabulary[name].isthing && identified !== false;
  const colourOf = (segment: Segment): Rgb =>
    colourBy === 'track' && isThing(segment) ? colourOfTrack(segment.track) : palette[segment.name];

  async function paint(map: LabelMap, segments: readonly Segment[], layout: Layout): Promise<Picture> {
    const colours = segments.map((one) => (vocabulary[one.name].other ? undefined : colourOf(one)));
    paintLabels(picture, map, inksOf(colours, options, space), options.outline);
    await writeLegend(layout.legend);
    await writeNames(layout.places, segments);
    return picture;
  }

  async function writeNames(places: Layout['places'], segments: readonly Segment[]): Promise<void> {
    const taken: Box[] = [];
    if (legend) {
      const { sprite } = legend;
      taken.push({ x0: 0, y0: height - sprite.height - margin, x1: sprite.width + margin, y1: height });
    }
    for (const place of places) {
      const segment = segments[place.segment];
      const [x, y, depth] = [place.x * width, place.y * height, place.depth * width];
      const pill = await pillOf(segment);
      const x0 = even(Math.max(2, Math.min(width - pill.width - 2, x - pill.width / 2)));
      // A thing not much larger than its name would vanish below it: the name goes above.
      const small = vocabulary[segment.name].isthing && depth < pill.height * 1.5;
      const middle = small ? y - depth - pill.height * 0.6 : y;
      const y0 = even(Math.max(2, Math.min(height - pill.height - 2, middle - pill.height / 2)));
      const box = { x0, y0, x1: x0 + pill.width, y1: y0 + pill.height };
      if (taken.some((other) => overlaps(other, box))) continue;
      taken.push(box);
      blit(picture, pill, x0, y0);
    }
  }

  async function pillOf(segment: Segment): Promise<Picture> {
    const { name } = vocabulary[segment.name];
    const withId = options.labels === 'ids' && isThing(segment) && segment.identified !== undefined;
    const text = withId ? `${name} ${readableId(segment.track)}` : name;
    const colour = colourOf(segment);
    const key = `${colour} ${text}`;
    const known = pills.get(key);
    if (known) return known;
    const pill = await pillSprite({ text, colour }, size, space);
    if (pills.size >= MOST_PILLS) pills.delete(pills.keys().next().value!);
    pills.set(key, pill);
    return pill;
  }

  async function writeLegend(shown: readonly number[]): Promise<void> {
    const names = shown.join();
    if (shown.length === 0) legend = undefined;
    else if (legend?.names !== names) {
      const lines = shown.map((name) => ({ text: vocabulary[name].name, colour: palette[name] }));
      legend = { names, sprite: await legendSprite(lines, size, width - 2 * margin, space) };
    }
    if (legend) blit(picture, legend.sprite, margin, height - legend.sprite.height - margin);
  }

  return { width, height, paint };
}

interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

function overlaps(a: Box, b: Box): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

function even(value: number): number {
  return Math.round(value / 2) * 2;
}
