/** A connected part of one name on the lattice. All measures are in lattice points. */
export interface Part {
  /** The label that all its points have. */
  readonly name: number;
  /** Points. */
  readonly area: number;
  /** Half-open: x0 ≤ x < x1, y0 ≤ y < y1. */
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number];
  /** Its first point in reading order: y × width + x. */
  readonly first: number;
}

export interface Parts {
  /** Ordered by first point. */
  readonly parts: readonly Part[];
  /** uint16, height × width, row-major: number of the part (its place in `parts` plus one), 0 where there is none. */
  readonly map: Uint16Array;
}

const MOST_PARTS = 65_535;

/**
 * The 4-connected parts of all labels that are things. Two passes with union-find; the same for the same input everywhere.
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

  // A provisional number for each point. Numbers grow in reading order and the smaller one becomes the root, so that
  // roots are in the order of first points.
  const numbers = new Int32Array(points);
  const parent: number[] = [0];
  const find = (number: number): number => {
    let root = number;
    while (parent[root] !== root) root = parent[root];
    for (let at = number; at !== root; ) {
      const next = parent[at];
      parent[at] = root;
      at = next;
    }
    return root;
  };
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const label = labels[at];
      if (!isThing[label]) continue;
      const left = x > 0 && labels[at - 1] === label ? numbers[at - 1] : 0;
      const above = y > 0 && labels[at - width] === label ? numbers[at - width] : 0;
      if (left === 0 && above === 0) {
        numbers[at] = parent.length;
        parent.push(parent.length);
      } else if (left === 0 || above === 0 || left === above) {
        numbers[at] = left || above;
      } else {
        const one = find(left);
        const other = find(above);
        parent[Math.max(one, other)] = Math.min(one, other);
        numbers[at] = Math.min(one, other);
      }
    }
  }

  const areas = new Int32Array(parent.length);
  for (let at = 0; at < points; at++) if (numbers[at] !== 0) areas[find(numbers[at])]++;
  const final = new Uint16Array(parent.length);
  let kept = 0;
  for (let root = 1; root < parent.length && kept < MOST_PARTS; root++) {
    if (parent[root] === root && areas[root] >= minArea) final[root] = ++kept;
  }

  const map = new Uint16Array(points);
  const boxes = new Int32Array(kept * 4);
  const firsts = new Int32Array(kept).fill(-1);
  const measured = new Int32Array(kept);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (numbers[at] === 0) continue;
      const number = final[find(numbers[at])];
      if (number === 0) continue;
      map[at] = number;
      const part = number - 1;
      const box = part * 4;
      measured[part]++;
      if (firsts[part] < 0) {
        firsts[part] = at;
        boxes[box] = x;
        boxes[box + 1] = y;
      }
      boxes[box] = Math.min(boxes[box], x);
      boxes[box + 2] = Math.max(boxes[box + 2], x + 1);
      boxes[box + 3] = y + 1;
    }
  }
  const parts = Array.from({ length: kept }, (_, part): Part => {
    const box = part * 4;
    return {
      name: labels[firsts[part]],
      area: measured[part],
      box: [boxes[box], boxes[box + 1], boxes[box + 2], boxes[box + 3]],
      first: firsts[part],
    };
  });
  return { parts, map };
}
