import { createSpreader } from '../../analysis/spread.ts';
import { SidestreamError } from '../../core/errors.ts';
import { openPiece } from '../../media/encode.ts';
import type { Container, EncoderSettings } from '../../media/encoder-argv.ts';
import { paintSize } from '../../media/geometry.ts';
import { joinPieces, type Piece } from '../../media/join.ts';
import type { FfmpegPaths } from '../../media/process.ts';
import { createOverlay } from '../../overlay/overlay.ts';
import { MOST_SEGMENTS } from '../labels.ts';
import { colourSpaceOf, type ResultsRequest } from '../show.ts';
import { readingOf } from './analyse.ts';
import { readNamed } from './named-file.ts';
import type { RenderChunk, VideoPlan } from './plan.ts';

interface Source {
  readonly input: string;
  readonly confined: boolean;
  readonly plan: VideoPlan;
  readonly deinterlace: boolean;
  readonly container: Container;
  readonly encoder: EncoderSettings;
}

export interface RenderChunkRequest extends Source, Pick<ResultsRequest, 'style' | 'paintSide'> {
  readonly chunk: RenderChunk;
  /** What is to be painted, see `named-file.ts`. */
  readonly named: string;
  /** Frames in it. */
  readonly frames: number;
  /** The piece. */
  readonly output: string;
}

interface Deps {
  readonly paths: FfmpegPaths;
  readonly progress: (frames: number) => void;
}

/** decode → paint → encode, for a part of a video. */
export async function renderChunk(
  request: RenderChunkRequest,
  deps: Deps,
  signal: AbortSignal,
): Promise<void> {
  const { plan, chunk, style, container, encoder } = request;
  const { video } = plan.probe;
  const { head, frames } = await readNamed(request.named);
  const painted = paintSize(video, request.paintSide);
  const overlay = createOverlay({
    ...style,
    ...painted,
    vocabulary: head.vocabulary,
    space: colourSpaceOf(video),
  });
  const spread = createSpreader(head.points, head.geometry, painted.width, painted.height, MOST_SEGMENTS);
  const reading = await readingOf(request, deps.paths, signal);
  const writing = {
    ...reading,
    ...(chunk.excerpt && { excerpt: chunk.excerpt }),
    container,
    settings: encoder,
  };
  const keys = chunk.keys.map((key) => key - chunk.from);
  const format = { ...painted, layout: 'yuva420p' } as const;
  await using piece = openPiece(request.output, writing, keys, format, deps, signal);
  let last: { pieces: Uint16Array; map: ReturnType<typeof spread> } | undefined;
  let written = 0;
  for await (const { pts, pieces, segments, layout } of frames) {
    if (last?.pieces !== pieces) last = { pieces, map: spread(pieces) };
    const picture = await overlay.paint(last.map, segments, layout);
    await piece.write(pts, picture.data.slice());
    deps.progress(++written);
  }
  const encoded = (await piece.finish()).frames;
  if (encoded !== request.frames || written !== request.frames) {
    const message = `${encoded} frames of ${plan.probe.name} were encoded in place of ${request.frames}: run again`;
    throw new SidestreamError('FFMPEG_FAILED', message);
  }
}

export interface JoinRequest extends Source {
  readonly pieces: readonly Piece[];
  /** The video. */
  readonly output: string;
}

/** All pieces and the source's sound as one video. */
export async function joinChunks(request: JoinRequest, deps: Deps, signal: AbortSignal): Promise<number> {
  const reading = await readingOf(request, deps.paths, signal);
  const writing = { ...reading, container: request.container, settings: request.encoder };
  const { frames } = await joinPieces(request.output, request.pieces, writing, deps, signal);
  return frames;
}
