import { createVocabulary } from '../../src/analysis/vocabulary.ts';
import type { Rules } from '../../src/clips/rules/rules.ts';
import { checkWords, withWordsOf, wordsOf } from '../../src/clips/rules/words.ts';
import { SidestreamError } from '../../src/core/errors.ts';
import type { WordsRequest } from '../../src/pipeline/show.ts';
import type { PackManifest } from '../../src/rsan/packs/pack.ts';

/**
 * What a stream looks for: what was asked for, and what its rules need. Throws RULES_INVALID where rules take stuff for
 * objects, USAGE where there is nothing to look for.
 */
export function streamWords(words: WordsRequest, rules: Rules | null, pack: PackManifest): WordsRequest {
  if (!rules) return words;
  const vocabularyOf = ({ names, ...rest }: WordsRequest) =>
    createVocabulary(names, { ...rest, modelNames: pack.names ?? [] });
  const isEverything = words.names.length === 0 && words.expand !== 'none';
  const everything = isEverything ? vocabularyOf(words) : [];
  const { things, stuff } = wordsOf(rules, everything);
  // Where all names of the model are looked for, they still are beside those of the rules.
  const asked =
    isEverything && things.length + stuff.length > 0
      ? { ...words, names: everything.map(({ synonyms }) => synonyms) }
      : words;
  const all = isEverything && asked === words ? words : withWordsOf(rules, asked);
  const faults = checkWords(rules, vocabularyOf(all));
  if (faults.length > 0) throw new SidestreamError('RULES_INVALID', faults.join('; '));
  return all;
}
