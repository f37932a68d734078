import type { Job } from 'bullmq';
import { redactCamera } from '../../src/core/camera-address.ts';
import { asSidestreamError, SidestreamError } from '../../src/core/errors.ts';
import { type LiveStream, openLiveStream, policyOf } from '../../src/pipeline/live/open.ts';
import { answered, isUnreachable } from '../../src/queue/connection.ts';
import type { StreamBoard, StreamReport, Taken } from '../../src/queue/stream-board.ts';
import type { ReadyModel } from '../../src/ready-model.ts';
import { judgeCamera } from '../../src/streams/address.ts';
import { readStream, type StreamDescription, streamKeys } from '../../src/streams/description.ts';
import type { Fault } from '../../src/streams/streams.ts';
import type { WorkerDeps } from '../deps.ts';
import type { Watchable } from './gate.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { addressOf, requestOf } from './request.ts';
import { streamWords } from './words.ts';

/** What holding a stream needs. */
export interface HoldDeps
  extends Pick<WorkerDeps, 'config' | 'storage' | 'models' | 'scratch' | 'log' | 'program' | 'notices'> {
  readonly board: StreamBoard;
  /** Of addresses of cameras. */
  readonly guard: Parameters<typeof judgeCamera>[1];
  readonly gate: { readonly url: string; readonly word: string };
}

/** The entry of the queue that says that the stream is ours, with the lock that it is under. */
export interface Lease {
  readonly entry: Job;
  readonly lock: string;
}

/** Why a stream is not held any more. */
export type Ending = 'lost' | 'stopped' | 'drained';

export interface Held extends Watchable {
  readonly id: string;
  /** Goes on under another lease: the one before was lost while Redis was away. */
  adopt(taken: Taken, lease: Lease): void;
  /** Saves what it remembers, and lets go. */
  drain(): void;
  readonly ended: Promise<Ending>;
}

/** Milliseconds between two reports, and so until a wish is known at the latest. */
const REPORT = 150;
/** Milliseconds between two measurements of a stream. */
const MEASURE = 1000;
/** Milliseconds that a lock lasts; it is renewed four times in that. */
export const LOCK = 4000;
/** Milliseconds until what failed for a reason of its own is tried again. */
const AGAIN = 5000;

/** Holds one stream: runs it, and does what is wished of it, until it is another's or nobody's. */
export async function hold(id: string, taken: Taken, first: Lease, deps: HoldDeps): Promise<Held> {
  const { board, storage, config, log } = deps;
  const folder = await deps.scratch.folder();
  let { token } = taken;
  let lease: Lease | undefined = first;
  let station: Station | undefined;
  let applied = 0;
  let refused: StreamReport['refused'];
  let state: StreamReport['state'] = 'connecting';
  let reason: Fault | undefined;
  let camera: { readonly stop: AbortController; readonly over: Promise<void> } | undefined;
  let retryAt = 0;
  let draining = false;
  const about = log.child({ stream: id });

  const say = (next: StreamReport['state'], why?: SidestreamError) => {
    if (next !== state || why?.message !== reason?.message)
      about.info({ state: next, ...(why && { code: why.code, reason: why.message }) }, 'stream');
    state = next;
    reason = why && { code: why.code, message: why.message };
  };
  const trouble = (what: string, error: SidestreamError) =>
    about.warn({ what, code: error.code }, error.message);

  /** While Redis is away nobody is told of what is saved: of the two that take turns, the newer one counts. */
  async function newestOf(key: string): Promise<Uint8Array | undefined> {
    const both = [key, key.replace(/\d$/, (turn) => String(1 - Number(turn)))];
    const found = await Promise.all(both.map((one) => storage.read(one).catch(() => undefined)));
    const ageOf = (bytes: Uint8Array) =>
      Number(/"at":(\d+)/.exec(Buffer.from(bytes).toString('latin1', 0, 400))?.[1]);
    return found
      .filter((bytes) => bytes !== undefined)
      .sort((a, b) => ageOf(b) - ageOf(a))
      .at(0);
  }

  /** Throws ADDRESS_REFUSED. */
  const judge = ({ url }: StreamDescription) =>
    judgeCamera(url, deps.guard).catch((error) => {
      // A file or a device was judged when the stream was made.
      if (/^\w+:\/\//.test(url)) throw error;
    });

  async function open(revision: number): Promise<void> {
    const description = await readStream(id, revision, storage);
    await judge(description);
    const left = taken.state === undefined ? undefined : await newestOf(taken.state);
    const borrowed = await deps.models.lend(description.model);
    try {
      const { model, pack, wordCache } = borrowed.ready;
      const stream = await openLiveStream(
        { ...requestOf(description, config, folder.path), words: wordsOf(description, pack), memory: left },
        {
          paths: config.ffmpeg,
          model,
          pack: pack.manifest,
          tokenizer: pack.tokenizer,
          wordCache,
          state: say,
          trouble,
          seen: (frame) => station?.recorder.seen(frame),
          output: (name, why) => about[why ? 'warn' : 'info']({ output: name, reason: why }, 'output'),
        },
        new AbortController().signal,
      );
      const given = { ...deps, ready: borrowed.ready, folder: folder.path, token: () => token };
      const recorder = createRecorder(stream, { ...given, reserve: config.storage.reserve_bytes });
      station = { stream, description, borrowed, recorder, ready: borrowed.ready };
      applied = revision;
    } catch (error) {
      borrowed[Symbol.dispose]();
      throw error;
    }
  }

  /** Goes by a newer revision; what cannot be done leaves all as it was. */
  async function change({ stream, description }: Station, revision: number): Promise<void> {
    const next = await readStream(id, revision, storage);
    try {
      const { pack } = station!.ready;
      const words = wordsOf(next, pack);
      if (JSON.stringify(words) !== JSON.stringify(wordsOf(description, pack))) await stream.words(words);
      stream.policy(policyOf(next.policy), next.between);
      if (JSON.stringify(addressOf(next)) !== JSON.stringify(addressOf(description))) {
        await judge(next);
        stream.address(addressOf(next));
        await pause('CHANGED', 'the camera was changed');
      }
      if (camera) await station!.recorder.apply(next);
      station = { ...station!, description: next };
      applied = revision;
      refused = undefined;
    } catch (error) {
      const { code, message } = asSidestreamError(error);
      refused = { revision, fault: { code, message } };
    }
  }

  async function start({ stream, recorder, description }: Station): Promise<void> {
    await recorder.apply(description);
    const stop = new AbortController();
    say('connecting');
    const over = stream.run(stop.signal).catch((error) => {
      if (stop.signal.aborted) return;
      camera = undefined;
      retryAt = Date.now() + AGAIN;
      say('connecting', asSidestreamError(error));
    });
    camera = { stop, over };
  }

  /** `reason`: why nothing more is recorded; `why`: what is said of events that go on. */
  async function pause(reason: string, why?: string): Promise<void> {
    camera?.stop.abort(new SidestreamError('INTERRUPTED', 'paused'));
    await camera?.over;
    camera = undefined;
    await station?.recorder.end(reason, why);
  }

  let measured: { readonly at: number; readonly stats: StreamReport['stats'] } | undefined;
  /** Measured once a second: wishes are asked for more often. */
  const stats = () => {
    if (!station) return undefined;
    if (!measured || Date.now() - measured.at >= MEASURE)
      measured = { at: Date.now(), stats: statsOf(station.stream) };
    return measured.stats;
  };

  const report = (): StreamReport => ({
    state,
    reason,
    applied,
    ...(refused && { refused }),
    stats: stats(),
    gate: deps.gate,
  });

  /** One look at what is wished; gives the end, where it has come. */
  async function look(): Promise<Ending | undefined> {
    if (draining) return 'drained';
    const wanted = await answered(board.report(id, token, report()));
    if (!wanted) return 'lost';
    if (wanted.wish === 'stopped') return 'stopped';
    if (Date.now() < retryAt) return undefined;
    try {
      if (!station) await open(wanted.revision);
      if (wanted.revision > Math.max(applied, refused?.revision ?? 0))
        await change(station!, wanted.revision);
    } catch (error) {
      const failure = asSidestreamError(error);
      retryAt = Date.now() + AGAIN;
      say('connecting', failure);
      return undefined;
    }
    if (wanted.wish === 'paused') {
      await pause('PAUSED', 'the stream was paused');
      say('paused');
    } else if (!camera) await start(station!);
    return undefined;
  }

  async function renew(): Promise<void> {
    if (!lease) return;
    const { entry, lock } = lease;
    const kept = await entry.extendLock(lock, LOCK).catch((error) => (isUnreachable(error) ? 1 : 0));
    // Somebody may have found it without a lock: it comes back to us, or our token is an old one soon.
    if (kept === 0 && lease.lock === lock) lease = undefined;
  }

  let turn = 0;
  /** Puts away what is remembered; gives the key that is to be told. */
  async function put({ stream }: Station): Promise<string> {
    const key = streamKeys(id).state(token, turn++);
    await storage.put(key, Buffer.from(stream.memory()));
    return key;
  }

  async function live(): Promise<Ending> {
    let renewed = Date.now();
    for (;;) {
      const ending = await look().catch(whileRedisIsAway);
      if (ending) return ending;
      const now = Date.now();
      if (now - renewed >= LOCK / 4) {
        renewed = now;
        await renew();
      }
      await new Promise((resolve) => setTimeout(resolve, REPORT));
    }
  }

  async function letGo(ending: Ending): Promise<void> {
    if (ending === 'stopped') await pause('STOPPED', 'the stream was stopped');
    else await pause('HANDED_OVER');
    if (ending !== 'lost') {
      if (station) {
        await put(station)
          .then((key) => board.saved(id, token, key))
          .catch((error) => trouble('memory', asSidestreamError(error)));
      }
      await board.release(id, token);
    }
    if (!lease) return;
    const { entry, lock } = lease;
    // Where it is another's by now, its lock is not ours either.
    if (ending === 'drained') await entry.moveToWait(lock);
    else await entry.moveToCompleted(null, lock, false);
  }

  let putting = false;
  const saving = setInterval(async () => {
    if (putting || !station) return;
    putting = true;
    try {
      const key = await put(station);
      // Who answers to this that it is not ours any more says so to the next report, too.
      board.saved(id, token, key).catch(() => {});
    } catch (error) {
      trouble('memory', asSidestreamError(error));
    } finally {
      putting = false;
    }
  }, config.live.state_seconds * 1000);
  /** Whatever ends it, a fault of ours too: nothing of it runs on. */
  async function untilEnd(): Promise<Ending> {
    let ending: Ending = 'lost';
    try {
      ending = await live();
      return ending;
    } finally {
      clearInterval(saving);
      await letGo(ending).catch((error) => {
        if (!/lock|Missing key/i.test(String(error))) trouble('letting go', asSidestreamError(error));
      });
      await station?.recorder.settled();
      await station?.stream[Symbol.asyncDispose]();
      station?.borrowed[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
      about.info({ ending }, 'stream let go');
    }
  }

  return {
    id,
    adopt(next, under) {
      token = next.token;
      lease = under;
    },
    drain() {
      draining = true;
    },
    ended: untilEnd(),
    get stream() {
      if (!station)
        throw new SidestreamError('STREAM_NOT_LIVE', 'the stream has not begun: try again in a moment');
      return station.stream;
    },
    folder: folder.path,
    situation: () => ({ state, ...(reason && { reason }) }),
  };
}

interface Station {
  readonly stream: LiveStream;
  readonly description: StreamDescription;
  readonly borrowed: Disposable;
  readonly recorder: Recorder;
  readonly ready: ReadyModel;
}

const wordsOf = ({ words, rules }: StreamDescription, pack: ReadyModel['pack']) =>
  streamWords(words, rules, pack.manifest);

function whileRedisIsAway(error: unknown): undefined {
  if (!(error instanceof SidestreamError && error.code === 'REDIS_UNREACHABLE')) throw error;
}

function statsOf(stream: LiveStream): StreamReport['stats'] {
  const { frames, ...rest } = stream.stats();
  const { under_way: _, ...counts } = frames;
  const outputs = [...stream.outputs].map(
    ([name, why]) =>
      [name, why === undefined ? { ok: true } : { ok: false, reason: redactCamera(why) }] as const,
  );
  return { ...rest, frames: counts, outputs: Object.fromEntries(outputs) };
}
