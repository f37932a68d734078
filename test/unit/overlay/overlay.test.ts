import { describe, expect, it } from 'vitest';
import type { LabelMap, Segment } from '../../../src/core/frame.ts';
import { pillSprite } from '../../../src/overlay/labels.ts';
import { createLayouter } from '../../../src/overlay/layout.ts';
import { createOverlay } from '../../../src/overlay/overlay.ts';
import { createPlacer } from '../../../src/overlay/places.ts';
import { textWidth } from '../../../src/overlay/text.ts';

const SPACE = { matrix: 'bt709', range: 'tv' } as const;
const entry = (name: string, isthing: boolean, other = false) => ({ name, synonyms: [name], other, isthing });
const vocabulary = [entry('road', false), entry('car', true), entry('tree', false, true)];

/** Labels of a picture: `box` of label 1 at (x, y) in label `ground`. */
function scene(width: number, height: number, x: number, y: number, side: number, ground = 0) {
  const labels = new Uint8Array(width * height).fill(ground);
  for (let row = y; row < y + side; row++) labels.fill(1, row * width + x, row * width + x + side);
  return { width, height, labels };
}

describe('places', () => {
  const LABELS = [0, 1, 2].map((key) => ({ key, wanted: key !== 2, smallest: 0.01, most: 1 }));

  it('lie in the middle of a region', () => {
    const places = createPlacer().place(scene(192, 96, 20, 30, 40), LABELS);
    expect(places.map(({ label }) => label)).toEqual([0, 1]);
    expect(Math.abs(places[1].x - 40)).toBeLessThanOrEqual(3);
    expect(Math.abs(places[1].y - 50)).toBeLessThanOrEqual(3);
    expect(places[1].depth).toBeGreaterThan(14);
    // The road's deepest point is right of the box.
    expect(places[0].x).toBeGreaterThan(90);
  });

  it('stay while they are still well inside, then glide', () => {
    const steady = createPlacer();
    const [, first] = steady.place(scene(192, 96, 20, 30, 40), LABELS);
    const [, second] = steady.place(scene(192, 96, 26, 32, 40), LABELS);
    expect([second.x, second.y]).toEqual([first.x, first.y]);
    const [, third] = steady.place(scene(192, 96, 38, 32, 40), LABELS);
    expect(third.x).toBeGreaterThan(second.x);
    expect(third.x).toBeLessThan(54);
  });

  it('stay with what has the same key, whatever its number', () => {
    const steady = createPlacer();
    const [, first] = steady.place(scene(192, 96, 20, 30, 40), LABELS);
    const moved = scene(192, 96, 26, 32, 40);
    const swapped = { ...moved, labels: moved.labels.map((label) => 1 - label) };
    const [, second] = steady.place(swapped, [LABELS[1], LABELS[0]]);
    expect(second).toMatchObject({ label: 0, key: 1, x: first.x, y: first.y });
  });

  it('are not given to small regions or to names that nobody asked for', () => {
    expect(createPlacer().place(scene(192, 96, 20, 30, 8, 2), LABELS)).toEqual([]);
  });
});

describe('labels', () => {
  it('are drawn without fonts, wider for more text', async () => {
    expect(textWidth('road')).toBeGreaterThan(textWidth('roa'));
    const pill = await pillSprite({ text: 'Straße, Ελλάδα, дорога, 車', colour: 0xff0000 }, 12, SPACE);
    expect((pill.width % 2) + (pill.height % 2)).toBe(0);
    const middle = pill.y.subarray((pill.height / 2) * pill.width, (pill.height / 2 + 1) * pill.width);
    // White letters on a dark ground.
    expect(Math.max(...middle)).toBeGreaterThan(200);
    expect(pill.a[0]).toBe(0);
    const dark = await pillSprite({ text: '', colour: 0x000000 }, 12, SPACE);
    expect(Math.max(...dark.y)).toBeLessThan(40);
  });
});

describe('overlay', () => {
  const segments = vocabulary.map((_, name) => ({ name, track: name + 1, confidence: 1 }));
  const create = (
    labels: 'none' | 'names' | 'ids',
    width = 320,
    height = 180,
    colourBy: 'name' | 'track' = 'name',
  ) => {
    const overlay = createOverlay({
      vocabulary,
      opacity: 0.4,
      outline: 0,
      labels,
      colourBy,
      width,
      height,
      space: SPACE,
    });
    const layout = createLayouter({ vocabulary, labels });
    return {
      paint: (map: LabelMap, segments: readonly Segment[], seconds: number) =>
        overlay.paint(map, segments, layout(map, segments, seconds)),
    };
  };

  it('writes names and a legend only when asked', async () => {
    const map = scene(320, 180, 100, 40, 80);
    const plain = Uint8Array.from((await create('none').paint(map, segments, 0)).a);
    expect(new Set(plain)).toEqual(new Set([102]));
    const named = (await create('names').paint(map, segments, 0)).a;
    // The pill on the car, and the legend in the corner below.
    expect(Math.max(...named.subarray(80 * 320 + 130, 80 * 320 + 150))).toBeGreaterThan(180);
    expect(named[165 * 320 + 20]).toBeGreaterThan(180);
    expect(named[5 * 320 + 5]).toBe(102);
  });

  it('forgets names in the legend after a while', async () => {
    const overlay = create('names');
    const legendEnd = (alpha: Uint8Array) =>
      alpha.subarray(165 * 320, 166 * 320).lastIndexOf(alpha[165 * 320 + 20]);
    const both = legendEnd((await overlay.paint(scene(320, 180, 100, 40, 80), segments, 0)).a);
    const still = legendEnd((await overlay.paint(scene(320, 180, 0, 0, 0), segments, 2)).a);
    const gone = legendEnd((await overlay.paint(scene(320, 180, 0, 0, 0), segments, 5)).a);
    expect(still).toBe(both);
    expect(gone).toBeLessThan(both);
  });

  it('leaves a picture clear that shows nothing asked for', async () => {
    const picture = await create('names').paint(scene(320, 180, 0, 0, 0, 2), segments, 0);
    expect(Math.max(...picture.a)).toBe(0);
  });

  it('survives pictures smaller than a name', async () => {
    const picture = await create('names', 16, 8).paint(scene(16, 8, 2, 2, 4), segments, 0);
    expect(picture.data.length).toBe(16 * 8 * 2.5);
  });

  it('gives each thing its own colour if asked, and stuff that of its name', async () => {
    const map = scene(320, 180, 100, 40, 80);
    const chroma = async (colourBy: 'name' | 'track', track: number) => {
      const things = [segments[0], { name: 1, track, confidence: 1, identified: true }, segments[2]];
      const { u, v } = await create('none', 320, 180, colourBy).paint(map, things, 0);
      const at = (x: number, y: number) => [u[(y / 2) * 160 + x / 2], v[(y / 2) * 160 + x / 2]];
      return { car: at(140, 80), road: at(20, 20) };
    };
    const [one, other] = [await chroma('track', 17), await chroma('track', 18)];
    expect(one.car).not.toEqual(other.car);
    expect(await chroma('track', 17)).toEqual(one);
    expect(await chroma('name', 17)).toEqual(await chroma('name', 18));
    expect(other.road).toEqual((await chroma('name', 17)).road);
  });

  it('writes ids beside the names of things, and of nothing else', async () => {
    const map = scene(320, 180, 100, 40, 80);
    const things = [segments[0], { name: 1, track: 17, confidence: 1, identified: true }, segments[2]];
    const inked = async (labels: 'names' | 'ids', list: typeof segments) => {
      const { a } = await create(labels).paint(map, list, 0);
      return a.reduce((sum, alpha) => sum + Number(alpha > 110), 0);
    };
    expect(await inked('ids', things)).toBeGreaterThan(await inked('names', things));
    expect(await inked('ids', segments)).toBe(await inked('names', segments));
  });
});
