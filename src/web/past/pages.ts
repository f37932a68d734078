/** A list that is fetched page by page, newest first, while it changes. Pure. */
export interface Pages<T> {
  readonly items: readonly T[];
  /** Where the next page begins; undefined: there is none. */
  readonly next: string | undefined;
}

export interface Listing<T> {
  /** Whether what is asked for has it, as the server decides that. */
  readonly isIn: (item: T) => boolean;
  /** Whether `a` stands before `b`. */
  readonly isBefore: (a: T, b: T) => boolean;
}

type WithId = { readonly id: string };

/** With one page more at the end. What is there already is known better. */
export function withPage<T extends WithId>({ items }: Pages<T>, page: Pages<T>): Pages<T> {
  const known = new Set(items.map(({ id }) => id));
  return { items: [...items, ...page.items.filter(({ id }) => !known.has(id))], next: page.next };
}

/** With what is told of one. One that is older than all that was fetched comes with its page. */
export function withItem<T extends WithId>(pages: Pages<T>, item: T, listing: Listing<T>): Pages<T> {
  const { items, next } = without(pages, item.id);
  const known = items.length < pages.items.length;
  if (!listing.isIn(item)) return { items, next };
  const place = items.findIndex((one) => listing.isBefore(item, one));
  if (place >= 0) return { items: items.toSpliced(place, 0, item), next };
  return known || next === undefined ? { items: [...items, item], next } : { items, next };
}

export function without<T extends WithId>({ items, next }: Pages<T>, id: string): Pages<T> {
  return { items: items.filter((one) => one.id !== id), next };
}
