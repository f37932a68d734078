import type { SeenFrame } from './analyse.ts';

/** Where regions of neighbouring frames become tracks. Each frame stands for itself so far. */
export async function* associate(frames: AsyncIterable<SeenFrame>): AsyncGenerator<SeenFrame> {
  yield* frames;
}
