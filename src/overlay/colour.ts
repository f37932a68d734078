/** 8-bit sRGB, 0xrrggbb. */
export type Rgb = number;

/** How a video's numbers stand for colour, in ffmpeg's words, reduced to what differs for 8-bit pictures. */
export interface ColourSpace {
  readonly matrix: 'bt601' | 'bt709' | 'bt2020';
  /** `tv`: 16 to 235 (chroma 16 to 240); `pc`: 0 to 255. */
  readonly range: 'tv' | 'pc';
}

/** Weights of red and blue in luma: ITU-R BT.601, BT.709, BT.2020. */
const LUMA = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;

/** A colour as the numbers of a video: luma, blue and red difference, each 0..255. */
export function toYuv(colour: Rgb, space: ColourSpace): [y: number, u: number, v: number] {
  const r = (colour >> 16) / 255;
  const g = ((colour >> 8) & 255) / 255;
  const b = (colour & 255) / 255;
  const [kr, kb] = LUMA[space.matrix];
  const luma = kr * r + (1 - kr - kb) * g + kb * b;
  const blue = (b - luma) / (2 * (1 - kb));
  const red = (r - luma) / (2 * (1 - kr));
  const [floor, lumaSpan, chromaSpan] = space.range === 'tv' ? [16, 219, 224] : [0, 255, 255];
  return [
    Math.round(floor + luma * lumaSpan),
    Math.round(128 + Math.max(-127.5, Math.min(127, blue * chromaSpan))),
    Math.round(128 + Math.max(-127.5, Math.min(127, red * chromaSpan))),
  ];
}

/** `part` of `other` mixed into `colour`, 0 to 1. */
export function mix(colour: Rgb, other: Rgb, part: number): Rgb {
  let mixed = 0;
  for (const shift of [16, 8, 0]) {
    const a = (colour >> shift) & 255;
    const b = (other >> shift) & 255;
    mixed |= Math.round(a + (b - a) * part) << shift;
  }
  return mixed;
}

/** Björn Ottosson's Oklch: lightness 0..1, chroma (0.15 is lively), hue in turns; clipped to sRGB. */
export function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos(2 * Math.PI * hue);
  const b = chroma * Math.sin(2 * Math.PI * hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.reduce((colour, value) => {
    const clipped = Math.max(0, Math.min(1, value));
    const encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
    return (colour << 8) | Math.round(encoded * 255);
  }, 0);
}

/** How different two colours look, about: the weighted distance in sRGB of compuphase, 0 to 765. */
export function distance(one: Rgb, other: Rgb): number {
  const meanRed = ((one >> 16) + (other >> 16)) / 2;
  const r = (one >> 16) - (other >> 16);
  const g = ((one >> 8) & 255) - ((other >> 8) & 255);
  const b = (one & 255) - (other & 255);
  return Math.sqrt((2 + meanRed / 256) * r * r + 4 * g * g + (2 + (255 - meanRed) / 256) * b * b);
}
