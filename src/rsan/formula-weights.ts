import { fnv1a } from '../core/hash.ts';
import type { DType, TensorInfo, Weights } from './checkpoint/weights.ts';

/**
 * Weights and pictures that anyone can make again from a formula: for comparing implementations, and for measuring
 * speed, without a checkpoint. Value i of a tensor comes from a 32-bit hash of its name and i.
 */

const MULTIPLIER = 0x9e3779b9;

/** A number in [0, 1) for place `i` of the sequence that begins with `start` (MurmurHash3's finaliser). */
function uniform(start: number, i: number): number {
  let x = (start + Math.imul(i, MULTIPLIER)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** Centre and half-width of a tensor's values: what keeps activations in range through all layers. */
function spread(name: string, shape: readonly number[]): [centre: number, half: number] {
  const inner = shape.slice(1).reduce((product, side) => product * side, 1);
  if (name.endsWith('logit_scale')) return [Math.log(100), 0];
  if (shape.length === 1 && name.endsWith('weight')) return [1, 0.2];
  if (name.endsWith('bias')) return [0, 0.05];
  if (name.endsWith('bias_scaling.weight')) return [1, 0.2];
  if (shape.length <= 1) return [0, 0.5];
  if (name.includes('embed') || name.includes('token')) return [0, 0.3];
  if (name.endsWith('proj') || name.endsWith('text_projection')) return [0, Math.sqrt(3 / shape[0])];
  if (name.includes('mask_decoder')) return [0, 0.85 * Math.sqrt(3 / inner)];
  return [0, Math.sqrt(3 / inner)];
}

export function formulaTensor(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
  const start = fnv1a(name);
  const [centre, half] = spread(name, shape);
  for (let i = 0; i < values.length; i++) values[i] = centre + half * (2 * uniform(start, i) - 1);
  return values;
}

/** A checkpoint of formula weights; tensors are computed when they are asked for. */
export function formulaWeights(shapes: ReadonlyMap<string, readonly number[]>): Weights {
  const info = (name: string): TensorInfo => {
    const shape = shapes.get(name);
    if (!shape) throw new RangeError(`there is no tensor ${name}`);
    return { dtype: 'float32' satisfies DType, shape };
  };
  const float32 = async (name: string) => formulaTensor(name, info(name).shape);
  return {
    names: [...shapes.keys()],
    metadata: {},
    has: (name) => shapes.has(name),
    info,
    float32,
    bytes: async (name) => new Uint8Array((await float32(name)).buffer),
    close: async () => {},
  };
}

/** `count` frames of noise: uint8, count × height × width × 3. */
export function formulaFrames(
  tag: string,
  count: number,
  height: number,
  width: number,
): Uint8Array<ArrayBuffer> {
  const size = height * width * 3;
  const frames = new Uint8Array(count * size);
  for (let frame = 0; frame < count; frame++) {
    const start = fnv1a(`${tag}/frame${frame}`);
    for (let i = 0; i < size; i++) frames[frame * size + i] = Math.floor(256 * uniform(start, i));
  }
  return frames;
}
