/** Points of a lattice, and their measures, in points. */
export interface Shape {
  /** int32 pairs (first point, length) in reading order, at least one; no run leaves its row. */
  readonly runs: Int32Array;
  /** Points. */
  readonly area: number;
  /** Centroid. */
  readonly x: number;
  readonly y: number;
  /** Half-open: x0 ≤ x < x1, y0 ≤ y < y1. */
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number];
}

export function shapeOf(runs: Int32Array, width: number): Shape {
  let [area, across, down] = [0, 0, 0];
  let [x0, x1] = [width, 0];
  for (let i = 0; i < runs.length; i += 2) {
    const length = runs[i + 1];
    const row = Math.floor(runs[i] / width);
    const start = runs[i] - row * width;
    area += length;
    across += (start + (length - 1) / 2) * length;
    down += row * length;
    if (start < x0) x0 = start;
    if (start + length > x1) x1 = start + length;
  }
  const y0 = Math.floor(runs[0] / width);
  const y1 = Math.floor(runs[runs.length - 2] / width) + 1;
  return { runs, area, x: across / area, y: down / area, box: [x0, y0, x1, y1] };
}

/** Writes `value` where the runs are. */
export function draw(runs: Int32Array, value: number, map: Uint16Array): void {
  for (let i = 0; i < runs.length; i += 2) map.fill(value, runs[i], runs[i] + runs[i + 1]);
}

/** Runs of several shapes that share no point, in reading order. */
export function joined(shapes: readonly Int32Array[]): Int32Array {
  if (shapes.length === 1) return shapes[0];
  const pairs = shapes.flatMap((runs) =>
    Array.from({ length: runs.length / 2 }, (_, i) => i * 2).map((i) => [runs[i], runs[i + 1]]),
  );
  return Int32Array.from(pairs.sort(([a], [b]) => a - b).flat());
}
