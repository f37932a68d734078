import type { LabelMap } from './frame.ts';

/**
 * A mask as COCO's compressed run lengths. `size`: height, width. `counts`: runs of 0 and 1 in turn, beginning with
 * 0, down the columns, in pycocotools' string form.
 */
export interface Rle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/** Left, top, width, height in pixels; all 0 for an empty mask. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** One name's pixels in a frame. */
export interface LabelMask {
  readonly label: number;
  readonly rle: Rle;
  /** Pixels. */
  readonly area: number;
  readonly bbox: Box;
}

/** Run lengths as COCO's string: five bits a character, low first, each run but the first three as difference to the one two before. */
export function encodeCounts(counts: ArrayLike<number>): string {
  const codes: number[] = [];
  for (let i = 0; i < counts.length; i++) {
    let value = i > 2 ? counts[i] - counts[i - 2] : counts[i];
    for (let more = true; more; ) {
      let code = value & 31;
      value >>= 5;
      more = code & 16 ? value !== -1 : value !== 0;
      if (more) code |= 32;
      codes.push(code + 48);
    }
  }
  let text = '';
  // In pieces: an argument list has a limit.
  for (let i = 0; i < codes.length; i += 4096) text += String.fromCharCode(...codes.slice(i, i + 4096));
  return text;
}

/** Run lengths from COCO's string. Throws RangeError when the string is cut or holds strange characters. */
export function decodeCounts(text: string): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let shift = 0;
    for (let more = true; more; shift += 5) {
      const code = text.charCodeAt(at++) - 48;
      if (!(code >= 0 && code < 64) || shift > 30) throw new RangeError('run lengths are damaged');
      value |= (code & 31) << shift;
      more = (code & 32) !== 0;
      if (!more && code & 16 && shift + 5 < 32) value |= -1 << (shift + 5);
    }
    if (counts.length > 2) value += counts[counts.length - 2];
    if (value < 0) throw new RangeError('run lengths are damaged');
    counts.push(value);
  }
  return counts;
}

/** Pixels of a mask. */
export function areaOf(counts: readonly number[]): number {
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i];
  return area;
}

/** The smallest box around a mask of this height. */
export function boxOf(counts: readonly number[], height: number): Box {
  let left = Infinity;
  let right = -1;
  let top = Infinity;
  let bottom = -1;
  let at = 0;
  for (let i = 0; i < counts.length; at += counts[i++]) {
    if (i % 2 === 0 || counts[i] === 0) continue;
    const last = at + counts[i] - 1;
    const firstColumn = Math.floor(at / height);
    const lastColumn = Math.floor(last / height);
    left = Math.min(left, firstColumn);
    right = Math.max(right, lastColumn);
    // A run over more than one column touches the bottom of one and the top of the next.
    top = Math.min(top, firstColumn < lastColumn ? 0 : at % height);
    bottom = Math.max(bottom, firstColumn < lastColumn ? height - 1 : last % height);
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/** Intersection over union of two masks of one size; 0 when both are empty. */
export function iouOf(one: readonly number[], other: readonly number[]): number {
  let i = 0;
  let j = 0;
  let leftOne = one[0] ?? 0;
  let leftOther = other[0] ?? 0;
  let both = 0;
  let either = 0;
  while (i < one.length || j < other.length) {
    // Past its end a mask is empty for ever.
    const a = i < one.length ? leftOne : Infinity;
    const b = j < other.length ? leftOther : Infinity;
    const run = Math.min(a, b);
    const inOne = i < one.length && i % 2 === 1;
    const inOther = j < other.length && j % 2 === 1;
    if (inOne && inOther) both += run;
    if (inOne || inOther) either += run;
    if (a === run) leftOne = one[++i] ?? 0;
    else leftOne -= run;
    if (b === run) leftOther = other[++j] ?? 0;
    else leftOther -= run;
  }
  return either === 0 ? 0 : both / either;
}

/** Draws `value` where the mask is, into a column-major picture of the mask's size. Throws RangeError when runs and size do not fit. */
export function fillMask(counts: readonly number[], value: number, into: Uint8Array | Uint16Array): void {
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    if (i % 2 === 1) into.fill(value, at, at + counts[i]);
    at += counts[i];
  }
  if (at !== into.length) throw new RangeError(`run lengths make ${at} pixels, not ${into.length}`);
}

/** The masks of all names in a label map, in order of label, in one pass down the columns. */
export function masksOf(map: LabelMap): LabelMask[] {
  const { width, height, labels } = map;
  const runs = new Map<number, { counts: number[]; end: number }>();
  const pixels = width * height;
  let start = 0;
  let current = labels[0];
  const close = (end: number) => {
    const run = runs.get(current) ?? { counts: [], end: 0 };
    runs.set(current, run);
    run.counts.push(start - run.end, end - start);
    run.end = end;
  };
  for (let x = 0, position = 0; x < width; x++) {
    for (let y = 0, at = x; y < height; y++, at += width, position++) {
      if (labels[at] === current) continue;
      close(position);
      current = labels[at];
      start = position;
    }
  }
  if (pixels > 0) close(pixels);
  return [...runs]
    .sort(([a], [b]) => a - b)
    .map(([label, { counts, end }]) => {
      if (end < pixels) counts.push(pixels - end);
      return {
        label,
        rle: { size: [height, width], counts: encodeCounts(counts) },
        area: areaOf(counts),
        bbox: boxOf(counts, height),
      };
    });
}
