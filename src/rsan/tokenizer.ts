import { readFile } from 'node:fs/promises';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { decodeHTML } from 'entities';
import { z } from 'zod';
import { isErrno, SidestreamError } from '../core/errors.ts';

/** Texts to token ids of one length, as a model's text tower takes them. */
export interface Tokenizer {
  /** Tokens of every result. */
  readonly context: number;
  /** start, words, end, padding: `context` ids. What is too long is cut; the end token stays. */
  encode(text: string): Int32Array;
}

/** What the library leaves to its caller: length and padding. */
const settingsSchema = z.object({
  truncation: z.object({ max_length: z.number().int().min(2).max(4096) }),
  padding: z.object({ pad_id: z.number().int().min(0) }),
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
  if (!settings.success) throw invalid('it needs truncation.max_length and padding.pad_id');
  const context = settings.data.truncation.max_length;
  const library = construct(value, invalid);

  return {
    context,
    encode(text) {
      // OpenAI's cleaning of texts, which the public models were trained behind: entities are undone twice.
      const ids = library.encode(decodeHTML(decodeHTML(text))).ids;
      const result = new Int32Array(context).fill(settings.data.padding.pad_id);
      result.set(ids.slice(0, context));
      if (ids.length > context) result[context - 1] = ids[ids.length - 1];
      return result;
    },
  };
}

function construct(value: object, invalid: (what: string, cause: unknown) => Error): Library {
  try {
    return new Library(value, {});
  } catch (error) {
    throw invalid(`it cannot be used: ${error instanceof Error ? error.message : error}`, error);
  }
}
