import { draw, type Shape, shapeOf } from './shape.ts';

/** A connected part of one name on the lattice. */
export interface Part extends Shape {
  /** The label that all its points have. */
  readonly name: number;
}

export interface Parts {
  /** Ordered by first point. */
  readonly parts: readonly Part[];
  /** uint16, height × width, row-major: number of the part (its place in `parts` plus one), 0 where there is none. */
  readonly map: Uint16Array;
}

const MOST_PARTS = 65_535;

/**
 * The 4-connected parts of all labels that are things: union-find over the runs of the rows. The same for the same input
 * everywhere.
 * `labels`: height × width, row-major. `isThing`: not 0 for labels whose parts are wanted, indexed by label; labels past its
 * end are no things. Parts of fewer than `minArea` points are left out, and so is what comes after the first 65,535.
 * Throws RangeError when labels and size do not fit.
 */
export function connectedParts(
  labels: Uint8Array | Uint16Array,
  width: number,
  height: number,
  isThing: Uint8Array,
  minArea: number,
): Parts {
  const points = width * height;
  if (labels.length !== points) throw new RangeError(`${labels.length} labels are not ${width}×${height}`);

  // First point and length of each run, and its parent, itself or an earlier one: the smaller becomes the root, so that
  // roots are in the order of first points.
  const runs: number[] = [];
  const parents: number[] = [];
  const find = (run: number): number => {
    let root = run;
    while (parents[root] !== root) root = parents[root];
    for (let at = run; at !== root; ) {
      const next = parents[at];
      parents[at] = root;
      at = next;
    }
    return root;
  };
  let above = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const end = row + width;
    const below = parents.length;
    // The run above that may reach the next one of this row.
    let other = above;
    for (let at = row; at < end; ) {
      const label = labels[at];
      const start = at++;
      while (at < end && labels[at] === label) at++;
      if (!isThing[label]) continue;
      const run = parents.length;
      parents.push(run);
      runs.push(start, at - start);
      while (other < below && runs[2 * other] + runs[2 * other + 1] + width <= start) other++;
      for (let one = other; one < below && runs[2 * one] + width < at; one++) {
        if (labels[runs[2 * one]] !== label) continue;
        const [a, b] = [find(one), find(run)];
        parents[Math.max(a, b)] = Math.min(a, b);
      }
    }
    above = below;
  }

  const areas = new Int32Array(parents.length);
  const counts = new Int32Array(parents.length);
  for (let run = 0; run < parents.length; run++) {
    const root = find(run);
    areas[root] += runs[2 * run + 1];
    counts[root]++;
  }
  const places = new Int32Array(parents.length).fill(-1);
  const shapes: Int32Array[] = [];
  for (let root = 0; root < parents.length && shapes.length < MOST_PARTS; root++) {
    if (parents[root] !== root || areas[root] < minArea) continue;
    places[root] = shapes.push(new Int32Array(2 * counts[root])) - 1;
  }
  const used = new Int32Array(shapes.length);
  for (let run = 0; run < parents.length; run++) {
    const place = places[find(run)];
    if (place < 0) continue;
    shapes[place][used[place]++] = runs[2 * run];
    shapes[place][used[place]++] = runs[2 * run + 1];
  }
  const parts = shapes.map((shape): Part => ({ name: labels[shape[0]], ...shapeOf(shape, width) }));
  return { parts, map: mapOf(shapes, points) };
}

/** uint16: the place of each shape plus one where it is, else 0. */
export function mapOf(shapes: readonly Int32Array[], points: number): Uint16Array {
  const map = new Uint16Array(points);
  for (const [place, runs] of shapes.entries()) draw(runs, place + 1, map);
  return map;
}
