import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Query } from '../analysis/search.ts';
import { SidestreamError } from '../core/errors.ts';
import { answered } from '../queue/connection.ts';
import type { Queues } from '../queue/queues.ts';
import type { Storage } from '../storage/storage.ts';

/** Words as a model sees them: workers embed them, and what they answer lies in the storage for the next time. */

export const askedWordsSchema = z.strictObject({
  model: z.string(),
  /** One thing, in several words for the same. */
  words: z.array(z.string()).min(1),
  expand: z.enum(['coco-stuff', 'model', 'none']),
});
export type AskedWords = z.infer<typeof askedWordsSchema>;

export interface WordAnswer extends Query {
  /** Checksum of the model that embedded them. */
  readonly model: string;
}

/** `hash`: of the question. */
export const wordKeys = (hash: string) => ({
  question: `words/${hash}/question.json`,
  answer: `words/${hash}/answer.json`,
});

const answerSchema = z.strictObject({
  model: z.string(),
  dim: z.int().positive(),
  scale: z.number(),
  words: z.string(),
  others: z.string(),
});

export function encodeAnswer({ model, dim, scale, words, others }: WordAnswer): string {
  const text = (values: Float32Array) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
  return JSON.stringify({ model, dim, scale, words: text(words), others: text(others) });
}

function decodeAnswer(bytes: Buffer): WordAnswer {
  const { words, others, ...rest } = answerSchema.parse(JSON.parse(String(bytes)));
  const values = (text: string) => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
  return { ...rest, words: values(words), others: values(others) };
}

export interface WordBook {
  /** Throws CLIP_NOT_READY where no worker answers in time, USAGE where the words cannot be embedded. */
  look(asked: AskedWords, signal: AbortSignal): Promise<WordAnswer>;
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
  const known = new Map<string, WordAnswer>();
  return {
    async look(asked, signal) {
      const question = JSON.stringify(askedWordsSchema.parse(asked));
      const hash = createHash('sha256').update(question).digest('hex').slice(0, 32);
      const keys = wordKeys(hash);
      const remember = (answer: WordAnswer): WordAnswer => {
        known.delete(hash);
        known.set(hash, answer);
        if (known.size > MOST) known.delete(known.keys().next().value!);
        return answer;
      };
      const here = known.get(hash);
      if (here) return remember(here);
      if (!(await storage.stat(keys.answer))) {
        await storage.put(keys.question, question);
        const how = { submitter: 'words', priority: 'high' } as const;
        await answered(queues.add('clips', [{ step: 'words', key: hash }], how));
        await answerOf(hash, keys.answer, signal);
      }
      return remember(decodeAnswer(await storage.read(keys.answer, signal)));
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
