import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { isErrno, SidestreamError } from '../core/errors.ts';
import { type Classifier, quoteName, type Vocabulary } from '../core/vocabulary.ts';
import type { Model } from './model.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface ClassifierDeps {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** Sentences with `{}` where the word goes. */
  readonly prompts: readonly string[];
  /** Folder in which word embeddings are kept, particular to the model's weights; undefined: nowhere. */
  readonly cache: string | undefined;
  /** Told after each batch how many words are embedded of those that were not kept. */
  readonly progress?: (done: number, words: number) => void;
}

/**
 * The classifier of a vocabulary (SAN, section "Mask recognition"): the embeddings of its words; the learnt background
 * comes last; all are multiplied by exp(logit_scale).
 */
export async function buildClassifier(
  vocabulary: Vocabulary,
  deps: ClassifierDeps,
  signal?: AbortSignal,
): Promise<Classifier> {
  const rows = vocabulary.flatMap(({ synonyms }, entry) => synonyms.map((word) => ({ word, entry })));
  const embeddings = await embedNames(
    rows.map(({ word }) => word),
    deps,
    signal,
  );
  const { scale, background } = await deps.model.classifierParts();

  const dim = background.length;
  const weights = new Float32Array((rows.length + 1) * dim);
  [...rows.map(({ word }) => embeddings.get(word)!), background].forEach((embedding, row) => {
    weights.set(
      embedding.map((value) => value * scale),
      row * dim,
    );
  });
  return { dim, weights, rowEntry: Int32Array.from([...rows.map(({ entry }) => entry), -1]) };
}

/** A word on its way into the text tower. */
interface Word {
  readonly word: string;
  /** Stands for the word in the cache. */
  readonly key: string;
  readonly tokens: number;
  /** The prompts that have room for all of it. */
  readonly prompts: readonly Prompt[];
}

interface Prompt {
  readonly text: string;
  /** What is before the word. */
  readonly head: string;
  /** Tokens without the word. */
  readonly tokens: number;
}

/** Words in one batch: what is lost when the work is stopped. */
const BATCH = 32;

/**
 * Unit embeddings of words, D each: a word goes into every prompt, and the prompts' unit embeddings are averaged to one
 * that is made unit length again. It is computed once and kept on disk, batch by batch: work that was stopped goes on
 * where it was. Throws USAGE for a word of which the model's tokenizer makes nothing, or too much.
 */
export async function embedNames(
  words: readonly string[],
  deps: ClassifierDeps,
  signal?: AbortSignal,
): Promise<Map<string, Float32Array>> {
  const wanted = readWords(words, deps);
  const cache = openCache(deps);
  const kept = await cache.read(new Set(wanted.map(({ key }) => key)));
  const result = new Map<string, Float32Array>();
  const missing: Word[] = [];
  for (const word of wanted) {
    const known = kept.get(word.key);
    if (known) result.set(word.word, known);
    else missing.push(word);
  }
  // The tower runs as long as a run's longest text.
  missing.sort((a, b) => a.tokens - b.tokens);
  const batches = batchesOf(missing);
  let done = 0;
  const work = async () => {
    for (const batch of batches) {
      const embeddings = await embedBatch(batch, deps, signal);
      for (const [i, { word }] of batch.entries()) result.set(word, embeddings[i]);
      await cache.append(batch.map(({ key }, i) => ({ key, embedding: embeddings[i] })));
      done += batch.length;
      deps.progress?.(done, missing.length);
    }
  };
  // All take from one generator, which an error closes: then no other batch is begun.
  const ends = await Promise.allSettled(Array.from({ length: deps.model.lanes }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return result;
}

function* batchesOf<T>(items: readonly T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH);
}

/** Looks at each word once. A word is never cut: prompts that it does not fit into are left out. */
function readWords(words: readonly string[], { tokenizer, prompts }: ClassifierDeps): Word[] {
  const count = (text: string) => tokenizer.tokens(text).length;
  const empty = count('');
  const known = prompts.map((text): Prompt => {
    return { text, head: text.slice(0, text.indexOf('{}')), tokens: count(text.replace('{}', '')) };
  });
  return [...new Set(words)].map((word) => {
    const ids = tokenizer.tokens(word);
    const tokens = ids.length - empty;
    if (tokens <= 0)
      throw new SidestreamError('USAGE', `${quoteName(word)} means nothing to this model: use other words`);
    const fitting = known.filter(
      (prompt) =>
        prompt.tokens + tokens <= tokenizer.context || count(prompt.head + word) <= tokenizer.context,
    );
    if (fitting.length === 0) {
      const room = tokens + tokenizer.context - Math.min(...known.map(({ head }) => count(head + word)));
      const much = `it takes ${tokens} tokens and this model has room for ${room}`;
      throw new SidestreamError('USAGE', `${quoteName(word)} is too long: ${much}; shorten it`);
    }
    const hash = createHash('sha256')
      .update(JSON.stringify([word, ids]))
      .digest('hex');
    return { word, key: hash.slice(0, KEY * 2), tokens, prompts: fitting };
  });
}

async function embedBatch(
  words: readonly Word[],
  { model, tokenizer }: ClassifierDeps,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>[]> {
  const dim = model.architecture.clip.embed;
  const texts = words.flatMap(({ word, tokens, prompts }, of) =>
    prompts.map((prompt) => {
      const ids = tokenizer.encode(prompt.text.replace('{}', () => word));
      return { of, ids, length: prompt.tokens + tokens };
    }),
  );
  texts.sort((a, b) => a.length - b.length);
  const embedded = await model.embedTexts(
    texts.map(({ ids }) => ids),
    signal,
  );
  const sums = words.map(() => new Float32Array(dim));
  for (const [text, { of }] of texts.entries()) {
    for (let i = 0; i < dim; i++) sums[of][i] += embedded[text * dim + i];
  }
  return sums.map((sum) => {
    const length = Math.hypot(...sum);
    return sum.map((value) => value / length);
  });
}

/** Raised when the same word would get another embedding. */
const CACHE_VERSION = 1;
const MARK = Buffer.from('word');
/** Bytes of a word's key. */
const KEY = 16;

/**
 * Embeddings on disk: one file for each set of prompts and precision, to which records are appended, each with one
 * write, so that processes may share it: mark, CRC-32 of what follows, key, float32 values. What was written in part is
 * passed over, and its word embedded again.
 */
function openCache({ cache, prompts, model }: ClassifierDeps) {
  const setting = JSON.stringify([CACHE_VERSION, prompts, model.precision]);
  const name = createHash('sha256').update(setting).digest('hex').slice(0, 16);
  const path = cache === undefined ? undefined : join(cache, `${name}.words`);
  const size = MARK.length + 4 + KEY + model.architecture.clip.embed * 4;

  async function read(keys: ReadonlySet<string>): Promise<Map<string, Float32Array>> {
    const found = new Map<string, Float32Array>();
    if (path === undefined) return found;
    const bytes = await orUnusable(path, () => readFile(path));
    let at = bytes?.indexOf(MARK) ?? -1;
    while (bytes && at >= 0) {
      const body = bytes.subarray(at + MARK.length + 4, at + size);
      const whole = at + size <= bytes.length && crc32(body) === bytes.readUInt32LE(at + MARK.length);
      if (whole) {
        const key = body.toString('hex', 0, KEY);
        if (keys.has(key)) found.set(key, new Float32Array(Uint8Array.from(body.subarray(KEY)).buffer));
      }
      at = bytes.indexOf(MARK, at + (whole ? size : 1));
    }
    return found;
  }

  async function append(
    words: readonly { key: string; embedding: Float32Array<ArrayBuffer> }[],
  ): Promise<void> {
    if (path === undefined) return;
    const records = words.flatMap(({ key, embedding }) => {
      const body = Buffer.concat([Buffer.from(key, 'hex'), new Uint8Array(embedding.buffer)]);
      const check = Buffer.alloc(4);
      check.writeUInt32LE(crc32(body));
      return [MARK, check, body];
    });
    await orUnusable(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, Buffer.concat(records));
    });
  }

  return { read, append };
}

/** What `work` gives; undefined where there is no such file. */
async function orUnusable<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (!isErrno(error)) throw error;
    const code = isErrno(error, 'ENOSPC') ? 'DISK_FULL' : 'OUTPUT_UNWRITABLE';
    const message = `the cache of words ${path} cannot be used (${error.code}): set cache.directory`;
    throw new SidestreamError(code, message, { cause: error });
  }
}
