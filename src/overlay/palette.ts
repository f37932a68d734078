import { SidestreamError } from '../core/errors.ts';
import { fnv1a } from '../core/hash.ts';
import { nameKey, type Vocabulary } from '../core/vocabulary.ts';
import { distance, fromOklch, type Rgb } from './colour.ts';

/** Colours that people expect, apart in lightness as well as in hue so that they differ for colour-blind eyes too. */
const EXPECTED: Record<string, Rgb> = {
  sky: 0x8ecbf2,
  clouds: 0xc9dcea,
  road: 0x8b78b8,
  pavement: 0xf0a6c4,
  sidewalk: 0xf0a6c4,
  building: 0xb98a62,
  house: 0xc99a63,
  wall: 0xa8917d,
  fence: 0xcdb083,
  pole: 0xd5dbe3,
  tree: 0x2f8f4e,
  vegetation: 0x2f8f4e,
  grass: 0xa4d65e,
  plant: 0x5db865,
  'traffic sign': 0xffd738,
  'traffic light': 0xffb02e,
  car: 0x2f6bff,
  vehicle: 0x2f6bff,
  truck: 0x1b4fae,
  bus: 0x12b5c9,
  train: 0x0f8f8a,
  person: 0xff3d60,
  pedestrian: 0xff3d60,
  cyclist: 0xff8a1f,
  rider: 0xff8a1f,
  bicycle: 0xffab5c,
  motorcycle: 0xe06a1b,
  dog: 0xff7ad1,
  cat: 0xd45cff,
  water: 0x1fa3b8,
  sea: 0x1c7fa8,
  river: 0x2fb0c7,
  sand: 0xead29a,
  snow: 0xe9f3fb,
  mountain: 0x8c9a72,
  hair: 0x8a5633,
  skin: 0xf4b793,
};

/** How unlike two colours must be, on the scale of `distance`, before a third is tried. */
const APART = 75;
const TRIES = 24;
/** With so many colours no other is unlike all of them. */
const CROWD = 256;
const GOLDEN = 0.618034;

/**
 * One colour per vocabulary entry: the one asked for, else the one expected, else one from the name, the same in
 * every video unless it would look like a name's before it.
 */
export function paletteOf(vocabulary: Vocabulary, asked: ReadonlyMap<string, Rgb> = new Map()): Rgb[] {
  const fixed = vocabulary.map((entry) => {
    for (const word of entry.synonyms) {
      const wanted = asked.get(nameKey(word));
      if (wanted !== undefined) return wanted;
    }
    const name = nameKey(entry.name);
    return Object.hasOwn(EXPECTED, name) ? EXPECTED[name] : undefined;
  });
  const taken = fixed.filter((colour, i): colour is Rgb => colour !== undefined && !vocabulary[i].other);
  return vocabulary.map((entry, i) => {
    const colour = fixed[i] ?? colourOf(nameKey(entry.name), taken);
    if (fixed[i] === undefined && !entry.other) taken.push(colour);
    return colour;
  });
}

function colourOf(name: string, taken: readonly Rgb[]): Rgb {
  const hash = fnv1a(name);
  let best = 0;
  let widest = -1;
  for (let i = 0; i < (taken.length < CROWD ? TRIES : 1); i++) {
    const hue = (hash / 2 ** 32 + i * GOLDEN) % 1;
    const colour = fromOklch([0.68, 0.82, 0.58][((hash >>> 8) + i) % 3], 0.15, hue);
    const nearest = Math.min(Infinity, ...taken.map((other) => distance(colour, other)));
    if (nearest >= APART) return colour;
    if (nearest > widest) {
      widest = nearest;
      best = colour;
    }
  }
  return best;
}

/** A colour of its own for a track, the same in every frame. */
export function colourOfTrack(track: number): Rgb {
  return fromOklch([0.68, 0.8, 0.58][track % 3], 0.16, (track * GOLDEN) % 1);
}

/** Parses `name=#rrggbb,name=#rgb`; names are matched without regard to case. Throws USAGE. */
export function parseColours(text: string): Map<string, Rgb> {
  const colours = new Map<string, Rgb>();
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const match = /^(.+)=\s*#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(part.trim());
    if (!match) {
      throw new SidestreamError(
        'USAGE',
        `colour "${part.trim()}" is not understood: write name=#rrggbb, commas between`,
      );
    }
    const digits = match[2].length === 3 ? match[2].replace(/./g, '$&$&') : match[2];
    colours.set(nameKey(match[1]), Number.parseInt(digits, 16));
  }
  return colours;
}
