import { type AnalysisHeader, FORMAT_VERSION } from '../../analysis/file/format.ts';
import { INSIDE, POINT_STEP } from '../../core/frame.ts';
import { pts, seconds } from '../../core/time.ts';
import { modelSize } from '../../media/geometry.ts';
import type { NutStream } from '../../media/nut.ts';
import type { MediaProbe } from '../../media/probe.ts';
import { LIVE_TIME_BASE, wallOf } from '../../media/rtsp/clock.ts';
import { codecOf } from '../../media/rtsp/parameter-sets.ts';
import type { Model } from '../../rsan/model.ts';
import type { PackManifest } from '../../rsan/packs/pack.ts';
import { refinedSize } from '../../rsan/refine.ts';

export interface RecordedBy {
  /** What people call the stream. */
  readonly name: string;
  /** The pack's checksum, and name and version of this program. */
  readonly identity: string;
  readonly program: string;
  readonly model: Model;
  readonly pack: PackManifest;
  /** Pixels of the shorter side of what the model sees. */
  readonly shortSide: number;
  readonly stream: NutStream;
  /** Of the segment, in ticks. */
  readonly begin: number;
}

/** What the analysis of a recorded segment says of itself: its times are those of the clock, since 1970. */
export function recordedHeader({
  name,
  identity,
  program,
  model,
  pack,
  shortSide,
  stream,
  begin,
}: RecordedBy): AnalysisHeader {
  const input = modelSize(stream, shortSide);
  const { mean, std } = pack.preprocessing;
  return {
    version: FORMAT_VERSION,
    program,
    model: {
      name: model.name,
      sum: identity,
      precision: model.precision,
      dim: model.architecture.clip.embed,
    },
    preprocessing: {
      short_side: shortSide,
      input,
      mean: [...mean],
      std: [...std],
      every: 1,
      deinterlace: false,
    },
    lattice: { ...refinedSize(input.width, input.height), step: POINT_STEP, levels: INSIDE },
    time_base: LIVE_TIME_BASE,
    source: { name, sum: null, start: null, duration: null, probe: { ...probeOf(name, stream, begin) } },
    association: 'online',
    live: true,
  };
}

function probeOf(name: string, stream: NutStream, begin: number): MediaProbe {
  const { width, height, sampleAspectRatio } = stream;
  return {
    name,
    container: 'mp4',
    bytes: undefined,
    duration: undefined,
    start: seconds(wallOf(pts(begin)) / 1000),
    video: {
      index: 0,
      codec: codecOf(stream),
      codedWidth: width,
      codedHeight: height,
      width,
      height,
      rotation: 0,
      sampleAspectRatio,
      timeBase: LIVE_TIME_BASE,
      averageFrameRate: undefined,
      frames: undefined,
      start: pts(begin),
      end: undefined,
      pixelFormat: 'yuv420p',
      bitDepth: 8,
      colorRange: undefined,
      colorSpace: undefined,
      colorPrimaries: undefined,
      colorTransfer: undefined,
      fieldOrder: undefined,
    },
    audio: [],
    chapters: 0,
    others: [],
  };
}
