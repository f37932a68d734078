import { rationalToNumber } from '../core/time.ts';
import type { VideoProbe } from './probe.ts';

type Shape = Pick<VideoProbe, 'width' | 'height' | 'sampleAspectRatio'>;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of the picture as it is shown: after rotation, in square pixels, none of them thrown away. */
export function displaySize({ width, height, sampleAspectRatio }: Shape): Size {
  const aspect = rationalToNumber(sampleAspectRatio);
  return aspect >= 1
    ? { width: Math.round(width * aspect), height }
    : { width, height: Math.round(height / aspect) };
}

/** Size of the frames that the model is fed: the shown picture, scaled so that its shorter side has `shortSide` pixels. */
export function modelSize(video: Shape, shortSide: number): Size {
  const { width, height } = displaySize(video);
  const scale = shortSide / Math.min(width, height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/**
 * Size of the painted pictures, even in both directions: half of the shown picture from 1080 lines on, at most
 * `longest` pixels wide or high. ffmpeg scales them up, which is cheap, and their edges come out smooth.
 */
export function paintSize(video: Shape, longest: number): Size {
  const { width, height } = displaySize(video);
  const scale = Math.min(1, longest / Math.max(width, height));
  const even = (length: number) => Math.max(2, Math.round((length * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
}
