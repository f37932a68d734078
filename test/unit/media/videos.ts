import { pts, seconds } from '../../../src/core/time.ts';
import type { AudioProbe, MediaProbe, VideoProbe } from '../../../src/media/probe.ts';

/** What a probe tells of an ordinary video, but for what is given. */
export function video(changes: Partial<VideoProbe> = {}): VideoProbe {
  return {
    index: 0,
    codec: 'h264',
    codedWidth: changes.width ?? 640,
    codedHeight: changes.height ?? 360,
    width: 640,
    height: 360,
    rotation: 0,
    sampleAspectRatio: { num: 1, den: 1 },
    timeBase: { num: 1, den: 12_800 },
    averageFrameRate: { num: 25, den: 1 },
    frames: 250,
    start: pts(0),
    end: pts(128_000),
    pixelFormat: 'yuv420p',
    bitDepth: 8,
    colorRange: undefined,
    colorSpace: undefined,
    colorPrimaries: undefined,
    colorTransfer: undefined,
    fieldOrder: undefined,
    ...changes,
  };
}

export const sound = (index: number, codec: string): AudioProbe => ({
  index,
  codec,
  channels: 2,
  sampleRate: 48_000,
  language: undefined,
});

export function media(changes: Partial<MediaProbe> = {}): MediaProbe {
  return {
    name: 'clip.mp4',
    container: 'mov,mp4,m4a,3gp,3g2,mj2',
    bytes: 100_000,
    duration: seconds(10),
    start: seconds(0),
    video: video(),
    audio: [],
    chapters: 0,
    others: [],
    ...changes,
  };
}
