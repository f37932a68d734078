import type { Part } from '../../../src/search/parts.ts';
import { GAP, type Run } from '../../../src/search/runs.ts';
import { toSteps, toUnit } from '../../../src/search/vectors.ts';
import { numbers } from '../associate/random.ts';

/** Runs made of chance, and what is to be found in them, by way of comparing every one. */

export const DIM = 16;
export const MODEL = { sum: 'abc', dim: DIM };
/** 2025-03-01, a whole hour. */
export const MARCH = 1_740_787_200_000;
export const HOUR = 3_600_000;

export function direction(random: () => number): Float32Array {
  return toUnit(Float32Array.from({ length: DIM }, () => random() - 0.5));
}

/** `count` directions, none of them alike. */
export function directions(count: number, seed: number): Float32Array[] {
  const random = numbers(seed);
  const found: Float32Array[] = [];
  while (found.length < count) {
    const one = direction(random);
    if (found.every((other) => product(one, other) < 0.9)) found.push(one);
  }
  return found;
}

export const product = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** A direction near by. `far`: about the sine of the angle. */
export const near = (one: Float32Array, far: number, random: () => number): Float32Array => {
  const other = direction(random);
  return toUnit(one.map((value, i) => value + far * other[i]));
};

export interface Filming {
  readonly source?: string;
  readonly model?: Part['model'];
  readonly from?: number;
  readonly parts: number;
  /** Milliseconds. */
  readonly length?: number;
  readonly looks: readonly Float32Array[];
  /** How far looks are from these directions. */
  readonly far?: number;
  readonly seed?: number;
}

/** Parts that follow each other: three tracks that go on, and some that come and go. */
export function film({
  source = 'street',
  model = MODEL,
  from = MARCH,
  parts,
  length = 6000,
  looks,
  far = 0,
  seed = 1,
}: Filming): Part[] {
  const random = numbers(seed);
  const pick = () => near(looks[Math.floor(random() * looks.length)], far, random);
  const lasting = [pick(), pick(), pick()];
  return Array.from({ length: parts }, (_, i) => {
    const begins = from + i * length;
    const runs: Run[] = [];
    const add = (track: number, starts: number, ends: number, share: number, look: Float32Array) =>
      runs.push({
        track,
        from: starts,
        to: ends,
        share: Math.fround(share),
        at: starts + Math.floor(random() * (ends - starts)),
        look: toSteps(look),
      });
    for (const [track, look] of lasting.entries()) {
      // Now and then it is hidden or looks otherwise.
      if (random() < 0.1) lasting[track] = pick();
      if (random() < 0.9) add(track + 1, begins, begins + length, 0.01 + 0.4 * random(), look);
    }
    for (let passing = Math.floor(random() * 4); passing > 0; passing--) {
      const starts = begins + Math.floor(random() * (length - 500));
      const ends = Math.min(begins + length, starts + 100 + Math.floor(random() * 3000));
      add(10 + Math.floor(random() * 5), starts, ends, 0.0003 * 2 ** (random() * 8), pick());
    }
    runs.sort((a, b) => a.from - b.from || a.track - b.track);
    return { source, key: `${source}-${begins}`, model, from: begins, to: begins + length, runs };
  });
}

/** The i-th minute of a street, whoever asks. */
export const minute = (i: number): Part =>
  film({
    parts: 1,
    from: MARCH + i * 60_000,
    length: 60_000,
    looks: directions(9, 42),
    far: 0.1,
    seed: i,
  })[0];

export interface Seen {
  readonly source: string;
  readonly from: number;
  readonly to: number;
  readonly score: number;
  readonly share: number;
  readonly at: number;
  readonly track: number;
  readonly key: string;
}

/** Spans in which runs score enough: all of them, the best first. `floor`: least share within a span. */
export function spansOf(
  parts: readonly Part[],
  score: (run: Run) => number,
  { threshold, share, floor = share }: { threshold: number; share: number; floor?: number },
): Seen[] {
  const spans: Seen[] = [];
  for (const source of new Set(parts.map((part) => part.source))) {
    const runs = parts
      .filter((part) => part.source === source)
      .flatMap(({ key, runs }) => runs.map((run) => ({ ...run, source, key, score: score(run) })))
      .filter((run) => run.score >= threshold && run.share >= floor)
      .sort((a, b) => a.from - b.from);
    const groups: (typeof runs)[] = [];
    let last = -Infinity;
    for (const run of runs) {
      if (run.from - last < GAP) groups.at(-1)?.push(run);
      else groups.push([run]);
      last = Math.max(last, run.to);
    }
    for (const group of groups) {
      const [best] = group
        .filter((run) => run.share >= share)
        .sort((a, b) => b.score - a.score || b.share - a.share || a.at - b.at || a.track - b.track);
      if (!best) continue;
      const { track, at, key } = best;
      const [from, to] = [group[0].from, Math.max(...group.map((run) => run.to))];
      spans.push({ source, from, to, score: best.score, share: best.share, at, track, key });
    }
  }
  return spans.sort(
    (a, b) => b.score - a.score || b.share - a.share || a.from - b.from || a.source.localeCompare(b.source),
  );
}

export const rowsOf = (units: readonly Float32Array[]): Float32Array => {
  const rows = new Float32Array(units.length * DIM);
  for (const [i, unit] of units.entries()) rows.set(unit, i * DIM);
  return rows;
};
