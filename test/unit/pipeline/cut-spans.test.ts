import { describe, expect, it } from 'vitest';
import { clipName, mergedSpans } from '../../../src/pipeline/cut-spans.ts';

describe('spans to cut', () => {
  const hits = [
    { start: 10, end: 12, score: 0.9 },
    { start: 2, end: 3, score: 0.7 },
    { start: 13, end: 20, score: 0.95 },
  ];
  it('are in the order of time', () => {
    expect(mergedSpans(hits, 0, undefined)).toEqual([hits[1], hits[0], hits[2]]);
  });
  it('are one where they overlap or touch after padding, with the best score', () => {
    expect(mergedSpans(hits, 0.5, undefined)).toEqual([
      { start: 1.5, end: 3.5, score: 0.7 },
      { start: 9.5, end: 20.5, score: 0.95 },
    ]);
  });
  it('stay within the video', () => {
    expect(mergedSpans(hits, 3, 19)).toEqual([
      { start: 0, end: 6, score: 0.7 },
      { start: 7, end: 19, score: 0.95 },
    ]);
    expect(mergedSpans([{ start: 30, end: 31, score: 1 }], 1, 19)).toEqual([]);
  });
});

describe('the name of a clip', () => {
  it.each([
    ['videos/drive.mp4', 62.3451, 'red umbrella', 'drive-00-01-02.345-red-umbrella.mp4'],
    ['drive.tar.mkv', 3_600 * 27 + 59.9996, 'car', 'drive.tar-27-01-00.000-car.mp4'],
    ['.hidden.mp4', 0, 'Ein Hündchen!', 'hidden-00-00-00.000-ein-hündchen.mp4'],
    ['a:b*c?.mp4', 0, '../../etc/passwd', 'a_b_c_-00-00-00.000-etc-passwd.mp4'],
    ['- -.mp4', 1, '?!', 'clip-00-00-01.000.mp4'],
    ['x.mp4', 0, 'long '.repeat(20), 'x-00-00-00.000-long-long-long-long-long-long-long-long.mp4'],
  ])('of %s at %f s for %j is %s', (video, start, words, name) => {
    expect(clipName(video, start, words)).toBe(name);
  });
});
