import type { Frame, FrameRegions } from '../core/frame.ts';
import type { Pts } from '../core/time.ts';

/** A frame with the newest regions at its time: its own, or those of the last analysed frame before it. */
export interface SeenFrame<Regions extends Indexed = FrameRegions> {
  readonly index: number;
  readonly pts: Pts;
  readonly regions: Regions;
}

/** Regions know the frame that they were computed for. */
interface Indexed {
  readonly index: number;
}

export interface AnalyseDeps<Regions extends Indexed> {
  /** One frame's regions; the frame is handed over. */
  readonly analyse: (frame: Frame, signal: AbortSignal) => Promise<Regions>;
  /** Frames worked on at the same time. */
  readonly concurrency: number;
}

/** True where the regions were computed for this very frame. */
export const isAnalysed = (seen: SeenFrame<Indexed>): boolean => seen.regions.index === seen.index;

/**
 * Every frame with its regions, in order. Only each `every`-th frame goes through the model, and none that is equal to
 * the last one that did, byte for byte: its regions would be the same.
 * At most `concurrency` frames are in the model, and few results wait to be taken: that bounds memory.
 */
export async function* analyse<Regions extends Indexed>(
  frames: AsyncIterable<Frame>,
  every: number,
  { analyse, concurrency }: AnalyseDeps<Regions>,
  signal: AbortSignal,
): AsyncGenerator<SeenFrame<Regions>> {
  const ahead: Promise<SeenFrame<Regions>>[] = [];
  let newest: { pixels: Buffer; regions: Promise<Regions> } | undefined;
  let running = 0;
  for await (const frame of frames) {
    signal.throwIfAborted();
    const { index, pts } = frame;
    if (!newest || (index % every === 0 && !newest.pixels.equals(frame.data))) {
      newest = { pixels: Buffer.from(frame.data), regions: analyse(frame, signal) };
      running++;
    }
    const seen = newest.regions.then((regions) => ({ index, pts, regions }));
    seen.catch(() => {}); // Awaited below, in its turn; until then a failure is not an unhandled one.
    ahead.push(seen);
    while (running > concurrency || ahead.length > concurrency * every) {
      const next = await ahead.shift()!;
      if (isAnalysed(next)) running--;
      yield next;
    }
  }
  for (const seen of ahead) yield await seen;
}
