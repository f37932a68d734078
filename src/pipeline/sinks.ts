import { createMasksWriter } from '../analysis/masks-json.ts';
import { ptsToSeconds, type Rational } from '../core/time.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { PictureSink } from '../media/encode.ts';
import type { Size } from '../media/geometry.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { createPanopticWriter, type PanopticOptions, type PanopticWriter } from '../panoptic/writer.ts';
import type { FrameLayouts, NameMaps, SegmentMaps, SegmentMasks } from './labels.ts';
import type { NamedFrame } from './name.ts';

/** Takes named frames in order and makes a result of them. Disposal discards what is not finished. */
export interface FrameSink extends AsyncDisposable {
  write(frame: NamedFrame): Promise<void>;
  /** Completes the result. `frames`: how many pictures it holds. */
  finish(): Promise<{ readonly frames: number }>;
}

/** The video with names painted over it. */
export function overlaySink(
  overlay: Overlay,
  layout: FrameLayouts,
  segments: SegmentMaps,
  pictures: PictureSink,
): FrameSink {
  return {
    async write(frame) {
      const seen = segments(frame);
      const picture = await overlay.paint(seen.map, seen.segments, layout(frame));
      // The overlay paints the next frame into the same memory while ffmpeg is still being fed this one.
      await pictures.write(frame.pts, picture.data.slice());
    },
    finish: () => pictures.finish(),
    [Symbol.asyncDispose]: () => pictures[Symbol.asyncDispose](),
  };
}

export interface MasksSinkOptions {
  readonly path: string;
  readonly fileName: string;
  readonly size: Size;
  readonly frameRate: number;
  readonly timeBase: Rational;
  readonly vocabulary: Vocabulary;
}

/** Masks as data: names at the video's own size, in YouTube-VIS layout. */
export async function masksSink(segments: SegmentMasks, options: MasksSinkOptions): Promise<FrameSink> {
  const writer = await createMasksWriter({ ...options, ...options.size });
  let frames = 0;
  return {
    async write(frame) {
      const { masks, segments: found } = segments(frame);
      await writer.add(masks, ptsToSeconds(frame.pts, options.timeBase), found);
      frames++;
    },
    async finish() {
      await writer.finish();
      return { frames };
    },
    [Symbol.asyncDispose]: () => writer.abort(),
  };
}

/** What every pixel is, for whoever draws it: the points, and not the pixels. Names must be those of points. */
export function panopticSink(options: Omit<PanopticOptions, 'points'>): FrameSink {
  let writer: PanopticWriter | undefined;
  let frames = 0;
  return {
    async write({ pts, naming }) {
      if (naming.kind !== 'points') throw new TypeError('names of points were asked for');
      const { width, height, segments, pieces } = naming;
      // How many points there are is known with the first of them.
      writer ??= await createPanopticWriter({ ...options, points: { width, height } });
      await writer.add({ pts, segments, pieces });
      frames++;
    },
    async finish() {
      await writer?.finish();
      return { frames };
    },
    [Symbol.asyncDispose]: async () => await writer?.abort(),
  };
}

/** Masks as a lossless video: a pixel's value is the number of its name, from 1; 0 where none was asked for. */
export function indexVideoSink(names: NameMaps, vocabulary: Vocabulary, pictures: PictureSink): FrameSink {
  const index = Uint8Array.from(vocabulary, ({ other }, entry) => (other ? 0 : entry + 1));
  return {
    async write(frame) {
      const { labels } = names(frame);
      await pictures.write(
        frame.pts,
        Uint8Array.from(labels, (label) => index[label]),
      );
    },
    finish: () => pictures.finish(),
    [Symbol.asyncDispose]: () => pictures[Symbol.asyncDispose](),
  };
}

/** Several sinks as one: each gets every frame; all are finished, or none is kept. `frames`: of the first. */
export function together(sinks: readonly FrameSink[]): FrameSink {
  return {
    async write(frame) {
      for (const sink of sinks) await sink.write(frame);
    },
    async finish() {
      const counts = [];
      for (const sink of sinks) counts.push(await sink.finish());
      return counts[0];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(sinks.map((sink) => sink[Symbol.asyncDispose]()));
    },
  };
}
