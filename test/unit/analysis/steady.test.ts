import { describe, expect, it } from 'vitest';
import { CANDIDATES, type Candidates, NO_NAME } from '../../../src/analysis/candidates.ts';
import { createSteadyNamer, surenessOf } from '../../../src/analysis/steady.ts';

const RATE = 24;
const SWITCH = 0.4;

/** One frame's scores, a list per point: `[[0.7, 0.3], …]`, name by name; each point has a mixture of its own. */
function frame(scores: readonly (readonly number[])[]): { codes: Uint16Array; candidates: Candidates } {
  const names = new Uint16Array(scores.length * CANDIDATES).fill(NO_NAME);
  const values = new Float32Array(scores.length * CANDIDATES);
  for (const [point, list] of scores.entries()) {
    const sorted = [...list.entries()].filter(([, score]) => score > 0).sort(([, a], [, b]) => b - a);
    for (const [k, [name, score]] of sorted.entries()) {
      names[point * CANDIDATES + k] = name;
      values[point * CANDIDATES + k] = score;
    }
  }
  return { codes: Uint16Array.from(scores, (_, i) => i), candidates: { names, scores: values } };
}

/** Labels of a film of `scores[frame][point][name]`. */
function run(scores: readonly (readonly (readonly number[])[])[], causal = false, rate = RATE): number[][] {
  const namer = createSteadyNamer<number>(scores[0].length, causal);
  const decided = scores.flatMap((points, index) => {
    const { codes, candidates } = frame(points);
    return namer.push(index, codes, candidates, index / rate);
  });
  decided.push(...namer.finish());
  expect(decided.map((one) => one.frame)).toEqual(scores.map((_, i) => i));
  return decided.map(({ labels }) => [...labels]);
}

/** A film of one point of two names, by the score of the second. */
const film = (seconds: readonly number[]) => seconds.map((score) => [[1 - score, score]]);

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The best sum of scores less SWITCH for each change, by trying every way through the film. */
function bestOf(scores: readonly (readonly number[])[], path: readonly number[] = []): number {
  const index = path.length;
  if (index === scores.length) return 0;
  return Math.max(
    ...scores[index].map((score, name) => {
      const change = index > 0 && path[index - 1] !== name ? SWITCH : 0;
      return score - change + bestOf(scores, [...path, name]);
    }),
  );
}

const worth = (scores: readonly (readonly number[])[], names: readonly number[]): number =>
  names.reduce(
    (sum, name, i) => sum + Math.fround(scores[i][name]) - (i > 0 && names[i - 1] !== name ? SWITCH : 0),
    0,
  );

describe('steady names', () => {
  it('are the best way through the scores', () => {
    const next = random(7);
    for (let round = 0; round < 60; round++) {
      const scores = Array.from({ length: 6 }, () => {
        const raw = [next() ** 3, next() ** 3, next() ** 3];
        const sum = raw[0] + raw[1] + raw[2];
        return raw.map((value) => value / sum);
      });
      const names = run(scores.map((point) => [point])).map(([name]) => name);
      expect(worth(scores, names)).toBeCloseTo(bestOf(scores), 5);
    }
  });

  it('leave a short mistake out, and a long one not', () => {
    expect(run(film([0, 0, 0.6, 0, 0])).flat()).toEqual([0, 0, 0, 0, 0]);
    expect(run(film([0, 0, 1, 1, 1, 0, 0])).flat()).toEqual([0, 0, 1, 1, 1, 0, 0]);
  });

  it('change at the frame of the change, not later', () => {
    expect(run(film([0.3, 0.3, 0.3, 0.6, 0.6, 0.6])).flat()).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('change late where the future is not known', () => {
    expect(run(film([0.3, 0.3, 0.3, 0.58, 0.58, 0.58, 0.58]), true).flat()).toEqual([0, 0, 0, 0, 0, 1, 1]);
  });

  it('keep apart what happens at different points', () => {
    const labels = run([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [0.4, 0.6],
        [0.6, 0.4],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    expect(labels).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  it('are the same however long the film is: nothing hangs on where blocks of frames end', () => {
    const next = random(3);
    const scores = Array.from({ length: 200 }, (_, i) => [
      [0.5 + 0.5 * Math.sin(i / 17) + 0.3 * (next() - 0.5), 0.5].map((value) => Math.max(value, 0)),
    ]);
    const whole = run(scores).flat();
    const names = run(scores.slice(0, 140)).flat();
    expect(names.slice(0, 110)).toEqual(whole.slice(0, 110));
    expect(new Set(whole)).toEqual(new Set([0, 1]));
  });

  it('weigh a frame by how long it stays', () => {
    // At three frames a second each is evidence of its own; at 60 a mistake of two frames is over in no time.
    expect(run(film([0, 0.65, 0]), false, 3).flat()).toEqual([0, 0, 0]);
    expect(run(film([0, 0.8, 0]), false, 3).flat()).toEqual([0, 1, 0]);
    expect(run(film([0, 0.8, 0.8, 0]), false, 60).flat()).toEqual([0, 0, 0, 0]);
    expect(run(film([0, 0.9, 0.9, 0]), false, 24).flat()).toEqual([0, 1, 1, 0]);
  });

  it('take a frame that is shown again for no new evidence', () => {
    const namer = createSteadyNamer<number>(1, true);
    const [first, second] = [frame([[0.7, 0.3]]), frame([[0.4, 0.6]])];
    const label = (index: number, { codes, candidates }: ReturnType<typeof frame>) =>
      namer.push(index, codes, candidates, index / RATE)[0].labels[0];
    expect(label(0, first)).toBe(0);
    for (let i = 1; i < 9; i++) expect(label(i, second), `${i}`).toBe(0);
    for (let i = 9; i < 14; i++) label(i, frame([[0.4, 0.6]]));
    expect(label(14, frame([[0.4, 0.6]]))).toBe(1);
  });
});

it('tells how sure points are of their names', () => {
  const { codes, candidates } = frame([
    [0.9, 0.1],
    [0.5, 0.5],
    [0.2, 0.8],
  ]);
  const rounded = (values: Float64Array) => [...values].map((value) => Number(value.toFixed(4)));
  const names = Uint16Array.of(0, 0, 1);
  const sure = surenessOf(names, names, 3, codes, candidates);
  expect(rounded(sure.confidence)).toEqual([0.7, 0.8, 0]);
  expect(rounded(sure.margin)).toEqual([0.4, 0.6, 0]);
  // Pieces part what one name has.
  const apart = surenessOf(names, Uint16Array.of(0, 2, 1), 3, codes, candidates);
  expect(rounded(apart.confidence)).toEqual([0.9, 0.8, 0.5]);
});
