import { readFile } from 'node:fs/promises';
import type { MaskGeometry, Segment } from '../../../src/core/frame.ts';
import type { PanopticIndex } from '../../../src/panoptic/format.ts';
import type { ReadPart } from '../../../src/panoptic/reader.ts';
import { createPanopticWriter } from '../../../src/panoptic/writer.ts';

/** Small films of labelled points, and files of them. */

export interface FilmFrame {
  readonly pts: number;
  readonly segments: readonly Segment[];
  readonly pieces: Uint16Array;
}

export const randomOf = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** The model's input, padded to multiples of 32, and its lattice. */
export function inputOf(width: number, height: number) {
  const [paddedWidth, paddedHeight] = [Math.ceil(width / 32) * 32, Math.ceil(height / 32) * 32];
  const [gridWidth, gridHeight] = [paddedWidth / 16, paddedHeight / 16];
  const geometry: MaskGeometry = { gridWidth, gridHeight, paddedWidth, paddedHeight, width, height };
  return { geometry, points: { width: paddedWidth / 4, height: paddedHeight / 4 } };
}

export const video: PanopticIndex['video'] = {
  name: 'street.mp4',
  width: 322,
  height: 242,
  frame_rate: 25,
  time_base: { num: 1, den: 12800 },
  start: 0,
};

const style = { opacity: 0.55, outline: 1, color_by: 'name' } as const;

export async function write(
  path: string,
  frames: Iterable<FilmFrame>,
  {
    input = inputOf(161, 121),
    ...more
  }: {
    input?: ReturnType<typeof inputOf>;
    video?: PanopticIndex['video'];
    names?: PanopticIndex['names'];
  } = {},
): Promise<void> {
  const names = ['road', 'car', 'sky', 'grass'].map((name, i) => {
    return { name, isthing: name === 'car', other: name === 'grass', color: `#0000f${i}` };
  });
  const writer = await createPanopticWriter({ path, video, style, names, ...input, ...more });
  for (const frame of frames) await writer.add(frame);
  await writer.finish();
}

/** Reads a file, and says what was asked for. */
export async function reading(path: string | Uint8Array) {
  const bytes = typeof path === 'string' ? await readFile(path) : path;
  const asked: [start: number, end: number | undefined][] = [];
  const read: ReadPart = async (start, end) => {
    asked.push([start, end]);
    return new Uint8Array(bytes).slice(start, end).buffer;
  };
  return { read, asked, bytes };
}
