import type { Client } from './client.ts';

/** Entries that a request has at most. */
const PAGE = 100;

/** A query as an address has it, without what was not given. */
export function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined)
      query.set(name, typeof value === 'boolean' ? (value ? '1' : '0') : String(value));
  }
  return String(query);
}

/** The entries that a list of a server has by the name `key`, page by page, up to `limit`. */
export async function listed<T>(
  client: Client,
  path: string,
  key: string,
  values: Parameters<typeof queryOf>[0],
  limit = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const entries: T[] = [];
  let cursor: string | undefined;
  do {
    const query = queryOf({ ...values, limit: Math.min(PAGE, limit - entries.length), cursor });
    type Page = Readonly<Record<string, T[]>> & { readonly next?: string };
    const ask = () => client.ask<Page>('GET', `${path}?${query}`);
    // A server that is not there is told at once; one that goes away meanwhile is waited for.
    const page: Page = await (cursor === undefined ? ask() : client.persist(ask));
    entries.push(...(page[key] ?? []));
    cursor = page.next;
  } while (cursor !== undefined && entries.length < limit);
  return entries;
}
