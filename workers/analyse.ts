import { join } from 'node:path';
import { jobKeys, readDescription } from '../src/jobs/description.ts';
import { analyseChunk } from '../src/pipeline/chunks/analyse.ts';
import { spanOf, type Work } from '../src/queue/processing.ts';
import { borrowSource, readPlan, type WorkerDeps } from './deps.ts';

/** Work on `analyse`: the regions of one chunk, as a file of its own. */

export interface Analysed {
  /** False: the video must not be cut. */
  readonly fits: boolean;
  readonly decode_s: number;
  readonly analyse_s: number;
  readonly damaged: number;
  readonly provider: string;
  readonly precision: string;
}

export async function analyseWork(
  { payload, signal, progress }: Work<'analyse'>,
  deps: WorkerDeps,
): Promise<Analysed> {
  const { job, part, whole } = payload;
  const { storage, config } = deps;
  const key = jobKeys(job).analysed(part, whole);
  const description = await readDescription(job, storage, signal);
  const { see, output } = description;
  const { plan, source, header } = await readPlan(job, deps, signal);
  if (!header) throw new TypeError(`job ${job} has no analysis of its own`);
  const chunk = plan.analyse[part];
  const span = spanOf('analyse', { label: false, video: output.video });
  const say = (frames: number) => progress({ stage: 'analyse', frames, total: plan.expected, span });
  // Whoever did this before has done it all: files get their names when they are whole.
  if (await storage.stat(key)) {
    say(chunk.excerpt ? chunk.to - chunk.from : (plan.expected ?? 0));
    return { fits: true, decode_s: 0, analyse_s: 0, damaged: 0, provider: '', precision: '' };
  }
  using lent = await lendPinned(job, see.model, deps);
  await using input = await borrowSource(source, deps, signal);
  await using folder = await deps.scratch.folder();
  const file = join(folder.path, 'part.analysis');
  const { model, pack } = lent.ready;
  const report = await analyseChunk(
    {
      input: input.path,
      confined: true,
      plan,
      chunk,
      header: { ...header, model: { ...header.model, precision: model.precision } },
      deinterlace: see.deinterlace,
      every: see.every,
      association: see.association,
      output: file,
    },
    // Frames that are decoded for a neighbour's sake are not counted twice.
    {
      paths: config.ffmpeg,
      model,
      pack: pack.manifest,
      progress: (n) => say(Math.min(n, chunk.to - chunk.from)),
    },
    signal,
  );
  if (report.fits) await storage.putFile(key, file, { move: true }, signal);
  const { fits, decoded, decode_s, analyse_s, warnings } = report;
  await deps.counters.add({
    'frames:analyse': decoded,
    'seconds:decode': decode_s,
    'seconds:analyse': analyse_s,
  });
  const damaged = warnings.reduce((sum, { count }) => sum + count, 0);
  return { fits, decode_s, analyse_s, damaged, provider: model.provider, precision: model.precision };
}

/** The model, in the precision that the first chunk of a job had: all must be of one. */
async function lendPinned(id: string, name: string, { models, board }: WorkerDeps) {
  const first = await models.lend(name);
  const { precision } = first.ready.model;
  const pinned = await board.pin(id, 'precision', precision);
  if (pinned === precision) return first;
  first[Symbol.dispose]();
  return await models.lend(name, pinned);
}
