import type { LabelMap } from '../core/frame.ts';

/** Where a name is written: a point well inside one of its regions, in pixels of the label map. */
export interface Place {
  readonly label: number;
  /** What stays from frame to frame, whatever number the label has in it. */
  readonly key: number;
  readonly x: number;
  readonly y: number;
  /** Pixels from the point to the region's border. */
  readonly depth: number;
}

export interface Placer {
  /** Places of the names in a frame, the largest regions first. Steady from frame to frame. */
  place(map: LabelMap, labels: readonly Labelled[]): readonly Place[];
}

/** What is to be written for one label of a frame. */
export interface Labelled {
  /** See `Place`. */
  readonly key: number;
  /** False where nothing is. */
  readonly wanted: boolean;
  /** The smallest region that is named, as part of the picture. */
  readonly smallest: number;
  /** Places for it at most. */
  readonly most: number;
}

/** Cells of the coarse grid along the picture's longer side. */
const COARSE = 96;
/** A place is kept while it is at least this deep in its region, against the deepest point. */
const KEEP = 0.55;
/** Part of the way to a better place that is gone in one frame. */
const GLIDE = 0.2;

export function createPlacer(): Placer {
  let before: Place[] = [];

  function place(map: LabelMap, labels: readonly Labelled[]): readonly Place[] {
    const step = Math.max(1, Math.ceil(Math.max(map.width, map.height) / COARSE));
    const width = Math.max(1, Math.floor(map.width / step));
    const height = Math.max(1, Math.floor(map.height / step));
    const cells = new Int32Array(width * height);
    for (let y = 0, at = 0; y < height; y++) {
      const row = (y * step + (step >> 1)) * map.width + (step >> 1);
      for (let x = 0; x < width; x++, at++) cells[at] = map.labels[row + x * step];
    }
    const depth = depths(cells, width, height);
    const regions = connected(cells, width, height)
      .map((region) => ({ ...region, label: cells[region.cells[0]] }))
      .filter(({ label, cells: { length } }) => {
        return labels[label].wanted && length / cells.length >= labels[label].smallest;
      })
      .sort((a, b) => b.cells.length - a.cells.length);
    const now: Place[] = [];
    const left = [...before];
    for (const { label, cells: inside } of regions) {
      const { key, most } = labels[label];
      if (now.reduce((n, other) => n + Number(other.label === label), 0) >= most) continue;
      let best = inside[0];
      for (const cell of inside) if (depth[cell] > depth[best]) best = cell;
      const members = new Set(inside);
      const cellOf = (one: Place) =>
        Math.min(height - 1, Math.floor(one.y / step)) * width +
        Math.min(width - 1, Math.floor(one.x / step));
      const known = left.findIndex((one) => one.key === key && members.has(cellOf(one)));
      const x = ((best % width) + 0.5) * step;
      const y = (Math.floor(best / width) + 0.5) * step;
      const room = (depth[best] / 3) * step;
      if (known < 0) {
        now.push({ label, key, x, y, depth: room });
        continue;
      }
      const [old] = left.splice(known, 1);
      const steady = depth[cellOf(old)] >= KEEP * depth[best];
      const toward = steady ? 0 : GLIDE;
      now.push({
        label,
        key,
        x: old.x + (x - old.x) * toward,
        y: old.y + (y - old.y) * toward,
        depth: old.depth + (room - old.depth) * GLIDE,
      });
    }
    before = now;
    return now;
  }

  return { place };
}

/** Distance of every cell to the nearest of another label or to the picture's edge, by two sweeps (3-4 chamfer, in thirds). */
function depths(cells: Int32Array, width: number, height: number): Int32Array {
  const depth = new Int32Array(cells.length);
  const reach = (at: number, x: number, y: number, dx: number, dy: number, cost: number): number => {
    if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) return cost;
    const other = at + dy * width + dx;
    return cells[other] === cells[at] ? depth[other] + cost : cost;
  };
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      depth[at] = Math.min(
        reach(at, x, y, -1, 0, 3),
        reach(at, x, y, 0, -1, 3),
        reach(at, x, y, -1, -1, 4),
        reach(at, x, y, 1, -1, 4),
      );
    }
  }
  for (let y = height - 1, at = cells.length - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--, at--) {
      depth[at] = Math.min(
        depth[at],
        reach(at, x, y, 1, 0, 3),
        reach(at, x, y, 0, 1, 3),
        reach(at, x, y, 1, 1, 4),
        reach(at, x, y, -1, 1, 4),
      );
    }
  }
  return depth;
}

/** The cells of each 4-connected area of one label. */
function connected(cells: Int32Array, width: number, height: number): { cells: number[] }[] {
  const seen = new Uint8Array(cells.length);
  const regions: { cells: number[] }[] = [];
  for (let start = 0; start < cells.length; start++) {
    if (seen[start]) continue;
    seen[start] = 1;
    const region = [start];
    const visit = (cell: number) => {
      if (seen[cell] || cells[cell] !== cells[start]) return;
      seen[cell] = 1;
      region.push(cell);
    };
    for (let i = 0; i < region.length; i++) {
      const cell = region[i];
      const x = cell % width;
      const y = (cell - x) / width;
      if (x > 0) visit(cell - 1);
      if (x + 1 < width) visit(cell + 1);
      if (y > 0) visit(cell - width);
      if (y + 1 < height) visit(cell + width);
    }
    regions.push({ cells: region });
  }
  return regions;
}
