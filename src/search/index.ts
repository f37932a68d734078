import { createKnownLooks, type Model } from './known-looks.ts';
import type { LooksLimits } from './looks.ts';
import { createParts, type Part } from './parts.ts';
import { createPause } from './pause.ts';
import { type Found, type SearchRequest, searchRows } from './search.ts';
import { openTables } from './tables.ts';
import { bucketsOf, entriesOf, type Timeline, type TimelineRequest, timelineOf } from './timeline.ts';

/**
 * Finds words in all recordings and jobs. What is kept are runs: when a track was seen, how large, and what it looked
 * like. Many runs look alike, and words are compared with looks alone.
 *
 * Whatever takes long lets others have their turn every ten milliseconds. It is a file that one process writes. It can be
 * killed at any time; all of it can be made again from lists of runs.
 */
export interface SearchIndex {
  /** Keeps a part, all of it or nothing. Throws RangeError where its runs do not fit. */
  add(part: Part): Promise<void>;
  /** Removes parts, each wholly; those that are not there do not matter. */
  removeParts(source: string, keys: readonly string[]): Promise<void>;
  /** Removes all parts of a source. */
  removeSource(source: string): Promise<void>;
  has(source: string, key: string): boolean;
  /** Keys of a source's parts that begin in a stretch of time (milliseconds, half-open), by time. */
  keys(source: string, from?: number, to?: number): string[];
  sources(): string[];
  /**
   * Spans in which words are seen, the best first. A span's score is that of its best look; a run is as near to its look as
   * a cosine of 0.995, of 0.98 where the model has many, or is what is nearest where there is no room for more.
   * Throws RangeError for words of another length than the model's.
   */
  search(request: SearchRequest, signal?: AbortSignal): Promise<Found>;
  /** What is seen of all names over time. Throws RangeError for buckets that are too short or too many. */
  timeline(request: TimelineRequest, signal?: AbortSignal): Promise<Timeline>;
  /** Waits for what is being changed; of a source that is being removed, some may stay. */
  close(): Promise<void>;
}

/** Room for 16,384 looks of 512 numbers, for more of fewer. */
const LIMITS: LooksLimits = { bytes: 1 << 25, kinds: 512 };

/** `path`: the index's own file, which is made where there is none, or `:memory:`. */
export function createSearchIndex(path: string, limits: LooksLimits = LIMITS): SearchIndex {
  const tables = openTables(path);
  const known = createKnownLooks(tables, limits);
  const parts = createParts(tables, known);
  // Read at once: it would hold up a query for a tenth of a second.
  for (const model of tables.all<Model>('SELECT id, dim FROM models')) known.of(model);
  const modelOf = (sum: string) => tables.get<Model>('SELECT id, dim FROM models WHERE sum = ?', sum);
  return {
    add: parts.add,
    removeParts: parts.remove,
    removeSource: parts.removeAll,
    has: (source, key) =>
      tables.get('SELECT 1 FROM parts WHERE source = ? AND key = ?', source, key) !== undefined,
    keys(source, from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER) {
      const sql = `SELECT key FROM hours JOIN parts ON hour = hours.id
        WHERE hours.source = ? AND parts.start >= ? AND parts.start < ? ORDER BY parts.start, key`;
      return tables.all<{ key: string }>(sql, source, from, to).map(({ key }) => key);
    },
    sources: () =>
      tables
        .all<{ source: string }>('SELECT DISTINCT source FROM hours ORDER BY source')
        .map(({ source }) => source),
    async search(request, signal) {
      const model = modelOf(request.model);
      if (!model) return { hits: [], total: 0 };
      return await searchRows(tables, model.id, known.of(model), request, createPause(signal));
    },
    async timeline(request, signal) {
      const buckets = bucketsOf(request);
      const model = modelOf(request.model);
      if (model) return await timelineOf(tables, model.id, known.of(model), request, createPause(signal));
      const none = () => new Array<number>(buckets).fill(0);
      return {
        names: Array.from({ length: entriesOf(request.names) }, () => ({
          seen: none(),
          share: none(),
          tracks: none(),
        })),
      };
    },
    async close() {
      await parts.close();
      tables.close();
    },
  };
}
