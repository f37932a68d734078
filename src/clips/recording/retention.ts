import type { Logger } from 'pino';
import type { Config } from '../../config/load.ts';
import type { Storage } from '../../storage/storage.ts';
import type { StreamRecords } from '../../streams/records.ts';
import type { ClipRecords } from '../records.ts';
import { isoOf, ticksOf } from './card.ts';
import type { SegmentRow, Segments } from './segments.ts';

/** What is recorded goes by age and size, the oldest first; what a clip is yet to be cut of stays. */

export interface RetentionDeps {
  readonly config: Config;
  readonly segments: Segments;
  readonly clips: ClipRecords;
  readonly streams: Pick<StreamRecords, 'get'>;
  readonly storage: Storage;
  /** Told of segments that are removed. */
  readonly gone: (keys: readonly string[]) => Promise<void>;
  readonly log: Logger;
}

const DAY = 86_400_000;
/** Segments that are removed in one go: others get their turn in between. */
const AT_ONCE = 500;

export async function retain(deps: RetentionDeps): Promise<void> {
  const { config, segments, streams, storage, log } = deps;
  for (const stream of segments.streams()) {
    const record = streams.get(stream)?.description.record;
    const { days, max_bytes: most } = record ?? {
      days: config.record.days,
      max_bytes: config.record.stream_bytes,
    };
    if (days > 0) {
      const before = ticksOf(Date.now() - days * DAY);
      await remove(segments.endedBefore(stream, before, AT_ONCE), 'they are older than record.days', deps);
    }
    if (most > 0)
      await shrink(segments.bytes(stream) - most, 'the stream has more than record.max_bytes', stream);
  }
  if (config.record.max_bytes > 0)
    await shrink(
      segments.bytes() - config.record.max_bytes,
      'all have more than record.max_bytes',
      undefined,
    );
  const space = await storage.space();
  if (space) {
    const lacking = config.storage.reserve_bytes - space.free;
    if (lacking > 0 && !(await shrink(lacking, 'the disk is nearly full', undefined)))
      log.warn({ free: space.free }, 'the disk is nearly full, and there are no recordings that may go');
  }

  /** Removes the oldest until that many bytes are gone; false where nothing could be. */
  async function shrink(excess: number, why: string, stream: string | undefined): Promise<boolean> {
    if (excess <= 0) return true;
    let left = excess;
    const victims = free(segments.oldest(AT_ONCE, stream), deps).filter(({ bytes }) => {
      if (left <= 0) return false;
      left -= bytes;
      return true;
    });
    await remove(victims, why, deps);
    return victims.length > 0;
  }
}

/** Those that no clip waits for. */
function free(rows: readonly SegmentRow[], { clips }: RetentionDeps): SegmentRow[] {
  const wanted = clips.open().map(({ view }) => {
    return { stream: view.stream, from: ticksOf(Date.parse(view.from)), to: ticksOf(Date.parse(view.to)) };
  });
  return rows.filter(
    ({ stream, begin, end }) =>
      !wanted.some((one) => one.stream === stream && one.from < end && one.to > begin),
  );
}

async function remove(rows: readonly SegmentRow[], why: string, deps: RetentionDeps): Promise<void> {
  const { segments, storage, gone, log } = deps;
  const victims = free(rows, deps);
  if (victims.length === 0) return;
  const keys = victims.map(({ key }) => key);
  // From here on no new clip finds them. The card goes first: without it the rest is nobody's.
  segments.remove(keys);
  await gone(keys);
  const about = {
    segments: keys.length,
    from: isoOf(victims[0].begin),
    to: isoOf(victims[victims.length - 1].end),
  };
  log.info(
    { streams: [...new Set(victims.map(({ stream }) => stream))], ...about },
    `recordings removed: ${why}`,
  );
  for (const key of keys) {
    await storage.remove(key);
    for (const other of [key.replace(/json$/, 'mp4'), key.replace(/json$/, 'analysis')])
      await storage.remove(other);
  }
}
