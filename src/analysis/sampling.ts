/**
 * How one axis of the mask grid is read at output pixels. The reference resizes twice, grid to padded input and
 * (cropped) input to output, both bilinear with half-pixel centres and clamped edges. Both steps are linear, so an output pixel is a
 * weighted sum of at most three neighbouring grid samples: two inside a cell, three where the second step reaches
 * over a grid sample.
 */
export interface AxisSampling {
  /** Output pixels along the axis. */
  readonly length: number;
  /** First grid sample that pixel i reads. */
  readonly first: Int32Array;
  /** float32, length × 3: weights of the samples first, first + 1, first + 2; they sum to 1. */
  readonly weights: Float32Array;
  /** Runs of pixels that read the same samples, in order and without gaps. */
  readonly runs: readonly SamplingRun[];
}

/** Pixels from `start` up to, not including, `end` read `span` (1 to 3) samples from `first` on. */
export interface SamplingRun {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly span: number;
}

/** Sampling of a `grid` that lies over `padded` input pixels, of which the first `size` are shown at `length` output pixels. */
export function axisSampling(grid: number, padded: number, size: number, length: number): AxisSampling {
  const first = new Int32Array(length);
  const weights = new Float32Array(length * 3);
  const runs: { start: number; end: number; first: number; span: number }[] = [];
  for (let i = 0; i < length; i++) {
    const outer = position(i, size, length);
    const lower = position(outer.index, grid, padded);
    const base = lower.index;
    const taps = [0, 0, 0];
    taps[0] += (1 - outer.fraction) * (1 - lower.fraction);
    taps[1] += (1 - outer.fraction) * lower.fraction;
    if (outer.fraction > 0) {
      const upper = position(outer.index + 1, grid, padded);
      taps[upper.index - base] += outer.fraction * (1 - upper.fraction);
      if (upper.fraction > 0) taps[upper.index + 1 - base] += outer.fraction * upper.fraction;
    }
    first[i] = base;
    weights.set(taps, i * 3);
    // A run may contain pixels that sit on a sample exactly (span 1): they count as part of the cell beside it.
    const span = taps[2] > 0 ? 3 : Math.min(2, grid - base);
    const run = runs.at(-1);
    if (run && run.first === base && run.span === span) run.end = i + 1;
    else runs.push({ start: i, end: i + 1, first: base, span });
  }
  return { length, first, weights, runs };
}

/** Where output pixel i of `to` falls among `from` samples: PyTorch's `interpolate(align_corners=False)`. */
function position(i: number, from: number, to: number): { index: number; fraction: number } {
  const at = Math.max(0, (i + 0.5) * (from / to) - 0.5);
  const index = Math.min(Math.floor(at), from - 1);
  return { index, fraction: index === from - 1 ? 0 : at - index };
}
