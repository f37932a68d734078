import type { Query } from '../analysis/search.ts';
import { readHours, rowsOfHour, TIMES, WHOLE } from './hours.ts';
import { levelOf, shareOf } from './levels.ts';
import { type Scores, scoreLooks } from './look-scores.ts';
import type { Looks } from './looks.ts';
import type { Pause } from './pause.ts';
import type { Rows, WholeRows } from './rows.ts';
import { GAP } from './runs.ts';
import { createSpans, type Span, type Spans } from './spans.ts';
import type { Tables } from './tables.ts';

export interface SearchRequest {
  readonly query: Query;
  /** The checksum of the model whose words these are. */
  readonly model: string;
  /** All sources where absent. */
  readonly sources?: readonly string[] | undefined;
  /** Milliseconds, half-open: what is seen at any time between. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Least score, 0 to 1. */
  readonly threshold: number;
  /** Least share of the picture, 0 to 1, that a span has at its best moment. In all of it it has half of that at least. */
  readonly share: number;
  /** Most hits. */
  readonly limit: number;
  /** The last hit of the page before. */
  readonly after?: Place | undefined;
}

/** Where a hit stands among all. */
export type Place = Pick<Hit, 'score' | 'share' | 'from' | 'source'>;

/** A span of time in which the words are seen. */
export interface Hit {
  readonly source: string;
  /** Milliseconds, half-open. */
  readonly from: number;
  readonly to: number;
  /** Its best moment: the highest score, and of these the largest share; when that is, and in which part. */
  readonly score: number;
  readonly share: number;
  readonly track: number;
  readonly at: number;
  readonly key: string;
}

export interface Found {
  /** Best first: by score, then share, then time. */
  readonly hits: readonly Hit[];
  /** How many there are on all pages. */
  readonly total: number;
}

interface Candidate extends Span {
  readonly source: string;
}

/** Looks for words in all that is kept of a model. */
export async function searchRows(
  tables: Tables,
  model: number,
  looks: Looks,
  request: SearchRequest,
  pause: Pause,
): Promise<Found> {
  const { query, threshold, limit, after } = request;
  if (query.dim !== looks.dim)
    throw new RangeError(
      `words of ${query.dim} numbers, and looks of ${looks.dim}: they are not of one model`,
    );
  const scores = await scoreLooks(looks, query, threshold, pause);
  const best = createBest(limit, after);
  if (scores.size === 0) return { hits: [], total: 0 };
  let source = '';
  let spans = createSpans(GAP);
  const end = async () => {
    for (const [turn, span] of spans.finish().entries()) {
      if (turn % 1024 === 0) await pause();
      if (span.score >= 0) best.add(span, source);
    }
    spans = createSpans(GAP);
  };
  const wanted = (ids: Uint32Array) => ids.some((id) => scores.of(id) >= 0);
  for await (const hour of readHours(tables, model, request, { what: TIMES, wanted }, pause)) {
    if (hour.source !== source) await end();
    source = hour.source;
    addRows(hour, scores, request, spans);
  }
  await end();
  const { candidates, total } = best.finish();
  return { hits: await hitsOf(tables, candidates, scores, request, pause), total };
}

/** Joins what is less than a gap apart at once, in numbers that nothing else holds: there may be a million rows. */
function addRows(
  { id, start, rows }: { readonly id: number; readonly start: number; readonly rows: Rows },
  scores: Scores,
  { from = -Infinity, to = Infinity, share: least }: SearchRequest,
  spans: Spans,
): void {
  const { looks, look, from: begins, to: ends, share: shares } = rows;
  const local = new Float64Array(looks.length);
  for (let i = 0; i < looks.length; i++) local[i] = scores.of(looks[i]);
  const floor = shareOf(levelOf(least));
  const [earliest, latest] = [from - start, to - start];
  let [isOpen, begin, end, best, most] = [false, 0, 0, 0, 0];
  for (let row = 0; row < look.length; row++) {
    const known = local[look[row]];
    if (known < 0) continue;
    const share = shares[row];
    if (share < floor) continue;
    const begun = Math.max(earliest, begins[row]);
    const ended = Math.min(latest, ends[row]);
    if (begun >= ended) continue;
    const score = share < least ? -1 : known;
    // Rows come by when they begin.
    if (isOpen && begun - end < GAP) {
      if (ended > end) end = ended;
      if (score < best || (score === best && share <= most)) continue;
    } else {
      if (isOpen) spans.add({ from: start + begin, to: start + end, score: best, share: most, hour: id });
      [isOpen, begin, end] = [true, begun, ended];
    }
    best = score;
    most = share;
  }
  if (isOpen) spans.add({ from: start + begin, to: start + end, score: best, share: most, hour: id });
}

/** Best first; of equals the earlier. Sources have an order too, so that no two are equal. */
const order = (a: Place, b: Place): number =>
  b.score - a.score ||
  b.share - a.share ||
  a.from - b.from ||
  (a.source < b.source ? -1 : +(a.source > b.source));

/** The best of many, without keeping them all. */
function createBest(limit: number, after: Place | undefined) {
  let kept: Candidate[] = [];
  let last: Candidate | undefined;
  let total = 0;
  const cut = () => {
    kept = kept.sort(order).slice(0, limit);
    if (kept.length === limit) last = kept.at(-1);
  };
  return {
    add({ from, to, score, share, hour }: Span, source: string) {
      total++;
      const candidate: Candidate = { from, to, score, share, hour, source };
      if ((after && order(after, candidate) >= 0) || (last && order(last, candidate) <= 0)) return;
      kept.push(candidate);
      if (kept.length >= 2 * limit + 1000) cut();
    },
    finish() {
      cut();
      return { candidates: kept, total };
    },
  };
}

/** With their best moments, and the parts that show these. Hours are read once each. */
async function hitsOf(
  tables: Tables,
  candidates: readonly Candidate[],
  scores: Scores,
  range: Pick<SearchRequest, 'from' | 'to'>,
  pause: Pause,
): Promise<Hit[]> {
  const hits = new Map<Candidate, Hit>();
  const wanted = (looks: Uint32Array) => looks.some((look) => scores.of(look) >= 0);
  for (const hour of new Set(candidates.map((candidate) => candidate.hour))) {
    await pause();
    const { start } = tables.get<{ start: number }>('SELECT start FROM hours WHERE id = ?', hour) ?? {
      start: 0,
    };
    const rows = rowsOfHour(tables, hour, WHOLE, wanted);
    for (const candidate of candidates) {
      if (candidate.hour !== hour) continue;
      const { source, from, to, score, share } = candidate;
      // Where the hour was changed meanwhile, the moment is the beginning.
      const { at, track } = bestOf(candidate, rows, start, scores, range) ?? { at: from, track: 0 };
      const sql = 'SELECT key FROM parts WHERE hour = ? AND start <= ? ORDER BY start DESC LIMIT 1';
      const { key } = tables.get<{ key: string }>(sql, hour, at) ?? { key: '' };
      hits.set(candidate, { source, from, to, score, share, track, at, key });
    }
  }
  return candidates.flatMap((candidate) => hits.get(candidate) ?? []);
}

/** The first of the moments with a span's score and share. */
function bestOf(
  span: Candidate,
  parts: readonly WholeRows[],
  start: number,
  scores: Scores,
  { from = -Infinity, to = Infinity }: Pick<SearchRequest, 'from' | 'to'>,
): Pick<Hit, 'at' | 'track'> | undefined {
  let best: Pick<Hit, 'at' | 'track'> | undefined;
  for (const rows of parts) {
    const { share } = rows;
    for (let row = share.indexOf(span.share); row >= 0; row = share.indexOf(span.share, row + 1)) {
      if (scores.of(rows.looks[rows.look[row]]) !== span.score) continue;
      const begins = Math.max(from, start + rows.from[row]);
      const ends = Math.min(to, start + rows.to[row]);
      if (begins >= ends || begins < span.from || ends > span.to) continue;
      const at = Math.max(begins, Math.min(ends - 1, start + rows.at[row]));
      if (!best || at < best.at) best = { at, track: rows.track[row] };
    }
  }
  return best;
}
