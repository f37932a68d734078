/**
 * Ids of tracks are safe integers > 0: the number of a seed, and times this, how many things had it before; nearly always
 * none (`src/pipeline/object-ids.ts`).
 */
export const NEXT_OF_SEED = 2 ** 32;

/** An id as people read it: of the things that share a seed, the second is 42.2. */
export function readableId(track: number): string {
  const before = Math.floor(track / NEXT_OF_SEED);
  return before === 0 ? String(track) : `${track % NEXT_OF_SEED}.${before + 1}`;
}
