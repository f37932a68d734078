import { type AnalysisHeader, FORMAT_VERSION } from '../../../../src/analysis/file/format.ts';
import { roundTracks } from '../../../../src/analysis/file/rows.ts';
import type { AnalysedFrame, Mixtures, TrackTable } from '../../../../src/core/frame.ts';
import { pts } from '../../../../src/core/time.ts';
import { numbers } from '../../associate/random.ts';

/** Analyses made of chance, for tests of their files. */

export const DIM = 12;
export const LATTICE = { width: 22, height: 14 };

export const header: AnalysisHeader = {
  version: FORMAT_VERSION,
  program: 'sidestream test',
  model: { name: 'tiny', sum: 'abc', precision: 'fp32', dim: DIM },
  preprocessing: {
    short_side: 56,
    input: { width: 88, height: 56 },
    mean: [1, 2, 3],
    std: [4, 5, 6],
    every: 1,
    deinterlace: false,
  },
  lattice: { ...LATTICE, step: 4, levels: 15 },
  time_base: { num: 1, den: 12_800 },
  source: { name: 'clip.mp4', sum: null, start: null, duration: null, probe: {} },
  association: 'online',
};

/** Regions of a picture with long runs, short ones and points of their own. */
export function mixtures(random: () => number, rows: number, size = LATTICE): Mixtures {
  const { width, height } = size;
  const count = 1 + Math.floor(random() * 30);
  const codes = new Uint16Array(width * height);
  // As they are made: a new code is the next number.
  let known = 0;
  for (let point = 0; point < codes.length; point++) {
    const chance = random();
    if (point > 0 && chance < 0.7) codes[point] = codes[point - 1];
    else if (point >= width && chance < 0.85) codes[point] = codes[point - width];
    else if (known < count) codes[point] = known++;
    else codes[point] = Math.floor(random() * known);
  }
  const starts = new Uint32Array(known + 1);
  const parts: [number, number][] = [];
  for (let mixture = 0; mixture < known; mixture++) {
    const regions = Array.from({ length: rows }, (_, row) => row).filter(() => random() < 0.3);
    for (const region of regions) parts.push([region, 1 + Math.floor(random() * 15)]);
    starts[mixture + 1] = parts.length;
  }
  return {
    ...size,
    codes,
    starts,
    regions: Uint16Array.from(parts, ([region]) => region),
    levels: Uint8Array.from(parts, ([, level]) => level),
  };
}

export function tracks(random: () => number, rows: number): TrackTable {
  return roundTracks({
    ids: Int32Array.from({ length: rows }, (_, row) => row * 3 + 1),
    embeddings: Float32Array.from({ length: rows * DIM }, () => random() - 0.5),
    shares: Float32Array.from({ length: rows }, random),
  });
}

/** Groups of three frames at uneven times; every fifth frame shows the one before it. */
export function film(length: number, seed = 1): AnalysedFrame[] {
  const random = numbers(seed);
  const frames: AnalysedFrame[] = [];
  let time = -512;
  for (let index = 0; index < length; index++) {
    const last = frames.at(-1);
    const first = index % 3 === 0;
    const table = first ? tracks(random, 2 + Math.floor(random() * 6)) : last!.tracks;
    const repeats = index % 5 === 4;
    const shared = repeats && !first;
    frames.push({
      index,
      pts: pts(time),
      analysed: !repeats,
      tracks: table,
      points: shared ? last!.points : mixtures(random, table.ids.length),
      seeds: shared ? last!.seeds : Int32Array.from({ length: index % 4 }, () => Math.floor(random() * 1e6)),
    });
    time += 400 + Math.floor(random() * 300);
  }
  return frames;
}
