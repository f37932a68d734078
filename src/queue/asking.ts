import { setTimeout as sleep } from 'node:timers/promises';
import { asSidestreamError, ERRORS, type ErrorCode, SidestreamError } from '../core/errors.ts';
import type { Storage } from '../storage/storage.ts';
import { answered } from './connection.ts';
import type { Queues } from './queues.ts';

/**
 * Questions that need a worker, while somebody waits for the answer. Question and answer lie in the storage, and the queue
 * knows their number alone. Whoever asks takes the question away in the end: so the worker learns that nobody waits any
 * more.
 */

/** By the queue that a question goes by. */
export type QuestionKind = 'cameras' | 'previews';

const FOLDER = 'asked/';
const keysOf = (kind: QuestionKind, key: string) => {
  const folder = `${FOLDER}${kind}/${key}/`;
  return { folder, question: `${folder}question.json`, answer: `${folder}answer.json` };
};

export interface AskDeps {
  readonly storage: Storage;
  readonly queues: Queues;
}

export interface Asking {
  readonly kind: QuestionKind;
  /** A number that no other question has. */
  readonly key: string;
  readonly question: unknown;
  readonly submitter: string;
  /** Milliseconds in which a worker must have begun, and those that it may then take. */
  readonly begin: number;
  readonly most: number;
}

/** Milliseconds between two looks for the answer, and for what has become of the question. */
const [LOOK, FATE] = [100, 500];

/** Gives the answer. Throws NO_WORKER where it does not come in time, and what the work threw. */
export async function ask(
  { kind, key, question, submitter, begin, most }: Asking,
  { storage, queues }: AskDeps,
  signal: AbortSignal,
): Promise<Buffer> {
  const keys = keysOf(kind, key);
  const entry = queues.entryOf(kind, { key });
  const enqueue = () => answered(queues.add(kind, [{ key }], { submitter, priority: 'high' }));
  signal.throwIfAborted();
  try {
    await storage.put(keys.question, JSON.stringify(question));
    await enqueue();
    const asked = Date.now();
    let begun: number | undefined;
    for (let looked = asked; ; await sleep(LOOK, undefined, { signal })) {
      if (await storage.stat(keys.answer)) return await storage.read(keys.answer, signal);
      const now = Date.now();
      if (now - looked < FATE) continue;
      looked = now;
      const state = await answered(queues.stateOf(kind, entry));
      if (state === 'failed') throw whyOf((await answered(queues.failureOf(kind, entry))) ?? '');
      if (state === 'active') begun ??= now;
      // Redis has lost it, or it has just been answered.
      if (state === 'unknown' && !(await storage.stat(keys.answer))) await enqueue();
      if (now - (begun ?? asked) > (begun === undefined ? begin : most))
        throw new SidestreamError(
          'NO_WORKER',
          begun === undefined
            ? `no worker takes this up (${kind}): see whether one runs that is not busy, then ask again`
            : `the worker does not come to an end (${kind}): ask again`,
        );
    }
  } finally {
    await storage.removeAll(keys.folder);
    await queues.remove(kind, entry).catch(() => {}); // Somebody works on it: it finds no question any more.
  }
}

function whyOf(text: string): SidestreamError {
  const [, code, message] = /^([A-Z_]+): (.*)$/s.exec(text) ?? [];
  return code !== undefined && code in ERRORS
    ? new SidestreamError(code as ErrorCode, message)
    : new SidestreamError('NO_WORKER', `the workers ended over this: ${text || 'see their logs'}`);
}

/** Milliseconds between two looks at whether somebody still waits. */
const WATCH = 500;

/** Answers a question, as a worker does it. `work` is told to stop where nobody waits any more: no error. */
export async function giveAnswer(
  kind: QuestionKind,
  key: string,
  storage: Storage,
  signal: AbortSignal,
  work: (question: unknown, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const keys = keysOf(kind, key);
  if (await storage.stat(keys.answer)) return;
  const question = await storage.read(keys.question, signal).catch(ifGone);
  if (question === undefined) return;
  const gone = new AbortController();
  const watch = setInterval(() => {
    storage.stat(keys.question).then(
      (there) => there ?? gone.abort(new SidestreamError('INTERRUPTED', 'nobody waits for it')),
      () => {}, // The next look will do.
    );
  }, WATCH);
  try {
    const answer = await work(JSON.parse(String(question)), AbortSignal.any([signal, gone.signal]));
    await storage.put(keys.answer, JSON.stringify(answer), signal);
    // Nobody would take it away.
    if (!(await storage.stat(keys.question))) await storage.removeAll(keys.folder);
  } catch (error) {
    if (!gone.signal.aborted || signal.aborted) throw error;
  } finally {
    clearInterval(watch);
  }
}

function ifGone(error: unknown): undefined {
  if (asSidestreamError(error).code !== 'OBJECT_NOT_FOUND') throw error;
}

/** Milliseconds after which nobody waits any more. */
const FORGOTTEN = 10 * 60_000;

/** Removes what servers that died have left behind. */
export async function sweepAsked(storage: Storage): Promise<void> {
  for await (const { key, modified } of storage.list(FOLDER)) {
    if (Date.now() - modified.getTime() > FORGOTTEN) await storage.remove(key);
  }
}
