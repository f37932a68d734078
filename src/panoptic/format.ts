/**
 * The panoptic file: for every frame of a video which segment each pixel belongs to, in pieces of about two seconds that
 * can be fetched one by one. docs/panoptic-format.md says how its bytes lie. What is kept is not pixels but the points
 * that names were decided for; `line` and `heaviest` of src/analysis/spread.ts make of them the very pixels that the
 * masks JSON has.
 *
 * Nothing here but `writer.ts` needs Node. What a page needs: `openPanoptic` (reader.ts), `rangesOf` (ranges.ts),
 * `createPointer` and `createPainter` (look.ts).
 */

export const VERSION = 1;
export const MAGIC = 'SSPANOPT';
export const END = 'SSPANEND';

/** Bytes of the end: f64 place and u32 length of the index, u32 version, END. */
export const FOOTER = 24;

/** What is read at first, in bytes from the end: index and footer, if they are not larger. */
export const SUFFIX = 65_536;

/** What the file says of all frames together: JSON, deflated. Instants are in ticks of `video.time_base`. */
export interface PanopticIndex {
  readonly version: number;
  readonly video: PanopticVideo;
  readonly lattice: Lattice;
  /** Style of the overlay that was asked for with it. */
  readonly style: PanopticStyle;
  /** In the order of the vocabulary; segments name them by their place here. */
  readonly names: readonly PanopticName[];
  /** Frames in all, and when the last one is over. */
  readonly frames: number;
  readonly end: number;
  /** In order of time, without gaps. */
  readonly chunks: readonly PanopticChunk[];
  /** What is seen in the video, by id and name: the annotations of the masks JSON, and what was not asked for. */
  readonly tracks: readonly PanopticTrack[];
  /** For each name when it is in the picture. Gaps of less than a second are passed over. */
  readonly seen: readonly (readonly PanopticSpan[])[];
}

export interface PanopticVideo {
  readonly name: string;
  /** The size that masks have: as shown, after rotation, both sides rounded up to even ones. */
  readonly width: number;
  readonly height: number;
  /** Frames per second, the average where it varies; 0 where it is not known. */
  readonly frame_rate: number;
  readonly time_base: { readonly num: number; readonly den: number };
  /** Time of the container's earliest timestamp in seconds: where players begin to count. */
  readonly start: number;
}

/** The points, and the pixels of the model's input (the whole picture) that they lie over, one for each `step` × `step`. */
export interface Lattice {
  readonly width: number;
  readonly height: number;
  readonly step: number;
  readonly covered: { readonly width: number; readonly height: number };
}

export interface PanopticStyle {
  readonly opacity: number;
  readonly outline: number;
  readonly color_by: 'name' | 'track';
}

export interface PanopticName {
  readonly name: string;
  readonly isthing: boolean;
  /** Not asked for: added by expansion, and not painted. */
  readonly other: boolean;
  /** `#rrggbb`, as painted. */
  readonly color: string;
}

export interface PanopticChunk {
  /** Number of its first frame, and how many there are. */
  readonly frame: number;
  readonly frames: number;
  /** When its first frame begins, and the one after its last. */
  readonly from: number;
  readonly to: number;
  /** When its last frame begins. */
  readonly last: number;
  /** Its place in the file. */
  readonly at: number;
  readonly bytes: number;
}

export interface PanopticTrack {
  readonly id: number;
  /** Place in `names`. */
  readonly name: number;
  /** Points of a thing that could not be told apart. */
  readonly crowd?: true;
  /** Times of the first and the last frame that show it, and how many do. */
  readonly first: number;
  readonly last: number;
  readonly frames: number;
  /** How sure its pixels are of the name, as in the masks JSON. */
  readonly score: number;
  /** The largest part of the picture that it takes, 0 to 1. */
  readonly share: number;
}

/** From the beginning of a frame to the end of another. */
export interface PanopticSpan {
  readonly from: number;
  readonly to: number;
  /** The largest part of the picture, 0 to 1. */
  readonly share: number;
}

export interface PanopticSegment {
  /** Place in the index' `names`. */
  readonly name: number;
  readonly track: number;
  /** False for points of a thing that are too few to tell one from another. */
  readonly identified: boolean;
}

export interface PanopticFrame {
  /** Number of the frame, from 0. */
  readonly index: number;
  /** In ticks. */
  readonly pts: number;
  /** All that its chunk shows: one array for all of its frames. */
  readonly table: readonly PanopticSegment[];
  /** One a row of `table`: 0 where the frame has no point of it, else 1 + 254 × how sure they are. */
  readonly sure: Uint8Array;
  /** height × width of the lattice: row of `table`. The very same array as before where nothing has changed. */
  readonly map: Uint8Array | Uint16Array;
}

/** How sure a segment is, in [0, 1], by its byte; 0 where it is not there. */
export const scoreOf = (byte: number): number => (byte === 0 ? 0 : (byte - 1) / 254);
export const byteOf = (score: number): number => 1 + Math.round(254 * Math.min(1, Math.max(0, score)));
