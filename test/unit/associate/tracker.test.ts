import { describe, expect, it } from 'vitest';
import {
  decodeState,
  encodeState,
  noRegions,
  type RegionState,
} from '../../../src/associate/region-state.ts';
import type { RegionFrame } from '../../../src/associate/regions.ts';
import { associate } from '../../../src/associate/tracker.ts';
import { floats, numbers } from './random.ts';

const [GRID_WIDTH, GRID_HEIGHT, DIM, WIDTH] = [22, 12, 48, 24];
const CELLS = GRID_WIDTH * GRID_HEIGHT;

/** A thing in the world: how it looks, and where it is. */
interface Thing {
  readonly embedding: Float32Array;
  readonly query: Float32Array;
  /** Left, top, width and height on the grid; undefined for a region that is nowhere. */
  readonly box: readonly [number, number, number, number] | undefined;
}

function thing(random: () => number, box: Thing['box']): Thing {
  return { embedding: floats(DIM, random), query: floats(WIDTH, random), box };
}

/** A frame of these things, each a little different in each frame. */
function frameOf(
  things: readonly Thing[],
  index: number,
  { seconds = index / 24, noise = 0.05, queries = true, random = numbers(index) } = {},
): RegionFrame {
  const words = Math.ceil(CELLS / 32);
  const bits = new Uint32Array(things.length * words);
  const areas = new Int32Array(things.length);
  const embeddings = new Float32Array(things.length * DIM);
  const vectors = new Float32Array(things.length * WIDTH);
  for (const [i, { embedding, query, box }] of things.entries()) {
    const noisy = embedding.map((value) => value + (random() * 2 - 1) * noise);
    const length = Math.sqrt(noisy.reduce((sum, value) => sum + value * value, 0));
    embeddings.set(
      noisy.map((value) => value / length),
      i * DIM,
    );
    vectors.set(
      query.map((value) => value + (random() * 2 - 1) * noise),
      i * WIDTH,
    );
    if (!box) continue;
    const [left, top, width, height] = box;
    for (let y = top; y < top + height; y++) {
      for (let at = y * GRID_WIDTH + left; at < y * GRID_WIDTH + left + width; at++)
        bits[i * words + (at >>> 5)] |= 1 << (at & 31);
    }
    areas[i] = width * height;
  }
  return {
    index,
    seconds,
    count: things.length,
    gridWidth: GRID_WIDTH,
    gridHeight: GRID_HEIGHT,
    masks: { count: things.length, words, bits, areas },
    shown: Uint8Array.from(areas, (area) => Number(area > 0)),
    embeddings,
    queries: queries ? vectors : undefined,
  };
}

function track(frames: readonly RegionFrame[], start: RegionState = noRegions): number[][] {
  let state = start;
  return frames.map((frame) => {
    const result = associate(state, frame);
    state = result.state;
    return [...result.tracks];
  });
}

/** Eight things that tile the picture. */
const scene = (seed: number) => {
  const random = numbers(seed);
  return Array.from({ length: 8 }, (_, i) => thing(random, [(i % 4) * 5, Math.floor(i / 4) * 6, 5, 6]));
};

describe('region tracks', () => {
  it('are numbered from 1 and stay with their regions', () => {
    const things = scene(1);
    for (const queries of [true, false]) {
      const tracks = track(Array.from({ length: 20 }, (_, t) => frameOf(things, t, { queries })));
      for (const ids of tracks) expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });

  it('follow regions whose places among the regions change', () => {
    const things = scene(2);
    const random = numbers(3);
    const orders = Array.from({ length: 20 }, (_, t) =>
      t === 0 ? [0, 1, 2, 3, 4, 5, 6, 7] : things.map((_, i) => i).sort(() => random() - 0.5),
    );
    const frames = orders.map((order, t) =>
      frameOf(
        order.map((i) => things[i]),
        t,
      ),
    );
    for (const [t, ids] of track(frames).entries()) expect(ids).toEqual(orders[t].map((i) => i + 1));
  });

  it('tell two that look alike by where they are', () => {
    const random = numbers(4);
    const one = thing(random, [0, 0, 6, 6]);
    const other = { ...one, box: [12, 4, 6, 6] as const };
    const tracks = track([
      frameOf([one, other], 0),
      frameOf([other, one], 1),
      frameOf([other, one], 2),
      frameOf([one, other], 3),
    ]);
    expect(tracks).toEqual([
      [1, 2],
      [2, 1],
      [2, 1],
      [1, 2],
    ]);
  });

  it('go on where a region moves far but looks the same', () => {
    const [first, ...others] = scene(5);
    const tracks = track([
      frameOf([first, ...others], 0),
      frameOf([...others, { ...first, box: [16, 5, 5, 6] }], 1),
    ]);
    expect(tracks[1]).toEqual([2, 3, 4, 5, 6, 7, 8, 1]);
  });

  it('begin and end; an id is never used again', () => {
    const things = scene(6);
    const newcomer = thing(numbers(7), [4, 2, 3, 3]);
    const tracks = track([
      frameOf(things.slice(0, 6), 0),
      frameOf([...things.slice(0, 5), newcomer], 1),
      frameOf([...things.slice(0, 5), newcomer, things[7]], 2),
    ]);
    expect(tracks[1]).toEqual([1, 2, 3, 4, 5, 7]);
    expect(tracks[2]).toEqual([1, 2, 3, 4, 5, 7, 8]);
  });

  it('are taken up again within two seconds, by time and not by frames', () => {
    const things = scene(8);
    for (const [seconds, again] of [
      [1.9, 8],
      [2.1, 9],
    ]) {
      for (const between of [1, 30]) {
        const frames = [frameOf(things, 0)];
        for (let i = 1; i <= between; i++) {
          frames.push(frameOf(things.slice(0, 7), i, { seconds: (seconds * i) / (between + 1) }));
        }
        frames.push(frameOf([things[7], ...things.slice(0, 7)], between + 1, { seconds }));
        expect(track(frames).at(-1)).toEqual([again, 1, 2, 3, 4, 5, 6, 7]);
      }
    }
  });

  it('are new after a cut, where regions keep their places but show other things', () => {
    const before = scene(9);
    const random = numbers(10);
    const after = before.map((_, i) => ({
      ...thing(random, [i * 2, (i * 5) % 7, 4, 4]),
      // What a query of the model has in common in all pictures.
      query: before[i].query,
    }));
    const tracks = track([frameOf(before, 0), frameOf(before, 1), frameOf(after, 2), frameOf(after, 3)]);
    expect(tracks[1]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(tracks[2]).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
    expect(tracks[3]).toEqual(tracks[2]);
  });

  it('are not begun by regions that are nowhere, but go on through them', () => {
    const [first, second] = scene(11);
    const tracks = track([
      frameOf([first, { ...second, box: undefined }], 0),
      frameOf([first, second], 1),
      frameOf([first, { ...second, box: undefined }], 2),
      frameOf([first, second], 3),
    ]);
    expect(tracks).toEqual([
      [1, -1],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it('survive frames without regions, and start anew where the grid or the model changes', () => {
    const things = scene(12);
    const empty = frameOf([], 1);
    expect(track([frameOf(things, 0), empty, frameOf(things, 2)])).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ]);
    const turned = { ...frameOf(things, 1), gridWidth: GRID_HEIGHT, gridHeight: GRID_WIDTH };
    expect(track([frameOf(things, 0), turned])[1]).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
    const unasked = frameOf(things, 1, { queries: false });
    expect(track([frameOf(things, 0), unasked])[1]).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
  });

  it('do not depend on where the state was written down and read again', () => {
    const things = scene(13);
    const random = numbers(14);
    const frames = Array.from({ length: 40 }, (_, t) => {
      const shown = things.filter(() => random() > 0.2).sort(() => (random() > 0.9 ? random() - 0.5 : 0));
      return frameOf(shown, t, { seconds: t / 5, noise: 0.2 });
    });
    let straight = noRegions;
    let restarted = noRegions;
    for (const frame of frames) {
      const one = associate(straight, frame);
      const given = encodeState(restarted);
      const other = associate(decodeState(given), frame);
      expect(associate(restarted, frame).tracks).toEqual(one.tracks);
      expect(encodeState(restarted)).toEqual(given);
      expect(other.tracks).toEqual(one.tracks);
      straight = one.state;
      restarted = other.state;
      expect(encodeState(restarted)).toEqual(encodeState(straight));
    }
  });

  it('keep an embedding that is smoothed over time', () => {
    const [one] = scene(15);
    const still = { ...one, embedding: Float32Array.from({ length: DIM }, (_, i) => (i === 0 ? 1 : 0)) };
    const turned = still.embedding.map((_, i) => [Math.sqrt(0.9), Math.sqrt(0.1)][i] ?? 0);
    const first = associate(noRegions, frameOf([still], 0, { noise: 0 })).state;
    // Half a second later the new embedding counts half.
    const { state } = associate(
      first,
      frameOf([{ ...still, embedding: turned }], 1, { noise: 0, seconds: 0.5 }),
    );
    const mean = [(1 + Math.sqrt(0.9)) / 2, Math.sqrt(0.1) / 2];
    const length = Math.hypot(...mean);
    expect(state.embeddings[0]).toBeCloseTo(mean[0] / length, 6);
    expect(state.embeddings[1]).toBeCloseTo(mean[1] / length, 6);
  });

  it('refuse frames that do not fit, and damaged states', () => {
    const frame = frameOf(scene(16), 3);
    const { state } = associate(noRegions, frame);
    expect(() => associate(state, frame)).toThrow(RangeError);
    expect(() => associate(noRegions, { ...frame, gridWidth: 3 })).toThrow(RangeError);
    expect(() => associate(noRegions, { ...frame, seconds: NaN })).toThrow(RangeError);
    const bytes = encodeState(state);
    for (let end = 0; end < bytes.length; end += 7) {
      expect(() => decodeState(bytes.subarray(0, end))).toThrow(RangeError);
    }
    expect(() => decodeState(Uint8Array.from([...bytes, 0]))).toThrow(RangeError);
    for (let bit = 0; bit < 120 * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      try {
        decodeState(flipped);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });

  it('are found whatever a model gives, also what is no number', () => {
    const frame = frameOf(scene(17), 0);
    const broken = { ...frameOf(scene(17), 1), embeddings: frame.embeddings.slice().fill(NaN, 0, DIM) };
    const { state, tracks } = associate(associate(noRegions, frame).state, broken);
    expect([...tracks].slice(1)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(decodeState(encodeState(state))).toEqual(state);
  });
});
