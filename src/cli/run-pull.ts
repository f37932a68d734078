import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClipView } from '../clips/clips.ts';
import { clipFile } from '../clips/file-name.ts';
import { type ErrorCode, isErrno, SidestreamError } from '../core/errors.ts';
import type { Client } from './client.ts';
import type { ClipPullOptions } from './clips.ts';
import type { Io } from './io.ts';
import { listed } from './pages.ts';
import { createMeter, remarks } from './progress.ts';
import { resumedDownload, sha256Of, sizeOf, tagOf } from './resumed-download.ts';
import { clientOf } from './run-client.ts';
import { pathOf } from './run-clips.ts';

/** Runs `sidestream clips pull`. */

/** Clips that are saved at a time. */
const AT_A_TIME = 2;

type Result = 'video' | 'overlay' | 'masks';
const PATHS: Readonly<Record<Result, string>> = {
  video: 'video',
  overlay: 'video?overlay=1',
  masks: 'masks',
};

/** What became of a file of a clip. `gone`: the clip was removed meanwhile. */
interface Outcome {
  readonly clip: string;
  readonly result: Result;
  readonly state: 'saved' | 'present' | 'gone' | 'failed';
  readonly file?: string;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

const GONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CLIP_NOT_FOUND', 'OBJECT_NOT_FOUND']);
/** Errors that are not about one clip: none of those behind it would come either. */
const FATAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'KEY_REQUIRED',
  'KEY_FORBIDDEN',
  'TOO_MANY_REQUESTS',
  'SERVER_UNREACHABLE',
  'STORAGE_UNREACHABLE',
  'REDIS_UNREACHABLE',
  'INTERRUPTED',
]);

export async function runPull(io: Io, ids: readonly string[], options: ClipPullOptions): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([io.signal, stop.signal]);
  const client = await clientOf({ ...io, signal }, options);
  const say = remarks(io, options);
  const outcomes: Outcome[] = [];
  const tell = (outcome: Outcome) => {
    outcomes.push(outcome);
    if (outcome.state === 'gone') say(`clip ${outcome.clip} was removed meanwhile`);
    if (outcome.error) io.say(`error ${outcome.error.code}: clip ${outcome.clip}: ${outcome.error.message}`);
    if (outcome.state === 'saved' && outcome.file !== undefined && !options.json) io.print(outcome.file);
  };
  const results: Result[] = [
    options.overlay ? 'overlay' : 'video',
    ...(options.masks ? ['masks' as const] : []),
  ];
  const wanted = (await clipsOf(client, ids, options, tell)).flatMap((clip) =>
    results.map((result) => ({ clip, result })),
  );
  const meter = options.quiet ? undefined : createMeter(process.stderr);
  let [come, done] = [0, 0];
  const shown = () =>
    meter?.follow({
      state: `${done} of ${wanted.length} files, ${(come / 1e6).toFixed(1)} MB`,
      progress: wanted.length === 0 ? 1 : done / wanted.length,
    });
  const progress = (bytes: number) => {
    come += bytes;
    shown();
  };
  const pull = { client, signal, options, progress, taken: new Set<string>(), turn: Promise.resolve() };
  const queue = wanted.values();
  const work = async () => {
    try {
      // Each takes the next one that none has begun.
      for (const { clip, result } of queue) {
        tell(await pullOne(pull, clip, result));
        done++;
        shown();
      }
    } catch (error) {
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  meter?.stop();
  if (signal.aborted) throw unwritable(signal.reason, options.to);
  summary(io, options, outcomes);
}

/** What is to be saved: the clips asked for, or all that are done and fit. */
async function clipsOf(
  client: Client,
  ids: readonly string[],
  { stream, label, rule, since }: ClipPullOptions,
  tell: (outcome: Outcome) => void,
): Promise<readonly ClipView[]> {
  if (ids.length === 0) {
    const filter = { state: 'done', stream, label, rule, from: since };
    return await listed<ClipView>(client, '/v1/clips', 'clips', filter);
  }
  if (stream ?? label ?? rule ?? since)
    throw new SidestreamError('USAGE', 'give ids of clips, or say which: not both');
  const found: ClipView[] = [];
  for (const id of new Set(ids)) {
    try {
      found.push(await client.persist(() => client.ask<ClipView>('GET', pathOf(id))));
    } catch (error) {
      tell(outcomeOf(error, { clip: id, result: 'video' }));
    }
  }
  return found;
}

interface Pull {
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly options: ClipPullOptions;
  /** Names that this call has given; it gives one at a time. */
  readonly taken: Set<string>;
  turn: Promise<unknown>;
  readonly progress: (bytes: number) => void;
}

async function pullOne(pull: Pull, clip: ClipView, result: Result): Promise<Outcome> {
  const { client, signal, progress } = pull;
  const about = { clip: clip.id, result };
  try {
    if (clip.error) throw new SidestreamError('RESULT_NOT_FOUND', `it has failed: ${clip.error.message}`);
    if (clip.state !== 'done')
      throw new SidestreamError('CLIP_NOT_READY', `it is ${clip.state}: pull it when it is done`);
    const path = `${pathOf(clip.id)}/${PATHS[result]}`;
    const known = await knownOf(client, clip, result, path);
    const place = pull.turn.then(() => placeOf(pull, clip, result, known));
    pull.turn = place.catch(() => {});
    const { file, present } = await place;
    if (present) return { ...about, state: 'present', file };
    await resumedDownload(client, { path, ...known }, file, { signal, progress });
    return { ...about, state: 'saved', file };
  } catch (error) {
    signal.throwIfAborted();
    return outcomeOf(error, about);
  }
}

/** What came of an error of one clip. Throws the others. */
function outcomeOf(error: unknown, about: Pick<Outcome, 'clip' | 'result'>): Outcome {
  if (!(error instanceof SidestreamError)) throw error;
  const { code, message } = error;
  if (GONE.has(code)) return { ...about, state: 'gone' };
  if (FATAL.has(code)) throw error;
  return { ...about, state: 'failed', error: { code, message } };
}

interface Known {
  readonly bytes: number;
  readonly sha256: string;
}

/** Size and checksum; of what is made on demand once it is made, for which the server is asked. */
async function knownOf(client: Client, clip: ClipView, result: Result, path: string): Promise<Known> {
  const there = clip.results[result];
  if (there) return there;
  await client.persist(() => tagOf(client, path));
  const made = (await client.persist(() => client.ask<ClipView>('GET', pathOf(clip.id)))).results[result];
  if (made) return made;
  throw new SidestreamError('RESULT_NOT_FOUND', `it has no ${result}`);
}

/**
 * Where a file goes: under the plain name, or where another one has that, with the clip's id. `present`: it is there
 * already.
 */
async function placeOf(
  { options, taken, signal }: Pull,
  clip: ClipView,
  result: Result,
  { bytes, sha256 }: Known,
): Promise<{ readonly file: string; readonly present: boolean }> {
  const places = [false, true].map((distinct) => clipFile(clip, result, { distinct }));
  const files = new Set(places.map(({ folder, name }) => join(options.to, folder, name)));
  const [own] = [...files].slice(-1);
  for (const file of files) {
    if (taken.has(file)) continue;
    await mkdir(dirname(file), { recursive: true });
    const size = await sizeOf(file);
    // What has the same size by the same name is the same, or damaged; by its own name it can be no other.
    if (size !== undefined && size !== bytes && file !== own) continue;
    taken.add(file);
    const present = size === bytes && (!options.verify || (await sha256Of(file, signal)) === sha256);
    return { file, present };
  }
  throw new SidestreamError('INTERNAL', `clip ${clip.id} is listed twice`);
}

/** What a system error of the folder means; others as they are. */
function unwritable(error: unknown, folder: string): unknown {
  if (!isErrno(error) || error.syscall === undefined || error.code === 'ENOSPC') return error;
  return new SidestreamError('OUTPUT_UNWRITABLE', `${folder} cannot be written to (${error.code})`, {
    cause: error,
  });
}

/** Says what came of it all. Throws where a clip could not be saved. */
function summary(io: Io, options: ClipPullOptions, outcomes: readonly Outcome[]): void {
  if (options.json) io.print(JSON.stringify(outcomes, null, 2));
  const count = (state: Outcome['state']) => outcomes.filter((one) => one.state === state).length;
  const [saved, present, gone, failed] = (['saved', 'present', 'gone', 'failed'] as const).map(count);
  const facts = [`${saved} saved`, `${present} there already`, `${gone} gone`, `${failed} failed`];
  remarks(io, options)(facts.filter((fact, i) => i < 2 || !fact.startsWith('0')).join(', '));
  if (failed > 0)
    throw new SidestreamError(
      'DOWNLOAD_FAILED',
      `${failed} of ${outcomes.length} files were not saved: see above, and run it again`,
    );
}
