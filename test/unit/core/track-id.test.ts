import { expect, it } from 'vitest';
import { NEXT_OF_SEED, readableId } from '../../../src/core/track-id.ts';

it('ids of things that share a seed are read as 42, 42.2, 42.3', () => {
  const ids = [42, 42 + NEXT_OF_SEED, 42 + 2 * NEXT_OF_SEED];
  expect(ids.map(readableId)).toEqual(['42', '42.2', '42.3']);
});
