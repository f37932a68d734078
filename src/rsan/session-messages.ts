/** What the main thread and a session lane say to each other. */

export interface TensorData {
  readonly dtype: 'float32' | 'uint8' | 'int64';
  readonly data: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
  readonly shape: readonly number[];
}
export type Tensors = Readonly<Record<string, TensorData>>;

/** Execution providers by the names of ONNX Runtime. */
export type Provider = 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'dml';

/** `int8`: products of transformer blocks in 8-bit integers, the rest in float32; for CPUs. */
export type Precision = 'fp32' | 'fp16' | 'int8';

/** The session options that the binding of onnxruntime-node parses. */
export interface RuntimeOptions {
  readonly provider: Provider;
  /** Threads inside one operator. */
  readonly threads: number;
}

export type Request = { readonly id: number; readonly session: number } & (
  | { readonly kind: 'load'; readonly path: string; readonly options: RuntimeOptions }
  | { readonly kind: 'run'; readonly feeds: Tensors }
  | { readonly kind: 'release' }
);

export interface Reply {
  readonly id: number;
  readonly value: Tensors;
  readonly error?: string;
}
