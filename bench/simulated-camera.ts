import { levelOf } from '../src/search/levels.ts';
import type { Run } from '../src/search/runs.ts';
import { toSteps, toUnit } from '../src/search/vectors.ts';

/**
 * What a model may see of a street through a camera that stands still: fifteen regions that stay, and look otherwise by
 * night; things that pass every three seconds by day and every twelve by night, of six kinds, each thing unlike the next;
 * nearly every segment also something that is not there.
 */

const SEGMENT = 6000;
export const DAY = 86_400_000;
export const BEGIN = Date.UTC(2025, 2, 1);
const GROUP = 333;

/** `spread`: how things of a kind differ; `flicker`: how one thing differs from run to run. */
export const MODELS = {
  small: { dim: 128, names: 27, scale: 12.8, spread: 0.03, flicker: 0.03 },
  large: { dim: 512, names: 171, scale: 100, spread: 0.14, flicker: 0.1 },
};
export type Kind = (typeof MODELS)['small'];

/** The same numbers each time: mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
export const random = numbers(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
/** Of a process without memory, in the mean 1. */
const waiting = () => -Math.log(1 - random());
export const below = (count: number) => Math.floor(random() * count);

type Mix = readonly (readonly [vector: Float32Array, weight: number])[];

export function createScene({ dim, names, spread, flicker }: Kind) {
  const mix = (...parts: Mix) => {
    const sum = new Float32Array(dim);
    for (const [vector, weight] of parts) for (let i = 0; i < dim; i++) sum[i] += vector[i] * weight;
    return toUnit(sum);
  };
  const anywhere = () => toUnit(Float32Array.from({ length: dim }, normal));
  const pool = Array.from({ length: 2048 }, anywhere);
  const noise = () => pool[below(pool.length)];
  // What all embeddings of such models have in common.
  const common = anywhere();
  const something = () => mix([common, 0.6], [noise(), 0.8]);
  const kinds = Array.from({ length: 6 }, something);
  const traits = Array.from({ length: 12 }, anywhere);
  const regions = Array.from({ length: 15 }, () => ({
    day: something(),
    night: noise(),
    share: 0.0006 * 2 ** (random() * 9),
    restless: random() < 0.3,
  }));
  const words = [...kinds, ...regions.map(({ day }) => mix([day, 1], [noise(), 0.4]))];
  while (words.length < names) words.push(something());
  const thing = (kind: number) =>
    mix([kinds[kind], 1], ...traits.map((trait): Mix[number] => [trait, spread * normal()]), [
      noise(),
      spread,
    ]);
  const again = (look: Float32Array) => toSteps(mix([look, 1], [noise(), flicker]));
  return { mix, something, kinds, traits, regions, words, thing, again };
}
export type Scene = ReturnType<typeof createScene>;

export function* segmentsOf({ mix, regions, kinds, thing, again }: Scene, days: number) {
  const looks = regions.map(({ day }) => toSteps(day));
  const factors = regions.map(() => 1);
  let passing: { track: number; look: Float32Array; from: number; to: number; peak: number }[] = [];
  let next = BEGIN;
  let track = 100;
  for (let from = BEGIN; from < BEGIN + days * DAY; from += SEGMENT) {
    const to = from + SEGMENT;
    const night = (1 - Math.cos((2 * Math.PI * (from - BEGIN)) / DAY)) / 2;
    const runs: Run[] = [];
    for (const [i, { day, night: dark, share, restless }] of regions.entries()) {
      if ((from - BEGIN) % 600_000 === 0) looks[i] = again(mix([day, 1], [dark, 0.5 * night]));
      if (restless && random() < 0.3) factors[i] = random() < 0.5 ? 1 : 0.45;
      const shown = Math.min(1, share * factors[i] * (0.98 + 0.04 * random()));
      runs.push({ track: i + 1, from, to, at: from, share: shown, look: looks[i] });
    }
    for (; next < to; next += waiting() * (3000 + 9000 * night ** 4)) {
      const peak = 0.001 * 2 ** (random() * 6);
      const look = thing(below(kinds.length));
      passing.push({ track: track++, look, from: next, to: next + 2000 + 6000 * random(), peak });
    }
    for (const one of passing) runs.push(...runsOf(one, from, to, again));
    passing = passing.filter((one) => one.to > to);
    const begun = from + below(5000);
    if (random() < 0.9)
      runs.push({
        track: 50 + below(10),
        from: begun,
        to: begun + 700,
        share: 0.0004,
        at: begun,
        look: again(toUnit(looks[below(looks.length)])),
      });
    yield { from, to, runs };
  }
}

/** Something that comes nearer and goes away: a run for each octave, as `createRuns` makes them. */
function runsOf(
  {
    track,
    look,
    from,
    to,
    peak,
  }: { track: number; look: Float32Array; from: number; to: number; peak: number },
  begin: number,
  end: number,
  again: Scene['again'],
): Run[] {
  const runs = new Map<number, { from: number; to: number; at: number; share: number }>();
  for (let at = Math.max(begin, Math.round(from)); at < Math.min(end, to); at += GROUP) {
    const share = peak * Math.sin((Math.PI * (at - from + 1)) / (to - from + 2)) ** 2;
    const until = Math.min(end, at + GROUP);
    const run = runs.get(levelOf(share));
    if (run) Object.assign(run, { to: until }, share > run.share && { at, share });
    else if (levelOf(share) >= 0) runs.set(levelOf(share), { from: at, to: until, at, share });
  }
  return [...runs.values()].map((run) => ({ track, ...run, look: again(look) }));
}
