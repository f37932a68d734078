import { join } from 'node:path';
import { type JobDescription, jobKeys } from '../src/jobs/description.ts';
import { nameForParts } from '../src/pipeline/chunks/associate.ts';
import { joinParts } from '../src/pipeline/parts.ts';
import type { BorrowedFile } from '../src/storage/storage.ts';
import type { NamesFile, PlanFile, WorkerDeps } from './deps.ts';
import { paintingOf } from './painting.ts';

/** The steps that see a video as a whole: regions become tracks, and tracks get names. */

export interface Associated {
  readonly analysed: number;
  readonly tracks: number;
  readonly associate_s: number;
}

/** The chunks' analyses as one, in the order of time, whoever made them. */
export async function associate(
  { id, see }: JobDescription,
  { plan }: PlanFile,
  whole: boolean,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<Associated> {
  const { storage } = deps;
  const keys = jobKeys(id);
  const begun = performance.now();
  await using lent = new AsyncList();
  for (const part of plan.analyse.keys()) await lent.add(storage.borrow(keys.analysed(part, whole), signal));
  await using folder = await deps.scratch.folder();
  const file = join(folder.path, 'file.analysis');
  const paths = lent.items.map(({ path }) => path);
  const { analysed, tracks } = await joinParts(file, paths, see.association, signal);
  await storage.putFile(keys.analysis, file, { move: true }, signal);
  return { analysed, tracks, associate_s: (performance.now() - begun) / 1000 };
}

/** Names what was seen: the masks, the panoptic file, and for every part of the video what is painted over it. */
export async function nameJob(
  description: JobDescription,
  { plan }: PlanFile,
  report: Associated | undefined,
  say: (frames: number, total: number | undefined) => void,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  const { storage, models } = deps;
  const { id, of, words, see, output } = description;
  const keys = jobKeys(id);
  const begun = performance.now();
  await using analysis = await storage.borrow(jobKeys(of ?? id).analysis, signal);
  using lent = await models.lend(see.model);
  const { model, pack, wordCache } = lent.ready;
  await using folder = await deps.scratch.folder();
  const masks = output.masks ? join(folder.path, 'masks.json') : undefined;
  const panoptic = output.panoptic ? join(folder.path, 'file.panoptic') : undefined;
  const parts = output.video
    ? plan.render.map((chunk, part) => ({ chunk, path: join(folder.path, `n${part}.named`) }))
    : [];
  const named = await nameForParts(
    {
      ...words,
      analysis: analysis.path,
      masks,
      panoptic,
      style: paintingOf(output).style,
      parts,
      name: plan.probe.name,
    },
    {
      model,
      pack: pack.manifest,
      identity: pack.identity,
      tokenizer: pack.tokenizer,
      wordCache,
      progress: (frames) => say(frames, plan.expected),
    },
    signal,
  );
  if (masks !== undefined) await storage.putFile(keys.masks, masks, { move: true }, signal);
  if (panoptic !== undefined) await storage.putFile(keys.panoptic, panoptic, { move: true }, signal);
  for (const [part, { path }] of parts.entries())
    await storage.putFile(keys.named(part), path, { move: true }, signal);
  const took = (performance.now() - begun) / 1000;
  const names: NamesFile = {
    parts: named.parts,
    frames: named.frames,
    vocabulary: named.vocabulary,
    analysed: report?.analysed ?? 0,
    tracks: report?.tracks ?? 0,
    regions: (report?.analysed ?? 0) * model.architecture.side.queries,
    associate_s: (report?.associate_s ?? 0) + took,
  };
  await storage.put(keys.names, JSON.stringify(names), signal);
  await deps.counters.add({ 'frames:name': named.frames, 'seconds:associate': names.associate_s });
}

/** Files that are given back together. */
export class AsyncList<T extends AsyncDisposable = BorrowedFile> implements AsyncDisposable {
  readonly items: T[] = [];

  async add(item: Promise<T>): Promise<void> {
    this.items.push(await item);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const item of this.items.splice(0)) await item[Symbol.asyncDispose]();
  }
}
