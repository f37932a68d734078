import { expect, it } from 'vitest';
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

it('sums the synonyms of a name', () => {
  const logits = Float32Array.of(1000, 1000, 1000, 1000);
  const probabilities = classProbabilities(logits, 1, Int32Array.of(0, 1, 1, -1), 2);
  expect([...probabilities]).toEqual([0.25, 0.5]);
});
