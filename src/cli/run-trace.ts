import { join } from 'node:path';
import { foldersOf } from '../config/folders.ts';
import { SidestreamError } from '../core/errors.ts';
import { trace } from '../pipeline/trace.ts';
import { openCheckpoint } from '../rsan/checkpoint/open.ts';
import { writeSafetensors } from '../rsan/checkpoint/safetensors.ts';
import { openModel } from '../rsan/model.ts';
import { openSource } from '../rsan/source.ts';
import { readArchitectureFile } from './architecture-file.ts';
import type { Io } from './io.ts';
import { type CommonOptions, settingsOf } from './options.ts';

export interface TraceOptions extends CommonOptions {
  readonly frames: string;
  readonly output: string;
  readonly architecture?: string;
  readonly classifier?: string;
  readonly shareQueries?: boolean;
  readonly provider?: string;
  readonly precision: string;
}

/** Runs `sidestream models trace`. */
export async function runTrace(io: Io, source: string, options: TraceOptions): Promise<void> {
  const { config } = await settingsOf({ ...options });
  const read = async (path: string, name: string) => {
    const file = await openCheckpoint(path);
    try {
      return { ...file.info(name), bytes: await file.bytes(name), values: () => file.float32(name) };
    } catch (error) {
      await file.close();
      throw error;
    }
  };
  const frames = await read(options.frames, 'frames');
  const [count, height, width, channels] = frames.shape;
  if (frames.dtype !== 'uint8' || frames.shape.length !== 4 || channels !== 3) {
    const found = `${frames.dtype} [${frames.shape}]`;
    throw new SidestreamError(
      'CHECKPOINT_INVALID',
      `${options.frames}: frames must be uint8 N×h×w×3, not ${found}`,
    );
  }
  const classifier =
    options.classifier === undefined ? undefined : await read(options.classifier, 'classifier');
  const folders = foldersOf(config);
  const opened = await openSource(source, folders.packs, await readArchitectureFile(options.architecture));
  const { provider, threads, sessions } = config.model;
  await using model = await openModel(opened, {
    provider,
    precision: options.precision === 'fp16' || options.precision === 'int8' ? options.precision : 'fp32',
    threads,
    cache: join(folders.cache, opened.identity.slice(0, 16)),
    maxSessions: sessions,
  });
  const tensors = await trace(
    model,
    {
      frames: frames.bytes,
      count,
      height,
      width,
      ...(classifier
        ? { classifier: { weights: await classifier.values(), rows: classifier.shape[0] } }
        : {}),
      shareQueries: options.shareQueries ?? false,
    },
    io.signal,
  );
  await writeSafetensors(
    options.output,
    tensors.map(({ name, shape, data }) => ({
      name,
      dtype: 'float32' as const,
      shape,
      bytes: () => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    })),
  );
  io.print(options.output);
}
