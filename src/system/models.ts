import type { ErrorCode } from '../core/errors.ts';

/** Model packs as seen from the outside. */

/**
 * `embedded`: comes with the program; `fetched`: was downloaded; `own`: lies in a folder of `model.directories`, or is the
 * folder that `model.name` names; `available`: can be fetched; `missing`: is known, and cannot be had from here.
 */
export const MODEL_STATES = ['embedded', 'fetched', 'own', 'available', 'missing'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

export interface ModelView {
  readonly name: string;
  readonly title: string;
  readonly state: ModelState;
  /** What is used where nothing is said. */
  readonly default: boolean;
  /** Of its files, or of its download; undefined where that is not known. */
  readonly bytes: number | undefined;
  /** Bytes of a download that was not finished: the next one goes on there. */
  readonly partial: number;
  readonly licence: { readonly code: string; readonly weights: string; readonly attribution: string };
  /** Where it is described. */
  readonly page: string;
  /** Pixels of the shorter side of what it sees. */
  readonly short_side: number;
  /** How many names it was taught; 0: no closed list. */
  readonly taught: number;
  readonly fetching: Fetching | undefined;
}

export interface Fetching {
  /** Bytes that have come; `of` is undefined until the server has said so. Then the pack is made. */
  readonly bytes: number;
  readonly of: number | undefined;
  /** ISO 8601. */
  readonly since: string;
  /** Why it ended; it stays until it is fetched again, or cancelled. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined;
}

export interface TaughtName {
  readonly name: string;
  readonly synonyms: readonly string[];
  readonly isthing: boolean;
}

export interface ModelDetails extends ModelView {
  readonly names: readonly TaughtName[];
}

export interface Models extends AsyncDisposable {
  /** Throws MODEL_INVALID where a pack cannot be read. */
  list(): Promise<readonly ModelView[]>;
  /** Throws NOT_FOUND, MODEL_INVALID. */
  get(name: string): Promise<ModelDetails>;
  /**
   * Begins fetching, in the background, where a try before has stopped; what is being fetched already, or is here, stays
   * as it is. Throws NOT_FOUND, MODEL_INVALID, DOWNLOAD_FAILED where it has no address.
   */
  fetch(name: string): Promise<ModelView>;
  /** Stops fetching; what has come stays for the next time. Nothing is fetched: no error. Throws NOT_FOUND. */
  cancel(name: string): Promise<ModelView>;
}
