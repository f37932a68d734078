/**
 * What is selected after a click on `id`: that one changes; with `from`, the one that was clicked before, all between the
 * two become as it is. Pure.
 */
export function pickedAfter(
  ids: readonly string[],
  picked: ReadonlySet<string>,
  id: string,
  from: string | undefined,
): ReadonlySet<string> {
  const next = new Set(picked);
  const on = !picked.has(id);
  const [a, b] = [ids.indexOf(from ?? id), ids.indexOf(id)].sort((x, y) => x - y) as [number, number];
  for (const one of a < 0 ? [id] : ids.slice(a, b + 1)) {
    if (on) next.add(one);
    else next.delete(one);
  }
  return next;
}
