import type { Logger } from 'pino';
import { asSidestreamError } from '../../core/errors.ts';
import { answered } from '../../queue/connection.ts';
import type { Notices } from '../../queue/notices.ts';
import type { Storage } from '../../storage/storage.ts';
import { type Card, cardOf, parseCard, recordingsOf, segmentKeys, ticksOf } from './card.ts';
import type { Segments } from './segments.ts';

/** The index of recordings follows the cards in the storage: they are the truth, whatever was lost on the way. */

export interface IndexingDeps {
  readonly segments: Segments;
  readonly storage: Storage;
  readonly notices: Notices;
  /** Told of each card that is new. */
  readonly indexed: (key: string, card: Card) => Promise<void>;
  /** Told of segments that are not there any more. */
  readonly gone: (keys: readonly string[]) => Promise<void>;
  readonly log: Logger;
}

const [AT_ONCE, HOUR] = [200, 3_600_000];

/** Takes what workers have told of. True where there may be more. */
export async function takeRecorded(deps: IndexingDeps): Promise<boolean> {
  const keys = await answered(deps.notices.read('recorded', AT_ONCE));
  for (const key of keys) await index(key, deps);
  await answered(deps.notices.done('recorded', keys.length));
  return keys.length === AT_ONCE;
}

async function index(key: string, { segments, storage, indexed, log }: IndexingDeps): Promise<void> {
  if (!cardOf(key) || segments.has(key)) return;
  let bytes: Buffer;
  try {
    bytes = await storage.read(key);
  } catch (error) {
    if (asSidestreamError(error).code === 'OBJECT_NOT_FOUND') return; // Retention was faster.
    throw error;
  }
  let card: Card;
  try {
    card = parseCard(bytes);
  } catch (error) {
    log.error({ key, err: error }, 'this is no card of a recording: it is left alone');
    return;
  }
  // What is told of a segment comes before the segment itself: done twice it changes nothing, left out it would be missed.
  await indexed(key, card);
  segments.add(key, card, bytes.length);
}

/**
 * Compares the index with what lies in the storage below `prefix`: cards that nobody told of are indexed, segments whose
 * card is gone are forgotten, and files that have had no card for an hour are removed.
 */
export async function reconcile(prefix: string, deps: IndexingDeps): Promise<void> {
  const { segments, storage, gone, log } = deps;
  const before = new Set(segments.keysBelow(prefix));
  const cards = new Set<string>();
  const others: { readonly key: string; readonly modified: Date }[] = [];
  for await (const { key, modified } of storage.list(prefix)) {
    if (cardOf(key)) cards.add(key);
    else others.push({ key, modified });
  }
  for (const key of cards) if (!before.has(key)) await index(key, deps);
  const lost = [...before].filter((key) => !cards.has(key));
  if (lost.length > 0) {
    log.warn({ segments: lost.length, first: lost[0] }, 'recorded segments are gone from the storage');
    segments.remove(lost);
    await gone(lost);
  }
  const now = Date.now();
  for (const { key, modified } of others) {
    const card = key.replace(/\.(mp4|analysis|[\d.]+\.jpg)$/, '.json');
    if (!cards.has(card) && now - modified.getTime() > HOUR) await storage.remove(key);
  }
}

/** Reconciles what was recorded of late. */
export async function reconcileRecent(streams: readonly string[], deps: IndexingDeps): Promise<void> {
  for (const stream of streams) {
    for (const back of [HOUR, 0]) {
      const { card } = segmentKeys(stream, ticksOf(Date.now() - back), 0);
      await reconcile(card.slice(0, card.lastIndexOf('/') + 1), deps);
    }
  }
}

export const allRecordings = recordingsOf('').slice(0, -1);
