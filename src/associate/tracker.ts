import { pairUp } from './match.ts';
import { maskWords, noRegions, type RegionState } from './region-state.ts';
import {
  cosine,
  differingSigns,
  type Masks,
  masksFrom,
  overlapOf,
  type RegionFrame,
  type Vectors,
  vectorsOf,
} from './regions.ts';

/** What 1 − cosine of embeddings, 1 − cosine of queries and 1 − overlap of masks count in a pair's cost. */
const [EMBEDDINGS, QUERIES, MASKS] = [2, 1, 0.5];
/** A pair that costs more is none. */
const DEAREST = 0.9;
/** A pair whose masks overlap less must have embeddings at least this alike. */
const [LITTLE_OVERLAP, ALIKE] = [0.1, 0.9];
/** A pair this cheap may be taken at a glance, where its signs differ from those of all rivals by far. */
const CHEAP = 0.3;
const BY_FAR = 2;
/** What another place among the regions adds: of two that are equal, the one that keeps its place goes on. */
const MOVED = 0.001;
/** Seconds for which a lost track can be taken up again, and how alike its embedding must then be. */
const MEMORY = 2;
const THE_SAME = 0.95;
/** Seconds over which embeddings are smoothed. */
const SMOOTHING = 0.5;
/** A scene is cut where the pairs' masks overlap less than this in the mean and their embeddings are less alike. */
const [CUT_OVERLAP, CUT_ALIKE] = [0.3, 0.85];

/** The sides of a comparison. */
interface Side {
  readonly embeddings: Vectors;
  readonly queries: Vectors | undefined;
  readonly masks: Masks;
}

/**
 * Carries the ids of regions from frame to frame. `tracks`: int32, the id of each region, from 1 and never used again;
 * −1 for a region that is nowhere and has no track to continue.
 *
 * A region continues the track with which it costs least: likeness of embeddings, of queries and overlap of masks. A
 * track that finds no region is lost and may be taken up again by its embedding for two seconds. Where the scene is cut,
 * nothing goes on. A frame of another size or another model starts anew, with new ids.
 *
 * Pure: `state` is not changed. The same on every machine: only + − × ÷ and square roots decide.
 * Throws RangeError where sizes do not fit or the frame's number does not grow.
 */
export function associate(
  state: RegionState,
  frame: RegionFrame,
): { readonly state: RegionState; readonly tracks: Int32Array } {
  checkSizes(state, frame);
  const { count, seconds, gridWidth, gridHeight, shown } = frame;
  const regions: Side = {
    embeddings: vectorsOf(frame.embeddings, count),
    queries: frame.queries && vectorsOf(frame.queries, count),
    masks: frame.masks,
  };
  const sameGrid = state.gridWidth === gridWidth && state.gridHeight === gridHeight;
  const sameModel =
    count === 0 || (state.dim === regions.embeddings.dim && state.width === (regions.queries?.dim ?? 0));
  const before = sameGrid && sameModel ? state : { ...noRegions, nextId: state.nextId };
  const known = sideOf(before);

  const live = rowsWhere(before.ids, (_, row) => before.slots[row] >= 0);
  // Row of the state that each region continues.
  const rows = new Int32Array(count).fill(-1);
  atAGlance(regions, known, live, rows);
  pairRest(regions, known, before.slots, live, rows);
  const cut = isCut(regions, known, live, rows);
  if (cut) rows.fill(-1);
  const waiting = rowsWhere(before.seen, (seen, row) => {
    return !cut && !rows.includes(row) && seconds - seen <= MEMORY;
  });
  const lost = waiting.filter((row) => before.slots[row] < 0);
  takeUp(regions, known, shown, lost, rows);

  const tracks = new Int32Array(count).fill(-1);
  let nextId = before.nextId;
  for (let region = 0; region < count; region++) {
    if (rows[region] >= 0) tracks[region] = before.ids[rows[region]];
    else if (shown[region]) tracks[region] = nextId++;
  }
  const kept = waiting.filter((row) => !rows.includes(row));
  return { state: renew(before, frame, regions, tracks, rows, kept, nextId), tracks };
}

function checkSizes(state: RegionState, frame: RegionFrame): void {
  const { count, gridWidth, gridHeight, masks, shown, embeddings, queries, index, seconds } = frame;
  if (masks.bits.length !== count * maskWords(gridWidth, gridHeight) || shown.length !== count) {
    throw new RangeError(`the masks are not ${count}×${gridHeight}×${gridWidth}`);
  }
  if (count > 0 && (embeddings.length % count !== 0 || (queries?.length ?? 0) % count !== 0)) {
    throw new RangeError(`embeddings or queries are not of ${count} regions`);
  }
  if (!Number.isFinite(seconds)) throw new RangeError(`frame ${index} has no time`);
  if (!(index > state.index)) throw new RangeError(`frame ${index} comes after frame ${state.index}`);
}

function sideOf({ ids, width, embeddings, queries, bits }: RegionState): Side {
  return {
    embeddings: vectorsOf(embeddings, ids.length),
    queries: width > 0 ? vectorsOf(queries, ids.length) : undefined,
    masks: masksFrom(bits, ids.length),
  };
}

function rowsWhere<T extends Int32Array | Float64Array>(
  values: T,
  holds: (value: number, row: number) => boolean,
): number[] {
  const rows: number[] = [];
  for (let row = 0; row < values.length; row++) if (holds(values[row], row)) rows.push(row);
  return rows;
}

/** What it costs to take a region for a track; from 0 up, Infinity where it is out of the question. */
function costOf(regions: Side, region: number, known: Side, row: number): number {
  const overlap = overlapOf(regions.masks, region, known.masks, row);
  const alike = cosine(regions.embeddings, region, known.embeddings, row);
  if (overlap < LITTLE_OVERLAP && alike < ALIKE) return Infinity;
  const query =
    regions.queries && known.queries ? cosine(regions.queries, region, known.queries, row) : alike;
  return EMBEDDINGS * (1 - alike) + QUERIES * (1 - query) + MASKS * (1 - overlap);
}

/**
 * Most regions are hardly changed, and a few words of signs tell which is which: pairs that are by far the nearest of each
 * other need no full comparison with all others.
 */
function atAGlance(regions: Side, known: Side, live: readonly number[], rows: Int32Array): void {
  const rowsSeen = live.map((): Nearest => ({ at: -1, differing: Infinity, next: Infinity }));
  const regionsSeen = Array.from(rows, (): Nearest => ({ at: -1, differing: Infinity, next: Infinity }));
  for (const [region, ofRegion] of regionsSeen.entries()) {
    for (const [i, row] of live.entries()) {
      let differing = differingSigns(regions.embeddings, region, known.embeddings, row);
      if (regions.queries && known.queries) {
        differing += differingSigns(regions.queries, region, known.queries, row);
      }
      note(ofRegion, i, differing);
      note(rowsSeen[i], region, differing);
    }
  }
  for (const [region, { at, differing, next }] of regionsSeen.entries()) {
    if (at < 0 || rowsSeen[at].at !== region) continue;
    const clear = differing * BY_FAR < Math.min(next, rowsSeen[at].next);
    if (clear && costOf(regions, region, known, live[at]) <= CHEAP) rows[region] = live[at];
  }
}

/** The nearest of several, and how near the next is. */
interface Nearest {
  at: number;
  differing: number;
  next: number;
}

function note(nearest: Nearest, at: number, differing: number): void {
  if (differing < nearest.differing) {
    nearest.next = nearest.differing;
    nearest.differing = differing;
    nearest.at = at;
  } else if (differing < nearest.next) nearest.next = differing;
}

/** The cheapest pairs of what is left. */
function pairRest(
  regions: Side,
  known: Side,
  slots: Int32Array,
  live: readonly number[],
  rows: Int32Array,
): void {
  const taken = new Set(rows);
  const free = live.filter((row) => !taken.has(row));
  const open = rowsWhere(rows, (row) => row < 0);
  const cost = new Float64Array(open.length * free.length);
  for (const [i, region] of open.entries()) {
    for (const [j, row] of free.entries()) {
      const moved = slots[row] === region ? 0 : MOVED;
      cost[i * free.length + j] = costOf(regions, region, known, row) + moved;
    }
  }
  for (const [i, j] of pairUp(cost, open.length, free.length, DEAREST).entries()) {
    if (j >= 0) rows[open[i]] = free[j];
  }
}

/** True where next to nothing that was in the picture is still in it. */
function isCut(regions: Side, known: Side, live: readonly number[], rows: Int32Array): boolean {
  // A frame in which nothing is anywhere says nothing.
  if (regions.masks.areas.every((area) => area === 0)) return false;
  let tracks = 0;
  for (const row of live) if (known.masks.areas[row] > 0) tracks++;
  let overlap = 0;
  let alike = 0;
  for (const [region, row] of rows.entries()) {
    if (row < 0 || known.masks.areas[row] === 0) continue;
    overlap += overlapOf(regions.masks, region, known.masks, row);
    alike += cosine(regions.embeddings, region, known.embeddings, row);
  }
  return tracks > 0 && overlap < CUT_OVERLAP * tracks && alike < CUT_ALIKE * tracks;
}

/** Lost tracks for regions that have none, by their embeddings alone. */
function takeUp(
  regions: Side,
  known: Side,
  shown: Uint8Array,
  lost: readonly number[],
  rows: Int32Array,
): void {
  const open = rowsWhere(rows, (row, region) => row < 0 && shown[region] !== 0);
  const cost = new Float64Array(open.length * lost.length);
  for (const [i, region] of open.entries()) {
    for (const [j, row] of lost.entries()) {
      cost[i * lost.length + j] = 1 - cosine(regions.embeddings, region, known.embeddings, row);
    }
  }
  for (const [i, j] of pairUp(cost, open.length, lost.length, 1 - THE_SAME).entries()) {
    if (j >= 0) rows[open[i]] = lost[j];
  }
}

/** The state after the frame: tracks seen in it, and those waited for. */
function renew(
  before: RegionState,
  frame: RegionFrame,
  regions: Side,
  tracks: Int32Array,
  rows: Int32Array,
  kept: readonly number[],
  nextId: number,
): RegionState {
  const { index, seconds, count } = frame;
  // A frame without regions says nothing about their sizes.
  const { dim } = count > 0 ? regions.embeddings : before;
  const width = count > 0 ? (regions.queries?.dim ?? 0) : before.width;
  const words = maskWords(frame.gridWidth, frame.gridHeight);
  const entries = [
    ...kept.map((row) => ({ id: before.ids[row], row, region: -1 })),
    ...rowsWhere(tracks, (id) => id > 0).map((region) => ({ id: tracks[region], row: rows[region], region })),
  ].sort((a, b) => a.id - b.id);
  const state = {
    nextId,
    index,
    seconds,
    dim,
    width,
    gridWidth: frame.gridWidth,
    gridHeight: frame.gridHeight,
    ids: Int32Array.from(entries, ({ id }) => id),
    slots: Int32Array.from(entries, ({ region }) => region),
    seen: Float64Array.from(entries, ({ row, region }) => (region < 0 ? before.seen[row] : seconds)),
    embeddings: new Float32Array(entries.length * dim),
    queries: new Float32Array(entries.length * width),
    bits: new Uint32Array(entries.length * words),
  };
  for (const [at, { row, region }] of entries.entries()) {
    const from = region < 0 ? row : region;
    const { queries, bits } =
      region < 0 ? before : { queries: regions.queries?.values, bits: regions.masks.bits };
    if (queries) state.queries.set(queries.subarray(from * width, (from + 1) * width), at * width);
    state.bits.set(bits.subarray(from * words, (from + 1) * words), at * words);
    const embedding = state.embeddings.subarray(at * dim, (at + 1) * dim);
    if (row >= 0) embedding.set(before.embeddings.subarray(row * dim, (row + 1) * dim));
    if (region < 0) continue;
    const elapsed = row < 0 ? 0 : Math.max(0, seconds - before.seen[row]);
    blend(embedding, regions.embeddings, region, row < 0 ? 1 : elapsed / (SMOOTHING + elapsed));
  }
  return state;
}

/** Moves a vector by `share` of the way to a region's embedding, and makes it a unit again. */
function blend(vector: Float32Array, embeddings: Vectors, region: number, share: number): void {
  const { dim, values, scales } = embeddings;
  const blended = new Float64Array(dim);
  let sum = 0;
  for (let i = 0, at = region * dim; i < dim; i++, at++) {
    const value = vector[i] + share * (values[at] * scales[region] - vector[i]);
    blended[i] = value;
    sum += value * value;
  }
  // Opposites cancel, and a model may fail: then the old one stays.
  if (!(sum > 0 && sum < Infinity)) return;
  const scale = 1 / Math.sqrt(sum);
  for (let i = 0; i < dim; i++) vector[i] = blended[i] * scale;
}
