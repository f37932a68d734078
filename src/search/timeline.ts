import type { Classifier } from '../core/vocabulary.ts';
import { readHours, WHOLE } from './hours.ts';
import { levelOf, shareOf } from './levels.ts';
import type { Looks } from './looks.ts';
import type { Pause } from './pause.ts';
import { GAP } from './runs.ts';
import { createSpans, type Span } from './spans.ts';
import type { Tables } from './tables.ts';

export interface TimelineRequest {
  readonly source: string;
  /** The checksum of the model whose names these are. */
  readonly model: string;
  /** Milliseconds, half-open. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds of a bucket, at least 1000. The last one may reach beyond `to`, and counts nothing there. */
  readonly step: number;
  /** What tracks are called: each by the best of all rows, by none where that is the background. */
  readonly names: Classifier;
  /** Least share of the picture, taken down to the octave of `LEAST_SHARE` below. */
  readonly share: number;
}

/** What was seen when. */
export interface Timeline {
  /** For each entry of the vocabulary a value for each bucket. */
  readonly names: readonly {
    /** Milliseconds in which it is seen; out of sight for less than a second counts as seen. */
    readonly seen: readonly number[];
    /** Its largest share of the picture is so much, and less than twice as much; 0 where it is not seen. */
    readonly share: readonly number[];
    /** Tracks that are called so. */
    readonly tracks: readonly number[];
  }[];
}

const MOST_BUCKETS = 50_000;

/** How many buckets a request asks for. Throws RangeError where that is not to be answered. */
export function bucketsOf({ from, to, step }: Pick<TimelineRequest, 'from' | 'to' | 'step'>): number {
  if (!(from < to && step >= GAP)) throw new RangeError(`no buckets of ${step} ms from ${from} to ${to}`);
  const buckets = Math.ceil((to - from) / step);
  if (buckets > MOST_BUCKETS) throw new RangeError(`${buckets} buckets, and there can be ${MOST_BUCKETS}`);
  return buckets;
}

export async function timelineOf(
  tables: Tables,
  model: number,
  looks: Looks,
  request: TimelineRequest,
  pause: Pause,
): Promise<Timeline> {
  const { source, from, to, step, names, share: least } = request;
  if (names.dim !== looks.dim)
    throw new RangeError(
      `names of ${names.dim} numbers, and looks of ${looks.dim}: they are not of one model`,
    );
  const buckets = bucketsOf(request);
  const floor = shareOf(levelOf(least));
  const lines = Array.from({ length: entriesOf(names) }, () => ({
    spans: createSpans(GAP),
    share: new Array<number>(buckets).fill(0),
    tracks: new Array<Set<number> | undefined>(buckets).fill(undefined),
  }));
  const stretch: Span = { from: 0, to: 0, score: 0, share: 0, hour: 0 };
  await looks.beside(names.weights, async (places) => {
    const nameOf = namerOf(looks, names, places);
    const range = { sources: [source], from, to };
    const every = { what: WHOLE, wanted: () => true };
    for await (const { start, rows } of readHours(tables, model, range, every, pause)) {
      const local: number[] = [];
      for (const look of rows.looks) {
        local.push(nameOf(look));
        if (local.length % 256 === 0) await pause();
      }
      for (let row = 0; row < rows.look.length; row++) {
        const line = lines[local[rows.look[row]]];
        const share = rows.share[row];
        if (!line || share < floor) continue;
        stretch.from = Math.max(from, start + rows.from[row]);
        stretch.to = Math.min(to, start + rows.to[row]);
        if (stretch.from >= stretch.to) continue;
        line.spans.add(stretch);
        let bucket = Math.floor((stretch.from - from) / step);
        for (; from + bucket * step < stretch.to; bucket++) {
          if (share >= 2 * line.share[bucket]) line.share[bucket] = shareOf(levelOf(share));
          const tracks = line.tracks[bucket] ?? new Set();
          line.tracks[bucket] = tracks.add(rows.track[row]);
        }
      }
    }
  });
  return {
    names: lines.map(({ spans, share, tracks }) => ({
      seen: seenIn(spans.finish(), request, buckets),
      share,
      tracks: Array.from({ length: buckets }, (_, bucket) => tracks[bucket]?.size ?? 0),
    })),
  };
}

/** Milliseconds of spans in each bucket. */
function seenIn(spans: readonly Span[], { from, step }: TimelineRequest, buckets: number): number[] {
  const seen = new Array<number>(buckets).fill(0);
  for (const span of spans) {
    for (let at = span.from; at < span.to; ) {
      const bucket = Math.floor((at - from) / step);
      const end = Math.min(span.to, from + (bucket + 1) * step);
      seen[bucket] += end - at;
      at = end;
    }
  }
  return seen;
}

/** How many entries a classifier has. */
export const entriesOf = ({ rowEntry }: Classifier): number =>
  rowEntry.reduce((most, entry) => Math.max(most, entry + 1), 0);

/** Names that were found last are kept as long as the classifier is: timelines are asked for again and again. */
const named = new WeakMap<Classifier, WeakMap<Looks, Map<number, number>>>();

/** The entry of a look's best row; −1 for the background and for a look that is gone. */
function namerOf(looks: Looks, classifier: Classifier, places: readonly number[]): (id: number) => number {
  const { rowEntry } = classifier;
  const ofClassifier = named.get(classifier) ?? new WeakMap<Looks, Map<number, number>>();
  named.set(classifier, ofClassifier);
  const known = ofClassifier.get(looks) ?? new Map<number, number>();
  ofClassifier.set(looks, known);
  return (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const look = looks.get(id);
    if (!look) return -1;
    let most = -Infinity;
    let name = -1;
    for (let row = 0; row < rowEntry.length; row++) {
      const product = looks.dot(look.place, places[row]);
      if (product <= most) continue;
      most = product;
      name = rowEntry[row];
    }
    known.set(id, name);
    return name;
  };
}
