import sharp from 'sharp';
import { type ColourSpace, type Rgb, toYuv } from './colour.ts';
import { createPicture, type Picture } from './picture.ts';
import { CAP_HEIGHT, shorten, textPaths, textWidth } from './text.ts';

/** One line of a label or a legend. */
export interface Line {
  readonly text: string;
  readonly colour: Rgb;
}

/** Dark enough for white text over any picture, clear enough to see what moves below. */
const PANEL = 'fill="#0d1117" fill-opacity="0.74"';
const TEXT = '#ffffff';

/** Room for a name in ems, over the picture and in the legend. A picture's shorter side is 32 or less. */
const LONGEST_LABEL = 16;
const LONGEST_IN_LEGEND = 24;
/** Rows of a legend; names beyond them are counted in the last one. */
const LEGEND_ROWS = 8;

/** A pill with a dot of the name's colour and the text: `size` pixels an em. Sides are even. */
export function pillSprite(line: Line, size: number, space: ColourSpace): Promise<Picture> {
  const text = shorten(line.text, LONGEST_LABEL);
  const pad = size * 0.5;
  const dot = size * 0.56;
  const width = even(pad * 2 + dot + size * 0.36 + textWidth(text) * size);
  const height = even(size * 1.6);
  const middle = height / 2;
  return rasterise(
    width,
    height,
    `<rect width="${width}" height="${height}" rx="${middle}" ${PANEL}/>` +
      dotAt(pad + dot / 2, middle, dot, line.colour) +
      textPaths(text, pad + dot + size * 0.36, middle + (CAP_HEIGHT * size) / 2, size, TEXT),
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
  const inside = room - 2 * pad;
  const indent = dot + size * 0.36;
  const longest = Math.min(LONGEST_IN_LEGEND, (inside - indent) / size);

  let rows: (Line & { readonly x: number; readonly end: number })[][] = [];
  for (const { text, colour } of lines) {
    const short = shorten(text, longest);
    const width = indent + textWidth(short) * size;
    const last = rows.at(-1)?.at(-1);
    const x = last ? last.end + gap : 0;
    if (x === 0 || x + width > inside) rows.push([{ text: short, colour, x: 0, end: width }]);
    else rows.at(-1)!.push({ text: short, colour, x, end: x + width });
  }
  let more = '';
  if (rows.length > LEGEND_ROWS) {
    more = `+${rows.slice(LEGEND_ROWS - 1).flat().length}`;
    rows = rows.slice(0, LEGEND_ROWS - 1);
  }

  let drawing = '';
  let widest = textWidth(more) * size;
  const write = (text: string, x: number, middle: number) => {
    drawing += textPaths(text, pad + x, middle + (CAP_HEIGHT * size) / 2, size, TEXT);
  };
  const middleOf = (row: number) => pad * 0.7 + step * (row + 0.5);
  for (const [row, entries] of rows.entries()) {
    for (const { text, colour, x, end } of entries) {
      drawing += dotAt(pad + x + dot / 2, middleOf(row), dot, colour);
      write(text, x + indent, middleOf(row));
      widest = Math.max(widest, end);
    }
  }
  if (more !== '') write(more, 0, middleOf(rows.length));
  const width = even(widest + 2 * pad);
  const height = even(pad * 1.4 + step * (rows.length + (more === '' ? 0 : 1)));
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
