/** Probabilities of regions, the small ones set apart. */
export interface SparseRows {
  /** Entries of row q are starts[q] up to, not including, starts[q + 1]. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
  /** The greatest value of each row. */
  readonly peak: Float32Array;
  /** The greatest value of each row that is not among its entries. */
  readonly rest: Float32Array;
}

/** Values below this are set apart: together they seldom decide, and most of a softmax over many names lies there. */
const CUT = 5e-4;

/** `values`: float32, count × width, none negative. */
export function sparseRows(values: Float32Array, count: number, width: number): SparseRows {
  const starts = new Int32Array(count + 1);
  const peak = new Float32Array(count);
  const rest = new Float32Array(count);
  let kept = 0;
  for (let q = 0; q < count; q++) {
    for (let c = 0; c < width; c++) {
      const value = values[q * width + c];
      if (value > peak[q]) peak[q] = value;
      if (value >= CUT) kept++;
      else if (value > rest[q]) rest[q] = value;
    }
    starts[q + 1] = kept;
  }
  const columns = new Int32Array(kept);
  const entries = new Float32Array(kept);
  let at = 0;
  for (let q = 0; q < count; q++) {
    for (let c = 0; c < width; c++) {
      if (values[q * width + c] < CUT) continue;
      columns[at] = c;
      entries[at++] = values[q * width + c];
    }
  }
  return { starts, columns, values: entries, peak, rest };
}
