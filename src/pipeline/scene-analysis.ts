import { openAnalysis } from '../analysis/file/reader.ts';
import type { Scene } from '../clips/rules/scene.ts';
import { ptsToSeconds } from '../core/time.ts';
import type { Classifier, Vocabulary } from '../core/vocabulary.ts';
import { decideApart } from './decide-apart.ts';
import { tellApart } from './name.ts';
import { sceneOf } from './scene.ts';
import { probeOf } from './see.ts';

/**
 * Every frame of an analysis as rules see it, with these names. Times count from the video's start. Throws
 * ANALYSIS_INVALID, INPUT_NOT_FOUND.
 */
export async function* analysisScenes(
  path: string,
  { vocabulary, classifier }: { readonly vocabulary: Vocabulary; readonly classifier: Classifier },
  signal: AbortSignal,
): AsyncGenerator<Scene> {
  const { header } = await headerOf(path);
  const { time_base: timeBase, preprocessing } = header;
  const { start } = probeOf(header);
  const whole = { path, from: undefined, to: undefined, classifier, names: vocabulary.length };
  for await (const { pts, naming } of tellApart(decideApart(whole, signal), vocabulary, timeBase)) {
    if (naming.kind !== 'points') continue;
    const seconds = ptsToSeconds(pts, timeBase) - start;
    yield sceneOf(naming, vocabulary, { seconds, size: preprocessing.input });
  }
}

async function headerOf(path: string) {
  await using analysis = await openAnalysis(path);
  return { header: analysis.header };
}
