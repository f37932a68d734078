import { describe, expect, it } from 'vitest';
import { classLogits, classProbabilities } from '../../../src/analysis/name.ts';

it('multiplies embeddings with the classifier', () => {
  const classifier = {
    dim: 5,
    weights: Float32Array.of(1, 2, 3, 4, 5, 0, 0, 0, 0, 1, -1, 0, 0, 0, 0),
    rowEntry: Int32Array.of(0, 1, -1),
  };
  const logits = classLogits(Float32Array.of(1, 1, 1, 1, 1, 2, 0, 0, 0, -1), 2, classifier);
  expect([...logits]).toEqual([15, 1, -1, -3, -1, -2]);
  expect(() => classLogits(new Float32Array(9), 2, classifier)).toThrow(RangeError);
});

it('counts the background in the softmax and then drops it', () => {
  const probabilities = classProbabilities(Float32Array.of(0, 0, Math.log(2)), 1, Int32Array.of(0, 1, -1), 2);
  expect([...probabilities]).toEqual([0.25, 0.25]);
});

describe('synonyms', () => {
  const probabilities = (rows: [entry: number, logit: number][], entries: number) => {
    const logits = Float32Array.from(rows, ([, logit]) => logit);
    const rowEntry = Int32Array.from(rows, ([entry]) => entry);
    return [...classProbabilities(logits, 1, rowEntry, entries)];
  };
  const background: [number, number] = [-1, 0.5];

  it('count by the best of them, wherever its row is', () => {
    const best = probabilities([[0, 1], [1, 3], background], 2);
    expect(probabilities([[0, 1], [1, 2], [1, 3], background], 2)).toEqual(best);
    expect(probabilities([[1, 3], background, [0, 1], [1, -100]], 2)).toEqual(best);
    // The published rule: a softmax over the names and the background.
    const sum = Math.exp(1) + Math.exp(3) + Math.exp(0.5);
    expect(best[0]).toBeCloseTo(Math.exp(1) / sum, 6);
    expect(best[1]).toBeCloseTo(Math.exp(3) / sum, 6);
  });

  it('never lower their name, and ten alike are worth one', () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return (seed / 2147483647) * 20 - 10;
    };
    for (let i = 0; i < 200; i++) {
      const rows: [number, number][] = [[0, random()], [1, random()], [2, random()], background];
      const [alone] = probabilities(rows, 3);
      const more = probabilities([[0, random()], ...rows], 3);
      expect(more[0]).toBeGreaterThanOrEqual(alone);
      const ten: [number, number][] = Array.from({ length: 9 }, () => [0, rows[0][1] - 1e-4]);
      expect(probabilities([...rows, ...ten], 3)).toEqual(probabilities(rows, 3));
    }
  });

  it('overflow nowhere, and each region has its own best', () => {
    const logits = Float32Array.of(1000, 1000, 999, 1000, -1000, -1000, -1000, -1000);
    const [a, b, c, d] = classProbabilities(logits, 2, Int32Array.of(0, 1, 1, -1), 2);
    for (const part of [a, b, c, d]) expect(part).toBeCloseTo(1 / 3, 6);
  });
});
