import { redact } from '../core/redact.ts';
import type { StreamReport, StreamSituation } from '../queue/stream-board.ts';
import type { StreamRecord } from './records.ts';
import type { Fault, StreamState, StreamView } from './streams.ts';

/** How a stream stands, from what is on record and what its worker says. */

/** Milliseconds without a report after which a stream counts as held by nobody. */
const SILENT = 15_000;

/** What whoever holds the stream says of it; undefined where nobody does. */
export function heldBy(
  situation: StreamSituation | undefined,
  now = Date.now(),
): (StreamReport & { readonly worker: string }) | undefined {
  const { worker, report, reported } = situation ?? {};
  if (worker === undefined || !report || reported === undefined || now - reported > SILENT) return undefined;
  return { ...report, worker };
}

/** `unknown`: why there is no telling, where Redis is away. */
export function viewOf(
  { description, wish, wished, created, updated, shown }: StreamRecord,
  situation: StreamSituation | undefined,
  unknown?: Fault,
): StreamView {
  const {
    id,
    name,
    transport,
    track,
    words,
    model,
    policy,
    between,
    record = null,
    rules = null,
    revision,
  } = description;
  const held = heldBy(situation);
  const state = stateOf(wish, held);
  return {
    id,
    name,
    url: shown.url,
    transport,
    track,
    wish,
    state,
    reason: state === 'stopped' ? undefined : tidy(unknown ?? held?.reason ?? refusalOf(held, revision)),
    since: iso(sinceOf(state, wished, situation, held !== undefined)),
    vocabulary: words.names.map(([first]) => first),
    words: words.names,
    model,
    policy,
    between,
    record,
    rules,
    metadata: shown.metadata,
    revision,
    applied: held?.applied,
    created_at: iso(created),
    updated_at: iso(updated),
    worker: held?.worker,
    stats: held?.stats,
  };
}

/** Why this revision was refused, if it was. */
export const refusalOf = (held: StreamReport | undefined, revision: number): Fault | undefined =>
  held?.refused?.revision === revision ? held.refused.fault : undefined;

function stateOf(wish: StreamRecord['wish'], held: StreamReport | undefined): StreamState {
  if (wish === 'stopped') return 'stopped';
  if (!held || held.state === 'stopped') return 'starting';
  return wish === 'paused' && held.state !== 'paused' ? 'starting' : held.state;
}

function sinceOf(
  state: StreamState,
  wished: number,
  situation: StreamSituation | undefined,
  held: boolean,
): number {
  if (!situation || state === 'stopped') return wished;
  const { since = wished, reported } = situation;
  if (held) return state === 'starting' ? Math.max(since, wished) : since;
  return Math.max(wished, reported ?? since);
}

const tidy = (fault: Fault | undefined): Fault | undefined =>
  fault && { code: fault.code, message: redact(fault.message) };

const iso = (time: number): string => new Date(time).toISOString();
