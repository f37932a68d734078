import { realpath } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { AnalysisHeader } from '../src/analysis/file/format.ts';
import type { Config } from '../src/config/load.ts';
import { SidestreamError } from '../src/core/errors.ts';
import { jobKeys, type Location } from '../src/jobs/description.ts';
import type { Warning } from '../src/media/decode.ts';
import type { Guard } from '../src/net/address-guard.ts';
import type { VideoPlan } from '../src/pipeline/chunks/plan.ts';
import type { Board } from '../src/queue/board.ts';
import type { Counters } from '../src/queue/counters.ts';
import type { Notices } from '../src/queue/notices.ts';
import type { Queues } from '../src/queue/queues.ts';
import type { Storage } from '../src/storage/storage.ts';
import type { Models } from './models.ts';
import type { Scratch } from './scratch.ts';

/** What every kind of work needs. */
export interface WorkerDeps {
  readonly config: Config;
  readonly program: string;
  readonly storage: Storage;
  readonly board: Board;
  readonly queues: Queues;
  readonly counters: Counters;
  readonly notices: Notices;
  readonly models: Models;
  readonly scratch: Scratch;
  readonly guard: Guard;
  readonly log: Logger;
}

/** How the video of a job is worked on; `plan.json`. */
export interface PlanFile {
  readonly plan: VideoPlan;
  /** Where the video lies: a fetched one is an object. */
  readonly source: Exclude<Location, { kind: 'url' }>;
  /** Of the analysis, but for the precision; absent where the analysis is another job's. */
  readonly header?: AnalysisHeader;
  readonly whole: boolean;
  readonly warnings: readonly Warning[];
}

/** What naming says to those who paint; `names.json`. */
export interface NamesFile {
  readonly parts: readonly { readonly own: number; readonly all: number }[];
  readonly frames: number;
  readonly analysed: number;
  readonly tracks: number;
  /** Mask proposals in all. */
  readonly regions: number;
  readonly vocabulary: readonly unknown[];
  readonly associate_s: number;
}

export async function readPlan(id: string, { storage }: WorkerDeps, signal: AbortSignal): Promise<PlanFile> {
  return JSON.parse(String(await storage.read(jobKeys(id).plan, signal)));
}

/** The video as a local file. */
export async function borrowSource(
  source: PlanFile['source'],
  { storage }: WorkerDeps,
  signal: AbortSignal,
): Promise<{ readonly path: string } & AsyncDisposable> {
  if (source.kind === 'object') return await storage.borrow(source.key, signal);
  // It was the file's real path when the job was taken on; a link that was put there since leads elsewhere.
  const real = await realpath(source.path).catch(() => undefined);
  if (real === undefined)
    throw new SidestreamError('INPUT_NOT_FOUND', `${source.name} is not there: check the path`);
  if (real !== source.path)
    throw new SidestreamError('INPUT_UNREADABLE', `${source.name} has become a link: give the file`);
  return { path: source.path, [Symbol.asyncDispose]: async () => {} };
}
