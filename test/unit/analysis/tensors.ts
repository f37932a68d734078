import { readFileSync } from 'node:fs';

/** The tensors of a small safetensors file: float32 and uint8 only. */
export function readTensors(path: string) {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header: Record<string, { shape: number[]; data_offsets: [number, number] }> = JSON.parse(
    bytes.subarray(8, start).toString(),
  );
  const slice = (name: string) => {
    const [from, to] = header[name].data_offsets;
    return bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to);
  };
  return {
    shape: (name: string) => header[name].shape,
    floats: (name: string) => new Float32Array(slice(name)),
    bytes: (name: string) => new Uint8Array(slice(name)),
  };
}

/** Row entries of a classifier with one synonym a name and the background last. */
export function plainRows(classes: number): Int32Array {
  return Int32Array.from({ length: classes + 1 }, (_, i) => (i < classes ? i : -1));
}

/** A generator of numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
