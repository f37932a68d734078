import type { TrackTable } from '../core/frame.ts';

/** Looks for words in the tracks of an analysis, without its frames. */

/** What is looked for, and what it might be instead. Unit embeddings, float32, rows × D. */
export interface Query {
  readonly dim: number;
  /** The words, and other words for the same. */
  readonly words: Float32Array;
  /** All other names, and the background: never empty. */
  readonly others: Float32Array;
  /** exp(logit_scale): how sharply the model tells words apart. */
  readonly scale: number;
}

/** Tracks in a stretch of time. */
export interface Stretch {
  readonly tracks: TrackTable;
  /** Seconds, half-open. */
  readonly from: number;
  readonly to: number;
}

/** A span of time in which the words are seen. */
export interface Hit {
  /** Seconds; half-open. */
  readonly start: number;
  readonly end: number;
  /** The best in the span, 0 to 1; 0.5: as good as the best other name. */
  readonly score: number;
  /** The track that has it, and its share of the picture then. */
  readonly track: number;
  readonly share: number;
}

export interface SearchLimits {
  /** Least score. */
  readonly threshold: number;
  /** Least share of the picture. */
  readonly share: number;
}

/** Where nobody says otherwise, for files and for the server's index. */
export const USUAL_LIMITS: SearchLimits = { threshold: 0.5, share: 0.0005 };

/** Seconds for which the words may be out of sight within one span. */
const GAP = 1;

/**
 * How good words are for a track against the best of the other names: the softmax of the two, so that 0.5 means that
 * they fit equally well, whatever the model's cosines are like.
 */
export function scoreOf(embedding: Float32Array, { dim, words, others, scale }: Query): number {
  const best = (rows: Float32Array): number => {
    let most = -Infinity;
    for (let row = 0; row < rows.length; row += dim) {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += embedding[i] * rows[row + i];
      if (sum > most) most = sum;
    }
    return most;
  };
  return 1 / (1 + Math.exp(scale * (best(others) - best(words))));
}

/** Spans of time in which any track is the words, best first. Stretches come in order. */
export async function search(
  stretches: AsyncIterable<Stretch>,
  query: Query,
  { threshold, share: least }: SearchLimits,
): Promise<Hit[]> {
  const hits: Hit[] = [];
  let open: Hit | undefined;
  for await (const { tracks, from, to } of stretches) {
    let best: Hit | undefined;
    for (const [row, track] of tracks.ids.entries()) {
      const share = tracks.shares[row];
      if (share < least) continue;
      const score = scoreOf(tracks.embeddings.subarray(row * query.dim, (row + 1) * query.dim), query);
      if (score >= threshold && score > (best?.score ?? 0))
        best = { start: from, end: to, score, track, share };
    }
    if (!best) continue;
    if (open && from - open.end < GAP) {
      const better: Hit = best.score > open.score ? best : open;
      open = { ...better, start: open.start, end: to };
    } else {
      if (open) hits.push(open);
      open = best;
    }
  }
  if (open) hits.push(open);
  return hits.sort((a, b) => b.score - a.score || b.end - b.start - (a.end - a.start) || a.start - b.start);
}
