/** A moment of an event. */
export interface Moment {
  readonly seconds: number;
  readonly track?: number;
  readonly score: number;
  readonly share: number;
  readonly box?: readonly [number, number, number, number];
  /** What is more shows it better. Of objects 0 or more, of stuff less, of nothing at all least. */
  readonly quality: number;
}

/** That a condition holds, and by what. */
export interface Evidence {
  /** When what is seen said so: now, or a moment ago where things are out of sight. */
  readonly at: number;
  /** When it began to hold. */
  readonly began: number;
  readonly tracks: readonly number[];
  /** Labels of the vocabulary. */
  readonly names: readonly string[];
  readonly best: Moment;
}

/** Tracks of an event that are told; one that is open for months has had more. */
const MOST_TRACKS = 1000;

type Part = Pick<Evidence, 'tracks' | 'names' | 'best'>;

/** Who took part in one or the other, in this order, and the better moment of the two. */
export const joined = (one: Part, other: Part): Part => ({
  tracks: union(one.tracks, other.tracks, MOST_TRACKS),
  names: union(one.names, other.names),
  best: other.best.quality > one.best.quality ? other.best : one.best,
});

/** The very same list where there is nothing to add. */
function union<T>(one: readonly T[], other: readonly T[], most = Number.POSITIVE_INFINITY): readonly T[] {
  if (one.length >= most) return one;
  const known = new Set(one);
  const more = other.filter((item) => !known.has(item));
  return more.length === 0 ? one : [...one, ...more].slice(0, most);
}

/** A moment that shows nothing in particular. */
export const nothing = (seconds: number): Moment => ({ seconds, score: 1, share: 0, quality: -2 });

/** Evidence that hangs on no object. */
export const plain = (now: number): Evidence => ({
  at: now,
  began: now,
  tracks: [],
  names: [],
  best: nothing(now),
});
