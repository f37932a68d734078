import { describe, expect, it } from 'vitest';
import { hotaScores } from '../../../../src/analysis/eval/hota.ts';
import { idSwitches } from '../../../../src/analysis/eval/id-switches.ts';
import { identityScores } from '../../../../src/analysis/eval/identity.ts';
import type { Sighting } from '../../../../src/analysis/eval/sightings.ts';

/** The definitions once more, read off the papers, trying everything. */

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Some frames with up to three objects and four tracks. */
function someSightings(seed: number): Sighting[] {
  const next = random(seed);
  const presence = 0.3 + 0.7 * next();
  const sightings = Array.from({ length: 6 }, () => {
    const truths = [0, 1, 2].filter(() => next() < presence);
    const guesses = [0, 1, 2, 3].filter(() => next() < presence);
    const pairs = truths.flatMap((_, truth) =>
      guesses.flatMap((_, guess) => (next() < 0.6 ? [{ truth, guess, iou: next() }] : [])),
    );
    return { truths, guesses, pairs };
  });
  // A frame in which all are there, so that no id is missing.
  return [...sightings, { truths: [0, 1, 2], guesses: [0, 1, 2, 3], pairs: [] }];
}

/** All ways to pair some of the rows with columns. */
function* pairings(rows: number, columns: number, from = 0): Generator<[number, number][]> {
  if (from === rows) {
    yield [];
    return;
  }
  for (const rest of pairings(rows, columns, from + 1)) {
    yield rest;
    for (let column = 0; column < columns; column++) {
      if (rest.every(([, taken]) => taken !== column)) yield [[from, column], ...rest];
    }
  }
}

function best(
  rows: number,
  columns: number,
  worth: (row: number, column: number) => number,
): [number, number][] {
  let most = -1;
  let found: [number, number][] = [];
  for (const pairing of pairings(rows, columns)) {
    const sum = pairing.reduce((total, [row, column]) => total + worth(row, column), 0);
    if (sum > most) [most, found] = [sum, pairing];
  }
  return found.filter(([row, column]) => worth(row, column) > 0);
}

const iouOf = ({ pairs }: Sighting, truth: number, guess: number): number =>
  pairs.find((pair) => pair.truth === truth && pair.guess === guess)?.iou ?? 0;

/** Frames in which the object, the track or both as `same` has it are there. */
const frames = (sightings: readonly Sighting[], which: (sighting: Sighting) => boolean) =>
  sightings.filter(which).length;

function bruteIdentity(sightings: readonly Sighting[]) {
  const same = (truth: number, guess: number) =>
    frames(sightings, (s) => iouOf(s, s.truths.indexOf(truth), s.guesses.indexOf(guess)) >= 0.5);
  const right = best(3, 4, same).reduce((sum, [truth, guess]) => sum + same(truth, guess), 0);
  const all = (of: 'truths' | 'guesses') => sightings.reduce((sum, s) => sum + s[of].length, 0);
  const [missed, wrong] = [all('truths') - right, all('guesses') - right];
  return {
    idf1: right / (right + missed / 2 + wrong / 2),
    idp: right / (right + wrong),
    idr: right / (right + missed),
  };
}

function bruteSwitches(sightings: readonly Sighting[]): number {
  let before: [number, number][] = [];
  const history: [number, number][] = [];
  let switches = 0;
  for (const s of sightings) {
    if (s.truths.length === 0 || s.guesses.length === 0) continue;
    const goesOn = (truth: number, guess: number) => before.some(([t, g]) => t === truth && g === guess);
    const matches = best(s.truths.length, s.guesses.length, (row, column) => {
      const iou = iouOf(s, row, column);
      return iou < 0.5 ? 0 : iou + (goesOn(s.truths[row], s.guesses[column]) ? 1000 : 0);
    });
    before = matches.map(([row, column]) => [s.truths[row], s.guesses[column]]);
    for (const [truth, guess] of before) {
      const last = history.filter(([t]) => t === truth).at(-1);
      if (last && last[1] !== guess) switches++;
      history.push([truth, guess]);
    }
  }
  return switches;
}

function bruteHota(sightings: readonly Sighting[]) {
  const life = (of: 'truths' | 'guesses', id: number) => frames(sightings, (s) => s[of].includes(id));
  const alignment = (truth: number, guess: number) => {
    let common = 0;
    for (const s of sightings) {
      const [row, column] = [s.truths.indexOf(truth), s.guesses.indexOf(guess)];
      const iou = iouOf(s, row, column);
      if (iou === 0) continue;
      const inRow = s.guesses.reduce((sum, _, other) => sum + iouOf(s, row, other), 0);
      const inColumn = s.truths.reduce((sum, _, other) => sum + iouOf(s, other, column), 0);
      common += iou / (inRow + inColumn - iou);
    }
    return common / (life('truths', truth) + life('guesses', guess) - common);
  };
  const matches = sightings.map((s) =>
    best(s.truths.length, s.guesses.length, (row, column) => {
      return iouOf(s, row, column) * alignment(s.truths[row], s.guesses[column]);
    }).map(([row, column]) => ({
      truth: s.truths[row],
      guess: s.guesses[column],
      iou: iouOf(s, row, column),
    })),
  );
  const all = (of: 'truths' | 'guesses') => sightings.reduce((sum, s) => sum + s[of].length, 0);
  const figures = Array.from({ length: 19 }, (_, i) => {
    const hits = matches.flat().filter(({ iou }) => iou >= 0.05 + i * 0.05);
    const associations = hits.map(({ truth, guess }) => {
      const tpa = hits.filter((other) => other.truth === truth && other.guess === guess).length;
      const fna = life('truths', truth) - tpa;
      const fpa = life('guesses', guess) - tpa;
      return tpa / (tpa + fna + fpa);
    });
    const deta = hits.length / (all('truths') + all('guesses') - hits.length);
    const assa = associations.reduce((sum, a) => sum + a, 0) / Math.max(1, hits.length);
    return { deta, assa, hota: Math.sqrt(deta * assa) };
  });
  const mean = (of: 'hota' | 'deta' | 'assa') => figures.reduce((sum, figure) => sum + figure[of], 0) / 19;
  return { hota: mean('hota'), deta: mean('deta'), assa: mean('assa') };
}

describe('against trying everything', () => {
  const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

  it('IDF1, IDP and IDR are the same', () => {
    for (const seed of SEEDS) {
      const sightings = someSightings(seed);
      const wanted = bruteIdentity(sightings);
      const found = identityScores(sightings);
      for (const key of ['idf1', 'idp', 'idr'] as const)
        expect(found[key], `${seed}`).toBeCloseTo(wanted[key], 12);
    }
  });

  it('ID switches are the same, and there are some', () => {
    const counts = SEEDS.map((seed) => idSwitches(someSightings(seed)));
    expect(counts).toEqual(SEEDS.map((seed) => bruteSwitches(someSightings(seed))));
    expect(Math.max(...counts)).toBeGreaterThan(2);
  });

  it('HOTA, DetA and AssA are the same', () => {
    for (const seed of SEEDS) {
      const sightings = someSightings(seed);
      const wanted = bruteHota(sightings);
      const found = hotaScores(sightings);
      for (const key of ['hota', 'deta', 'assa'] as const)
        expect(found[key], `${seed}`).toBeCloseTo(wanted[key], 12);
    }
  });
});

it('HOTA matches those who belong together, not those who are closest now', () => {
  const alone = { truths: [0], guesses: [0], pairs: [{ truth: 0, guess: 0, iou: 0.6 }] };
  const disturbed = {
    truths: [0],
    guesses: [0, 1],
    pairs: [
      { truth: 0, guess: 0, iou: 0.6 },
      { truth: 0, guess: 1, iou: 0.7 },
    ],
  };
  const { hota, deta, assa } = hotaScores([alone, disturbed, alone]);
  // Up to alpha 0.60, 12 of 19, all three matches are true and of one track, and one mask is left over.
  expect(deta).toBeCloseTo(((3 / 4) * 12) / 19, 12);
  expect(assa).toBeCloseTo(12 / 19, 12);
  expect(hota).toBeCloseTo((Math.sqrt(3 / 4) * 12) / 19, 12);
});
