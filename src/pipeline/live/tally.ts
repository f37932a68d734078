import { LIVE_TIME_BASE } from '../../media/rtsp/clock.ts';
import type { Seen } from '../live.ts';
import { sightingsOf } from './sightings.ts';

/** How long, how large and how often at a time a name was seen. */
export interface SeenName {
  readonly name: string;
  /** Milliseconds. */
  readonly ms: number;
  /** Largest share of the picture, 0..1, of all that has the name. */
  readonly share: number;
  /** Most objects at a time; 0 for stuff. */
  readonly count: number;
}

/** What is seen holds until the next frame, for so many ticks at most. */
const HOLDS = 2 * LIVE_TIME_BASE.den;
const TICKS_A_MS = LIVE_TIME_BASE.den / 1000;

/** Adds up what is seen in a stretch of time. Frames come in order. */
export function createTally() {
  type Sum = { ticks: number; share: number; count: number };
  const sums = new Map<string, Sum>();
  let last: { readonly pts: number; readonly names: ReadonlyMap<string, Sum> } | undefined;

  function until(time: number): void {
    if (!last) return;
    const ticks = Math.max(0, Math.min(HOLDS, time - last.pts));
    for (const [name, { share, count }] of last.names) {
      const sum = sums.get(name) ?? { ticks: 0, share: 0, count: 0 };
      sums.set(name, {
        ticks: sum.ticks + ticks,
        share: Math.max(sum.share, share),
        count: Math.max(sum.count, count),
      });
    }
    last = undefined;
  }

  return {
    add({ pts, naming, vocabulary }: Pick<Seen, 'pts' | 'naming' | 'vocabulary'>): void {
      until(pts);
      const names = new Map<string, Sum>();
      for (const { name, share, thing } of sightingsOf(naming, vocabulary, naming)) {
        const sum = names.get(name) ?? { ticks: 0, share: 0, count: 0 };
        names.set(name, { ticks: 0, share: sum.share + share, count: sum.count + (thing ? 1 : 0) });
      }
      last = { pts, names };
    },
    /** Longest first. `end`: in ticks. */
    finish(end: number): SeenName[] {
      until(end);
      return [...sums]
        .map(([name, { ticks, share, count }]) => {
          return { name, ms: Math.round(ticks / TICKS_A_MS), share: Math.min(1, share), count };
        })
        .sort((a, b) => b.ms - a.ms || b.share - a.share);
    },
  };
}
