import type { Query } from '../../../src/analysis/search.ts';
import { createVocabulary, type Expansion } from '../../../src/analysis/vocabulary.ts';
import type { ReadyModel } from '../../../src/ready-model.ts';
import { embedNames } from '../../../src/rsan/classifier.ts';

/** A word against all that an expansion adds, and the background: as `sidestream search` asks. */
export async function queryOf(
  word: string,
  { model, pack, wordCache: cache }: ReadyModel,
  expand: Expansion = 'model',
): Promise<Query> {
  const vocabulary = createVocabulary([[word]], { expand, modelNames: pack.manifest.names ?? [] });
  const { scale, background } = await model.classifierParts();
  const deps = { model, tokenizer: pack.tokenizer, prompts: pack.manifest.prompts, cache };
  const embeddings = await embedNames(
    vocabulary.flatMap(({ synonyms }) => synonyms),
    deps,
  );
  const rows = (other: boolean) =>
    vocabulary
      .filter((entry) => entry.other === other)
      .flatMap(({ synonyms }) => synonyms.map((one) => embeddings.get(one) ?? background));
  const dim = background.length;
  const joined = (vectors: readonly Float32Array[]) => {
    const all = new Float32Array(vectors.length * dim);
    for (const [i, vector] of vectors.entries()) all.set(vector, i * dim);
    return all;
  };
  return { dim, words: joined(rows(false)), others: joined([...rows(true), background]), scale };
}
