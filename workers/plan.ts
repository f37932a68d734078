import { join } from 'node:path';
import type { JobDescription } from '../src/jobs/description.ts';
import { jobKeys } from '../src/jobs/description.ts';
import { runOut } from '../src/media/chunk-argv.ts';
import { checkEncoding } from '../src/media/encode.ts';
import { download } from '../src/net/download.ts';
import { headerOf } from '../src/pipeline/analysis-file.ts';
import { readingOf } from '../src/pipeline/chunks/analyse.ts';
import { planVideo } from '../src/pipeline/chunks/plan.ts';
import { windowSize } from '../src/pipeline/cluster.ts';
import { seenSize } from '../src/pipeline/see.ts';
import { borrowSource, type PlanFile, readPlan, type WorkerDeps } from './deps.ts';
import { renderingOf } from './render.ts';

/** Milliseconds without a byte, and tries, before a download is given up. */
const FETCH = { timeoutMs: 30_000, attempts: 6 };

/** Fetches the video where it has to be fetched, looks into it and says how it is cut: `plan.json`. */
export async function planJob(
  description: JobDescription,
  whole: boolean,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<PlanFile> {
  const { storage, models, config } = deps;
  const { id, see, input, kind, of } = description;
  const keys = jobKeys(id);
  // New words are for a video that was planned before.
  const before = of === undefined ? undefined : await readPlan(of, deps, signal);
  const source = before?.source ?? (await sourceOf(description, deps, signal));
  await using file = await borrowSource(source, deps, signal);
  using lent = await models.lend(see.model);
  const { model, pack } = lent.ready;
  const request = {
    shortSide: see.short_side ?? undefined,
    every: see.every,
    span: {},
    deinterlace: see.deinterlace,
  };
  const { container, encoder } = renderingOf(description);
  const uncut = whole || (before?.whole ?? false);
  const made = await planVideo(
    {
      ...request,
      input: file.path,
      confined: true,
      association: see.association,
      chunkSeconds: config.jobs.chunk_seconds,
      runOut: runOut({ settings: encoder }),
      maxPixels: config.jobs.max_pixels,
      whole: uncut,
    },
    {
      paths: config.ffmpeg,
      window: (probe) => {
        const { width, height } = seenSize(probe, { ...request, input: file.path }, pack.manifest);
        return windowSize(model.architecture, width, height);
      },
    },
    signal,
  );
  // Results tell of the video by the name that its owner knows.
  const plan = { ...made, probe: { ...made.probe, name: input.name } };
  const reading = await readingOf(
    { input: file.path, confined: true, plan, deinterlace: see.deinterlace },
    config.ffmpeg,
    signal,
  );
  const warnings = description.output.video
    ? await checkEncoding({ ...reading, container, settings: encoder }, { paths: config.ffmpeg }, signal)
    : [];
  const header =
    kind === 'label'
      ? {}
      : {
          header: await headerOf(
            { ...request, input: file.path },
            { probe: plan.probe, reading },
            { model, pack: pack.manifest, identity: pack.identity, program: deps.program },
            null,
          ),
        };
  const planned: PlanFile = { plan, source, ...header, whole: uncut, warnings };
  await storage.put(keys.plan, JSON.stringify(planned), signal);
  return planned;
}

/** Where the video lies: what is at an address is fetched into the storage first, once. */
async function sourceOf(
  { id, input }: JobDescription,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<PlanFile['source']> {
  if (input.kind !== 'url') return input;
  const { storage, config, guard } = deps;
  const key = jobKeys(id).source;
  if (!(await storage.stat(key))) {
    await using folder = await deps.scratch.folder();
    const file = join(folder.path, 'source');
    await download(input.url, file, { ...FETCH, maxBytes: config.jobs.max_bytes }, guard, signal);
    await storage.putFile(key, file, { move: true }, signal);
  }
  return { kind: 'object', key, name: input.name };
}
