import type { Logger } from 'pino';
import { asSidestreamError } from '../core/errors.ts';
import { repeat } from '../jobs/housekeeping.ts';
import { whileAway } from '../queue/connection.ts';
import { clipKeys } from './description.ts';
import {
  allRecordings,
  type IndexingDeps,
  reconcile,
  reconcileRecent,
  takeRecorded,
} from './recording/indexing.ts';
import { type RetentionDeps, retain } from './recording/retention.ts';
import { noteStopped, type StoppedDeps } from './recording/stopped.ts';
import type { ClipService } from './service.ts';

/** What the server does for recordings and clips by itself, again and again: each of it may be interrupted at any time. */

export interface ClipHousekeepingDeps extends IndexingDeps, RetentionDeps, StoppedDeps {
  readonly service: ClipService;
  readonly log: Logger;
}

/** Milliseconds. */
const [TAKE, ADVANCE, STOPPED, RETAIN] = [500, 500, 2000, 10_000];
const [RECENT, CLEAN, WHOLE] = [60_000, 10 * 60_000, 6 * 3_600_000];
const [HOUR, DAY] = [3_600_000, 86_400_000];

/** Runs until `signal` is aborted. */
export async function keepClips(deps: ClipHousekeepingDeps, signal: AbortSignal): Promise<void> {
  const every = repeat(deps.log, signal);
  await Promise.all([
    every(WHOLE, 'comparing recordings with their index', () => reconcile(allRecordings, deps)),
    every(RECENT, 'looking for recordings', () => reconcileRecent(deps.segments.streams(), deps)),
    every(TAKE, 'indexing recordings', async () => {
      while (!signal.aborted && (await takeRecorded(deps).catch(whileAway(false))));
    }),
    every(ADVANCE, 'clips', () => advanceAll(deps)),
    every(STOPPED, 'streams that were stopped', () => noteStopped(deps)),
    every(RETAIN, 'retention of recordings', () => retain(deps)),
    every(CLEAN, 'cleaning clips', () => clean(deps)),
  ]);
}

/** One clip that cannot go on does not hold up the others. */
export async function advanceAll({ clips, service, log }: ClipHousekeepingDeps): Promise<void> {
  for (const record of clips.open()) {
    await service.advance(record).catch((error) => {
      const { code, message } = asSidestreamError(error);
      if (code !== 'REDIS_UNREACHABLE') log.warn({ clip: record.view.id, code }, message);
    });
  }
}

/** Clips by age, and files of clips that are not on record; young ones may still find theirs. */
export async function clean({ config, clips, service, storage }: ClipHousekeepingDeps): Promise<void> {
  const now = Date.now();
  if (config.clips.days > 0) {
    for (const { view } of clips.madeBefore(now - config.clips.days * DAY, 1000))
      await service.remove(view.id);
  }
  let last = '';
  for await (const { key, modified } of storage.list('clips/')) {
    const id = key.split('/')[1];
    if (id === last || now - modified.getTime() < HOUR) continue;
    if (!clips.get(id)) await storage.removeAll(clipKeys(id).folder);
    last = id;
  }
}
