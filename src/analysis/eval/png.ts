import { readFile } from 'node:fs/promises';
import { type DecodedPng, decode } from 'fast-png';
import { isErrno } from '../../core/errors.ts';
import { unread } from '../masks-file.ts';
import { invalid, type ScenePicture } from './scenes.ts';

/** Numbers of a picture's pixels: width × height, row by row. */
export interface NumberPng {
  readonly width: number;
  readonly height: number;
  readonly numbers: ArrayLike<number>;
}

/** A PNG of indices: what grey pixels (1 to 16 bits) have as value, and those with a palette as index. Throws TRUTH_INVALID. */
export async function readIndices(path: string, frame: number): Promise<NumberPng> {
  const png = await read(path, frame);
  if (png.channels !== 1) {
    throw invalid(path, frame, 'it has colours; an index PNG is grey or has a palette');
  }
  return { width: png.width, height: png.height, numbers: samples(png) };
}

/** A PNG of ids as panoptic COCO has them: R + 256 G + 65536 B, or the value itself where it is grey. Throws TRUTH_INVALID. */
export async function readIds(path: string, frame: number): Promise<NumberPng> {
  const png = await read(path, frame);
  const { width, height, channels, depth, palette } = png;
  const values = samples(png);
  if (channels === 1 && palette === undefined) return { width, height, numbers: values };
  if (channels === 2 || depth === 16) {
    throw invalid(path, frame, 'it is no panoptic PNG, which has 8 bits each of red, green and blue');
  }
  const numbers = new Uint32Array(width * height);
  for (let i = 0, at = 0; i < numbers.length; i++, at += channels) {
    // Colours have a palette too, at times, as advice for poor screens.
    const colour = channels === 1 ? palette?.[values[i]] : [values[at], values[at + 1], values[at + 2]];
    if (!colour) throw invalid(path, frame, `colour ${values[i]} is not in its palette`);
    numbers[i] = colour[0] + 256 * colour[1] + 65536 * colour[2];
  }
  return { width, height, numbers };
}

/**
 * Draws numbers as pieces. `pieceOf` gives a number's place in the map, 0 for none; it is asked once for each number
 * of the frame. `map`: width × height, down the columns.
 */
export function draw(png: NumberPng, map: ScenePicture['map'], pieceOf: (number: number) => number): void {
  const { width, height, numbers } = png;
  const places = new Map<number, number>();
  let number = -1;
  let place = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (numbers[i] !== number) {
        number = numbers[i];
        place = places.get(number) ?? pieceOf(number);
        places.set(number, place);
      }
      map[x * height + y] = place;
    }
  }
}

async function read(path: string, frame: number): Promise<DecodedPng> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw isErrno(error, 'ENOENT') ? invalid(path, frame, 'the file does not exist') : unread(path, error);
  }
  try {
    // The header's depth and interlacing: fast-png takes these pixels for whole bytes, which they are not.
    if (bytes[24] < 8 && bytes[28] === 1) throw new Error('it is interlaced, with less than 8 bits a pixel');
    return decode(bytes, { checkCrc: true });
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    throw invalid(path, frame, `no PNG that can be read: ${[message, ...because(cause)].join(' ')}`);
  }
}

const because = (cause: unknown): string[] => (cause instanceof Error ? [cause.message] : []);

/** Pixels of less than 8 bits come packed, each row beginning with a byte of its own, the first in the highest bits. */
function samples({ width, height, depth, channels, data }: DecodedPng): ArrayLike<number> {
  if (depth >= 8) return data;
  const across = width * channels;
  const stride = Math.ceil((across * depth) / 8);
  const out = new Uint8Array(across * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let bit = 0; bit < across * depth; bit += depth, i++) {
      const byte = data[y * stride + (bit >> 3)];
      out[i] = (byte >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
  }
  return out;
}
