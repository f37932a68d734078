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

/** Most characters that one run takes. */
const LONGEST = 7;

/** Writes a number as five bits a character, low first. Returns where the next one begins. */
function put(bytes: Uint8Array, at: number, value: number): number {
  while (value < -16 || value > 15) {
    bytes[at++] = 80 + (value & 31);
    value >>= 5;
  }
  bytes[at++] = 48 + (value & 31);
  return at;
}

/** Run lengths as COCO's string: five bits a character, low first, each run but the first three as difference to the one two before. */
export function encodeCounts(counts: ArrayLike<number>): string {
  const bytes = Buffer.allocUnsafe(counts.length * LONGEST);
  let at = 0;
  for (let i = 0; i < counts.length; i++) at = put(bytes, at, i > 2 ? counts[i] - counts[i - 2] : counts[i]);
  return bytes.toString('latin1', 0, at);
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
export function masksOf({ width, height, labels }: LabelMap): LabelMask[] {
  const builder = createMaskBuilder(width, height);
  for (let x = 0, position = 0, current = -1; x < width; x++) {
    for (let y = 0, at = x; y < height; y++, at += width, position++) {
      const label = labels[at];
      if (label !== current) builder.begin(label, position);
      current = label;
    }
  }
  return builder.finish();
}

/** Makes masks of frames of one size from their runs; its memory serves frame after frame. */
export interface MaskBuilder {
  /**
   * From this pixel on, counted down the columns from 0, the frame shows `label`, 0..65535. The first pixel of a frame
   * is 0; positions rise. Does nothing where the label is the one before it.
   */
  begin(label: number, position: number): void;
  /** The masks of the frame in order of label; what comes next is another frame. */
  finish(): LabelMask[];
}

/** Sizes in pixels. */
export function createMaskBuilder(width: number, height: number): MaskBuilder {
  const pixels = width * height;
  // A run ends where the next one begins. The runs of a label are a list: 0 is none, so that new memory is no run.
  let starts = new Int32Array(1 << 12);
  let nexts = new Int32Array(1 << 12);
  const firsts = new Int32Array(1 << 16);
  const lasts = new Int32Array(1 << 16);
  const seen = new Uint16Array(1 << 16);
  let bytes = Buffer.allocUnsafe(1 << 12);
  let runs = 0;
  let kinds = 0;
  let current = -1;

  function begin(label: number, position: number): void {
    if (label === current) return;
    current = label;
    // One more is needed for the end of the last one.
    if (++runs + 1 >= starts.length) {
      starts = doubled(starts);
      nexts = doubled(nexts);
    }
    starts[runs] = position;
    nexts[runs] = 0;
    if (firsts[label] === 0) {
      firsts[label] = runs;
      seen[kinds++] = label;
    } else nexts[lasts[label]] = runs;
    lasts[label] = runs;
  }

  function maskOf(label: number): LabelMask {
    let size = 0;
    let area = 0;
    let [left, right, top, bottom] = [width, -1, height, -1];
    let end = 0;
    // Differences are to the run, and to the gap, before; the second gap is the first one that is remembered.
    let [lastGap, lastRun] = [0, 0];
    for (let run = firsts[label]; run !== 0; run = nexts[run]) {
      if (size + 3 * LONGEST > bytes.length) {
        const larger = Buffer.allocUnsafe(2 * bytes.length);
        larger.set(bytes);
        bytes = larger;
      }
      const start = starts[run];
      const length = starts[run + 1] - start;
      size = put(bytes, size, start - end - lastGap);
      size = put(bytes, size, length - lastRun);
      lastGap = area > 0 ? start - end : 0;
      lastRun = length;
      end = start + length;
      area += length;
      const column = Math.trunc(start / height);
      const y = start - column * height;
      if (column < left) left = column;
      if (y + length <= height) {
        if (column > right) right = column;
        if (y < top) top = y;
        if (y + length > bottom) bottom = y + length;
      } else {
        // A run over more than one column touches the bottom of one and the top of the next.
        right = Math.trunc((end - 1) / height);
        top = 0;
        bottom = height;
      }
    }
    if (end < pixels) size = put(bytes, size, pixels - end - lastGap);
    const counts = bytes.toString('latin1', 0, size);
    return {
      label,
      rle: { size: [height, width], counts },
      area,
      bbox: [left, top, right - left + 1, bottom - top],
    };
  }

  function finish(): LabelMask[] {
    starts[runs + 1] = pixels;
    const labels = seen.subarray(0, kinds).sort();
    const masks = Array.from(labels, maskOf);
    for (const label of labels) firsts[label] = 0;
    runs = kinds = 0;
    current = -1;
    return masks;
  }

  return { begin, finish };
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}
