import type { Pts } from '../../core/time.ts';

/** Why a frame is not shown. */
export type DropReason = 'BACKLOG' | 'ENCODER' | 'STOPPED';

/**
 * The frame ledger of a live stream: every decoded frame is emitted, dropped for a reason, or under way; and how long that
 * takes.
 */
export interface Ledger {
  /** A packet is on its way. `hidden`: its picture will not be shown. */
  sent(pts: Pts, arrival: number, hidden: boolean): void;
  decoded(pts: Pts, hidden: boolean): void;
  analysed(milliseconds: number): void;
  /** Left the encoder, and with it all that were to come before. Gives when it came, in milliseconds since 1970. */
  emitted(pts: Pts, now: number): number | undefined;
  /** All that is under way will not come. */
  lost(reason: DropReason): void;
  /** Milliseconds that the oldest frame has been under way, and waited to be decoded; 0 where there is none. */
  age(now: number): number;
  undecoded(now: number): number;
  counts(): Counts;
  rates(now: number): {
    readonly fps: number;
    readonly analysed_fps: number;
    readonly latency_ms: Spread;
    readonly inference_ms: Spread;
  };
}

export interface Counts {
  readonly decoded: number;
  readonly analysed: number;
  readonly emitted: number;
  readonly dropped: readonly { readonly reason: DropReason; readonly count: number }[];
  readonly under_way: number;
}

export interface Spread {
  readonly median: number;
  readonly p95: number;
}

/** Milliseconds that measurements are of. */
const [WINDOW, RATE_WINDOW] = [60_000, 5000];
const MOST_SAMPLES = 10_000;

export function createLedger(): Ledger {
  const way = new Map<Pts, { readonly arrival: number; readonly hidden: boolean; decoded: boolean }>();
  const totals = { decoded: 0, analysed: 0, emitted: 0 };
  const dropped = new Map<DropReason, number>();
  const latencies = createSamples();
  const inferences = createSamples();
  const frames = createSamples();
  const drop = (reason: DropReason) => dropped.set(reason, (dropped.get(reason) ?? 0) + 1);

  return {
    sent(pts, arrival, hidden) {
      way.set(pts, { arrival, hidden, decoded: false });
    },
    decoded(pts, hidden) {
      totals.decoded++;
      frames.add(Date.now(), 0);
      const frame = way.get(pts);
      if (!frame || hidden) {
        drop('BACKLOG');
        way.delete(pts);
      } else frame.decoded = true;
    },
    analysed(milliseconds) {
      totals.analysed++;
      inferences.add(Date.now(), milliseconds);
    },
    emitted(pts, now) {
      const frame = way.get(pts);
      for (const [time, { decoded }] of way) {
        if (time >= pts) continue;
        // What was not decoded is no frame: it was damaged.
        if (decoded) drop('ENCODER');
        way.delete(time);
      }
      way.delete(pts);
      if (!frame?.decoded) return undefined;
      totals.emitted++;
      latencies.add(now, now - frame.arrival);
      return frame.arrival;
    },
    lost(reason) {
      for (const { decoded } of way.values()) if (decoded) drop(reason);
      way.clear();
    },
    age(now) {
      for (const { arrival, hidden } of way.values()) if (!hidden) return now - arrival;
      return 0;
    },
    undecoded(now) {
      for (const { arrival, decoded } of way.values()) if (!decoded) return now - arrival;
      return 0;
    },
    counts: () => ({
      ...totals,
      dropped: [...dropped].map(([reason, count]) => ({ reason, count })),
      under_way: [...way.values()].filter(({ decoded }) => decoded).length,
    }),
    rates: (now) => ({
      fps: frames.since(now - RATE_WINDOW).length / (RATE_WINDOW / 1000),
      analysed_fps: inferences.since(now - RATE_WINDOW).length / (RATE_WINDOW / 1000),
      latency_ms: spreadOf(latencies.since(now - WINDOW)),
      inference_ms: spreadOf(inferences.since(now - WINDOW)),
    }),
  };
}

/** Measurements of the last minute. */
function createSamples() {
  const samples: { readonly at: number; readonly value: number }[] = [];
  return {
    add(at: number, value: number): void {
      samples.push({ at, value });
      if (samples.length > MOST_SAMPLES) samples.splice(0, MOST_SAMPLES / 2);
    },
    since(begin: number): number[] {
      const stale = samples.findIndex(({ at }) => at >= begin - WINDOW);
      if (stale > 100) samples.splice(0, stale);
      return samples.filter(({ at }) => at >= begin).map(({ value }) => value);
    },
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const round = (value: number) => Math.round(value * 10) / 10;
  return { median: round(at(0.5)), p95: round(at(0.95)) };
}
