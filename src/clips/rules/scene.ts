import type { Zone } from './rules.ts';

/** What a picture shows: all that rules look at. */
export interface Scene {
  /** On the timeline of the source; grows from scene to scene. */
  readonly seconds: number;
  /** Width of the picture divided by its height. */
  readonly aspect: number;
  readonly objects: readonly SceneObject[];
  /** How much of the picture, or of a zone, has a name, 0..1. `name`: index in the vocabulary. */
  share(name: number, zone?: Zone): number;
}

export interface SceneObject {
  /** The same in all scenes. */
  readonly id: number;
  /** Index in the vocabulary. */
  readonly name: number;
  /** 0..1 */
  readonly score: number;
  /** Left, top, right and bottom as shares of the picture, half-open. */
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number];
  /** Of the picture, 0..1. */
  readonly share: number;
}
