import { roundTracks } from '../analysis/file/rows.ts';
import { noRegions } from '../associate/region-state.ts';
import { gridOf, masksOf } from '../associate/regions.ts';
import { dominantRows, NOWHERE, noSeeds, trackSeeds } from '../associate/seeds.ts';
import { associate } from '../associate/tracker.ts';
import type { AnalysedFrame, Mixtures, TrackTable } from '../core/frame.ts';
import { type Pts, ptsToSeconds, type Rational } from '../core/time.ts';

/** The regions of a frame whose masks are known point by point. */
export interface PointRegions {
  readonly count: number;
  /** float32, count × D. */
  readonly embeddings: Float32Array;
  /** float32, count × width. */
  readonly queries: Float32Array;
  readonly points: Mixtures;
}

export interface RegionsAt {
  readonly index: number;
  readonly pts: Pts;
  /** The very same as of the frame before where nothing new was seen. */
  readonly regions: PointRegions;
}

export interface Followed extends RegionsAt {
  /** int32: the track of each region, from 1; −1 for a region that is nowhere. The same where the regions are. */
  readonly tracks: Int32Array;
}

/**
 * Frames that look alike share their regions, wherever they were analysed. What is seen twice is not to be counted twice,
 * and whether it was seen twice must not matter.
 */
export async function* settle(frames: AsyncIterable<RegionsAt>): AsyncGenerator<RegionsAt> {
  let last: PointRegions | undefined;
  for await (const frame of frames) {
    if (last === undefined || !isSame(last, frame.regions)) last = frame.regions;
    yield { ...frame, regions: last };
  }
}

function isSame(a: PointRegions, b: PointRegions): boolean {
  if (a === b) return true;
  const equal = (one: ArrayBufferView, other: ArrayBufferView) =>
    Buffer.compare(bytesOf(one), bytesOf(other)) === 0;
  return (
    equal(a.points.codes, b.points.codes) &&
    equal(a.points.levels, b.points.levels) &&
    equal(a.points.regions, b.points.regions) &&
    equal(a.points.starts, b.points.starts) &&
    equal(a.embeddings, b.embeddings)
  );
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Follows regions from frame to frame. Frames that share their regions share their tracks. */
export async function* follow(
  frames: AsyncIterable<RegionsAt>,
  timeBase: Rational,
): AsyncGenerator<Followed> {
  let state = noRegions;
  let last: { regions: PointRegions; tracks: Int32Array } | undefined;
  for await (const frame of frames) {
    const { index, pts, regions } = frame;
    if (last?.regions !== regions) {
      const { count, embeddings, queries, points } = regions;
      const seen = { count, embeddings, queries, ...gridOf(points), ...masksOf(points, count) };
      const next = associate(state, { ...seen, index, seconds: ptsToSeconds(pts, timeBase) });
      state = next.state;
      last = { regions, tracks: next.tracks };
    }
    yield { ...frame, tracks: last.tracks };
  }
}

/**
 * Frames that are named by one table of tracks. What a track looks like is the mean over so many frames: a third of a
 * second tells more than one frame, and need be kept only once.
 */
export const GROUP = 8;

/**
 * Gathers frames in groups of `GROUP`, counted from the video's first frame wherever its parts were analysed, and follows the
 * seeds of objects. `count`: how many tracks there are.
 */
export async function* gather(
  frames: AsyncIterable<Followed>,
  timeBase: Rational,
  count: { tracks: number },
): AsyncGenerator<AnalysedFrame> {
  let seeds = noSeeds;
  let group: Seeded[] = [];
  let last: Seeded | undefined;
  for await (const frame of frames) {
    const { index, pts, regions, tracks } = frame;
    if (group.length > 0 && Math.floor(index / GROUP) !== Math.floor(group[0].index / GROUP)) {
      yield* together(group);
      group = [];
    }
    if (last?.regions === regions) last = { ...last, index, pts, analysed: false };
    else {
      for (const track of tracks) count.tracks = Math.max(count.tracks, track);
      const at = { index, seconds: ptsToSeconds(pts, timeBase) };
      const next = trackSeeds(seeds, regions.points, tracks, at);
      seeds = next.state;
      last = { index, pts, analysed: true, regions, tracks, seeds: next.seeds };
    }
    group.push(last);
  }
  if (group.length > 0) yield* together(group);
}

/** A frame with its tracks and the seeds of its objects. */
export interface Seeded extends Followed {
  readonly analysed: boolean;
  readonly seeds: Int32Array;
}

/** Frames by one table. Those that share their regions follow each other. */
export function* together(group: readonly Seeded[]): Generator<AnalysedFrame> {
  const tracks = tableOf(group);
  const rows = new Map([...tracks.ids].map((id, row) => [id, row]));
  let last: { regions: PointRegions; points: Mixtures } | undefined;
  for (const { index, pts, analysed, regions, tracks: ids, seeds } of group) {
    if (last?.regions !== regions) {
      const { points } = regions;
      last = {
        regions,
        points: { ...points, regions: points.regions.map((region) => rows.get(ids[region])!) },
      };
    }
    yield { index, pts, analysed, tracks, points: last.points, seeds };
  }
}

/** The tracks that show in any of these frames, by id. */
function tableOf(group: readonly Seeded[]): TrackTable {
  const sums = new Map<number, { embedding: Float64Array; frames: number; share: number }>();
  for (const { regions, tracks } of group) {
    const { embeddings, points, count } = regions;
    const dim = embeddings.length / count;
    const shares = sharesOf(points, count);
    for (const region of shown(points, count)) {
      const sum = sums.get(tracks[region]) ?? { embedding: new Float64Array(dim), frames: 0, share: 0 };
      sums.set(tracks[region], sum);
      for (let i = 0; i < dim; i++) sum.embedding[i] += embeddings[region * dim + i];
      sum.frames++;
      sum.share += shares[region];
    }
  }
  const ordered = [...sums].sort(([a], [b]) => a - b);
  return roundTracks({
    ids: Int32Array.from(ordered, ([id]) => id),
    embeddings: Float32Array.from(
      ordered.flatMap(([, { embedding, frames }]) => [...embedding].map((sum) => sum / frames)),
    ),
    shares: Float32Array.from(ordered, ([, { share }]) => share / group.length),
  });
}

/** The share of the picture in which each region comes first. */
function sharesOf(points: Mixtures, count: number): Float64Array {
  const rows = dominantRows(points);
  const shares = new Float64Array(count);
  for (let point = 0; point < points.codes.length; point++) {
    const row = rows[points.codes[point]];
    if (row !== NOWHERE) shares[row]++;
  }
  return shares.map((area) => area / points.codes.length);
}

/** The regions that are anywhere. */
function shown({ regions }: Mixtures, count: number): number[] {
  const marks = new Uint8Array(count);
  for (const region of regions) marks[region] = 1;
  return [...marks.keys()].filter((region) => marks[region] === 1);
}
