import { expect, it } from 'vitest';
import { ALIKE, createLooks } from '../../../src/search/looks.ts';
import { numbers } from '../associate/random.ts';
import { DIM, direction, directions, near, product } from './made.ts';

const LIMITS = { bytes: 1 << 20, kinds: 8 };

/** Looks of vectors one after the other, as an index gives them; what each vector got. */
function assign(vectors: readonly Float32Array[], limits = LIMITS) {
  const looks = createLooks(DIM, limits);
  const units = new Map<number, Float32Array>();
  let next = 1;
  const ids = vectors.map((unit) => {
    const found = looks.find(unit, []);
    if (found !== undefined) return found;
    let kind = looks.findKind(unit);
    if (kind === undefined) {
      kind = next++;
      looks.addKind(kind, unit);
    }
    looks.add(next, kind, unit);
    units.set(next, unit);
    return next++;
  });
  return { looks, ids, units };
}

it('every vector is alike to its look, the more so while there is room, and what is no look gets one', () => {
  const random = numbers(4);
  const middles = directions(20, 2);
  const vectors = Array.from({ length: 600 }, (_, i) => near(middles[i % 20], 0.3 * random(), random));
  const least = ({ ids, units }: ReturnType<typeof assign>) =>
    Math.min(...ids.map((id, i) => product(units.get(id) ?? [], vectors[i])));
  const roomy = assign(vectors);
  expect(least(roomy)).toBeGreaterThan(0.995 - 1e-6);
  expect(roomy.units.size).toBeLessThan(500);
  const narrow = assign(vectors, { bytes: 500 * 4 * DIM, kinds: 8 });
  expect(least(narrow)).toBeGreaterThan(ALIKE - 1e-6);
  expect(least(narrow)).toBeLessThan(0.99);
  expect(narrow.units.size).toBeGreaterThan(20);
  expect(narrow.units.size).toBeLessThan(roomy.units.size);
});

it('the same vector gets the same look, and one that is likely is taken before others', () => {
  const random = numbers(8);
  const vectors = Array.from({ length: 50 }, () => direction(random));
  const { looks, ids } = assign([...vectors, ...vectors]);
  expect(ids.slice(50)).toEqual(ids.slice(0, 50));
  const close = near(vectors[3], 0.05, random);
  looks.add(1000, looks.findKind(vectors[3]) ?? 0, near(vectors[3], 0.05, random));
  expect(looks.find(close, [1000])).toBe(1000);
  expect(looks.find(close, [ids[3]])).toBe(ids[3]);
});

it('gives the nearest where there is no more room', () => {
  const random = numbers(9);
  const [a, b] = directions(2, 3);
  const { ids, looks } = assign([a, b, near(a, 0.5, random), near(b, 0.5, random)], {
    bytes: 2 * 4 * DIM,
    kinds: 8,
  });
  expect(ids.slice(2)).toEqual(ids.slice(0, 2));
  looks.remove(ids[0]);
  expect(looks.find(near(a, 0.5, random), [])).toBeUndefined();
});

it('forgets looks that are removed and leaves the others', () => {
  const vectors = directions(30, 5);
  const { looks, ids } = assign(vectors);
  for (let i = 0; i < 30; i += 2) looks.remove(ids[i]);
  looks.remove(ids[0]);
  expect(looks.ids()).toEqual(ids.filter((_, i) => i % 2 === 1));
  for (const [i, vector] of vectors.entries())
    expect(looks.find(vector, ids)).toBe(i % 2 === 1 ? ids[i] : undefined);
  // What comes then takes their places, each its own.
  const kind = looks.findKind(vectors[0]) ?? 0;
  for (let i = 0; i < 30; i += 2) looks.add(1000 + i, kind, vectors[i]);
  for (let i = 0; i < 30; i += 2) expect(looks.find(vectors[i], [1000 + i])).toBe(1000 + i);
});
