import type { Clip } from '../api/client.ts';

/** Seconds of a clip, and what the camera's clock showed then. Gaps are shown for a moment each. Pure. */

type Timed = Pick<Clip, 'first' | 'from' | 'gaps'>;
type ClipGap = Clip['gaps'][number];

const begin = ({ first, from }: Timed): number => Date.parse(first ?? from);

/** Milliseconds since 1970. Within a gap: its beginning. */
export function cameraTimeOf(clip: Timed, second: number): number {
  let [time, at] = [begin(clip), 0];
  for (const gap of clip.gaps) {
    if (second < gap.at) break;
    if (second < gap.at + gap.shown) return Date.parse(gap.from);
    time = Date.parse(gap.to);
    at = gap.at + gap.shown;
  }
  return time + Math.max(0, second - at) * 1000;
}

/** The gap that is shown at a second. */
export const gapAt = ({ gaps }: Pick<Clip, 'gaps'>, second: number): ClipGap | undefined =>
  gaps.find(({ at, shown }) => second >= at && second < at + shown);
