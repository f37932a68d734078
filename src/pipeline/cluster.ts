import { mixturesOf } from '../analysis/mixtures.ts';
import { chainCentres, kMeans } from '../associate/cluster.ts';
import { roundToFloat16 } from '../core/float16.ts';
import type { Frame } from '../core/frame.ts';
import type { Architecture } from '../rsan/architecture.ts';
import { floats, type Model } from '../rsan/model.ts';
import { refinedSize } from '../rsan/refine.ts';
import type { Tensors } from '../rsan/session-messages.ts';
import { visionSides } from '../rsan/vision.ts';
import type { SeenFrame } from './analyse.ts';
import type { Followed, PointRegions, RegionsAt } from './associate.ts';

/**
 * The published way to see a video (R-SAN's video branch): the queries of a window's frames are clustered, and every
 * frame is decoded anew with the same centres in place of its own queries, so that region k is the same in all of them; what
 * a region looks like is the mean over the window. A short video is one window. In a longer one windows overlap, and
 * each frame is shown as the window sees it whose edges are farther away.
 */

/** What is kept of a frame until its window is whole. */
export interface Features {
  readonly index: number;
  readonly width: number;
  readonly height: number;
  /** queries, side_features, clip_memory and the frames themselves. Shared by windows that overlap. */
  readonly tensors: Tensors;
}

/** Frames of a window, at most, and how many it shares with the next. */
export interface WindowSize {
  readonly frames: number;
  readonly overlap: number;
}

const [LONGEST, SHORTEST, OVERLAP] = [48, 12, 1 / 4];
/** Memory for the features of a window. */
const BUDGET = 1 << 30;

/** The windows of a model at a picture's size: as long as memory allows, and the same on every machine. */
export function windowSize(architecture: Architecture, width: number, height: number): WindowSize {
  const { clip, side } = architecture;
  const { grid, clipGrid } = visionSides(architecture, height, width);
  const blocks = clip.vision.layers - clip.vision.split;
  const floats =
    side.queries * side.width +
    side.width * grid[0] * grid[1] +
    blocks * (1 + clipGrid[0] * clipGrid[1]) * clip.vision.width;
  const fitting = Math.floor(BUDGET / (4 * floats + 3 * width * height));
  const frames = Math.max(SHORTEST, Math.min(LONGEST, fitting - (fitting % 4)));
  return { frames, overlap: frames * OVERLAP };
}

const FEATURES = ['queries', 'side_features', 'clip_memory'] as const;

/** The first half of the model alone. */
export async function featuresOf(frame: Frame, model: Model, signal: AbortSignal): Promise<Features> {
  const { index, width, height } = frame;
  const pixels = frame.data.slice();
  const tensors = await model.see(frame.data, { batch: 1, width, height }, FEATURES, signal);
  const frames = { dtype: 'uint8', data: pixels, shape: [1, height, width, 3] } as const;
  return { index, width, height, tensors: { ...tensors, frames } };
}

/** The frames that windows are asked for, of all that are given: `from` ≤ index < `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Regions of the frames in `range`. Windows are counted from the video's first frame, and the frames given begin with the
 * first of one. `queries` of the regions are the centres of their window, the very same for all of its frames.
 */
export async function* cluster(
  frames: AsyncIterable<SeenFrame<Features>>,
  { from, to }: Range,
  model: Model,
  signal: AbortSignal,
): AsyncGenerator<RegionsAt> {
  let window: SeenFrame<Features>[] = [];
  let [size, overlap] = [0, 0];
  const see = async function* (last: boolean): AsyncGenerator<RegionsAt> {
    const [{ index: first }] = window;
    // From the middle of what is shared with the window before to that of what is shared with the next.
    const start = first === 0 ? 0 : first + overlap / 2;
    const end = last ? Infinity : first + size - overlap / 2;
    if (end <= from || start >= to) return;
    for (const seen of await shareQueries(window, model, signal)) {
      if (seen.index >= Math.max(start, from) && seen.index < Math.min(end, to)) yield seen;
    }
  };
  for await (const frame of frames) {
    if (size === 0) {
      const { width, height } = frame.regions;
      ({ frames: size, overlap } = windowSize(model.architecture, width, height));
    }
    // Whether another window follows is known with its first frame.
    if (window.length === size) {
      yield* see(false);
      window = window.slice(size - overlap);
    }
    window.push(frame);
  }
  if (window.length > 0) yield* see(true);
}

/** The regions of a window's frames, decoded with common queries. */
async function shareQueries(
  window: readonly SeenFrame<Features>[],
  model: Model,
  signal: AbortSignal,
): Promise<RegionsAt[]> {
  const { queries: count, width } = model.architecture.side;
  const distinct = [...new Set(window.map(({ regions }) => regions))];
  const points = new Float32Array(distinct.length * count * width);
  for (const [i, { tensors }] of distinct.entries())
    points.set(floats(tensors, 'queries'), i * count * width);
  const { centres } = kMeans(points, distinct.length * count, width, count);
  const queries = roundToFloat16(centres);

  const decoded = new Map<Features, Omit<PointRegions, 'embeddings'>>();
  const sums = new Float64Array(count * model.architecture.clip.embed);
  for (const features of distinct) {
    const outputs = await decode(features, queries, model, signal);
    const embeddings = floats(outputs, 'mask_embeddings');
    for (let i = 0; i < sums.length; i++) sums[i] += embeddings[i];
    const levels = outputs.refined_masks.data as Uint8Array;
    const { width, height } = refinedSize(features.width, features.height);
    decoded.set(features, { count, queries, points: mixturesOf(levels, width, height, count) });
  }
  const embeddings = roundToFloat16(Float32Array.from(sums, (sum) => sum / distinct.length));
  const regions = new Map([...decoded].map(([features, seen]) => [features, { ...seen, embeddings }]));
  return window.map(({ index, pts, regions: features }) => ({ index, pts, regions: regions.get(features)! }));
}

function decode(
  { tensors, width, height }: Features,
  queries: Float32Array<ArrayBuffer>,
  model: Model,
  signal: AbortSignal,
): Promise<Tensors> {
  // What is handed over is gone, and the next window wants it again.
  const copies = Object.entries({
    ...tensors,
    queries: { ...tensors.queries, data: queries },
  }).map(([name, { data, ...tensor }]) => [name, { ...tensor, data: data.slice() }]);
  return model.decode(Object.fromEntries(copies), { batch: 1, width, height }, signal);
}

/** Of two centres whose queries are less alike, the later is a new one: their squared distance over their mean squared length. */
const FAR = 1;

/** Ids for centres that go on from window to window. */
export async function* chain(frames: AsyncIterable<RegionsAt>): AsyncGenerator<Followed> {
  let last: { queries: Float32Array; tracks: Int32Array } | undefined;
  let nextId = 1;
  for await (const frame of frames) {
    const { queries, count } = frame.regions;
    if (!last) last = { queries, tracks: Int32Array.from({ length: count }, () => nextId++) };
    else if (last.queries !== queries && !sameNumbers(last.queries, queries)) {
      const before = last.tracks;
      const dim = queries.length / count;
      const rows = chainCentres(last.queries, queries, dim, FAR * meanSquare(queries, count));
      last = { queries, tracks: rows.map((row) => (row < 0 ? nextId++ : before[row])) };
    }
    yield { ...frame, tracks: last.tracks };
  }
}

const sameNumbers = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

function meanSquare(values: Float32Array, rows: number): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / rows;
}
