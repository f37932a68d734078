import { describe, expect, it } from 'vitest';
import { type Query, type Stretch, scoreOf, search } from '../../../src/analysis/search.ts';

/** Words and other names as directions of the plane. */
const query: Query = {
  dim: 2,
  words: Float32Array.of(1, 0),
  others: Float32Array.of(0, 1, -1, 0),
  scale: 10,
};
const LIMITS = { threshold: 0.5, share: 0.01 };
const [YES, NO] = [
  [1, 0],
  [0, 1],
];
/** As much the words as the next best name. */
const EVEN = [Math.SQRT1_2, Math.SQRT1_2];

/** Stretches of one second from 0 on; a track each with what it looks like and its share. */
async function* film(...stretches: (readonly [id: number, look: number[], share?: number][])[]) {
  for (const [second, tracks] of stretches.entries()) {
    yield {
      from: second,
      to: second + 1,
      tracks: {
        ids: Int32Array.from(tracks, ([id]) => id),
        embeddings: Float32Array.from(tracks.flatMap(([, look]) => look)),
        shares: Float32Array.from(tracks, ([, , share = 0.2]) => share),
      },
    } satisfies Stretch;
  }
}

describe('a score', () => {
  it('is 0.5 for what is as good as the best other name, and tends to 0 and 1', () => {
    expect(scoreOf(Float32Array.from(EVEN), query)).toBeCloseTo(0.5, 6);
    expect(scoreOf(Float32Array.from(YES), query)).toBeCloseTo(1 / (1 + Math.exp(-10)), 6);
    expect(scoreOf(Float32Array.from(NO), query)).toBeCloseTo(1 / (1 + Math.exp(10)), 6);
  });

  it('is that of the best of several words, and never less for a word more', () => {
    const more = { ...query, words: Float32Array.of(1, 0, -0.6, -0.8) };
    for (const look of [YES, NO, EVEN, [-0.6, -0.8]]) {
      const embedding = Float32Array.from(look);
      expect(scoreOf(embedding, more)).toBeGreaterThanOrEqual(scoreOf(embedding, query));
    }
  });
});

describe('a search', () => {
  it('gives spans of time, each with its best track, the best span first', async () => {
    const hits = await search(
      film([[1, [0.8, 0.6]]], [[1, YES]], [[2, NO]], [[2, NO]], [[3, [0.9, 0.1], 0.4]], [[2, NO]]),
      query,
      LIMITS,
    );
    expect(hits.map(({ start, end, track }) => [start, end, track])).toEqual([
      [0, 2, 1],
      [4, 5, 3],
    ]);
    expect(hits[0].score).toBeGreaterThan(hits[1].score);
    expect(hits[1].share).toBeCloseTo(0.4, 6);
  });

  it('goes on over gaps of less than a second, and no longer ones', async () => {
    const half = async function* (looks: number[][]) {
      for await (const stretch of film(...looks.map((look): [number, number[]][] => [[1, look]])))
        yield { ...stretch, from: stretch.from / 2, to: stretch.to / 2 };
    };
    const spans = async (looks: number[][]) =>
      (await search(half(looks), query, LIMITS)).map(({ start, end }) => [start, end]).sort();
    expect(await spans([YES, NO, YES])).toEqual([[0, 1.5]]);
    expect(await spans([YES, NO, NO, YES])).toEqual([
      [0, 0.5],
      [1.5, 2],
    ]);
  });

  it('takes what is as good as another name, and leaves out what is worse or too small', async () => {
    expect(await search(film([[1, EVEN]]), query, LIMITS)).toHaveLength(1);
    expect(await search(film([[1, [0.7, 0.72]]]), query, LIMITS)).toEqual([]);
    expect(await search(film([[1, YES, 0.009]]), query, LIMITS)).toEqual([]);
    expect(await search(film([[1, NO]]), query, { ...LIMITS, threshold: 0 })).toHaveLength(1);
    expect(await search(film(), query, LIMITS)).toEqual([]);
  });
});
