import { surenessOf } from '../analysis/steady.ts';
import type { Scene } from '../clips/rules/scene.ts';
import type { Mixtures } from '../core/frame.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { ReplayedFrame } from './replay-apart.ts';
import { sceneOf } from './scene.ts';
import { createSegmenter, type Labelled } from './segments.ts';

/**
 * What was seen live as rules saw it then, or would have seen it with these names: frame by frame, with nothing looked
 * ahead, and only frames that went through the model. Gives the scene of the next frame; `seconds`: its time.
 *
 * `objects`: indices of the names whose objects somebody asks for. All things are followed, since ids hang on all of them;
 * but what is not asked for is not measured, and where nothing is asked for nothing is followed.
 */
export function createReplayer(
  vocabulary: Vocabulary,
  objects: ReadonlySet<number>,
): (frame: ReplayedFrame, seconds: number) => Scene {
  const segmenter = createSegmenter<Labelled & { readonly points: Mixtures }>(vocabulary, true);
  let index = 0;
  return ({ seconds, width, height, labels, details }, now) => {
    const about = { seconds: now, size: { width, height } };
    const plain = { kind: 'points', width, height, labels } as const;
    if (objects.size === 0 || !details)
      return sceneOf({ ...plain, segments: [], pieces: labels }, vocabulary, about);
    const { points, seeds, candidates } = details;
    const [{ pieces, map }] = segmenter.push({ points, seeds, index: index++, seconds, labels });
    const wanted = Uint8Array.from(pieces, ({ name, identified }) => Number(identified && objects.has(name)));
    if (!wanted.includes(1)) return sceneOf({ ...plain, segments: [], pieces: map }, vocabulary, about);
    const { codes } = points;
    const { confidence, margin } = surenessOf(labels, map, pieces.length, codes, candidates, wanted);
    const segments = pieces.map(({ name, track }, i) => {
      return { name, track, identified: wanted[i] === 1, confidence: confidence[i], margin: margin[i] };
    });
    return sceneOf({ ...plain, segments, pieces: map }, vocabulary, about);
  };
}
