import type { Expansion } from '../analysis/vocabulary.ts';
import { checkIndexable, createVocabulary } from '../analysis/vocabulary.ts';
import { SidestreamError } from '../core/errors.ts';
import type { MaskGeometry } from '../core/frame.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import type { ReadOptions, WriteOptions } from '../media/argv.ts';
import { outputSize } from '../media/argv.ts';
import type { Warning } from '../media/decode.ts';
import { checkEncoding, openIndexVideo, openOverlay } from '../media/encode.ts';
import type { EncoderSettings } from '../media/encoder-argv.ts';
import { paintSize } from '../media/geometry.ts';
import { checkOutput, containerOf } from '../media/output.ts';
import type { MediaProbe } from '../media/probe.ts';
import type { FfmpegPaths } from '../media/process.ts';
import type { ColourSpace } from '../overlay/colour.ts';
import { createOverlay, type OverlayOptions } from '../overlay/overlay.ts';
import { paletteOf } from '../overlay/palette.ts';
import type { PackManifest } from '../rsan/packs/pack.ts';
import { createFrameLayouts, createNameMaps, createSegmentMaps, createSegmentMasks } from './labels.ts';
import { frameRateOf } from './see.ts';
import { type FrameSink, indexVideoSink, masksSink, overlaySink, panopticSink, together } from './sinks.ts';

/** From named frames to results: words, and what is made of them. */

export interface WordsRequest {
  /** Names with their synonyms; empty: what the expansion has. */
  readonly names: readonly (readonly string[])[];
  readonly expand: Expansion;
  readonly things: readonly string[];
  readonly stuff: readonly string[];
}

export interface ResultsRequest {
  /** The overlaid video; the container is told by its extension. This and the following: undefined where not wanted. */
  readonly output: string | undefined;
  /** Masks JSON, index video and report. */
  readonly masks: string | undefined;
  readonly maskVideo: string | undefined;
  readonly report: string | undefined;
  /** The panoptic file, which is made where regions are followed. */
  readonly panoptic?: string | undefined;
  readonly force: boolean;
  readonly encoder: EncoderSettings;
  readonly style: Pick<OverlayOptions, 'opacity' | 'outline' | 'labels' | 'colourBy'> &
    Partial<Pick<OverlayOptions, 'colours'>>;
  /** Pixels of the longer side of the painted picture. */
  readonly paintSide: number;
}

/** Throws where a result cannot come to be, before any work is done. */
export async function checkResults(
  paths: readonly (string | undefined)[],
  inputs: readonly string[],
  force: boolean,
): Promise<void> {
  const results = paths.filter((path) => path !== undefined);
  for (const path of results) await checkOutput(path, inputs, force);
  if (new Set(results).size < results.length)
    throw new SidestreamError('USAGE', 'two results have the same name');
}

/** The names to look for. Throws USAGE where there is none, and where an index video is wanted of more than it can hold. */
export function vocabularyOf(
  { names, expand, things, stuff }: WordsRequest,
  { maskVideo }: Pick<ResultsRequest, 'maskVideo'>,
  pack: PackManifest,
): Vocabulary {
  const vocabulary = createVocabulary(names, { expand, modelNames: pack.names ?? [], things, stuff });
  if (maskVideo !== undefined) checkIndexable(vocabulary);
  if (vocabulary.length > 0) return vocabulary;
  throw new SidestreamError(
    'USAGE',
    `there is nothing to name: give --vocabulary, or --expand other than ${expand}`,
  );
}

/** How the overlaid video is written, and what is to be said about it. */
export async function planWriting(
  request: ResultsRequest,
  reading: ReadOptions,
  paths: FfmpegPaths,
  signal: AbortSignal,
): Promise<{ writing: WriteOptions | undefined; warnings: Warning[] }> {
  if (request.output === undefined) return { writing: undefined, warnings: [] };
  const writing = { ...reading, container: containerOf(request.output), settings: request.encoder };
  return { writing, warnings: await checkEncoding(writing, { paths }, signal) };
}

export interface SinksOptions {
  readonly request: ResultsRequest;
  readonly source: MediaProbe;
  /** Undefined where no video is wanted. */
  readonly writing: WriteOptions | undefined;
  readonly ffmpegMajor: number;
  readonly vocabulary: Vocabulary;
  readonly geometry: MaskGeometry;
  readonly paths: FfmpegPaths;
}

/** Masks JSON, at the video's own size. */
export async function openMasks(
  path: string,
  { source, vocabulary, geometry }: Pick<SinksOptions, 'source' | 'vocabulary' | 'geometry'>,
): Promise<FrameSink> {
  const { name: fileName, video } = source;
  const size = outputSize(video);
  const frameRate = frameRateOf(video) ?? 0;
  const about = { path, fileName, size, frameRate, timeBase: video.timeBase, vocabulary };
  return await masksSink(createSegmentMasks(geometry, size), about);
}

/** The panoptic file, with the colours that the overlay has. */
export function openPanoptic(
  path: string,
  {
    source: { name, start, video },
    vocabulary,
    geometry,
    style: { opacity, outline, colourBy, colours },
  }: Pick<SinksOptions, 'source' | 'vocabulary' | 'geometry'> & Pick<ResultsRequest, 'style'>,
): FrameSink {
  const palette = paletteOf(vocabulary, colours);
  return panopticSink({
    path,
    geometry,
    video: {
      name,
      ...outputSize(video),
      frame_rate: frameRateOf(video) ?? 0,
      time_base: video.timeBase,
      start,
    },
    style: { opacity, outline, color_by: colourBy },
    names: vocabulary.map(({ name, isthing, other }, i) => {
      return { name, isthing, other, color: `#${palette[i].toString(16).padStart(6, '0')}` };
    }),
  });
}

/** Opens all results that are wanted. The overlaid video comes first. */
export async function openSinks(options: SinksOptions, signal: AbortSignal): Promise<FrameSink> {
  const { request, source, writing, ffmpegMajor, vocabulary, geometry, paths } = options;
  const { video } = source;
  const { timeBase } = video;
  const size = outputSize(video);
  const opened: FrameSink[] = [];
  try {
    if (request.masks !== undefined) opened.push(await openMasks(request.masks, options));
    if (request.panoptic !== undefined)
      opened.push(openPanoptic(request.panoptic, { ...options, style: request.style }));
    if (request.maskVideo !== undefined) {
      const format = { ...size, timeBase };
      const pictures = openIndexVideo(request.maskVideo, format, ffmpegMajor, { paths }, signal);
      opened.push(indexVideoSink(createNameMaps(geometry, size, vocabulary.length), vocabulary, pictures));
    }
    if (request.output !== undefined && writing) {
      const painted = paintSize(video, request.paintSide);
      const space = colourSpaceOf(video);
      const overlay = createOverlay({ ...request.style, ...painted, vocabulary, space });
      const segments = createSegmentMaps(geometry, painted);
      const layout = createFrameLayouts({ ...request.style, vocabulary }, timeBase, segments);
      const format = { ...painted, layout: 'yuva420p' } as const;
      const pictures = openOverlay(request.output, writing, format, { paths }, signal);
      opened.unshift(overlaySink(overlay, layout, segments, pictures));
    }
    return together(opened);
  } catch (error) {
    await together(opened)[Symbol.asyncDispose]();
    throw error;
  }
}

/** The colours in which a video is painted on. */
export const colourSpaceOf = ({ colorSpace, colorRange }: MediaProbe['video']): ColourSpace => ({
  matrix: /2020/.test(colorSpace ?? '') ? 'bt2020' : colorSpace === 'bt709' ? 'bt709' : 'bt601',
  range: colorRange ?? 'tv',
});
