import { join } from 'node:path';
import { containerOf, type JobDescription, jobKeys, readDescription } from '../src/jobs/description.ts';
import { renderChunk } from '../src/pipeline/chunks/render.ts';
import { spanOf, type Work } from '../src/queue/processing.ts';
import { borrowSource, type NamesFile, readPlan, type WorkerDeps } from './deps.ts';
import { paintingOf } from './painting.ts';

/** Work on `render`: the painted video of one chunk, as a piece that is joined later. */

export interface Rendered {
  readonly render_s: number;
}

export async function renderWork(
  { payload, signal, progress }: Work<'render'>,
  deps: WorkerDeps,
): Promise<Rendered> {
  const { job, part } = payload;
  const { storage, config } = deps;
  const keys = jobKeys(job);
  const description = await readDescription(job, storage, signal);
  const { plan, source } = await readPlan(job, deps, signal);
  const names: NamesFile = JSON.parse(String(await storage.read(keys.names, signal)));
  const { own, all } = names.parts[part];
  const span = spanOf('render', { label: description.kind === 'label', video: true });
  const say = (frames: number) =>
    progress({ stage: 'render', frames: Math.min(frames, own), total: names.frames, span });
  if (await storage.stat(keys.piece(part))) {
    say(own);
    return { render_s: 0 };
  }
  const begun = performance.now();
  await using input = await borrowSource(source, deps, signal);
  await using named = await storage.borrow(keys.named(part), signal);
  await using folder = await deps.scratch.folder();
  const file = join(folder.path, 'piece.nut');
  await renderChunk(
    {
      ...renderingOf(description),
      input: input.path,
      plan,
      chunk: plan.render[part],
      named: named.path,
      frames: all,
      output: file,
    },
    { paths: config.ffmpeg, progress: say },
    signal,
  );
  await storage.putFile(keys.piece(part), file, { move: true }, signal);
  const render_s = (performance.now() - begun) / 1000;
  await deps.counters.add({ 'frames:render': own, 'seconds:render': render_s });
  return { render_s };
}

/** How a job's video is painted and coded. */
export function renderingOf(description: JobDescription) {
  return {
    confined: true,
    deinterlace: description.see.deinterlace,
    container: containerOf(description),
    ...paintingOf(description.output),
  } as const;
}
