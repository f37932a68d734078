import type { Logger } from 'pino';
import { answered, whileAway } from '../../queue/connection.ts';
import type { StreamBoard } from '../../queue/stream-board.ts';
import type { Storage } from '../../storage/storage.ts';
import type { StreamRecords } from '../../streams/records.ts';
import { heldBy } from '../../streams/view.ts';
import { type Card, segmentKeys, ticksOf } from './card.ts';
import { LEAST_GAP } from './coverage.ts';
import type { Holdings } from './holdings.ts';
import type { Segments } from './segments.ts';

export interface StoppedDeps {
  readonly streams: Pick<StreamRecords, 'get'>;
  readonly segments: Segments;
  readonly holdings: Pick<Holdings, 'endedBy'>;
  readonly board: Pick<StreamBoard, 'read'>;
  readonly storage: Storage;
  readonly log: Logger;
}

/**
 * A stream that was stopped says so by the last words of who held it. Where that one was killed before, or had given the
 * stream back, the server says it, so that a month without recordings is not told to be a fault.
 */
export async function noteStopped({
  streams,
  segments,
  holdings,
  board,
  storage,
  log,
}: StoppedDeps): Promise<void> {
  for (const stream of segments.streams()) {
    const record = streams.get(stream);
    if (record?.wish !== 'stopped') continue;
    const said = holdings.endedBy(stream);
    if (said?.reason === 'STOPPED') continue;
    const situations = await answered(board.read([stream])).catch(whileAway(undefined));
    if (!situations || heldBy(situations[0])) continue;
    const end = segments.last(stream)?.end ?? 0;
    const from = Math.max(ticksOf(record.wished), end, said?.from ?? 0);
    const isLost = !said && end > 0 && from - end > LEAST_GAP;
    const card: Card = {
      ...{ version: 1, stream, token: 0, begin: from, end: from, video: null, analysis: null },
      ...{ names: [], runs: null, events: [] },
      missing: [
        ...(isLost ? [{ from: end, to: from, reason: 'WORKER_LOST' }] : []),
        { from, to: from, reason: 'STOPPED' },
      ],
    };
    const key = segmentKeys(stream, from, 0).card;
    const bytes = Buffer.from(JSON.stringify(card));
    await storage.put(key, bytes);
    segments.add(key, card, bytes.length);
    log.info({ stream }, 'stopped while nobody held it: its recordings say so now');
  }
}
