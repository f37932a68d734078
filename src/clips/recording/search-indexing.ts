import { setImmediate as breathe } from 'node:timers/promises';
import type { Logger } from 'pino';
import { asSidestreamError } from '../../core/errors.ts';
import type { Storage } from '../../storage/storage.ts';
import { type Card, cardOf, parseCard } from './card.ts';
import type { Segments } from './segments.ts';

export interface LackingDeps {
  readonly segments: Pick<Segments, 'analysed' | 'has'>;
  readonly storage: Pick<Storage, 'read'>;
  /** Whether a segment can be searched. */
  readonly isSearchable: (stream: string, key: string) => boolean;
  readonly makeSearchable: (key: string, card: Card) => Promise<void>;
  /** Told of segments that are not there any more. */
  readonly gone: (keys: readonly string[]) => Promise<void>;
  readonly log: Logger;
}

/** Segments that are looked at before others get their turn. */
const AT_ONCE = 500;

/**
 * Segments that are known and cannot be searched: the index of the search was lost, or an older one was put in its place.
 * They are indexed from their cards, as they were at first; what rules said then was heard.
 */
export async function indexLacking(deps: LackingDeps, signal: AbortSignal): Promise<void> {
  const { segments, storage, isSearchable, makeSearchable, gone, log } = deps;
  let count = 0;
  for (let [after, more] = [0, true]; more && !signal.aborted; await breathe()) {
    const some = segments.analysed(after, AT_ONCE);
    more = some.length === AT_ONCE;
    after = some.at(-1)?.id ?? after;
    for (const { key } of some) {
      const stream = cardOf(key)?.stream;
      if (stream === undefined || isSearchable(stream, key)) continue;
      if (signal.aborted) return;
      try {
        await makeSearchable(key, parseCard(await storage.read(key)));
        // Retention may have come in between.
        if (!segments.has(key)) await gone([key]);
        if (count++ === 0)
          log.warn({ first: key }, 'the search index lacks segments: they are indexed again');
      } catch (error) {
        // Retention was faster, or the card is damaged: that is told where cards are read first.
        if (!isOwn(error)) throw error;
      }
    }
  }
  if (count > 0) log.info({ segments: count }, 'segments were indexed again for the search');
}

const isOwn = (error: unknown): boolean =>
  asSidestreamError(error).code === 'OBJECT_NOT_FOUND' ||
  error instanceof SyntaxError ||
  (error as Error).name === 'ZodError';
