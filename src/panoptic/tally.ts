import type { PanopticSegment, PanopticSpan, PanopticTrack, PanopticVideo } from './format.ts';

/** What the index says of a video, frame by frame. */
export interface Tally {
  /** `segments`: what has pixels in the frame, no track twice under one name; `confidence` in [0, 1], `area` in pixels. */
  add(
    pts: number,
    segments: readonly (PanopticSegment & { readonly confidence: number; readonly area: number })[],
  ): void;
  /** When the frame that was added last is over, in ticks, as far as can be told. */
  end(): number;
  finish(): { readonly tracks: PanopticTrack[]; readonly seen: PanopticSpan[][] };
}

type Written<T> = { -readonly [K in keyof T]: T[K] };

interface Track extends Written<Omit<PanopticTrack, 'score' | 'share'>> {
  /** Sum of confidence over the pixels, and the pixels. */
  sure: number;
  area: number;
  /** The largest area. */
  most: number;
}

/** Seconds that a name may be out of the picture without a gap. */
const GAP = 1;

/** `names`: how many there are. */
export function createTally(video: PanopticVideo, names: number): Tally {
  const { num, den } = video.time_base;
  const pixels = video.width * video.height;
  const gap = (GAP * den) / num;
  const tracks = new Map<string, Track>();
  const seen = Array.from({ length: names }, (): Written<PanopticSpan>[] => []);
  /** Pixels of names in the last frame. */
  let shown = new Map<number, number>();
  let last: number | undefined;
  // Where there is one frame alone.
  let length = video.frame_rate > 0 ? Math.max(1, Math.round(den / num / video.frame_rate)) : 1;

  /** The names of the last frame are in the picture until now. */
  function closeAt(pts: number): void {
    for (const name of shown.keys()) seen[name]!.at(-1)!.to = pts;
  }

  return {
    add(pts, segments) {
      if (last !== undefined) {
        closeAt(pts);
        length = pts - last;
      }
      last = pts;
      shown = new Map();
      for (const { track: id, name, identified, confidence, area } of segments) {
        const key = `${id} ${name}`;
        let track = tracks.get(key);
        if (!track) {
          const crowd = identified ? {} : { crowd: true as const };
          track = { id, name, ...crowd, first: pts, last: pts, frames: 0, sure: 0, area: 0, most: 0 };
          tracks.set(key, track);
        }
        track.last = pts;
        track.frames++;
        track.sure += confidence * area;
        track.area += area;
        track.most = Math.max(track.most, area);
        shown.set(name, (shown.get(name) ?? 0) + area);
      }
      for (const [name, area] of shown) {
        const spans = seen[name]!;
        const open = spans.at(-1);
        const share = area / pixels;
        if (open && pts - open.to < gap) open.share = Math.max(open.share, share);
        else spans.push({ from: pts, to: pts, share });
      }
    },
    end: () => (last ?? 0) + (last === undefined ? 0 : length),
    finish() {
      if (last !== undefined) closeAt(last + length);
      return {
        tracks: [...tracks.values()]
          .sort((a, b) => a.id - b.id || a.name - b.name)
          .map(({ sure, area, most, ...track }) => ({
            ...track,
            score: rounded(sure / area),
            share: rounded(most / pixels),
          })),
        seen: seen.map((spans) => spans.map((span) => ({ ...span, share: rounded(span.share) }))),
      };
    },
  };
}

const rounded = (value: number): number => Number(value.toFixed(4));
