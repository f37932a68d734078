import type { AnalysisHeader } from '../analysis/file/format.ts';
import { openAnalysis } from '../analysis/file/reader.ts';
import type { Scene } from '../clips/rules/scene.ts';
import { ptsToSeconds } from '../core/time.ts';
import type { Classifier, Vocabulary } from '../core/vocabulary.ts';
import { decideApart } from './decide-apart.ts';
import { tellApart } from './name.ts';
import { createReplayer } from './replay.ts';
import { type ReplaySource, replayApart } from './replay-apart.ts';
import { sceneOf } from './scene.ts';
import { probeOf } from './see.ts';

interface Named {
  readonly vocabulary: Vocabulary;
  readonly classifier: Classifier;
  /** Indices of the names whose objects matter; all things if left out. */
  readonly objects?: ReadonlySet<number>;
}

/**
 * Every frame of an analysis as rules see it, with these names; of what was seen live each frame that went through the
 * model, named as live. Times count from the video's start. Throws ANALYSIS_INVALID, INPUT_NOT_FOUND.
 */
export async function* analysisScenes(
  path: string,
  named: Named,
  signal: AbortSignal,
): AsyncGenerator<Scene> {
  const { header } = await headerOf(path);
  if (header.live) {
    yield* liveScenes(path, header, named, signal);
    return;
  }
  const { vocabulary, classifier } = named;
  const { time_base: timeBase, preprocessing } = header;
  const { start } = probeOf(header);
  const whole = { path, from: undefined, to: undefined, classifier, names: vocabulary.length };
  for await (const { pts, naming } of tellApart(decideApart(whole, signal), vocabulary, timeBase)) {
    if (naming.kind !== 'points') continue;
    const seconds = ptsToSeconds(pts, timeBase) - start;
    yield sceneOf(naming, vocabulary, { seconds, size: preprocessing.input });
  }
}

async function* liveScenes(
  path: string,
  header: AnalysisHeader,
  { vocabulary, classifier, objects = thingsOf(vocabulary) }: Named,
  signal: AbortSignal,
): AsyncGenerator<Scene> {
  const { start } = probeOf(header);
  const sceneOf = createReplayer(vocabulary, objects);
  async function* whole(): AsyncGenerator<ReplaySource> {
    yield { path, from: undefined, to: undefined, [Symbol.asyncDispose]: async () => {} };
  }
  const request = { classifier, names: vocabulary.length, objects: objects.size > 0 };
  for await (const { frames, error } of replayApart(whole(), request, signal)) {
    for (const frame of frames) yield sceneOf(frame, ptsToSeconds(frame.pts, frame.timeBase) - start);
    if (error) throw error;
  }
}

const thingsOf = (vocabulary: Vocabulary): ReadonlySet<number> =>
  new Set(vocabulary.flatMap(({ isthing, other }, i) => (isthing && !other ? [i] : [])));

async function headerOf(path: string) {
  await using analysis = await openAnalysis(path);
  return { header: analysis.header };
}
