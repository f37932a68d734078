import { nameRegions } from '../analysis/name.ts';
import type { Classifier } from '../core/vocabulary.ts';
import type { SeenFrame } from './analyse.ts';

/** A frame whose regions have names. */
export interface NamedFrame extends SeenFrame {
  /** float32, regions × names, each in [0, 1]. */
  readonly probabilities: Float32Array;
}

/** Names the regions of every frame; frames that share their regions share their names. */
export async function* name(
  frames: AsyncIterable<SeenFrame>,
  classifier: Classifier,
  names: number,
): AsyncGenerator<NamedFrame> {
  let last: NamedFrame | undefined;
  for await (const frame of frames) {
    const probabilities: Float32Array =
      last?.regions === frame.regions ? last.probabilities : nameRegions(frame.regions, classifier, names);
    last = { ...frame, probabilities };
    yield last;
  }
}
