import { SidestreamError } from '../../core/errors.ts';
import type { StreamRecords } from '../../streams/records.ts';
import type { Events, Recordings, TimelineView } from '../clips.ts';
import { timeOf } from '../request.ts';
import { isoOf, ticksOf } from './card.ts';
import { stretchesOf } from './coverage.ts';
import type { Holdings } from './holdings.ts';
import type { Segments } from './segments.ts';

export interface TimelineDeps {
  readonly streams: Pick<StreamRecords, 'get'>;
  readonly segments: Segments;
  readonly holdings: Holdings;
  readonly events: Events;
  /** What was seen of other words than those of the time. */
  readonly seenOf: (
    stream: string,
    vocabulary: string,
    span: { readonly from: number; readonly to: number; readonly step: number },
    signal: AbortSignal,
  ) => Promise<readonly SeenIn[]>;
}

/** A name in a bucket. */
export interface SeenIn {
  /** Milliseconds since 1970: beginning of the bucket. */
  readonly bucket: number;
  readonly name: string;
  readonly ms: number;
  readonly share: number;
  readonly count: number;
}

/** Buckets and events of one answer at most. */
const [MOST_BUCKETS, MOST_EVENTS] = [20_000, 1000];

export function createTimeline(deps: TimelineDeps): Pick<Recordings, 'timeline'> {
  const { streams, segments, holdings, events } = deps;
  return {
    async timeline(stream, request, signal) {
      if (!streams.get(stream) && !segments.last(stream))
        throw new SidestreamError('STREAM_NOT_FOUND', `there is no stream ${stream}`);
      const now = Date.now();
      const [from, to] = [timeOf(request.from, now), timeOf(request.to, now)];
      const step = request.step * 1000;
      if (!(from < to)) throw new SidestreamError('USAGE', 'from: must be before to');
      if ((to - from) / step > MOST_BUCKETS)
        throw new SidestreamError(
          'USAGE',
          `step: so long a time has at most ${MOST_BUCKETS} buckets: take a longer step`,
        );
      const [begin, end] = [ticksOf(from), ticksOf(to)];
      const span = { from, to, step };
      const seen =
        request.vocabulary === undefined
          ? segments.seen(stream, begin, end, step)
          : await deps.seenOf(stream, request.vocabulary, span, signal);
      const page = await events.list({ stream, from, to, limit: MOST_EVENTS });
      return {
        stream,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        recorded: stretchesOf(holdings.parts(stream, begin, end)).flatMap((part) => {
          const [first, last] = [Math.max(part.from, begin), Math.min(part.to, end)];
          return first < last ? [{ from: isoOf(first), to: isoOf(last) }] : [];
        }),
        gaps: holdings.gaps(stream, begin, end).map((gap) => ({
          ...{ from: isoOf(gap.from), to: isoOf(gap.to), reason: gap.reason },
        })),
        step,
        ...bucketsOf(seen),
        events: page.events,
      };
    },
  };
}

/** Names that are seen longest come first. */
function bucketsOf(seen: readonly SeenIn[]): Pick<TimelineView, 'names' | 'buckets'> {
  const sums = new Map<string, number>();
  for (const { name, ms } of seen) sums.set(name, (sums.get(name) ?? 0) + ms);
  const names = [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
  const places = new Map(names.map((name, i) => [name, i]));
  const buckets = new Map<number, TimelineView['buckets'][number]['seen'][number][]>();
  for (const { bucket, name, ms, share, count } of seen) {
    const list = buckets.get(bucket) ?? [];
    buckets.set(bucket, list);
    list.push({ name: places.get(name)!, seconds: ms / 1000, share, count });
  }
  const ordered = [...buckets].sort(([a], [b]) => a - b);
  return {
    names,
    buckets: ordered.map(([time, list]) => ({ time: new Date(time).toISOString(), seen: list })),
  };
}
