import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SidestreamError } from '../../core/errors.ts';
import type { Pts } from '../../core/time.ts';
import { ffmpegVersion } from '../../media/encode.ts';
import {
  type Outputs,
  type OutputsRequest,
  openOutputs,
  type Picture,
  writableFolder,
} from '../../media/live/outputs.ts';
import type { FfmpegPaths } from '../../media/process.ts';
import { wallOf } from '../../media/rtsp/clock.ts';
import { buildClassifier } from '../../rsan/classifier.ts';
import type { Model } from '../../rsan/model.ts';
import type { PackManifest } from '../../rsan/packs/pack.ts';
import type { Tokenizer } from '../../rsan/tokenizer.ts';
import { type Between, createLive, type Live, type LiveRequest, type LiveStats, type Seen } from '../live.ts';
import { vocabularyOf, type WordsRequest } from '../show.ts';
import { collectLessOften } from './heap.ts';
import { decodeMemory, encodeMemory } from './memory.ts';
import type { Words } from './namer.ts';
import { type RecordedBy, recordedHeader } from './recorded-header.ts';
import { openRecording, type Recording, type RecordingDeps, type RecordingRequest } from './recording.ts';
import type { Policy } from './schedule.ts';
import { turnsOf } from './share.ts';
import type { Shown } from './shown.ts';

/** A live stream with everything around it: words, outputs, and whoever watches. */

export interface LiveStreamRequest extends Omit<LiveRequest, 'words' | 'memory' | 'shortSide'> {
  readonly words: WordsRequest;
  /** Undefined: what the pack says. */
  readonly shortSide: number | undefined;
  readonly outputs: OutputsRequest;
  /** What another holder of the stream has left. */
  readonly memory?: Uint8Array | undefined;
}

export interface LiveStreamDeps {
  readonly paths: FfmpegPaths;
  readonly model: Model;
  readonly pack: PackManifest;
  readonly tokenizer: Tokenizer;
  /** Folder for embeddings of words. */
  readonly wordCache: string | undefined;
  readonly state: (state: 'connecting' | 'live', reason?: SidestreamError) => void;
  /** Told of what went wrong and was got over. */
  readonly trouble: (what: string, error: SidestreamError) => void;
  /** What the model saw, frame by frame. */
  readonly seen?: ((frame: Seen) => void) | undefined;
  /** Told when an output stops, with the reason, or goes on. */
  readonly output: (name: string, reason: string | undefined) => void;
}

export interface LiveStream extends AsyncDisposable {
  /** Goes on until `signal` is aborted, and rejects with its reason. */
  run(signal: AbortSignal): Promise<never>;
  /**
   * Other words from the next frame on; one change after the other. Embedding them does not hold the stream up. Throws
   * where they cannot be used, USAGE most often, and the old ones stay.
   */
  words(request: WordsRequest): Promise<void>;
  policy(policy: Policy, between: Between): void;
  /** Where the camera is, from the next run on. */
  address(address: LiveStreamRequest['address']): void;
  /** Records in segments from now on, or does not. `reason`: why not, as gaps have it. Throws OUTPUT_UNWRITABLE. */
  record(wanted: RecordingWish | undefined, reason: string): Promise<void>;
  stats(): LiveStats;
  /** By name: undefined where it goes on, else why not. */
  readonly outputs: Outputs['status'];
  /** Every frame that is given out, until what it returns is called. */
  watch(shown: (frame: Shown) => void): () => void;
  watchPictures(picture: (picture: Picture) => void): () => void;
  /** The next picture. Throws STREAM_NOT_LIVE. */
  snapshot(): Promise<Picture>;
  /** What following and naming remembers; see `LiveStreamRequest.memory`. */
  memory(): Uint8Array;
}

export interface RecordingWish extends RecordingRequest, Pick<RecordingDeps, 'keep'> {
  readonly about: Omit<RecordedBy, 'stream' | 'begin' | 'model' | 'pack' | 'shortSide'>;
}

/** Milliseconds that a picture is waited for. */
const PATIENCE = 5000;

/** Throws what is wrong with the words. */
export async function openLiveStream(
  request: LiveStreamRequest,
  deps: LiveStreamDeps,
  signal: AbortSignal,
): Promise<LiveStream> {
  collectLessOften();
  setMaxListeners(0, signal); // Each process and each run listens.
  const { model, pack, tokenizer, paths } = deps;
  const turns = turnsOf(model);
  const embed = async (words: WordsRequest): Promise<Words> => {
    const vocabulary = vocabularyOf(words, { maskVideo: undefined }, pack);
    const about = { model, tokenizer, prompts: pack.prompts, cache: deps.wordCache };
    return { vocabulary, classifier: await turns.before(() => buildClassifier(vocabulary, about, signal)) };
  };
  const { major: ffmpegMajor } = await ffmpegVersion(paths, signal);
  const words = await embed(request.words);
  const watchers = new Set<(frame: Shown) => void>();
  const outputs = await openOutputs(request.outputs, { paths, ffmpegMajor, changed: deps.output }, signal);
  const { memory: left, ...rest } = request;
  const shortSide = request.shortSide ?? pack.short_side;
  let recording: Recording | undefined;
  const live: Live = createLive(
    {
      ...rest,
      words,
      shortSide,
      ...rememberedBy(left, model.name, deps),
    },
    {
      ...deps,
      state(state, reason) {
        if (state === 'connecting' && reason) recording?.away(reason.code);
        deps.state(state, reason);
      },
      model: { architecture: model.architecture, analyse: turns.analyse },
      ffmpegMajor,
      out: {
        video: (packet) => outputs.video(packet),
        audio: (packet) => outputs.audio(packet),
        camera(packet) {
          outputs.camera?.(packet);
          recording?.camera(packet);
        },
        seen(frame) {
          recording?.seen(frame);
          deps.seen?.(frame);
        },
        shown(frame) {
          for (const watcher of watchers) watcher(frame);
        },
      },
    },
  );
  let change: Promise<void> = Promise.resolve();

  async function record(wanted: RecordingWish | undefined, reason: string): Promise<void> {
    const before = recording;
    recording = undefined;
    await before?.close(reason);
    outputs.status.delete('record');
    if (!wanted) return;
    await writableFolder(wanted.folder);
    const about = { ...wanted.about, model, pack, shortSide };
    recording = await openRecording(
      wanted,
      {
        paths,
        header: (stream, begin) => recordedHeader({ ...about, stream, begin }),
        tell: (error) => outputs.tell('record', error),
        keep: wanted.keep,
      },
      signal,
    );
  }

  return {
    record,
    run: (stop) => live.run(stop),
    async words(next) {
      // Embedded side by side, taken in order.
      const embedding = embed(next);
      const mine = change.then(async () => live.words(await embedding));
      change = mine.catch(() => {});
      await mine;
    },
    policy: (policy, between) => live.policy(policy, between),
    address: (address) => live.address(address),
    stats: () => live.stats(),
    outputs: outputs.status,
    watch(shown) {
      watchers.add(shown);
      return () => watchers.delete(shown);
    },
    watchPictures: (picture) => outputs.watch(picture),
    async snapshot() {
      const patience = new AbortController();
      let leave = () => {};
      try {
        return await Promise.race([
          new Promise<Picture>((resolve) => {
            const after = Date.now() - 2 * request.backlog;
            leave = outputs.watch((picture) => {
              // It begins with pictures from the last key frame on.
              if (wallOf(picture.pts as Pts) > after) resolve(picture);
            });
          }),
          sleep(PATIENCE, undefined, { signal: patience.signal }).then(() => {
            throw new SidestreamError(
              'STREAM_NOT_LIVE',
              'the stream shows no picture at present: try again in a moment',
            );
          }),
        ]);
      } finally {
        leave();
        patience.abort();
      }
    },
    memory: () => encodeMemory(live.memory(), model.name),
    async [Symbol.asyncDispose]() {
      await record(undefined, 'STOPPED');
      await outputs.close();
    },
  };
}

/** What cannot be gone on from is said, and forgotten. */
function rememberedBy(bytes: Uint8Array | undefined, model: string, { trouble }: LiveStreamDeps) {
  if (!bytes) return {};
  try {
    const memory = decodeMemory(bytes, model);
    return memory ? { memory } : {};
  } catch (error) {
    trouble(
      'memory',
      new SidestreamError('INTERNAL', 'what the last holder left is damaged: ids begin anew', {
        cause: error,
      }),
    );
    return {};
  }
}

/** As settings have it. */
export const policyOf = (text: string): Policy =>
  text === 'latest' ? 'latest' : text === 'all' ? 1 : Number(text.slice('every:'.length));
