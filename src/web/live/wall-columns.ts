const RATIO = 16 / 9;

/** In how many columns pictures of 16:9 are largest, where all of them are to be seen at once. Sizes in any one unit. */
export function columnsOfWall(count: number, width: number, height: number): number {
  let [best, largest] = [1, 0];
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(width / columns, (height / rows) * RATIO);
    if (size >= largest - 1e-9) [best, largest] = [columns, size];
  }
  return best;
}
