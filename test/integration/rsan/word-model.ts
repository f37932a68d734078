import { readFileSync } from 'node:fs';
import type { ClassifierDeps } from '../../../src/rsan/classifier.ts';
import type { Model } from '../../../src/rsan/model.ts';
import { parseTokenizer } from '../../../src/rsan/tokenizer.ts';

const pack = new URL('../../../models/street-tiny/', import.meta.url);
const STREET = readFileSync(new URL('tokenizer.json', pack), 'utf8');

export const DIM = 16;
export const PROMPTS = ['a {}.', 'This is a large {} in the scene.'];

/**
 * What words are embedded with, with sums in place of a model: what comes out depends on all tokens of a text.
 * `runs`: how many texts were embedded in each call.
 */
export function wordDeps(
  cache: string | undefined,
  more: { lanes?: number; before?: () => Promise<void> } = {},
) {
  const runs: number[] = [];
  const model: Partial<Model> = {
    lanes: more.lanes ?? 1,
    precision: 'fp32',
    architecture: { clip: { embed: DIM } } as Model['architecture'],
    async embedTexts(texts, signal) {
      signal?.throwIfAborted();
      await more.before?.();
      runs.push(texts.length);
      const result = new Float32Array(texts.length * DIM);
      for (const [row, ids] of texts.entries()) {
        for (let i = 0; i < DIM; i++) {
          result[row * DIM + i] = ids.reduce(
            (sum, id, at) => sum + Math.sin((id + 1) * (at + 1) * (i + 1)),
            0,
          );
        }
      }
      return result;
    },
    classifierParts: async () => ({ scale: 2, background: new Float32Array(DIM).fill(0.25) }),
  };
  const deps: ClassifierDeps = {
    model: model as Model,
    tokenizer: parseTokenizer(STREET, 'street'),
    prompts: PROMPTS,
    cache,
  };
  return { deps, runs };
}
