import { describe, expect, it } from 'vitest';
import { interpolationMatrix, resizeGrid } from '../../../src/rsan/interpolate.ts';

describe('interpolationMatrix', () => {
  it.each([
    ['bilinear', 5, 9],
    ['bilinear', 9, 5],
    ['bicubic', 4, 7],
    ['bicubic', 7, 3],
  ] as const)('has rows that sum to 1: %s, %i to %i', (kind, input, output) => {
    const matrix = interpolationMatrix(kind, input, output);
    for (let row = 0; row < output; row++) {
      const sum = matrix.subarray(row * input, (row + 1) * input).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
  });

  it('is the identity where nothing is resized', () => {
    expect([...interpolationMatrix('bilinear', 3, 3)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it('has half-pixel centres and clamped borders', () => {
    // Doubling two samples: centres at −0.25 (clamped to 0), 0.25, 0.75 and 1.25 (clamped to 1).
    expect([...interpolationMatrix('bilinear', 2, 4)]).toEqual([1, 0, 0.75, 0.25, 0.25, 0.75, 0, 1]);
  });

  it('takes the coordinate step from the scale factor, not from the sizes', () => {
    // 5 samples by 0.7 give floor(3.5) = 3; the second output lies at 1.5 / 0.7 − 0.5 = 1.642….
    const row = interpolationMatrix('bilinear', 5, 3, 1 / 0.7).subarray(5, 10);
    expect(row[1]).toBeCloseTo(1 - 0.642857, 5);
    expect(row[2]).toBeCloseTo(0.642857, 5);
  });

  it('uses the cubic kernel with a = −0.75', () => {
    // Halfway between samples: (−0.09375, 0.59375, 0.59375, −0.09375).
    const row = interpolationMatrix('bicubic', 8, 4).subarray(8, 16);
    expect([...row.subarray(1, 5)]).toEqual([-0.09375, 0.59375, 0.59375, -0.09375]);
  });
});

describe('resizeGrid', () => {
  it('keeps a grid of the same size as a copy', () => {
    const grid = Float32Array.of(1, 2, 3, 4);
    const result = resizeGrid(grid, [2, 2], [2, 2]);
    expect(result).toEqual(grid);
    expect(result).not.toBe(grid);
  });

  it('resizes rows and columns apart, channels innermost', () => {
    const grid = Float32Array.of(0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15);
    const result = resizeGrid(grid, [2, 3], [3, 5]);
    const down = interpolationMatrix('bicubic', 2, 3);
    const across = interpolationMatrix('bicubic', 3, 5);
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 5; x++) {
        let sum = 0;
        for (let i = 0; i < 2; i++)
          for (let j = 0; j < 3; j++) sum += down[y * 2 + i] * across[x * 3 + j] * (i * 3 + j);
        expect(result[(y * 5 + x) * 2]).toBeCloseTo(sum, 4);
        expect(result[(y * 5 + x) * 2 + 1]).toBeCloseTo(sum + 10, 4);
      }
    }
  });
});
