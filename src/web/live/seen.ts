/** What a stream says of a frame, as server-sent events have it, and what is made of that for a reader. */

export interface SeenObject {
  readonly id: number;
  readonly name: string;
  readonly thing: boolean;
  /** 0 to 1. */
  readonly score: number;
  /** Of the picture, 0 to 1. */
  readonly share: number;
}

export interface SeenFrame {
  readonly index: number;
  readonly time: string;
  readonly latency_ms: number;
  readonly objects: readonly SeenObject[];
}

/** All of one name. */
export interface SeenName {
  readonly name: string;
  /** Of the picture, 0 to 1. */
  readonly share: number;
  /** Those that are told apart, largest first; none of stuff. */
  readonly things: readonly SeenObject[];
}

/** A frame by its names, those with the largest share first. */
export function namesSeen({ objects }: SeenFrame): readonly SeenName[] {
  const names = new Map<string, { share: number; things: SeenObject[] }>();
  for (const object of objects) {
    const name = names.get(object.name) ?? { share: 0, things: [] };
    name.share += object.share;
    if (object.thing) name.things.push(object);
    names.set(object.name, name);
  }
  return [...names]
    .map(([name, { share, things }]) => ({ name, share, things: things.sort((a, b) => b.share - a.share) }))
    .sort((a, b) => b.share - a.share);
}

/** Of which frames one wants to be told, so that it is about `rate` times a second. `fps`: of the camera. */
export const everyFor = (fps: number, rate: number): number => Math.max(1, Math.round(fps / rate));
