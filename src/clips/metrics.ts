import { Gauge, type Registry } from 'prom-client';
import type { StreamRecords } from '../streams/records.ts';
import { CLIP_STATES } from './clips.ts';
import { millisecondsOf, TICKS, ticksOf } from './recording/card.ts';
import type { Holdings } from './recording/holdings.ts';
import type { Segments } from './recording/segments.ts';
import type { ClipRecords } from './records.ts';

/** Metrics of recordings and clips. Labels: `stream` is the id, `name` what people call it. */

export interface PastMetricsDeps {
  readonly streams: Pick<StreamRecords, 'list'>;
  readonly segments: Pick<Segments, 'totals' | 'last'>;
  readonly holdings: Pick<Holdings, 'gaps'>;
  readonly clips: Pick<ClipRecords, 'counts' | 'bytes'>;
}

/** Streams that are told of at most. */
const MOST = 1000;
/** Milliseconds of which gaps are told. */
const HOUR = 3_600_000;

export function fillPast(registry: Registry, deps: PastMetricsDeps, now = Date.now()): void {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const labels = ['stream', 'name'];
  const kept = gauge('sidestream_recorded_segments', 'Recorded segments that are kept.', ...labels);
  const bytes = gauge('sidestream_recorded_bytes', 'Bytes of recordings that are kept.', ...labels);
  const until = gauge(
    'sidestream_recorded_until_seconds',
    'End of the newest recorded segment, seconds since 1970.',
    ...labels,
  );
  const gaps = gauge('sidestream_recording_gaps', 'Gaps of the last hour by reason.', ...labels, 'reason');
  const lacking = gauge(
    'sidestream_recording_gap_seconds',
    'Seconds of the last hour that are not recorded, by reason.',
    ...[...labels, 'reason'],
  );
  const streams = deps.streams.list().map(({ description }) => description);
  const nameOf = new Map(streams.map(({ id, name }) => [id, name]));
  for (const { stream, segments, bytes: size } of deps.segments.totals().slice(0, MOST)) {
    // Of streams that were removed, the recordings stay until their time is over.
    if (size === 0 && !nameOf.has(stream)) continue;
    const who = { stream, name: nameOf.get(stream) ?? '' };
    kept.set(who, segments);
    bytes.set(who, size);
  }
  for (const { id: stream, name } of streams.filter(({ record }) => record).slice(0, MOST)) {
    const who = { stream, name };
    const last = deps.segments.last(stream);
    if (last) until.set(who, millisecondsOf(last.end) / 1000);
    for (const { from, to, reason } of deps.holdings.gaps(stream, ticksOf(now - HOUR), ticksOf(now))) {
      gaps.inc({ ...who, reason });
      lacking.inc({ ...who, reason }, (to - from) / TICKS);
    }
  }
  const clips = gauge('sidestream_clips', 'Clips on record by state.', 'state');
  const counts = deps.clips.counts();
  for (const state of CLIP_STATES) clips.set({ state }, counts[state] ?? 0);
  gauge('sidestream_clips_bytes', 'Bytes of clips.').set(deps.clips.bytes());
}
