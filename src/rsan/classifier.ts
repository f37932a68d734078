import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../core/errors.ts';
import type { Classifier, Vocabulary } from '../core/vocabulary.ts';
import type { Model } from './model.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface ClassifierDeps {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** Sentences with `{}` where the word goes. */
  readonly prompts: readonly string[];
  /** Folder in which word embeddings are kept, particular to the model's weights; undefined: nowhere. */
  readonly cache: string | undefined;
}

/**
 * The classifier of a vocabulary (SAN, section "Mask recognition"): each word goes into every prompt; the prompts'
 * unit embeddings are averaged to one per word and made unit length again; the learnt background comes last; all are
 * multiplied by exp(logit_scale). A word's embedding is computed once and kept on disk.
 */
export async function buildClassifier(
  vocabulary: Vocabulary,
  deps: ClassifierDeps,
  signal?: AbortSignal,
): Promise<Classifier> {
  const rows = vocabulary.flatMap(({ synonyms }, entry) => synonyms.map((word) => ({ word, entry })));
  const words = [...new Set(rows.map(({ word }) => word))];
  const embeddings = await embedWords(words, deps, signal);
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

/** Unit embeddings of words, from the cache or from the text tower. */
async function embedWords(
  words: readonly string[],
  deps: ClassifierDeps,
  signal?: AbortSignal,
): Promise<Map<string, Float32Array>> {
  const { model, tokenizer, prompts } = deps;
  const dim = model.architecture.clip.embed;
  const known = await Promise.all(
    words.map(async (word) => [word, await readCached(word, dim, deps)] as const),
  );
  const result = new Map(
    known.flatMap(([word, embedding]) => (embedding ? [[word, embedding] as const] : [])),
  );

  const missing = words.filter((word) => !result.has(word));
  const tokens = missing.flatMap((word) =>
    prompts.map((prompt) => tokenizer.encode(prompt.replace('{}', () => word))),
  );
  const embedded = await model.embedTexts(tokens, signal);
  for (const [index, word] of missing.entries()) {
    const mean = new Float32Array(dim);
    for (let prompt = 0; prompt < prompts.length; prompt++) {
      const start = (index * prompts.length + prompt) * dim;
      for (let i = 0; i < dim; i++) mean[i] += embedded[start + i];
    }
    const length = Math.hypot(...mean);
    const unit = mean.map((value) => value / length);
    result.set(word, unit);
    await writeCached(word, unit, deps);
  }
  return result;
}

/** Everything that a word's embedding depends on besides the weights is part of its file's name. */
function cachePath(word: string, { cache, prompts, tokenizer, model }: ClassifierDeps): string | undefined {
  const key = JSON.stringify([word, prompts, [...tokenizer.encode(word)], model.precision]);
  return cache && join(cache, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.f32`);
}

async function readCached(
  word: string,
  dim: number,
  deps: ClassifierDeps,
): Promise<Float32Array | undefined> {
  const path = cachePath(word, deps);
  if (path === undefined) return undefined;
  try {
    const bytes = await readFile(path);
    return bytes.length === dim * 4 ? new Float32Array(Uint8Array.from(bytes).buffer) : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeCached(word: string, embedding: Float32Array, deps: ClassifierDeps): Promise<void> {
  const path = cachePath(word, deps);
  if (path === undefined) return;
  await mkdir(join(path, '..'), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength));
  await rename(temporary, path);
}
