/**
 * The cheapest one-to-one pairs of rows and columns (linear sum assignment), exactly, in O(rows² × columns): shortest
 * augmenting paths after Jonker and Volgenant (Computing 38, 1987) in the form of Crouse ("On implementing 2D rectangular
 * assignment algorithms", IEEE TAES 52, 2016).
 *
 * `cost`: float64, rows × columns, row by row, any sign; Infinity forbids a pair (NaN too). Not written to.
 * Returns the column of each row, or −1 for a row that stays alone. Of all sets of allowed pairs it is one with the most
 * pairs, and among those one with the smallest sum: forbidden pairs are never made to fill up. The same costs give the
 * same pairs everywhere; at ties lower rows and columns come first. Throws RangeError when the sizes do not fit.
 */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  if (cost.length !== rows * columns) {
    throw new RangeError(`${cost.length} costs are not those of ${rows} rows and ${columns} columns`);
  }
  // What staying alone costs: more than any pairs could save.
  let largest = 0;
  for (const value of cost) if (allowed(value)) largest = Math.max(largest, Math.abs(value));
  const alone = 2 * largest * Math.min(rows, columns) + 1;

  const columnOf = new Int32Array(rows).fill(-1);
  const rowOf = new Int32Array(columns).fill(-1);
  // Dual values: cost − u − v ≥ 0 everywhere, and 0 at the pairs made.
  const u = new Float64Array(rows);
  const v = new Float64Array(columns);
  const shortest = new Float64Array(columns);
  const from = new Int32Array(columns);
  const done = new Uint8Array(columns);

  for (let start = 0; start < rows; start++) {
    shortest.fill(Infinity);
    done.fill(0);
    let row = start;
    let length = 0;
    // The way may end at a free column, or at a row that gives its column up and stays alone.
    let freed = -1;
    let best = Infinity;
    let end = -1;
    for (;;) {
      const gone = length + alone - u[row];
      if (gone < best) {
        best = gone;
        freed = row;
      }
      const at = row * columns;
      let next = -1;
      let least = Infinity;
      for (let column = 0; column < columns; column++) {
        if (done[column] === 1) continue;
        const value = cost[at + column];
        if (allowed(value)) {
          const reach = length + value - u[row] - v[column];
          if (reach < shortest[column]) {
            shortest[column] = reach;
            from[column] = row;
          }
        }
        const known = shortest[column];
        // A free column ends the way at once: of equals it is the first.
        if (known < least || (known === least && known < Infinity && rowOf[column] < 0 && rowOf[next] >= 0)) {
          least = known;
          next = column;
        }
      }
      if (next < 0 || best < least) {
        length = best;
        break;
      }
      length = least;
      if (rowOf[next] < 0) {
        end = next;
        break;
      }
      done[next] = 1;
      row = rowOf[next];
    }

    // Before the pairs change: the rows on the search's tree are those of the columns it went through.
    u[start] += length;
    for (let column = 0; column < columns; column++) {
      if (done[column] === 0) continue;
      u[rowOf[column]] += length - shortest[column];
      v[column] -= length - shortest[column];
    }
    if (end < 0) {
      end = columnOf[freed];
      columnOf[freed] = -1;
      if (freed === start) continue;
    }
    for (let row = -1; row !== start; ) {
      row = from[end];
      rowOf[end] = row;
      const before = columnOf[row];
      columnOf[row] = end;
      end = before;
    }
  }
  return columnOf;
}

function allowed(value: number): boolean {
  return value < Infinity;
}
