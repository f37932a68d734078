import { SidestreamError } from '../core/errors.ts';
import { decodeCounts, fillMask } from '../core/mask.ts';
import type { MasksFile } from './masks-file.ts';

/** How good masks are against a truth. All figures are parts, 0 to 1; NaN where there was nothing to count. */
export interface Evaluation {
  readonly frames: number;
  /** Mean of the names' IoU, over the names that the truth shows. */
  readonly miou: number;
  /** Pixels with the right name. */
  readonly accuracy: number;
  /** Video consistency over windows of 8 and 16 frames: of the pixels whose truth stays, those right in all frames; mean over windows. */
  readonly vc8: number;
  readonly vc16: number;
  /** Of the pixels whose truth stays from one frame to the next, those whose name changes. */
  readonly flicker: number;
  readonly names: readonly { readonly name: string; readonly iou: number; readonly pixels: number }[];
}

/** No name: a pixel without truth, or one that the masks leave out. */
const NONE = 0;

/**
 * Compares masks with a truth, frame by frame, at the truth's size (masks are read at the nearest pixel, so that at
 * half size every other row and column counts). Counts are summed over all frames; pixels without truth are ignored.
 * Names are matched without regard to case. Throws TRUTH_INVALID when the two are not of one video.
 */
export function evaluate(masks: MasksFile, truth: MasksFile): Evaluation {
  const [{ width, height, length }] = truth.videos;
  const [video] = masks.videos;
  if (video.length !== length) {
    throw new SidestreamError(
      'TRUTH_INVALID',
      `the masks have ${video.length} frames and the truth ${length}: they must be of the same video`,
    );
  }
  const names = new Map<string, number>();
  const shown: string[] = [];
  for (const { name } of truth.categories) {
    if (names.has(name.toLowerCase())) continue;
    shown.push(name);
    names.set(name.toLowerCase(), shown.length);
  }
  // Names that the truth does not know are wrong wherever they are, and all the same.
  const strange = names.size + 1;
  const classes = strange + 1;
  const want = reader(truth, (name) => names.get(name) ?? strange);
  const have = reader(masks, (name) => names.get(name) ?? strange);
  const pixels = width * height;
  const sources = new Int32Array(pixels);
  for (let x = 0, i = 0; x < width; x++) {
    const column = Math.floor((x * video.width) / width) * video.height;
    for (let y = 0; y < height; y++, i++) sources[i] = column + Math.floor((y * video.height) / height);
  }
  const confusion = new Float64Array(classes * classes);
  const before = { want: new Uint16Array(pixels), have: new Uint16Array(pixels) };
  const stays = new Uint32Array(pixels);
  const right = new Uint32Array(pixels);
  const windows = [8, 16].map((size) => ({ size, sum: 0, count: 0 }));
  let kept = 0;
  let changed = 0;
  for (let frame = 0; frame < length; frame++) {
    const truths = want(frame);
    const guesses = have(frame);
    const all = windows.map(() => ({ stay: 0, right: 0 }));
    for (let i = 0; i < pixels; i++) {
      const t = truths[i];
      const g = guesses[sources[i]];
      const same = frame > 0 && t !== NONE && t === before.want[i];
      if (same) {
        kept++;
        if (g !== before.have[i]) changed++;
      }
      before.want[i] = t;
      before.have[i] = g;
      stays[i] = t === NONE ? 0 : same ? stays[i] + 1 : 1;
      right[i] = t !== g ? 0 : right[i] + 1;
      if (t !== NONE) confusion[t * classes + g]++;
      for (let k = 0; k < windows.length; k++) {
        if (stays[i] < windows[k].size) continue;
        all[k].stay++;
        if (right[i] >= windows[k].size) all[k].right++;
      }
    }
    for (const [k, window] of windows.entries()) {
      if (all[k].stay === 0) continue;
      window.sum += all[k].right / all[k].stay;
      window.count++;
    }
  }
  return {
    frames: length,
    ...scores(confusion, classes, shown),
    vc8: windows[0].sum / windows[0].count,
    vc16: windows[1].sum / windows[1].count,
    flicker: changed / kept,
  };
}

/** The figures that hang on how often each name (row) was taken for which (column). */
function scores(confusion: Float64Array, classes: number, names: readonly string[]) {
  const per = [];
  let hits = 0;
  let total = 0;
  for (let c = 1; c <= names.length; c++) {
    let inTruth = 0;
    let inMasks = 0;
    for (let other = 0; other < classes; other++) {
      inTruth += confusion[c * classes + other];
      inMasks += confusion[other * classes + c];
    }
    const hit = confusion[c * classes + c];
    hits += hit;
    total += inTruth;
    if (inTruth > 0) per.push({ name: names[c - 1], iou: hit / (inTruth + inMasks - hit), pixels: inTruth });
  }
  const miou = per.reduce((sum, { iou }) => sum + iou, 0) / per.length;
  return { miou, accuracy: hits / total, names: per };
}

/** Draws the names of a frame, column-major; the picture is drawn anew at each call. */
function reader(file: MasksFile, nameOf: (name: string) => number): (frame: number) => Uint16Array {
  const [{ width, height }] = file.videos;
  const picture = new Uint16Array(width * height);
  const values = new Map(file.categories.map(({ id, name }) => [id, nameOf(name.toLowerCase())]));
  return (frame) => {
    picture.fill(NONE);
    for (const { category_id, segmentations } of file.annotations) {
      const mask = segmentations[frame];
      const value = values.get(category_id);
      if (!mask || value === undefined) continue;
      try {
        fillMask(decodeCounts(mask.counts), value, picture);
      } catch (error) {
        throw new SidestreamError(
          'TRUTH_INVALID',
          `frame ${frame}: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
      }
    }
    return picture;
  };
}

/** The figures as a table for people. */
export function evaluationTable(result: Evaluation): string {
  const percent = (value: number) => (Number.isNaN(value) ? '-' : `${(value * 100).toFixed(1)} %`);
  const rows: [string, string][] = [
    ['mIoU', percent(result.miou)],
    ['pixel accuracy', percent(result.accuracy)],
    ['VC8', percent(result.vc8)],
    ['VC16', percent(result.vc16)],
    ['flicker', Number.isNaN(result.flicker) ? '-' : `${(result.flicker * 100).toFixed(2)} %`],
    ['frames', String(result.frames)],
    ['', ''],
    ...result.names.map(({ name, iou }): [string, string] => [`IoU ${name}`, percent(iou)]),
  ];
  const left = Math.max(...rows.map(([label]) => label.length));
  const right = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([label, value]) => `${label.padEnd(left)}  ${value.padStart(right)}`.trimEnd()).join('\n');
}
