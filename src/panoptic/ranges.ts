import type { ReadPart } from './reader.ts';

/**
 * Reads parts of what lies at an address by HTTP range requests. `ask`: the page's `fetch`, or one that adds a key.
 * Rejects with what `ask` rejects with, and with an Error that tells the status where the answer is not the part.
 */
export function rangesOf(
  url: string,
  ask: (url: string, init: { headers: Record<string, string> }) => Promise<Response> = fetch,
): ReadPart {
  return async (start, end) => {
    const range = start < 0 ? `${start}` : `${start}-${end === undefined ? '' : end - 1}`;
    const answer = await ask(url, { headers: { range: `bytes=${range}` } });
    if (answer.status === 206) return await answer.arrayBuffer();
    // Whoever does not know ranges sends all of it.
    if (answer.status === 200) return (await answer.arrayBuffer()).slice(start, end);
    throw new Error(`${url} was answered with ${answer.status} when asked for bytes ${range}`);
  };
}
