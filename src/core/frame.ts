import type { Pts } from './time.ts';

/**
 * A decoded picture at the model's input size.
 * `data`: uint8, height × width × 3, RGB interleaved, row-major, no row padding. Owned by whoever holds the frame;
 * a stage that hands it to a worker thread transfers it and must not touch it again.
 */
export interface Frame {
  /** Position among the decoded frames, from 0, without gaps. */
  readonly index: number;
  /** Presentation time in ticks of the video stream's time base. May be negative. */
  readonly pts: Pts;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * What R-SAN sees in one frame, before any word is used: Q mask proposals.
 * Read-only for every later stage: the arrays may be shared.
 */
export interface FrameRegions {
  readonly index: number;
  readonly pts: Pts;
  /** Number of mask proposals, Q. */
  readonly count: number;
  readonly geometry: MaskGeometry;
  /** float32, Q × gridHeight × gridWidth: mask logits before the sigmoid. */
  readonly maskLogits: Float32Array;
  /** float32, Q × D, rows of unit length: mask embeddings in CLIP's joint space. */
  readonly embeddings: Float32Array;
  /** float32, Q × side adapter width: the query tokens, for association. */
  readonly queries: Float32Array;
  /** Masks whose borders follow the picture; where they were asked for. */
  readonly points?: Mixtures;
}

/**
 * How far each point of a lattice lies inside each region. Many points are alike: `codes` gives each point its
 * mixture, and mixture k is the regions `regions[starts[k] … starts[k + 1])` with their `levels`. A name's score at a
 * point is the sum of its probabilities for these regions, weighted by level ÷ INSIDE.
 */
export interface Mixtures {
  /** Points across and down; one for each POINT_STEP × POINT_STEP pixels of the model's input. */
  readonly width: number;
  readonly height: number;
  /** height × width, row-major. */
  readonly codes: Uint16Array;
  /** One more than there are mixtures. */
  readonly starts: Uint32Array;
  readonly regions: Uint16Array;
  /** 1 … INSIDE. */
  readonly levels: Uint8Array;
}

/** The regions of a few neighbouring frames as the tracks that they belong to: what is named. */
export interface TrackTable {
  /** int32, one a track, from 1; none comes twice. */
  readonly ids: Int32Array;
  /** float32, tracks × D: the mean of the unit embeddings that the track has in these frames. */
  readonly embeddings: Float32Array;
  /** float32, one a track: its share of the picture, counting the points that lie in no region more; mean over the frames. */
  readonly shares: Float32Array;
}

/** What is kept of a frame: all that naming needs, and no word. Read-only: neighbouring frames share arrays. */
export interface AnalysedFrame {
  readonly index: number;
  readonly pts: Pts;
  /** False where the frame shows what the one before it shows; `points` and `seeds` are then the very same. */
  readonly analysed: boolean;
  /** The same for a group of frames. */
  readonly tracks: TrackTable;
  /** `regions` are rows of `tracks`. */
  readonly points: Mixtures;
  /** int32: ids of the frame's seeds (see associate/seeds.ts), from 1. */
  readonly seeds: Int32Array;
}

/** The level of a point that is certainly inside a region. */
export const INSIDE = 15;
/** Sides of the square of the model's input that a point stands for, in pixels. */
export const POINT_STEP = 4;

/**
 * How the mask grid lies over the picture. A mask logit stands for a 16×16 square of the model's input, which is the
 * frame (`width` × `height`) padded right and below to `paddedWidth` × `paddedHeight` (multiples of 32).
 */
export interface MaskGeometry {
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly paddedWidth: number;
  readonly paddedHeight: number;
  readonly width: number;
  readonly height: number;
}

/** The names of the pixels of one frame. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  /** uint8 or uint16, height × width, row-major: index into the vocabulary's names. */
  readonly labels: Uint8Array | Uint16Array;
}

/** A thing, or all that a frame shows of one kind of stuff. */
export interface Segment {
  /** Index of its name in the vocabulary. */
  readonly name: number;
  /** Id that it has in all frames. */
  readonly track: number;
  /** False for points of things that are too few to tell one from another; true where absent. */
  readonly identified?: boolean;
  /** How sure its points are of the name, in [0, 1]. */
  readonly confidence: number;
  /** By how much, in the mean, the name leads the next best one; in [0, 1]. */
  readonly margin?: number;
}

/** What a frame has of which nothing is known, on a lattice of so many points. */
export function unseenFrame({
  width,
  height,
}: Pick<Mixtures, 'width' | 'height'>): Pick<AnalysedFrame, 'tracks' | 'points' | 'seeds'> {
  const none = new Int32Array(0);
  return {
    tracks: { ids: none, embeddings: new Float32Array(0), shares: new Float32Array(0) },
    points: {
      ...{ width, height, codes: new Uint16Array(width * height), starts: Uint32Array.of(0, 0) },
      ...{ regions: new Uint16Array(0), levels: new Uint8Array(0) },
    },
    seeds: none,
  };
}

/** True where no point lies in any region: of that picture nothing is known. */
export const isUnseen = ({ regions }: Mixtures): boolean => regions.length === 0;
