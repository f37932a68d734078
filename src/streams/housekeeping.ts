import type { Logger } from 'pino';
import { repeat } from '../jobs/housekeeping.ts';
import { sweepAsked } from '../queue/asking.ts';
import { answered } from '../queue/connection.ts';
import type { Queues } from '../queue/queues.ts';
import type { StreamBoard, StreamSituation } from '../queue/stream-board.ts';
import type { Storage } from '../storage/storage.ts';
import { streamKeys } from './description.ts';
import type { StreamRecords } from './records.ts';
import { tell } from './service.ts';
import { heldBy } from './view.ts';

/** What the server does for streams by itself, again and again. */

export interface StreamHousekeepingDeps {
  readonly records: StreamRecords;
  readonly storage: Storage;
  readonly board: StreamBoard;
  readonly queues: Queues;
  readonly log: Logger;
}

/** Milliseconds between two looks at the boards, and at what lies about in the storage. */
const [LOOK, SWEEP] = [2000, 10 * 60_000];
const HOUR = 3_600_000;

/** Runs until `signal` is aborted. */
export async function keepStreams(deps: StreamHousekeepingDeps, signal: AbortSignal): Promise<void> {
  const every = repeat(deps.log, signal);
  await Promise.all([
    every(LOOK, 'looking after streams', () => lookAfterStreams(deps)),
    every(SWEEP, 'clearing away after streams', () => sweepStreams(deps)),
    every(SWEEP, 'clearing away after questions', () => sweepAsked(deps.storage)),
  ]);
}

/** The boards follow the records, also where Redis has lost them; what is to go on is in the queue. */
export async function lookAfterStreams(deps: StreamHousekeepingDeps): Promise<void> {
  const { records, board, queues, log } = deps;
  const all = records.list().map(({ description }) => description.id);
  const situations = await answered(board.read(all));
  for (const [i, id] of all.entries()) {
    const record = records.get(id);
    if (!record) continue;
    const situation = situations[i];
    const { revision } = record.description;
    const known = situation !== undefined && situation.revision >= revision;
    if (record.wish === 'stopped') {
      if (situation && !known) await answered(board.want(id, revision, 'stopped'));
      continue;
    }
    if (known && heldBy(situation)) continue;
    const entry = await answered(queues.stateOf('live', id));
    const lost = /^(unknown|failed|completed)$/.test(entry);
    if (known && !lost) continue;
    if (!situation) log.warn({ stream: id }, 'begun again: Redis had lost it');
    // One that has ended would stand in the way of the new one.
    if (lost && entry !== 'unknown') await answered(queues.remove('live', id));
    const now = records.get(id);
    if (now) await tell(now, deps);
  }
}

/** Removes what lies in the storage for nobody: descriptions and states of the past, and streams that are gone. */
export async function sweepStreams({ records, storage, board }: StreamHousekeepingDeps): Promise<void> {
  const now = Date.now();
  const situations = new Map<string, StreamSituation | undefined>();
  for await (const { key, modified } of storage.list('streams/')) {
    const [, id, file = ''] = key.split('/');
    if (!records.get(id)) {
      // A young one may still find its record.
      if (now - modified.getTime() > HOUR) await storage.removeAll(streamKeys(id).folder);
      continue;
    }
    if (!situations.has(id)) situations.set(id, (await answered(board.read([id])))[0]);
    if (isPast(file, key, situations.get(id))) await storage.remove(key);
  }
}

function isPast(file: string, key: string, situation: StreamSituation | undefined): boolean {
  const held = heldBy(situation);
  if (!situation || !held) return false;
  const [, revision] = /^stream-(\d+)\.json$/.exec(file) ?? [];
  if (revision !== undefined) return Number(revision) < held.applied;
  const [, token] = /^(?:state|rules)-(\d+)[-.]/.exec(file) ?? [];
  return token !== undefined && Number(token) < situation.token && key !== situation.saved;
}
