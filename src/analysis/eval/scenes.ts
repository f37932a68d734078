import { SidestreamError } from '../../core/errors.ts';

/** A video of which pixels have names and things identities, whatever file tells it: what evaluation compares. */
export interface Scenes {
  /** The file or folder that tells it, for messages. */
  readonly path: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames. */
  readonly length: number;
  /** Frames per second; undefined where nobody says. */
  readonly frameRate: number | undefined;
  readonly names: readonly { readonly name: string; readonly isthing: boolean }[];
  /** The picture of a frame, from 0; good until the next call. Throws TRUTH_INVALID with file and frame. */
  picture(frame: number): ScenePicture | Promise<ScenePicture>;
}

/** Who is where in a frame. Pieces do not overlap. */
export interface ScenePicture {
  /** uint16, width × height, down the columns: 0 where nothing is told, else 1 + an index into `pieces`. */
  readonly map: Uint16Array;
  readonly pieces: readonly Piece[];
}

export interface Piece {
  /** Index into the scenes' names. */
  readonly name: number;
  /** Tells a thing from others of its name, in all frames; undefined where things are not told apart. */
  readonly identity: string | undefined;
  /** Several things in one. */
  readonly crowd: boolean;
}

/** What is wrong with a truth or with masks: one line with the file and, where it is about one, the frame. */
export function invalid(path: string, frame: number | undefined, why: unknown): SidestreamError {
  const text = why instanceof Error ? why.message : String(why);
  const where = frame === undefined ? path : `${path}: frame ${frame}`;
  return new SidestreamError('TRUTH_INVALID', `${where}: ${text}`, { cause: why });
}

/** True for a category's `isthing`, and for `iscrowd`: 1 or true. */
export const isSet = (flag: number | boolean | undefined): boolean => flag === true || flag === 1;
