import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pts } from '../src/core/time.ts';
import type { Vocabulary } from '../src/core/vocabulary.ts';
import { type JobDescription, jobKeys } from '../src/jobs/description.ts';
import { type MediaProbe, probe } from '../src/media/probe.ts';
import { thumbnail } from '../src/media/thumbnail.ts';
import { joinChunks } from '../src/pipeline/chunks/render.ts';
import type { Report } from '../src/pipeline/report.ts';
import type { Analysed } from './analyse.ts';
import { AsyncList } from './associate.ts';
import { borrowSource, type NamesFile, type PlanFile, type WorkerDeps } from './deps.ts';
import { type Rendered, renderingOf } from './render.ts';

const THUMBNAIL_HEIGHT = 360;

export interface Chunks {
  readonly analysed: readonly Analysed[];
  readonly rendered: readonly Rendered[];
}

/** Whether all results are there: the report is the last one. */
export const isJoined = async (id: string, { storage }: WorkerDeps): Promise<boolean> =>
  (await storage.stat(jobKeys(id).report)) !== undefined;

/** Makes the results whole, and clears away what was needed only on the way. */
export async function joinJob(
  description: JobDescription,
  planned: PlanFile,
  chunks: Chunks,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  const { storage, config, board } = deps;
  const { id, output, see } = description;
  const keys = jobKeys(id);
  const begun = performance.now();
  // After a crash between the last result and the end of the job, the parts may be gone already.
  if (await isJoined(id, deps)) return await storage.removeAll(keys.parts);
  const names: NamesFile = JSON.parse(String(await storage.read(keys.names, signal)));
  await using input = await borrowSource(planned.source, deps, signal);
  await using folder = await deps.scratch.folder();
  let made: MediaProbe | undefined;
  let shown = input.path;
  const video = join(folder.path, `video.${output.format}`);
  if (output.video) {
    await joinVideo(description, planned, names, { input: input.path, video }, deps, signal);
    made = { ...(await probe(video, config.ffmpeg, signal)), name: `video.${output.format}` };
    shown = video;
  }
  const middle = (planned.plan.probe.duration ?? 0) / 2;
  const picture = join(folder.path, 'thumbnail.jpg');
  const size = { seconds: middle, height: THUMBNAIL_HEIGHT };
  await thumbnail(shown, picture, size, config.ffmpeg, signal);
  // The last frame may be over before the middle of a video whose sound is longer.
  if (!(await hasBytes(picture)))
    await thumbnail(shown, picture, { ...size, seconds: 0 }, config.ffmpeg, signal);
  await storage.putFile(keys.thumbnail, picture, { move: true }, signal);
  if (output.video) await storage.putFile(keys.video(output.format), video, { move: true }, signal);

  const [state] = await board.read([id]);
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const damaged = sum(chunks.analysed.map((chunk) => chunk.damaged));
  const report: Report = {
    input: planned.plan.probe,
    ...(made ? { output: made } : {}),
    model: see.model,
    provider: chunks.analysed.find(({ provider }) => provider)?.provider ?? '',
    precision: chunks.analysed.find(({ precision }) => precision)?.precision ?? '',
    vocabulary: names.vocabulary as Vocabulary,
    frames: { decoded: names.frames, analysed: names.analysed, emitted: names.frames, dropped: [] },
    timing: {
      wall_s: state?.started === undefined ? 0 : (Date.now() - state.started) / 1000,
      decode_s: sum(chunks.analysed.map(({ decode_s }) => decode_s)),
      analyse_s: sum(chunks.analysed.map(({ analyse_s }) => analyse_s)),
      associate_s: names.associate_s,
      render_s: sum(chunks.rendered.map(({ render_s }) => render_s)),
      encode_s: (performance.now() - begun) / 1000,
    },
    regions: names.regions,
    tracks: names.tracks,
    warnings: [
      ...planned.warnings,
      ...(damaged > 0 ? [{ code: 'INPUT_DAMAGED', message: 'some frames are damaged', count: damaged }] : []),
    ],
  };
  const file = join(folder.path, 'report.json');
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  await storage.putFile(keys.report, file, { move: true }, signal);
  await storage.removeAll(keys.parts);
}

async function joinVideo(
  description: JobDescription,
  { plan }: PlanFile,
  names: NamesFile,
  { input, video }: { readonly input: string; readonly video: string },
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  const keys = jobKeys(description.id);
  await using lent = new AsyncList();
  for (const part of plan.render.keys()) await lent.add(deps.storage.borrow(keys.piece(part), signal));
  const pieces = plan.render.map(({ start, stop }, part) => ({
    path: lent.items[part].path,
    from: start ?? pts(Number.MIN_SAFE_INTEGER),
    to: stop,
    frames: names.parts[part].own,
  }));
  await joinChunks(
    { ...renderingOf(description), input, plan, pieces, output: video },
    { paths: deps.config.ffmpeg, progress: () => {} },
    signal,
  );
}

const hasBytes = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );
