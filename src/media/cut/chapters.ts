import { pts } from '../../core/time.ts';
import { wallOf } from '../rtsp/clock.ts';
import type { Chapter } from './mux.ts';
import type { CutPlan } from './plan.ts';
import { TICKS } from './segment-packets.ts';

/** More would make ffmpeg's arguments too long; MP4 has room for 255. */
const MOST = 250;

/** Each piece by the time of its first picture, and gaps between them. None where there is no gap. */
export function chaptersOf({ pieces, gaps }: Pick<CutPlan, 'pieces' | 'gaps'>): Chapter[] {
  if (gaps.length === 0) return [];
  const parts = pieces.map(({ from, to, at }) => ({
    from: at / TICKS,
    to: (at + to - from) / TICKS,
    title: new Date(wallOf(pts(from))).toISOString(),
  }));
  const between = gaps.map(({ from, to, at, shown }) => {
    const seconds = (to - from) / TICKS;
    return { from: at, to: at + shown, title: `gap: ${seconds.toFixed(seconds < 10 ? 1 : 0)} s` };
  });
  return [...parts, ...between].sort((a, b) => a.from - b.from || a.to - b.to).slice(0, MOST);
}
