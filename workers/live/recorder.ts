import { join } from 'node:path';
import type { Logger } from 'pino';
import type { LiveStream, RecordingWish } from '../../src/pipeline/live/open.ts';
import type { Notices } from '../../src/queue/notices.ts';
import type { ReadyModel } from '../../src/ready-model.ts';
import type { Storage } from '../../src/storage/storage.ts';
import type { StreamDescription } from '../../src/streams/description.ts';
import { createKeeper, type Keeper } from './keeper.ts';

/** Records a stream as its description says, as long as it runs. */
export interface Recorder {
  /** Goes by this description from now on. */
  apply(description: StreamDescription): Promise<void>;
  /** Ends what is recorded. `reason`: as gaps have it. */
  end(reason: string): Promise<void>;
  /** Waits until all that was recorded is kept. */
  settled(): Promise<void>;
}

export interface RecorderDeps {
  readonly ready: ReadyModel;
  readonly token: () => number;
  readonly storage: Storage;
  readonly notices: Notices;
  readonly log: Logger;
  /** Name and version of this program. */
  readonly program: string;
  /** Of the stream, on this machine. */
  readonly folder: string;
  /** Bytes that stay free in the storage. */
  readonly reserve: number;
}

export function createRecorder(stream: LiveStream, deps: RecorderDeps): Recorder {
  const { ready, folder } = deps;
  let running: string | undefined;
  let keeper: Keeper | undefined;

  function wishOf({ name, record }: StreamDescription, kept: Keeper): RecordingWish | undefined {
    if (!record) return undefined;
    return {
      folder: join(folder, 'record'),
      seconds: record.seconds,
      audio: record.audio,
      keep: (segment, missing) => kept.keep(segment, missing, []),
      about: { name, identity: ready.pack.identity, program: deps.program },
    };
  }

  async function end(reason: string): Promise<void> {
    if (running === undefined) return;
    running = undefined;
    await stream.record(undefined, reason);
  }

  return {
    async apply(description) {
      const { id, record } = description;
      const wanted = record && JSON.stringify([record.seconds, record.audio]);
      if (wanted === (running ?? null)) return;
      if (wanted === null) return await end('OFF');
      const { name, architecture } = ready.model;
      const model = { name, sum: ready.pack.identity, dim: architecture.clip.embed };
      keeper ??= createKeeper({ ...deps, stream: id, model });
      await stream.record(wishOf(description, keeper), 'CHANGED');
      running = wanted;
    },
    end,
    settled: async () => keeper?.settled(),
  };
}
