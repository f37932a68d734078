import { readFile } from 'node:fs/promises';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { decodeHTML } from 'entities';
import { z } from 'zod';
import { isErrno, SidestreamError } from '../core/errors.ts';

/** Texts to token ids of one length, as a model's text tower takes them. */
export interface Tokenizer {
  /** Tokens of every result. */
  readonly context: number;
  /** One more than the largest id. */
  readonly vocab: number;
  /** start, words, end, padding: `context` ids. What is too long is cut; the end token stays. */
  encode(text: string): Int32Array;
  /** start, words, end: all of them, however many. */
  tokens(text: string): readonly number[];
}

/** Ids of tokens; the limit keeps a wrong one from filling memory. */
const idSchema = z
  .number()
  .int()
  .min(0)
  .max(2 ** 24);

/** What the library leaves to its caller: length and padding, and whether ids are ids. */
const settingsSchema = z.object({
  truncation: z.object({ max_length: z.number().int().min(2).max(4096) }),
  padding: z.object({ pad_id: idSchema }),
  model: z.object({
    // Of unigram models a list, in which a token's place is its id.
    vocab: z.union([z.record(z.string(), idSchema), z.array(z.unknown())]),
  }),
  added_tokens: z.array(z.object({ id: idSchema })).default([]),
});

/** Opens a tokenizer.json in the layout of Hugging Face's tokenizers. Throws TOKENIZER_INVALID. */
export async function openTokenizer(path: string): Promise<Tokenizer> {
  let json: string;
  try {
    json = await readFile(path, 'utf8');
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new SidestreamError('TOKENIZER_INVALID', `the tokenizer ${path} cannot be read: ${error.code}`, {
      cause: error,
    });
  }
  return parseTokenizer(json, path);
}

/** `source` names the tokenizer in errors. */
export function parseTokenizer(json: string, source: string): Tokenizer {
  const invalid = (what: string, cause?: unknown) =>
    new SidestreamError('TOKENIZER_INVALID', `${source}: ${what}`, { cause });
  let value: object;
  try {
    value = z.looseObject({}).parse(JSON.parse(json));
  } catch (error) {
    throw invalid('this is not JSON', error);
  }
  const settings = settingsSchema.safeParse(value);
  if (!settings.success) {
    const [issue] = settings.error.issues;
    throw invalid(`${issue.path.join('.')}: ${issue.message}`);
  }
  const { truncation, padding, model, added_tokens: added } = settings.data;
  const context = truncation.max_length;
  const library = construct(value, invalid);
  const ids = Array.isArray(model.vocab) ? [model.vocab.length - 1] : Object.values(model.vocab);
  const vocab = 1 + [...ids, ...added.map(({ id }) => id)].reduce((a, b) => Math.max(a, b), padding.pad_id);

  // OpenAI's cleaning of texts, which the public models were trained behind: entities are undone twice.
  const tokens = (text: string) => library.encode(decodeHTML(decodeHTML(text))).ids;
  return {
    context,
    vocab,
    tokens,
    encode(text) {
      const ids = tokens(text);
      const result = new Int32Array(context).fill(padding.pad_id);
      result.set(ids.slice(0, context));
      if (ids.length > context) result[context - 1] = ids[ids.length - 1];
      return result;
    },
  };
}

function construct(value: object, invalid: (what: string, cause?: unknown) => Error): Library {
  let library: Library;
  let empty: readonly number[];
  try {
    library = new Library(value, {});
    // Some parts are first looked at when they are used.
    library.encode('a');
    empty = library.encode('').ids;
  } catch (error) {
    throw invalid(`it cannot be used: ${error instanceof Error ? error.message : error}`, error);
  }
  if (empty.length < 2) throw invalid('its post_processor puts no start and end around a text');
  return library;
}
