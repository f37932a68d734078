import { expect, it } from 'vitest';
import { parseNvidia } from '../../../src/system/gpus.ts';

it('reads what NVIDIA’s tool says of each card', () => {
  const text = `NVIDIA H100 80GB HBM3, 81559, 1234, 37
Odd, Card, [N/A], [N/A], [N/A]
`;
  expect(parseNvidia(text)).toEqual([
    { name: 'NVIDIA H100 80GB HBM3', total: 81559 * 2 ** 20, used: 1234 * 2 ** 20, busy: 0.37 },
    { name: 'Odd, Card' },
  ]);
});

it('takes no complaint for a card', () => {
  expect(parseNvidia('NVIDIA-SMI has failed because it could not talk to the driver.\n')).toEqual([]);
  expect(parseNvidia('')).toEqual([]);
});
