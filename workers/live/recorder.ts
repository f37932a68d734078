import { join } from 'node:path';
import type { Logger } from 'pino';
import type { LiveStream, RecordingWish } from '../../src/pipeline/live/open.ts';
import type { Seen } from '../../src/pipeline/live.ts';
import type { Notices } from '../../src/queue/notices.ts';
import type { ReadyModel } from '../../src/ready-model.ts';
import type { Storage } from '../../src/storage/storage.ts';
import type { StreamDescription } from '../../src/streams/description.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { type RuleWatch, watchRules } from './rule-watch.ts';

/** Records a stream as its description says, and looks for what its rules wait for, as long as it runs. */
export interface Recorder {
  /** Goes by this description from now on. */
  apply(description: StreamDescription): Promise<void>;
  seen(frame: Seen): void;
  /** Ends what is recorded. `reason`: as gaps have it. `why`: what is said of events; undefined: another holder goes on. */
  end(reason: string, why: string | undefined): Promise<void>;
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
  /** The watch of late, also once it has ended: its last words are still to be kept. */
  let reporting: RuleWatch | undefined;
  let watching: { readonly rules: string; readonly watch: RuleWatch } | undefined;

  function wishOf({ name, record }: StreamDescription, kept: Keeper): RecordingWish | undefined {
    if (!record) return undefined;
    return {
      folder: join(folder, 'record'),
      seconds: record.seconds,
      audio: record.audio,
      keep: (segment, missing) => kept.keep(segment, missing, reporting?.reports() ?? []),
      about: { name, identity: ready.pack.identity, program: deps.program },
    };
  }

  async function endRecording(reason: string): Promise<void> {
    if (running === undefined) return;
    running = undefined;
    await stream.record(undefined, reason);
  }

  async function record(description: StreamDescription): Promise<void> {
    const wanted =
      description.record && JSON.stringify([description.record.seconds, description.record.audio]);
    if (wanted === (running ?? null)) return;
    if (wanted === null) return await endRecording('OFF');
    const { name, architecture } = ready.model;
    const model = { name, sum: ready.pack.identity, dim: architecture.clip.embed };
    keeper ??= createKeeper({ ...deps, stream: description.id, model });
    await stream.record(wishOf(description, keeper), 'CHANGED');
    running = wanted;
  }

  async function watch({ id, rules }: StreamDescription): Promise<void> {
    const wanted = rules && JSON.stringify(rules);
    if (wanted === (watching?.rules ?? null)) return;
    if (!rules || wanted === null) {
      const old = watching;
      watching = undefined;
      await old?.watch.end('the rule was removed');
    } else if (watching) {
      watching.watch.change(rules);
      watching = { ...watching, rules: wanted };
    } else {
      reporting = await watchRules({ ...deps, stream: id, rules });
      watching = { rules: wanted, watch: reporting };
    }
  }

  return {
    async apply(description) {
      await watch(description);
      await record(description);
    },
    seen: (frame) => watching?.watch.seen(frame),
    async end(reason, why) {
      const old = watching;
      watching = undefined;
      await old?.watch.end(why);
      await endRecording(reason);
    },
    settled: async () => keeper?.settled(),
  };
}
