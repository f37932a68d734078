import { mixturesOf } from '../analysis/mixtures.ts';
import { roundToFloat16 } from '../core/float16.ts';
import type { Frame } from '../core/frame.ts';
import type { Model } from '../rsan/model.ts';
import type { PointRegions } from './associate.ts';

/**
 * The regions of one frame, point by point. Embeddings and queries are rounded as they are kept: whether they were kept
 * meanwhile must not matter.
 */
export async function pointRegions(
  frame: Frame,
  model: Pick<Model, 'analyse'>,
  signal: AbortSignal,
): Promise<PointRegions> {
  const { refined, count, embeddings, queries } = await model.analyse(frame, { refined: true }, signal);
  if (!refined) throw new TypeError('refined masks were asked for');
  return {
    count,
    embeddings: roundToFloat16(embeddings),
    queries: roundToFloat16(queries),
    points: mixturesOf(refined.levels, refined.width, refined.height, count),
  };
}
