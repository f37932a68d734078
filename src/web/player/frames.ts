import type { Panoptic } from '../../panoptic/reader.ts';

/**
 * The time, in the player's seconds, at which a frame some frames away from the one at `now` is shown; its middle, so that
 * rounding falls on neither neighbour. Undefined beyond the first and the last one.
 */
export async function timeOfStep(
  panoptic: Panoptic,
  now: number,
  frames: number,
): Promise<number | undefined> {
  const { video, chunks, frames: count } = panoptic.index;
  const here = await panoptic.frameAt(now + video.start);
  if (!here) return undefined;
  const wanted = here.index + frames;
  if (wanted < 0 || wanted >= count) return undefined;
  const place = chunks.findIndex((chunk) => wanted < chunk.frame + chunk.frames);
  const chunk = chunks[place];
  if (!chunk) return undefined;
  const all = await panoptic.frames(place);
  const frame = all[wanted - chunk.frame];
  if (!frame) return undefined;
  const next = all[wanted - chunk.frame + 1]?.pts ?? chunk.to;
  const second = ({ num, den }: { num: number; den: number }, ticks: number) => (ticks * num) / den;
  return second(video.time_base, (frame.pts + next) / 2) - video.start;
}
