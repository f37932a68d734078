import { splitUnescaped, unescaped } from '../../core/escapes.ts';

/** Names with synonyms: as people write them, `car|vehicle`, and as the API takes them, a list each. */

export const synonymsIn = (word: string): string[] =>
  splitUnescaped(word, '|')
    .map((one) => unescaped(one).trim())
    .filter(Boolean);

export const writtenWords = (words: readonly (readonly string[])[]): string[] =>
  words.map((synonyms) => synonyms.map((one) => one.replace(/[,|\\]/g, '\\$&')).join('|'));
