import type { LabelMap, Segment } from '../core/frame.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { ColourSpace, Rgb } from './colour.ts';
import { legendSprite, pillSprite } from './labels.ts';
import { inksOf, type PaintStyle, paintLabels } from './paint.ts';
import { colourOfTrack, paletteOf } from './palette.ts';
import { blit, createPicture, type Picture } from './picture.ts';
import { createPlacer, type Labelled } from './places.ts';

export interface OverlayOptions extends PaintStyle {
  readonly vocabulary: Vocabulary;
  /** Colours asked for, by name in lower case. */
  readonly colours?: ReadonlyMap<string, Rgb>;
  /** `ids`: names, and for things the ids of their tracks. */
  readonly labels: 'none' | 'names' | 'ids';
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
   * Paints one frame, whose map says of each pixel which of `segments` it is. `seconds` is its time, from which the
   * legend learns what was seen of late. The picture is the overlay's own: the next call overwrites it. Awaits only
   * when a name is seen first.
   */
  paint(map: LabelMap, segments: readonly Segment[], seconds: number): Promise<Picture>;
}

/** A name stays in the legend this long after it was last seen. */
const LEGEND_SECONDS = 3;
/** Part of the picture that a name must cover to enter the legend. */
const LEGEND_SHARE = 0.002;
/** The smallest regions that are named, as parts of the picture. */
const SMALLEST_THING = 0.004;
const SMALLEST_STUFF = 0.02;

/** Labels kept drawn: things come and go, and each may have its own. */
const MOST_PILLS = 512;

export function createOverlay(options: OverlayOptions): Overlay {
  const { vocabulary, width, height, space, colourBy } = options;
  const palette = paletteOf(vocabulary, options.colours);
  const picture = createPicture(width, height);
  const size = Math.max(9, Math.round(Math.min(width, height) / 32));
  const margin = even(size * 0.7);
  const pills = new Map<string, Picture>();
  const lastSeen = new Float64Array(vocabulary.length).fill(-Infinity);
  let legend: { names: string; sprite: Picture } | undefined;
  const placer = createPlacer();

  const isThing = ({ name, identified }: Segment) => vocabulary[name].isthing && identified !== false;
  const colourOf = (segment: Segment): Rgb =>
    colourBy === 'track' && isThing(segment) ? colourOfTrack(segment.track) : palette[segment.name];

  async function paint(map: LabelMap, segments: readonly Segment[], seconds: number): Promise<Picture> {
    const colours = segments.map((one) => (vocabulary[one.name].other ? undefined : colourOf(one)));
    paintLabels(picture, map, inksOf(colours, options, space), options.outline);
    if (options.labels !== 'none') {
      await writeLegend(map, segments, seconds);
      await writeNames(map, segments);
    }
    return picture;
  }

  async function writeNames(map: LabelMap, segments: readonly Segment[]): Promise<void> {
    const taken: Box[] = [];
    if (legend) {
      const { sprite } = legend;
      taken.push({ x0: 0, y0: height - sprite.height - margin, x1: sprite.width + margin, y1: height });
    }
    for (const { label, x, y, depth } of placer.place(map, segments.map(labelled))) {
      const segment = segments[label];
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

  function labelled(segment: Segment): Labelled {
    const { isthing, other } = vocabulary[segment.name];
    return {
      key: segment.track,
      wanted: !other,
      smallest: isthing ? SMALLEST_THING : SMALLEST_STUFF,
      // Without identities all things of a name are one segment.
      most: isthing && segment.identified === undefined ? 6 : 1,
    };
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

  async function writeLegend(map: LabelMap, segments: readonly Segment[], seconds: number): Promise<void> {
    const counts = new Int32Array(vocabulary.length);
    // Every third pixel both ways is enough to tell what is seen.
    for (let y = 1; y < height; y += 3) {
      for (let x = 1; x < width; x += 3) counts[segments[map.labels[y * width + x]].name]++;
    }
    const enough = (LEGEND_SHARE * width * height) / 9;
    const shown = [];
    for (const [i, entry] of vocabulary.entries()) {
      if (counts[i] >= enough) lastSeen[i] = seconds;
      // A jump back in time must not keep a name for ever.
      const age = Math.abs(seconds - lastSeen[i]);
      if (!entry.other && age <= LEGEND_SECONDS) shown.push({ text: entry.name, colour: palette[i] });
    }
    const names = shown.map((line) => line.text).join('\n');
    if (shown.length === 0) legend = undefined;
    else if (legend?.names !== names) {
      legend = { names, sprite: await legendSprite(shown, size, width - 2 * margin, space) };
    }
    if (legend) blit(picture, legend.sprite, margin, height - legend.sprite.height - margin);
  }

  return { width, height, paint };
}

/** Of the things that share a seed, the second is 42.2: see src/pipeline/object-ids.ts. */
const readableId = (track: number): string => {
  const before = Math.floor(track / 2 ** 32);
  return before === 0 ? `${track}` : `${track % 2 ** 32}.${before + 1}`;
};

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
