import { describe, expect, it } from 'vitest';
import { displaySize, modelSize, paintSize } from '../../../src/media/geometry.ts';
import { video } from './videos.ts';

describe('the size that is shown', () => {
  it.each([
    ['square pixels', { width: 640, height: 360 }, [640, 360]],
    ['wide pixels', { width: 720, height: 576, sampleAspectRatio: { num: 64, den: 45 } }, [1024, 576]],
    ['tall pixels', { width: 640, height: 352, sampleAspectRatio: { num: 44, den: 45 } }, [640, 360]],
    ['pixels twice as wide', { width: 640, height: 360, sampleAspectRatio: { num: 2, den: 1 } }, [1280, 360]],
  ])('of %s loses no pixel', (_, size, [width, height]) => {
    expect(displaySize(video(size))).toEqual({ width, height });
  });
});

describe('the size that the model is fed', () => {
  it.each([
    [1920, 1080, 384, 683, 384],
    [1080, 1920, 384, 384, 683],
    [640, 360, 384, 683, 384],
    [1280, 720, 640, 1138, 640],
    [100, 100, 640, 640, 640],
    [4000, 2, 64, 128_000, 64],
  ])('of %i×%i with a short side of %i is %i×%i', (width, height, shortSide, w, h) => {
    expect(modelSize(video({ width, height }), shortSide)).toEqual({ width: w, height: h });
  });
});

describe('the size that is painted', () => {
  it.each([
    [1920, 1080, 960, 960, 540],
    [640, 360, 960, 640, 360],
    [161, 121, 960, 162, 122],
    [1080, 1920, 640, 360, 640],
    [1, 1, 640, 2, 2],
    [4000, 2, 640, 640, 2],
  ])('of %i×%i, at most %i, is even: %i×%i', (width, height, longest, w, h) => {
    expect(paintSize(video({ width, height }), longest)).toEqual({ width: w, height: h });
  });
});
