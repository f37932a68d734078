import sharp from 'sharp';
import { type ColourSpace, type Rgb, toYuv } from './colour.ts';
import { createPicture, type Picture } from './picture.ts';
import { CAP_HEIGHT, textPaths, textWidth } from './text.ts';

/** One line of a label or a legend. */
export interface Line {
  readonly text: string;
  readonly colour: Rgb;
}

/** Dark enough for white text over any picture, clear enough to see what moves below. */
const PANEL = 'fill="#0d1117" fill-opacity="0.74"';
const TEXT = '#ffffff';

/** A pill with a dot of the name's colour and the text: `size` pixels an em. Sides are even. */
export function pillSprite(line: Line, size: number, space: ColourSpace): Promise<Picture> {
  const pad = size * 0.5;
  const dot = size * 0.56;
  const width = even(pad * 2 + dot + size * 0.36 + textWidth(line.text) * size);
  const height = even(size * 1.6);
  const middle = height / 2;
  return rasterise(
    width,
    height,
    `<rect width="${width}" height="${height}" rx="${middle}" ${PANEL}/>` +
      dotAt(pad + dot / 2, middle, dot, line.colour) +
      textPaths(line.text, pad + dot + size * 0.36, middle + (CAP_HEIGHT * size) / 2, size, TEXT),
    space,
  );
}

/** A panel with all names seen, in rows no wider than `room` pixels. */
export function legendSprite(
  lines: readonly Line[],
  size: number,
  room: number,
  space: ColourSpace,
): Promise<Picture> {
  const pad = size * 0.7;
  const dot = size * 0.62;
  const gap = size * 0.9;
  const step = size * 1.55;
  let x = 0;
  let row = 0;
  let widest = 0;
  let drawing = '';
  for (const line of lines) {
    const width = dot + size * 0.36 + textWidth(line.text) * size;
    if (x > 0 && x + width > room - 2 * pad) {
      x = 0;
      row++;
    }
    const middle = pad * 0.7 + step * (row + 0.5);
    drawing += dotAt(pad + x + dot / 2, middle, dot, line.colour);
    drawing += textPaths(
      line.text,
      pad + x + dot + size * 0.36,
      middle + (CAP_HEIGHT * size) / 2,
      size,
      TEXT,
    );
    x += width + gap;
    widest = Math.max(widest, x - gap);
  }
  const width = even(widest + 2 * pad);
  const height = even(pad * 1.4 + step * (row + 1));
  const panel = `<rect width="${width}" height="${height}" rx="${size * 0.6}" ${PANEL}/>`;
  return rasterise(width, height, panel + drawing, space);
}

function dotAt(x: number, y: number, diameter: number, colour: Rgb): string {
  const fill = `#${colour.toString(16).padStart(6, '0')}`;
  return `<circle cx="${x}" cy="${y}" r="${diameter / 2}" fill="${fill}"/>`;
}

async function rasterise(
  width: number,
  height: number,
  drawing: string,
  space: ColourSpace,
): Promise<Picture> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawing}</svg>`;
  const { data } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const picture = createPicture(width, height);
  for (let top = 0; top < height; top += 2) {
    for (let left = 0; left < width; left += 2) {
      let weight = 0;
      let blue = 0;
      let red = 0;
      for (let i = 0; i < 4; i++) {
        const at = (top + (i >> 1)) * width + left + (i & 1);
        const from = at * 4;
        const colour = (data[from] << 16) | (data[from + 1] << 8) | data[from + 2];
        const alpha = data[from + 3];
        const [y, u, v] = toYuv(colour, space);
        picture.y[at] = y;
        picture.a[at] = alpha;
        weight += alpha;
        blue += alpha * u;
        red += alpha * v;
      }
      const half = ((top >> 1) * width + left) >> 1;
      picture.u[half] = weight > 0 ? blue / weight + 0.5 : 128;
      picture.v[half] = weight > 0 ? red / weight + 0.5 : 128;
    }
  }
  return picture;
}

function even(length: number): number {
  return Math.ceil(length / 2) * 2;
}
