import type { LoadedConfig } from '../src/config/load.ts';

/** One measured figure, for people: what, how much, what it should be, and how it was measured. */
export interface Row {
  readonly what: string;
  readonly value: string;
  /** Empty: a figure without an aim. */
  readonly aim: string;
  readonly how: string;
}

export interface BenchDeps {
  readonly settings: LoadedConfig;
  /** Where everything goes that is made; removed at the end. */
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Milliseconds of the fastest of `times` runs: the one that was least disturbed. */
export async function fastest(times: number, work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    await work();
    best = Math.min(best, performance.now() - begun);
  }
  return best;
}
