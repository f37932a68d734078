import { expect, it } from 'vitest';
import { createArena } from '../../../src/search/arena.ts';
import { floats, numbers } from '../associate/random.ts';
import { product } from './made.ts';

it.each([1, 3, 16, 17, 128, 500])('multiplies vectors of %i numbers', (dim) => {
  const random = numbers(dim);
  const arena = createArena(dim);
  const vectors = Array.from({ length: 300 }, () => floats(dim, random));
  const places = vectors.map((vector) => arena.take(vector));
  for (let i = 0; i < 300; i += 7) {
    for (let j = 0; j < 300; j += 11)
      expect(arena.dot(places[i], places[j])).toBeCloseTo(product(vectors[i], vectors[j]), 4);
  }
  expect(places.map((place) => [...arena.vector(place)])).toEqual(vectors.map((vector) => [...vector]));
});

it('uses places again and leaves the others as they are', () => {
  const arena = createArena(3);
  const [a, b] = [arena.take(Float32Array.of(1, 0, 0)), arena.take(Float32Array.of(0, 2, 0))];
  arena.give(a);
  const c = arena.take(Float32Array.of(0, 0, 5));
  expect(c).toBe(a);
  expect([arena.dot(b, b), arena.dot(c, c), arena.dot(b, c)]).toEqual([4, 25, 0]);
});
