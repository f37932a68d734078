import { assign } from '../core/assignment.ts';

/**
 * The cheapest pairs of rows and columns, where leaving a row alone costs `alone`: so no pair dearer than that is made,
 * however few pairs remain. `cost`: float64, rows × columns, Infinity where a pair is forbidden.
 * Returns the column of each row, or −1.
 */
export function pairUp(cost: Float64Array, rows: number, columns: number, alone: number): Int32Array {
  if (rows === 0 || columns === 0) return new Int32Array(rows).fill(-1);
  // Each row has a column of its own that stands for staying alone.
  const wide = columns + rows;
  const padded = new Float64Array(rows * wide).fill(Infinity);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = cost[row * columns + column];
      if (value < alone) padded[row * wide + column] = value;
    }
    padded[row * wide + columns + row] = alone;
  }
  const pairs = assign(padded, rows, wide);
  for (let row = 0; row < rows; row++) if (pairs[row] >= columns) pairs[row] = -1;
  return pairs;
}
