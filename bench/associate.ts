import { dominantRows } from '../src/associate/seeds.ts';
import { INSIDE, type Mixtures } from '../src/core/frame.ts';
import { pts } from '../src/core/time.ts';
import {
  type Followed,
  follow,
  gather,
  type PointRegions,
  type RegionsAt,
  settle,
} from '../src/pipeline/associate.ts';
import { createSegmenter } from '../src/pipeline/segments.ts';
import type { BenchDeps, Row } from './measure.ts';

/** What association costs for a frame, on one core: regions followed, seeds, and objects of labels. */
export async function associateBench({ say }: BenchDeps): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { count, grid, dim, width, aim } of CASES) {
    say(`association of ${count} regions`);
    const frames = film(count, grid, dim, width);
    let best = { follow: Infinity, gather: Infinity, objects: Infinity };
    for (let run = 0; run < 3; run++) {
      const took = await time(frames);
      if (took.follow + took.gather + took.objects < best.follow + best.gather + best.objects) best = took;
    }
    const { follow, gather, objects } = best;
    rows.push({
      what: `association, ${count} regions at ${grid[1]}×${grid[0]}`,
      value: `${(follow + gather + objects).toFixed(2)} ms`,
      aim: `< ${aim} ms`,
      how: `a frame on one core: ${follow.toFixed(2)} regions, ${gather.toFixed(2)} seeds and tables, ${objects.toFixed(2)} objects`,
    });
  }
  return rows;
}

const CASES = [
  { count: 32, grid: [42, 24], dim: 128, width: 96, aim: 3 },
  { count: 100, grid: [71, 40], dim: 512, width: 240, aim: 10 },
] as const;
const FRAMES = 120;
const TIME_BASE = { num: 1, den: 24 };
/** Names; every third is a thing. */
const NAMES = 12;

async function time(frames: readonly RegionsAt[]) {
  const now = () => performance.now();
  const each = async function* () {
    yield* frames;
  };
  let begun = now();
  const followed: Followed[] = [];
  for await (const frame of follow(settle(each()), TIME_BASE)) followed.push(frame);
  const follows = now() - begun;
  begun = now();
  const gathered = [];
  const again = async function* () {
    yield* followed;
  };
  for await (const frame of gather(again(), TIME_BASE, { tracks: 0 })) gathered.push(frame);
  const gathers = now() - begun;
  const segmenter = createSegmenter(
    Array.from({ length: NAMES }, (_, i) => {
      return { name: `${i}`, synonyms: [`${i}`], other: false, isthing: i % 3 === 0 };
    }),
  );
  const labels = gathered.map(({ points }) => {
    const rows = dominantRows(points);
    return points.codes.map((code) => rows[code] % NAMES);
  });
  begun = now();
  for (const [i, { points, seeds, index, pts }] of gathered.entries())
    segmenter.push({ points, seeds, index, labels: labels[i], seconds: pts / TIME_BASE.den });
  segmenter.finish();
  const objects = now() - begun;
  return { follow: follows / FRAMES, gather: gathers / FRAMES, objects: objects / FRAMES };
}

/** A picture of as many moving patches as there are regions, with soft borders. */
function film(count: number, [gridWidth, gridHeight]: readonly [number, number], dim: number, width: number) {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const size = { width: gridWidth * 4, height: gridHeight * 4 };
  const patches = Array.from({ length: count }, () => ({
    x: random() * size.width,
    y: random() * size.height,
    dx: random() * 2 - 1,
    dy: random() - 0.5,
    embedding: Float32Array.from({ length: dim }, () => random() - 0.5),
    query: Float32Array.from({ length: width }, () => random() - 0.5),
  }));
  return Array.from({ length: FRAMES }, (_, index): RegionsAt => {
    const embeddings = new Float32Array(count * dim);
    const queries = new Float32Array(count * width);
    for (const [i, { embedding, query }] of patches.entries()) {
      const noisy = embedding.map((value) => value + 0.05 * (random() - 0.5));
      const length = Math.hypot(...noisy);
      embeddings.set(
        noisy.map((value) => value / length),
        i * dim,
      );
      queries.set(
        query.map((value) => value + 0.05 * (random() - 0.5)),
        i * width,
      );
    }
    const centres = patches.map(({ x, y, dx, dy }) => [x + dx * index, y + dy * index] as const);
    const regions: PointRegions = { count, embeddings, queries, points: patchwork(centres, size) };
    return { index, pts: pts(index), regions };
  });
}

/** Each point lies in the nearest patch, and near a border in the second nearest too. */
function patchwork(
  centres: readonly (readonly [number, number])[],
  { width, height }: { readonly width: number; readonly height: number },
): Mixtures {
  const codes = new Uint16Array(width * height);
  const known = new Map<number, number>();
  const parts: [region: number, level: number][][] = [];
  for (let y = 0, point = 0; y < height; y++) {
    for (let x = 0; x < width; x++, point++) {
      let [one, other] = [0, 0];
      let [near, next] = [Infinity, Infinity];
      for (const [i, [cx, cy]] of centres.entries()) {
        const distance = (x - cx) ** 2 + (y - cy) ** 2;
        if (distance < near) [one, other, near, next] = [i, one, distance, near];
        else if (distance < next) [other, next] = [i, distance];
      }
      const level = Math.min(INSIDE, 8 + Math.round(Math.sqrt(next) - Math.sqrt(near)));
      const key = (one * centres.length + other) * 16 + level;
      let code = known.get(key);
      if (code === undefined) {
        code = parts.length;
        known.set(key, code);
        parts.push([[one, level], ...(level < INSIDE ? [[other, INSIDE - level] as [number, number]] : [])]);
      }
      codes[point] = code;
    }
  }
  const starts = new Uint32Array(parts.length + 1);
  for (const [i, list] of parts.entries()) starts[i + 1] = starts[i] + list.length;
  const flat = parts.flat();
  return {
    width,
    height,
    codes,
    starts,
    regions: Uint16Array.from(flat, ([region]) => region),
    levels: Uint8Array.from(flat, ([, level]) => level),
  };
}
