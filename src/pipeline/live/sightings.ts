import type { Vocabulary } from '../../core/vocabulary.ts';
import type { Size } from '../../media/geometry.ts';
import type { PointNaming } from '../name.ts';

/** A thing, or all of a kind of stuff, as a viewer is told of it. */
export interface Sighting {
  readonly id: number;
  /** Its number in the frame's naming. */
  readonly segment: number;
  readonly name: string;
  readonly thing: boolean;
  /** 0..1: how sure its points are of the name. */
  readonly score: number;
  /** Pixels of the camera's picture: left, top, width, height. */
  readonly box: readonly [number, number, number, number];
  /** Share of the picture, 0..1. */
  readonly share: number;
}

/** What is in a frame, largest first; things too small to be told apart, and what nobody asked for, are left out. */
export function sightingsOf(naming: PointNaming, vocabulary: Vocabulary, size: Size): Sighting[] {
  const { width, height, segments, pieces } = naming;
  const boxes = segments.map(() => ({ x0: width, y0: height, x1: -1, y1: -1, area: 0 }));
  for (let y = 0, point = 0; y < height; y++) {
    for (let x = 0; x < width; x++, point++) {
      const box = boxes[pieces[point]];
      box.area++;
      if (x < box.x0) box.x0 = x;
      if (x > box.x1) box.x1 = x;
      if (y < box.y0) box.y0 = y;
      box.y1 = y;
    }
  }
  const [across, down] = [size.width / width, size.height / height];
  return segments
    .flatMap(({ name, track, confidence, identified }, i): Sighting[] => {
      const { x0, y0, x1, y1, area } = boxes[i];
      const entry = vocabulary[name];
      if (area === 0 || entry.other || identified === false) return [];
      const [left, top] = [Math.round(x0 * across), Math.round(y0 * down)];
      const [right, bottom] = [Math.round((x1 + 1) * across), Math.round((y1 + 1) * down)];
      return [
        {
          id: track,
          segment: i,
          name: entry.name,
          thing: entry.isthing,
          score: Math.round(confidence * 1000) / 1000,
          box: [left, top, right - left, bottom - top],
          share: Math.round((area / (width * height)) * 10_000) / 10_000,
        },
      ];
    })
    .sort((a, b) => b.share - a.share);
}
