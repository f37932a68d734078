import { createArena } from './arena.ts';

/**
 * What tracks look like, in a few thousand unit vectors of one model: leaders, so that whatever is kept is as alike to its
 * look as `ALIKE` says. Looks lie in kinds, coarse leaders, so that only those near by need be compared.
 */
export interface Looks {
  readonly dim: number;
  /** Ids; a copy. */
  ids(): number[];
  /** Undefined: there is no such look. */
  get(id: number): Look | undefined;
  /**
   * The look of a unit vector: one of `known` that is alike, else the most alike of those near by. Undefined where none is
   * alike and there is room for another.
   */
  find(unit: Float32Array, known: Iterable<number>): number | undefined;
  /** The kind that a new look belongs to; undefined where it is to be the first of a new one. */
  findKind(unit: Float32Array): number | undefined;
  addKind(kind: number, unit: Float32Array): void;
  add(id: number, kind: number, unit: Float32Array): void;
  remove(id: number): void;
  /** Keeps rows of D numbers for as long as `work` lasts; it is given their places. */
  beside<T>(rows: Float32Array, work: (places: readonly number[]) => Promise<T>): Promise<T>;
  /** The product of what is at two places. */
  dot(a: number, b: number): number;
}

export interface Look {
  readonly kind: number;
  readonly place: number;
}

export interface LooksLimits {
  /** Bytes of memory for the looks of a model. When they are full, what comes gets the nearest look there is. */
  readonly bytes: number;
  readonly kinds: number;
}

/** Least cosine of a vector to its look. */
export const ALIKE = 0.98;
/** The same while less than a quarter of the room is used. */
const CLOSELY = 0.995;
/** As many as rows of an hour can number. */
const MOST = 65_535;
/** Least cosine of a look to its kind. */
const OF_KIND = 0.93;
/** A kind of so many looks is divided, where there may be more kinds. */
const CROWDED = 128;
/** Kinds whose looks are compared. */
const PROBED = 3;

interface Kind {
  readonly id: number;
  readonly place: number;
  readonly members: Set<number>;
}

export function createLooks(dim: number, limits: LooksLimits): Looks {
  const arena = createArena(dim);
  const most = Math.max(1, Math.min(MOST, Math.floor(limits.bytes / (4 * dim))));
  const kinds = new Map<number, Kind>();
  const looks = new Map<number, Look>();

  const nearest = (to: number, among: Iterable<number>) => {
    let best: { readonly id: number; readonly alike: number } | undefined;
    for (const id of among) {
      const look = looks.get(id);
      if (!look) continue;
      const alike = arena.dot(look.place, to);
      if (alike > (best?.alike ?? -Infinity)) best = { id, alike };
    }
    return best;
  };
  /** The nearest `count` kinds, in order. */
  const nearestKinds = (to: number, count: number, among: (kind: Kind) => boolean = () => true) => {
    const best: { readonly kind: Kind; readonly alike: number }[] = [];
    for (const kind of kinds.values()) {
      if (!among(kind)) continue;
      const alike = arena.dot(kind.place, to);
      if (best.length === count && alike <= best[count - 1].alike) continue;
      best.splice(best.findIndex((other) => other.alike < alike) >>> 0, 0, { kind, alike });
      best.length = Math.min(best.length, count);
    }
    return best;
  };
  const placed = <T>(unit: Float32Array, work: (place: number) => T): T => {
    const place = arena.take(unit);
    try {
      return work(place);
    } finally {
      arena.give(place);
    }
  };

  return {
    dim,
    ids: () => [...looks.keys()],
    get: (id) => looks.get(id),
    find: (unit, known) =>
      placed(unit, (place) => {
        const before = nearest(place, known);
        const alike = looks.size < most / 4 ? CLOSELY : ALIKE;
        if (before && before.alike >= alike) return before.id;
        const near = nearestKinds(place, PROBED, ({ members }) => members.size > 0);
        const found = nearest(
          place,
          near.flatMap(({ kind }) => [...kind.members]),
        );
        return found && (found.alike >= alike || looks.size >= most) ? found.id : undefined;
      }),
    findKind: (unit) =>
      placed(unit, (place) => {
        const [best] = nearestKinds(place, 1);
        const fits = best && best.alike >= OF_KIND && best.kind.members.size < CROWDED;
        return best && (fits || kinds.size >= limits.kinds) ? best.kind.id : undefined;
      }),
    addKind: (id, unit) => void kinds.set(id, { id, place: arena.take(unit), members: new Set() }),
    add(id, kind, unit) {
      looks.set(id, { kind, place: arena.take(unit) });
      kinds.get(kind)?.members.add(id);
    },
    remove(id) {
      const look = looks.get(id);
      if (!look) return;
      looks.delete(id);
      kinds.get(look.kind)?.members.delete(id);
      arena.give(look.place);
    },
    async beside(rows, work) {
      const places: number[] = [];
      for (let at = 0; at < rows.length; at += dim) places.push(arena.take(rows.subarray(at, at + dim)));
      try {
        return await work(places);
      } finally {
        for (const place of places) arena.give(place);
      }
    },
    dot: arena.dot,
  };
}
