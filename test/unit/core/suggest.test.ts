import { expect, it } from 'vitest';
import { closest, editDistance, hint } from '../../../src/core/suggest.ts';

it.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['abc', 'abd', 1],
  ['abc', 'acb', 1],
  ['abc', 'xabc', 1],
  ['kitten', 'sitting', 3],
])('%s and %s are %i apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

it('finds what was meant, and nothing where nothing is near', () => {
  expect(closest('sgement', ['models', 'segment'])).toBe('segment');
  expect(closest('x', ['models', 'segment'])).toBeUndefined();
  expect(hint('prot', ['host', 'port'])).toBe(' (did you mean port?)');
  expect(hint('prot', [])).toBe('');
});
