import { createHash } from 'node:crypto';
import { type Evidence, joined, type Moment } from './evidence.ts';

/** What a rule says of something that it was waiting for. Times are seconds on the timeline of the source. */
export interface RuleEvent {
  readonly type: 'open' | 'update' | 'close';
  /** Hangs on the source, the rule's name and `began` alone. */
  readonly id: string;
  readonly rule: string;
  /** When this is said: of the scene that made it so, or when it had been over for long enough. */
  readonly seconds: number;
  /** When it began to hold, which may be a while before it had held for long enough. */
  readonly began: number;
  /** When it held last. */
  readonly ended?: number;
  /** Objects that took part, in the order in which they came to it; the first thousand. */
  readonly tracks: readonly number[];
  /** Labels of the vocabulary. */
  readonly names: readonly string[];
  /**
   * The moment that shows it best. `track`, `box`: of the object that shows best then; its score and its share of the
   * picture. Where no object is meant, the score is 1 and the share that of the stuff.
   */
  readonly best: {
    readonly seconds: number;
    readonly track?: number;
    readonly score: number;
    readonly share: number;
    readonly box?: readonly [number, number, number, number];
  };
  /** Why it ended, where not by itself. */
  readonly why?: string;
}

/** An event that goes on. */
export interface OpenEvent {
  readonly id: string;
  readonly began: number;
  /** When it held last. */
  readonly last: number;
  /** When anything was said of it last, and whether there is more to say. */
  readonly told: number;
  readonly more: boolean;
  readonly tracks: readonly number[];
  readonly names: readonly string[];
  readonly best: Moment;
}

export function opened(
  source: string,
  rule: string,
  began: number,
  now: number,
  evidence: Evidence,
): OpenEvent {
  const { at, tracks, names, best } = evidence;
  const text = JSON.stringify([source, rule, Math.round(began * 1000)]);
  const id = createHash('sha256').update(text).digest('hex').slice(0, 24);
  return { id, began, last: Math.max(began, at), told: now, more: false, tracks, names, best };
}

/** With what one more scene shows of it. */
export function goneOn(event: OpenEvent, evidence: Evidence): OpenEvent {
  const both = joined(event, evidence);
  const more = both.tracks !== event.tracks || both.names !== event.names || both.best !== event.best;
  return { ...event, ...both, last: Math.max(event.last, evidence.at), more: event.more || more };
}

/** What is said of it. */
export function said(
  type: RuleEvent['type'],
  rule: string,
  { id, began, last, tracks, names, best }: OpenEvent,
  seconds: number,
  why?: string,
): RuleEvent {
  const { quality: _, seconds: at, track, score, share, box } = best;
  const [across, left, down, right] = box?.map((edge) => rounded(edge, 4)) ?? [];
  return {
    ...{ type, id, rule, seconds, began },
    ...(type === 'close' && { ended: last }),
    ...{ tracks, names },
    best: {
      seconds: at,
      ...(track !== undefined && { track }),
      ...{ score: rounded(score, 3), share: rounded(share, 6) },
      ...(box && { box: [across, left, down, right] }),
    },
    ...(why !== undefined && { why }),
  };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
