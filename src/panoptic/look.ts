import { createSpreader, heaviest, line } from '../analysis/spread.ts';
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
  let spread: ReturnType<typeof createSpreader> | undefined;

  /** Borders lie at least half a block from points: blocks of one label that are wide enough have none. */
  const clear = (outline: number) =>
    (lattice.step * Math.min(width / covered.width, height / covered.height)) / 2 > outline;

  function paint({ map, table }: PanopticFrame, inks: Inks, into: Uint32Array, outline = 0): void {
    const { inside, border } = inks;
    const reach = Math.min(2, Math.round(outline));
    let labels: Uint8Array | Uint16Array | undefined;
    if (reach > 0 && table.length > 1) {
      spread ??= createSpreader(lattice, covered, width, height, 0x10000);
      labels = spread(map).labels;
    }
    const runs = labels === undefined || clear(reach);
    for (let row = 0; row + 1 < rows; row++) {
      const [y0, y1] = [down.starts[row]!, down.starts[row + 1]!];
      if (y0 === y1) continue;
      for (let point = 0; point + 1 < points; ) {
        const at = row * points + point;
        const below = at + points;
        const label = map[at]!;
        const x0 = across.starts[point]!;
        let end = point;
        for (let k = 1; runs && end + 1 < points; k++, end++)
          if (map[at + k] !== label || map[below + k - 1] !== label || map[below + k] !== label) break;
        if (end > point) {
          const x1 = across.starts[end]!;
          const ink = inside[label]!;
          for (let y = y0; y < y1; y++) into.fill(ink, y * width + x0, y * width + x1);
          point = end;
          continue;
        }
        const x1 = across.starts[point + 1]!;
        if (labels) {
          for (let y = y0; y < y1; y++)
            for (let x = x0, to = y * width + x0; x < x1; x++, to++) {
              const name = labels[to]!;
              into[to] = isBorder(labels, width, height, x, y, reach) ? border[name]! : inside[name]!;
            }
        } else {
          const [b, c, d] = [map[at + 1]!, map[below]!, map[below + 1]!];
          for (let y = y0; y < y1; y++) {
            const v = down.parts[y]!;
            for (let x = x0, to = y * width + x0; x < x1; x++, to++)
              into[to] = inside[heaviest(label, b, c, d, across.parts[x]!, v)]!;
          }
        }
        point++;
      }
    }
  }

  return { width, height, paint };
}

function isBorder(
  labels: Uint8Array | Uint16Array,
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
