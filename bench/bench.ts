import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedConfig } from '../src/config/load.ts';
import { modelBench } from './model.ts';
import { pictureBench } from './picture.ts';
import { segmentBench } from './segment.ts';

/** One measured figure, for people: what, how much, what it should be, and how it was measured. */
export interface Row {
  readonly what: string;
  readonly value: string;
  /** Empty: a figure without an aim. */
  readonly aim: string;
  readonly how: string;
}

export interface BenchOptions {
  readonly parts: readonly ('picture' | 'model' | 'segment')[];
  /** Length of the clip that pictures are measured with. */
  readonly seconds: number;
}

export interface BenchDeps {
  readonly settings: LoadedConfig;
  /** Where everything goes that is made; removed at the end. */
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Measures this machine. Speeds are ratios of what the machine does without us, measured in the same run, so that they
 * mean the same on every machine.
 */
export async function bench(
  settings: LoadedConfig,
  options: BenchOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sidestream-bench-'));
  const deps = { settings, folder, say, signal };
  const rows: Row[] = [];
  try {
    if (options.parts.includes('picture')) rows.push(...(await pictureBench(deps, options.seconds)));
    if (options.parts.includes('model')) rows.push(...(await modelBench(deps)));
    if (options.parts.includes('segment')) rows.push(...(await segmentBench(deps)));
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
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
