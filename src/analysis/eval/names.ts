/** How well pixels are named. All figures are parts, 0 to 1; NaN where there was nothing to count. */
export interface NameScores {
  /** Mean of the names' IoU, over the names that the truth shows. */
  readonly miou: number;
  /** Pixels with the right name. */
  readonly accuracy: number;
  /** Video consistency over windows of 8 and 16 frames: see `consistency`. */
  readonly vc8: number;
  readonly vc16: number;
  /** Of the pixels whose truth stays from one frame to the next, those whose name changes. */
  readonly flicker: number;
  readonly names: readonly { readonly name: string; readonly iou: number; readonly pixels: number }[];
}

/** A frame's names: pixel i has `values[map[i]]`, where 0 is no name and k the k-th of the truth's names. */
export interface NamedFrame {
  readonly map: Uint16Array;
  readonly values: ArrayLike<number>;
}

const NONE = 0;

/**
 * Counts names frame by frame. `names`: those of the truth; what the masks call otherwise has the value after the last
 * and is wrong wherever it is. Pixels without truth are ignored; those that the masks leave out are wrong.
 */
export function createNameScores(names: readonly string[], pixels: number) {
  const classes = names.length + 2;
  const confusion = new Float64Array(classes * classes);
  const wantBefore = new Uint16Array(pixels);
  const haveBefore = new Uint16Array(pixels);
  const consistency = createConsistency([8, 16], pixels);
  let kept = 0;
  let changed = 0;

  function add(truth: NamedFrame, masks: NamedFrame): void {
    consistency.begin();
    for (let i = 0; i < pixels; i++) {
      const want = truth.values[truth.map[i]];
      const have = masks.values[masks.map[i]];
      const same = want !== NONE && want === wantBefore[i];
      if (same) {
        kept++;
        if (have !== haveBefore[i]) changed++;
      }
      wantBefore[i] = want;
      haveBefore[i] = have;
      if (want !== NONE) confusion[want * classes + have]++;
      consistency.pixel(i, want !== NONE, same, want === have);
    }
    consistency.end();
  }

  const scores = (): NameScores => {
    const [vc8, vc16] = consistency.means();
    return { ...shares(confusion, classes, names), vc8, vc16, flicker: changed / kept };
  };
  return { add, scores };
}

/**
 * Video consistency (Miao et al., "VSPW: a large-scale dataset for video scene parsing in the wild", CVPR 2021): for
 * each window of k frames, of the pixels whose truth is the same in all k, the part that is predicted right in all k;
 * the mean over the windows that have such pixels. (The script published with the data set differs: it asks that the
 * prediction stays, right or wrong, and leaves the last window out.)
 */
function createConsistency(sizes: readonly number[], pixels: number) {
  /** For how many frames, this one included, the truth has been the same, and the prediction right. */
  const stays = new Uint32Array(pixels);
  const right = new Uint32Array(pixels);
  const windows = sizes.map((size) => ({ size, stay: 0, right: 0, sum: 0, count: 0 }));
  return {
    begin(): void {
      for (const window of windows) window.stay = window.right = 0;
    },
    pixel(i: number, known: boolean, same: boolean, hit: boolean): void {
      stays[i] = same ? stays[i] + 1 : known ? 1 : 0;
      right[i] = hit ? right[i] + 1 : 0;
      for (let k = 0; k < windows.length; k++) {
        const window = windows[k];
        if (stays[i] < window.size) continue;
        window.stay++;
        if (right[i] >= window.size) window.right++;
      }
    },
    end(): void {
      for (const window of windows) {
        if (window.stay === 0) continue;
        window.sum += window.right / window.stay;
        window.count++;
      }
    },
    means: (): number[] => windows.map(({ sum, count }) => sum / count),
  };
}

/** The figures that hang on how often each name (row) was taken for which (column). */
function shares(confusion: Float64Array, classes: number, names: readonly string[]) {
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
