import { heaviest, line } from '../analysis/spread.ts';
import {
  type Lattice,
  type PanopticFrame,
  type PanopticIndex,
  type PanopticSegment,
  scoreOf,
} from './format.ts';

/** What is at a place of the picture. */
export interface Pointed extends PanopticSegment {
  /** How sure the frame's points are of the name, in [0, 1]. */
  readonly score: number;
  /** Row of the frame's table. */
  readonly place: number;
}

/**
 * The segment of the pixel at column `x` and row `y`, counted from 0 in the video's size of the index; undefined outside
 * of it. Exactly what the masks JSON has there. Draws nothing.
 */
export type Pointer = (frame: PanopticFrame, x: number, y: number) => Pointed | undefined;

export function createPointer({ video, lattice }: Pick<PanopticIndex, 'video' | 'lattice'>): Pointer {
  const { width: points, height: rows, covered } = lattice;
  const across = line(points, covered.width, video.width);
  const down = line(rows, covered.height, video.height);
  const [columnOf, rowOf] = [blocksOf(across.starts), blocksOf(down.starts)];
  return ({ map, table, sure }, x, y) => {
    const [column, row] = [columnOf[Math.floor(x)], rowOf[Math.floor(y)]];
    if (column === undefined || row === undefined) return undefined;
    const at = row * points + column;
    const [u, v] = [across.parts[Math.floor(x)]!, down.parts[Math.floor(y)]!];
    const place = heaviest(map[at]!, map[at + 1]!, map[at + points]!, map[at + points + 1]!, u, v);
    const segment = table[place];
    return segment && { ...segment, score: scoreOf(sure[place]!), place };
  };
}

/** For each pixel of a line the point before it. */
function blocksOf(starts: Int32Array): Int32Array {
  const blocks = new Int32Array(starts.at(-1)!);
  for (let point = 0; point + 1 < starts.length; point++)
    blocks.fill(point, starts[point], starts[point + 1]);
  return blocks;
}

/**
 * The colours of a chunk's table, as the four bytes of a canvas (R, G, B, A) read as one little-endian number. 0: not
 * painted. `border`: of pixels that touch another segment.
 */
export interface Inks {
  readonly inside: Uint32Array;
  readonly border: Uint32Array;
}

/** Inks of a table, which is the same for all frames of a chunk. `colourOf`: `#rrggbb`; undefined: not painted. */
export function inksOf(
  table: readonly PanopticSegment[],
  colourOf: (segment: PanopticSegment) => string | undefined,
  { opacity, outline }: { readonly opacity: number; readonly outline: number },
): Inks {
  const [inside, border] = [new Uint32Array(table.length), new Uint32Array(table.length)];
  for (const [place, segment] of table.entries()) {
    const colour = colourOf(segment);
    if (colour === undefined) continue;
    inside[place] = rgba(colour, opacity, 0);
    border[place] = outline > 0 ? rgba(colour, Math.min(1, opacity + 0.4), 0.3) : inside[place]!;
  }
  return { inside, border };
}

/** `light`: how much white is mixed in, 0 to 1, as the painted video has it. */
function rgba(colour: string, opacity: number, light: number): number {
  const rgb = Number.parseInt(colour.slice(1), 16);
  const [r, g, b] = [rgb >> 16, (rgb >> 8) & 255, rgb & 255].map((part) =>
    Math.round(part + (255 - part) * light),
  ) as [number, number, number];
  return ((Math.round(opacity * 255) << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** Pixels that an outline may be wide. */
const MARGIN = 2;

export interface Painter {
  readonly width: number;
  readonly height: number;
  /**
   * Paints the whole of `into`: width × height, such as an ImageData's `data.buffer`. `outline`: how many pixels of a
   * segment's border are painted as such, 0 to 2.
   */
  paint(frame: PanopticFrame, inks: Inks, into: Uint32Array, outline?: number): void;
}

/** For pictures of a size in pixels, which may be any: of the video's own size they are exact. */
export function createPainter(
  lattice: Lattice,
  { width, height }: { readonly width: number; readonly height: number },
): Painter {
  const { width: points, height: rows, covered } = lattice;
  const across = line(points, covered.width, width);
  const down = line(rows, covered.height, height);
  /** Rows of the table; only what is needed is up to date. Around it a margin, so that every pixel has neighbours. */
  const labels = new Uint16Array((width + 2 * MARGIN) * (height + 2 * MARGIN));
  const stride = width + 2 * MARGIN;
  const origin = MARGIN * stride + MARGIN;
  // Borders lie at least half a block from points: blocks of one segment have none where half a block is wider.
  const half = (lattice.step * Math.min(width / covered.width, height / covered.height)) / 2;

  /** The pixels between four points: which of them has each. */
  function divide(map: PanopticFrame['map'], row: number, point: number): void {
    const at = row * points + point;
    const [a, b, c, d] = [map[at]!, map[at + 1]!, map[at + points]!, map[at + points + 1]!];
    const [x0, x1] = [across.starts[point]!, across.starts[point + 1]!];
    const [y0, y1] = [down.starts[row]!, down.starts[row + 1]!];
    const other = b !== a ? b : c !== a ? c : d;
    const two = (b === a || b === other) && (c === a || c === other) && (d === a || d === other);
    const [ofB, ofC, ofD] = [Number(b === a), Number(c === a), Number(d === a)];
    for (let y = y0; y < y1; y++) {
      const v = down.parts[y]!;
      if (two) {
        // The weight of the first on the left and on the right; sums are exact, so that it loses below a half.
        const left = 1 - v + ofC * v;
        const more = ofB * (1 - v) + ofD * v - left;
        for (let x = x0, to = origin + y * stride + x0; x < x1; x++, to++)
          labels[to] = left + more * across.parts[x]! < 0.5 ? other : a;
      } else {
        for (let x = x0, to = origin + y * stride + x0; x < x1; x++, to++)
          labels[to] = heaviest(a, b, c, d, across.parts[x]!, v);
      }
    }
  }

  /** Where the blocks of one segment that begin with this one end; the same point where it is of more. */
  function runFrom(map: PanopticFrame['map'], row: number, point: number): number {
    const at = row * points;
    const label = map[at + point];
    let end = point;
    if (map[at + points + point] !== label) return end;
    while (end + 1 < points && map[at + end + 1] === label && map[at + points + end + 1] === label) end++;
    return end;
  }

  /** Every pixel of `labels`. The margin is as what it is beside, so that no border is there. */
  function divideAll(map: PanopticFrame['map']): void {
    for (let row = 0; row + 1 < rows; row++)
      for (let point = 0; point + 1 < points; ) {
        const end = runFrom(map, row, point);
        if (end === point) divide(map, row, point++);
        else {
          const label = map[row * points + point]!;
          const [x0, x1] = [across.starts[point]!, across.starts[end]!];
          for (let y = down.starts[row]!; y < down.starts[row + 1]!; y++)
            labels.fill(label, origin + y * stride + x0, origin + y * stride + x1);
          point = end;
        }
      }
    for (let at = origin; at < origin + height * stride; at += stride) {
      labels.fill(labels[at]!, at - MARGIN, at);
      labels.fill(labels[at + width - 1]!, at + width, at + width + MARGIN);
    }
    const [first, last] = [origin, origin + (height - 1) * stride];
    for (let i = 1; i <= MARGIN; i++) {
      labels.copyWithin(first - i * stride, first, first + width);
      labels.copyWithin(last + i * stride, last, last + width);
    }
  }

  function isBorder(at: number, reach: number): boolean {
    const label = labels[at];
    return (
      labels[at - 1] !== label ||
      labels[at + 1] !== label ||
      labels[at - stride] !== label ||
      labels[at + stride] !== label ||
      (reach > 1 &&
        (labels[at - 2] !== label ||
          labels[at + 2] !== label ||
          labels[at - 2 * stride] !== label ||
          labels[at + 2 * stride] !== label))
    );
  }

  function paint({ map }: PanopticFrame, { inside, border }: Inks, into: Uint32Array, outline = 0): void {
    const reach = Math.min(MARGIN, Math.round(outline));
    if (reach > 0) divideAll(map);
    const runs = reach === 0 || half > reach;
    for (let row = 0; row + 1 < rows; row++) {
      const [y0, y1] = [down.starts[row]!, down.starts[row + 1]!];
      for (let point = 0; point + 1 < points; ) {
        const x0 = across.starts[point]!;
        const end = runs ? runFrom(map, row, point) : point;
        if (end > point) {
          const ink = inside[map[row * points + point]!]!;
          const x1 = across.starts[end]!;
          for (let y = y0; y < y1; y++) into.fill(ink, y * width + x0, y * width + x1);
          point = end;
          continue;
        }
        if (reach === 0) divide(map, row, point);
        const x1 = across.starts[++point]!;
        for (let y = y0; y < y1; y++) {
          const to = y * width;
          const from = origin + y * stride;
          for (let x = x0; x < x1; x++) {
            const inks = reach > 0 && isBorder(from + x, reach) ? border : inside;
            into[to + x] = inks[labels[from + x]!]!;
          }
        }
      }
    }
  }

  return { width, height, paint };
}
