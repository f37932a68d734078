import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedConfig } from '../src/config/load.ts';
import { associateBench } from './associate.ts';
import { labelBench } from './label.ts';
import type { Row } from './measure.ts';
import { modelBench } from './model.ts';
import { pictureBench } from './picture.ts';
import { segmentBench } from './segment.ts';

export interface BenchOptions {
  readonly parts: readonly ('picture' | 'model' | 'associate' | 'label' | 'segment')[];
  /** Length of the clip that pictures are measured with. */
  readonly seconds: number;
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
    if (options.parts.includes('associate')) rows.push(...(await associateBench(deps)));
    if (options.parts.includes('label')) rows.push(...(await labelBench(deps)));
    if (options.parts.includes('segment')) rows.push(...(await segmentBench(deps)));
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
}
