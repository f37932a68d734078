import { describe, expect, it } from 'vitest';
import { pts, seconds } from '../../../src/core/time.ts';
import type { MediaProbe } from '../../../src/media/probe.ts';
import { cutVideo } from '../../../src/pipeline/chunks/plan.ts';
import { media, video } from '../media/videos.ts';

const WINDOW = { frames: 16, overlap: 4 };
const request = {
  every: 1,
  association: 'online',
  deinterlace: false,
  chunkSeconds: 10,
  runOut: 18,
} as const;

/** Frames at 25 a second with a key frame each second, in milliseconds. */
function times(length: number, start = 0) {
  const frames = Array.from({ length: length * 25 }, (_, i) => pts(start + i * 40));
  return { frames, keys: frames.filter((_, i) => i % 25 === 0) };
}
const source = (container = 'mov,mp4', start = 0): MediaProbe =>
  media({
    container,
    start: seconds(start),
    video: video({ timeBase: { num: 1, den: 1000 }, start: pts(start * 1000) }),
  });

describe.each(['online', 'clustered'] as const)('chunks, %s', (association) => {
  it.each([1, 5, 30, 61, 600])('of %d s have every frame once', (length) => {
    const { frames } = times(length);
    const plan = cutVideo(source(), times(length), { ...request, association }, WINDOW);
    expect(plan.frames).toBe(frames.length);
    for (const chunks of [plan.analyse, plan.render]) {
      let next = 0;
      for (const { from, to } of chunks) {
        expect(from).toBe(next);
        next = to ?? 0;
      }
      expect(next).toBe(frames.length);
    }
    for (const { first, end, excerpt } of plan.analyse) {
      expect([excerpt?.from, excerpt?.to]).toEqual(
        excerpt ? [frames[first], frames[end]] : [undefined, undefined],
      );
    }
    // It goes to others as JSON, which has no undefined and no Infinity.
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

describe('a plan', () => {
  it('cuts short videos finer, and long ones into so many chunks at most', () => {
    const count = (length: number) => cutVideo(source(), times(length), request, WINDOW).analyse.length;
    expect([3, 8, 30, 60, 120, 600].map(count)).toEqual([1, 2, 7, 12, 12, 60]);
    const fast = { ...request, chunkSeconds: 1 };
    expect(cutVideo(source(), times(900), fast, WINDOW).analyse).toHaveLength(500);
  });

  it('paints from key frame to key frame, every ten seconds, and some frames on', () => {
    const { render } = cutVideo(source(), times(25), request, WINDOW);
    expect(render.map(({ from, to, end, keys }) => [from, to, end, keys])).toEqual([
      [0, 250, 268, [0, 250]],
      [250, 500, 518, [250, 500]],
      [500, 625, 625, [500]],
    ]);
    expect(render.map(({ start, stop }) => [start, stop])).toEqual([
      [0, 10_000],
      [10_000, 20_000],
      [20_000, undefined],
    ]);
  });

  it('leaps to a key frame one earlier than it needs, counted from the start of the file', () => {
    const seeks = (container: string) =>
      cutVideo(source(container, 5), times(25, 5000), request, WINDOW).render.map(
        ({ excerpt }) => excerpt?.seek,
      );
    expect(seeks('mov,mp4')).toEqual([undefined, 9, 19]);
    // Without an index ffmpeg may end up too late.
    expect(seeks('mpegts')).toEqual([undefined, 8, 18]);
  });

  it('is one chunk where nothing tells which frames there are', () => {
    const plan = cutVideo(source(), undefined, request, WINDOW);
    expect(plan).toMatchObject({ frames: undefined, analyse: [{ from: 0, excerpt: undefined }] });
    expect(plan.render).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(plan)).analyse[0].end).toBeGreaterThan(1e12);
  });
});
