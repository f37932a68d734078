import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Query } from '../analysis/search.ts';
import { SidestreamError } from '../core/errors.ts';
import type { Classifier } from '../core/vocabulary.ts';
import { answered } from '../queue/connection.ts';
import type { Queues } from '../queue/queues.ts';
import type { Storage } from '../storage/storage.ts';

/** Words as a model sees them: workers embed them, and what they answer lies in the storage for the next time. */

const expand = z.enum(['coco-stuff', 'model', 'none']);

/** `query`: one thing, in several words for the same, against everything else; `names`: many, against each other. */
export const askedWordsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('query'), model: z.string(), words: z.array(z.string()).min(1), expand }),
  z.strictObject({
    kind: z.literal('names'),
    model: z.string(),
    names: z.array(z.array(z.string())).min(1),
    expand,
  }),
]);
type Question<K> = Extract<z.infer<typeof askedWordsSchema>, { kind: K }>;

/** With the checksum of the model that embedded them. */
export type QueryAnswer = Query & { readonly model: string };
export interface NamesAnswer {
  readonly model: string;
  readonly classifier: Classifier;
  /** The names that `rowEntry` of the classifier counts; undefined: shown as other. */
  readonly labels: readonly (string | null)[];
}

/** `hash`: of the question. */
export const wordKeys = (hash: string) => ({
  question: `words/${hash}/question.json`,
  answer: `words/${hash}/answer.json`,
});

const floats = z
  .string()
  .transform((text) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer));
const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('query'),
    model: z.string(),
    dim: z.int().positive(),
    scale: z.number(),
    words: floats,
    others: floats,
  }),
  z.strictObject({
    kind: z.literal('names'),
    model: z.string(),
    dim: z.int().positive(),
    weights: floats,
    rowEntry: z.array(z.int()).transform((rows) => Int32Array.from(rows)),
    labels: z.array(z.string().nullable()),
  }),
]);

const textOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

export const encodeQuery = ({ model, dim, scale, words, others }: QueryAnswer): string =>
  JSON.stringify({ kind: 'query', model, dim, scale, words: textOf(words), others: textOf(others) });

export const encodeNames = ({ model, classifier: { dim, weights, rowEntry }, labels }: NamesAnswer): string =>
  JSON.stringify({ kind: 'names', model, dim, weights: textOf(weights), rowEntry: [...rowEntry], labels });

export interface WordBook {
  /** Throws CLIP_NOT_READY where no worker answers in time, USAGE where the words cannot be embedded. */
  query(asked: Omit<Question<'query'>, 'kind'>, signal: AbortSignal): Promise<QueryAnswer>;
  names(asked: Omit<Question<'names'>, 'kind'>, signal: AbortSignal): Promise<NamesAnswer>;
}

/** Answers that are kept at hand; milliseconds that a worker is waited for, and between two looks. */
const [MOST, PATIENCE, LOOK] = [500, 20_000, 20];

export function createWordBook({
  storage,
  queues,
}: {
  readonly storage: Storage;
  readonly queues: Queues;
}): WordBook {
  type Answer = z.output<typeof answerSchema>;
  const known = new Map<string, Answer>();

  const remember = (hash: string, answer: Answer): Answer => {
    known.delete(hash);
    known.set(hash, answer);
    if (known.size > MOST) known.delete(known.keys().next().value ?? '');
    return answer;
  };

  async function look(asked: z.infer<typeof askedWordsSchema>, signal: AbortSignal): Promise<Answer> {
    const question = JSON.stringify(askedWordsSchema.parse(asked));
    const hash = createHash('sha256').update(question).digest('hex').slice(0, 32);
    const keys = wordKeys(hash);
    const here = known.get(hash);
    if (here) return remember(hash, here);
    if (!(await storage.stat(keys.answer))) {
      await storage.put(keys.question, question);
      const how = { submitter: 'words', priority: 'high' } as const;
      await answered(queues.add('clips', [{ step: 'words', key: hash }], how));
      await answerOf(hash, keys.answer, signal);
    }
    const answer = answerSchema.parse(JSON.parse(String(await storage.read(keys.answer, signal))));
    return remember(hash, answer);
  }

  return {
    async query(asked, signal) {
      const answer = await look({ kind: 'query', ...asked }, signal);
      if (answer.kind !== 'query') throw new TypeError('another question was answered');
      return answer;
    },
    async names(asked, signal) {
      const answer = await look({ kind: 'names', ...asked }, signal);
      if (answer.kind !== 'names') throw new TypeError('another question was answered');
      const { model, dim, weights, rowEntry, labels } = answer;
      return { model, classifier: { dim, weights, rowEntry }, labels };
    },
  };

  async function answerOf(hash: string, key: string, signal: AbortSignal): Promise<void> {
    const entry = queues.entryOf('clips', { step: 'words', key: hash });
    for (const end = Date.now() + PATIENCE; ; await sleep(LOOK, undefined, { signal })) {
      if (await storage.stat(key)) return;
      if ((await answered(queues.stateOf('clips', entry))) === 'failed') {
        const why = (await answered(queues.failureOf('clips', entry))) ?? '';
        await answered(queues.remove('clips', entry));
        throw new SidestreamError('USAGE', `the words cannot be compared: ${why.replace(/^[A-Z_]+: /, '')}`);
      }
      if (Date.now() > end)
        throw new SidestreamError(
          'CLIP_NOT_READY',
          'no worker for clips compares the words: see whether one runs',
        );
    }
  }
}
