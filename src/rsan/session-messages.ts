/** What the main thread and a session thread say to each other. */

export interface TensorData {
  readonly dtype: 'float32' | 'uint8' | 'int64' | 'int32';
  readonly data: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

/** The session options of onnxruntime-node that are parsed by its binding. */
export interface RuntimeOptions {
  readonly executionProviders: readonly (string | { readonly name: string; readonly deviceId?: number })[];
  readonly intraOpNumThreads: number;
  readonly graphOptimizationLevel: 'all';
  readonly enableProfiling?: boolean;
  readonly profileFilePrefix?: string;
  readonly extra?: { readonly session: Readonly<Record<string, string>> };
}

export type Request = { readonly id: number; readonly session: number } & (
  | { readonly kind: 'load'; readonly path: string; readonly options: RuntimeOptions }
  | { readonly kind: 'run'; readonly feeds: Readonly<Record<string, TensorData>> }
  | { readonly kind: 'release' }
);

export interface Reply {
  readonly id: number;
  readonly value: Readonly<Record<string, TensorData>> | null;
  readonly error?: string;
}
