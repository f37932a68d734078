import { fromFloat16 } from '../../core/float16.ts';

export const DTYPES = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
} as const;
export type DType = keyof typeof DTYPES;

export interface TensorInfo {
  readonly dtype: DType;
  /** Row-major; empty for a scalar. */
  readonly shape: readonly number[];
}

/**
 * Tensors of a checkpoint by their public names. Only names and places are held; data is read when it is asked for,
 * so that a checkpoint is never in memory twice.
 */
export interface Weights {
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  has(name: string): boolean;
  /** Throws CHECKPOINT_INVALID naming the tensor that is not there. */
  info(name: string): TensorInfo;
  /** Row-major values as float32, a fresh array. */
  float32(name: string): Promise<Float32Array<ArrayBuffer>>;
  /** Row-major little-endian bytes in the stored type, a fresh array. */
  bytes(name: string): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Little-endian values of any stored type as float32. `data` must be aligned to its element size. */
export function toFloat32(data: Uint8Array<ArrayBuffer>, dtype: DType): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = data;
  const count = byteLength / DTYPES[dtype];
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case 'float16':
      return fromFloat16(new Uint16Array(buffer, byteOffset, count));
    case 'bfloat16': {
      const bits = Uint32Array.from(new Uint16Array(buffer, byteOffset, count), (half) => half << 16);
      return new Float32Array(bits.buffer);
    }
    case 'int64':
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'int32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, count));
    case 'int16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'int8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'uint8':
    case 'bool':
      return Float32Array.from(data);
  }
}
