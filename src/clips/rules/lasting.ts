import { type Evidence, joined, type Moment } from './evidence.ts';

/** Seconds by which times may be off, from rounding. */
const HAIR = 1e-4;

/** Whether so many seconds have passed. */
export const lasted = (from: number, to: number, seconds: number): boolean => to - from > seconds - HAIR;

/** For how long something has held; for less than `patience` it may not have. */
export interface Run {
  /** When it came to hold, and when what it is made of began. */
  readonly since: number;
  readonly began: number;
  /** When it held last. */
  readonly last: number;
  /** Who took part, and when it showed best. */
  readonly tracks: readonly number[];
  readonly names: readonly string[];
  readonly best: Moment;
}

export interface Lasting {
  /** The evidence of what has held for long enough. */
  after(evidence: Evidence | undefined, now: number, patience: number): Evidence | undefined;
  /** Whether it goes on if it holds now. */
  goesOn(now: number, patience: number): boolean;
  run(): Run | null;
}

/** `seconds`: for how long something must hold. */
export function createLasting(seconds: number, from: Run | null = null): Lasting {
  let run = from;
  const goesOn = (now: number, patience: number) => run !== null && !lasted(run.last, now, patience);
  return {
    goesOn,
    after(evidence, now, patience) {
      if (!evidence) return undefined;
      const { at } = evidence;
      if (run && goesOn(at, patience))
        run = { ...run, ...joined(run, evidence), last: Math.max(run.last, at) };
      else {
        const { began, tracks, names, best } = evidence;
        run = { since: now, began, last: at, tracks, names, best };
      }
      return seconds === 0 || lasted(run.since, run.last, seconds) ? { ...run, at } : undefined;
    },
    run: () => run,
  };
}
