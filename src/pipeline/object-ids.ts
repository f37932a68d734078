import { sharedWith } from '../associate/foresee.ts';
import type { TrackedObject } from '../associate/objects.ts';
import { NEXT_OF_SEED } from '../core/track-id.ts';

/** Part of an object that must lie in a seed for it to be the object's. */
const SAME = 0.3;
/** Seeds of which that is remembered. */
const MOST_SEEDS = 10_000;

/** What giving ids remembers: ids by the numbers of objects, and how many were given beside a seed's own. */
export interface IdMemory {
  readonly ids: readonly (readonly [number, number])[];
  readonly given: readonly (readonly [number, number])[];
}

/**
 * Gives objects the ids of their seeds, so that a thing keeps its id whatever it is called. Ids are safe integers > 0:
 * `seed + NEXT_OF_SEED × n`, where n is nearly always 0.
 */
export function createObjectIds(memory: IdMemory = { ids: [], given: [] }) {
  /** By the number that following gives an object. */
  const ids = new Map(memory.ids);
  const given = new Map(memory.given);

  /** The seed that was foreseen, else of all that the object lies in the one with most of it; that no other object has. */
  function find(
    { runs, area }: TrackedObject,
    seedAt: () => Int32Array,
    foreseen: number | undefined,
  ): number {
    const taken = new Set(ids.values());
    if (foreseen !== undefined && !taken.has(foreseen)) return foreseen;
    const shared = [...sharedWith(runs, seedAt())];
    const likely = shared.filter(([seed, both]) => seed !== 0 && both >= SAME * area);
    // Of equals the older one.
    const seeds = likely.sort(([a, one], [b, other]) => other - one || a - b).map(([seed]) => seed);
    const free = seeds.find((seed) => !taken.has(seed));
    if (free !== undefined) return free;
    const seed = foreseen ?? seeds[0] ?? 0;
    const n = (given.get(seed) ?? 0) + 1;
    given.delete(seed);
    given.set(seed, n);
    if (given.size > MOST_SEEDS) given.delete(given.keys().next().value!);
    return seed + NEXT_OF_SEED * n;
  }

  return {
    /** The ids of a frame's objects, in their order. `foreseen`: seeds by the first point of what they are. */
    of(
      objects: readonly TrackedObject[],
      seedAt: () => Int32Array,
      foreseen: ReadonlyMap<number, number>,
    ): number[] {
      return objects.map((object) => {
        const known = ids.get(object.id);
        if (known !== undefined) return known;
        const id = find(object, seedAt, foreseen.get(object.runs[0]));
        ids.set(object.id, id);
        return id;
      });
    },
    /** Forgets all objects but these. */
    keep(living: ReadonlySet<number>): void {
      for (const number of ids.keys()) if (!living.has(number)) ids.delete(number);
    },
    memory: (): IdMemory => ({ ids: [...ids], given: [...given] }),
  };
}
