import type { PanopticIndex } from '../../panoptic/format.ts';

/** When a name is in sight, in the player's seconds. */
export interface Seen {
  readonly name: PanopticIndex['names'][number];
  readonly spans: readonly { readonly from: number; readonly to: number; readonly share: number }[];
  /** Seconds in all. */
  readonly seconds: number;
  /** How many things of it there are in the video; undefined for stuff. */
  readonly things: number | undefined;
}

/** The names that were asked for, what is seen longest first. */
export function seenIn({ names, seen, tracks, video }: PanopticIndex): Seen[] {
  const second = (ticks: number) => (ticks * video.time_base.num) / video.time_base.den - video.start;
  return names
    .map((name, place): Seen => {
      const spans = (seen[place] ?? []).map(({ from, to, share }) => ({
        from: second(from),
        to: second(to),
        share,
      }));
      return {
        name,
        spans,
        seconds: spans.reduce((sum, { from, to }) => sum + to - from, 0),
        things: name.isthing
          ? tracks.filter((track) => track.name === place && !track.crowd).length
          : undefined,
      };
    })
    .filter(({ name }) => !name.other)
    .sort((a, b) => b.seconds - a.seconds || a.name.name.localeCompare(b.name.name));
}

/** Where it is in sight next, or before; undefined where it is not. A second of grace backwards, as players have it. */
export function appearance(
  { spans }: Pick<Seen, 'spans'>,
  now: number,
  direction: 1 | -1,
): number | undefined {
  if (direction > 0) return spans.find(({ from }) => from > now + 0.001)?.from;
  return spans.findLast(({ from }) => from < now - 1)?.from;
}
