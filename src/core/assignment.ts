/**
 * The assignment of rows to columns with the smallest sum of costs, by shortest augmenting paths (Jonker and Volgenant
 * 1987, in the rectangular form of Crouse, IEEE TAES 2016). O(rows² · columns).
 *
 * `cost`: rows × columns, row-major; Infinity forbids a pair, and no row is forced into a forbidden one. As many rows
 * as possible are paired. Returns the column of each row, −1 for none. Of equal sums it finds the same one every time.
 * Throws RangeError when `cost` has another length or holds NaN or −Infinity.
 */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  if (cost.length !== rows * columns)
    throw new RangeError(`assignment: ${cost.length} costs are not ${rows} × ${columns}`);
  const { finite, dearest } = withoutInfinities(cost, Math.min(rows, columns));
  if (rows > columns) {
    const across = new Float64Array(cost.length);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        across[column * rows + row] = finite[row * columns + column];
    const result = new Int32Array(rows).fill(-1);
    for (const [column, row] of solve(across, columns, rows).entries())
      if (finite[row * columns + column] < dearest) result[row] = column;
    return result;
  }
  return solve(finite, rows, columns).map((column, row) =>
    finite[row * columns + column] < dearest ? column : -1,
  );
}

/** Forbidden pairs cost so much that the fewest possible are taken. */
function withoutInfinities(cost: Float64Array, pairs: number): { finite: Float64Array; dearest: number } {
  let low = 0;
  let high = 0;
  for (const value of cost) {
    if (value === Number.POSITIVE_INFINITY) continue;
    if (!Number.isFinite(value)) throw new RangeError(`assignment: a cost is ${value}`);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const dearest = high + (high - low + 1) * (pairs + 1);
  return { finite: cost.map((value) => (value === Number.POSITIVE_INFINITY ? dearest : value)), dearest };
}

/** The column of each row, for rows ≤ columns and finite costs. */
function solve(cost: Float64Array, rows: number, columns: number): Int32Array {
  const columnOf = new Int32Array(rows).fill(-1);
  const rowOf = new Int32Array(columns).fill(-1);
  // Dual variables: cost − rowPrice − columnPrice is never negative, and 0 along the assignment.
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(columns);
  const distance = new Float64Array(columns);
  const before = new Int32Array(columns);
  const done = new Uint8Array(columns);
  for (let start = 0; start < rows; start++) {
    distance.fill(Number.POSITIVE_INFINITY);
    done.fill(0);
    let row = start;
    let length = 0;
    let end = -1;
    while (end < 0) {
      let nearest = -1;
      for (let column = 0; column < columns; column++) {
        if (done[column]) continue;
        const through = length + cost[row * columns + column] - rowPrice[row] - columnPrice[column];
        if (through < distance[column]) {
          distance[column] = through;
          before[column] = row;
        }
        // Of columns equally near, a free one ends the search.
        if (
          nearest < 0 ||
          distance[column] < distance[nearest] ||
          (distance[column] === distance[nearest] && rowOf[column] < 0 && rowOf[nearest] >= 0)
        )
          nearest = column;
      }
      length = distance[nearest];
      done[nearest] = 1;
      if (rowOf[nearest] < 0) end = nearest;
      else row = rowOf[nearest];
    }
    rowPrice[start] += length;
    for (let column = 0; column < columns; column++) {
      if (!done[column] || column === end) continue;
      rowPrice[rowOf[column]] += length - distance[column];
      columnPrice[column] -= length - distance[column];
    }
    for (let column = end; ; ) {
      const from = before[column];
      const next = columnOf[from];
      rowOf[column] = from;
      columnOf[from] = column;
      if (from === start) break;
      column = next;
    }
  }
  return columnOf;
}
