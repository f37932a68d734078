/**
 * Resampling weights with half-pixel centres and clamped borders, as PyTorch's `F.interpolate(align_corners=False)`
 * without antialias has them, computed when a graph is written.
 */

/**
 * A dense (out × in) matrix, row-major, whose rows sum to 1: multiplied by samples it gives the resampled line.
 * `step` is the distance between outputs in input samples.
 */
export function interpolationMatrix(
  kind: 'bilinear' | 'bicubic',
  input: number,
  output: number,
  step = input / output,
): Float32Array {
  const matrix = new Float32Array(output * input);
  for (let row = 0; row < output; row++) {
    const centre = (row + 0.5) * step - 0.5;
    // Linear clamps the coordinate itself to the first sample; cubic lets it go negative and clamps only the taps.
    const position = kind === 'bilinear' ? Math.max(centre, 0) : centre;
    const first = Math.floor(position);
    const taps = kind === 'bilinear' ? linearTaps(position - first) : cubicTaps(position - first);
    const offset = kind === 'bilinear' ? 0 : -1;
    taps.forEach((weight, tap) => {
      const column = Math.min(Math.max(first + offset + tap, 0), input - 1);
      matrix[row * input + column] += weight;
    });
  }
  return matrix;
}

const linearTaps = (t: number): number[] => [1 - t, t];

/** Keys' cubic convolution with a = −0.75. */
function cubicTaps(t: number): number[] {
  const a = -0.75;
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}

/** A (height × width × channels) grid resampled to `size`, bicubically; a copy where the sizes are equal. */
export function resizeGrid(
  grid: Float32Array,
  from: readonly [height: number, width: number],
  size: readonly [height: number, width: number],
): Float32Array {
  const channels = grid.length / (from[0] * from[1]);
  if (from[0] === size[0] && from[1] === size[1]) return grid.slice();
  const rows = interpolationMatrix('bicubic', from[0], size[0]);
  const columns = interpolationMatrix('bicubic', from[1], size[1]);
  const across = new Float64Array(from[0] * size[1] * channels);
  for (let y = 0; y < from[0]; y++) {
    for (let x = 0; x < size[1]; x++) {
      for (let tap = 0; tap < from[1]; tap++) {
        const weight = columns[x * from[1] + tap];
        if (weight === 0) continue;
        const source = (y * from[1] + tap) * channels;
        const target = (y * size[1] + x) * channels;
        for (let c = 0; c < channels; c++) across[target + c] += weight * grid[source + c];
      }
    }
  }
  const result = new Float32Array(size[0] * size[1] * channels);
  const line = size[1] * channels;
  for (let y = 0; y < size[0]; y++) {
    const sum = new Float64Array(line);
    for (let tap = 0; tap < from[0]; tap++) {
      const weight = rows[y * from[0] + tap];
      if (weight === 0) continue;
      for (let i = 0; i < line; i++) sum[i] += weight * across[tap * line + i];
    }
    result.set(sum, y * line);
  }
  return result;
}
