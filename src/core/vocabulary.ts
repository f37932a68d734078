/** One name to look for, with its synonyms. */
export interface VocabularyEntry {
  /** What is shown and written to files: the first of the synonyms. */
  readonly name: string;
  /** Every word or phrase that counts as this name, the label first; the likeliest of them decides. Never empty. */
  readonly synonyms: readonly string[];
  /** True for names added by expansion, which are shown as "other". */
  readonly other: boolean;
  /** Things are countable (car), stuff is not (sky). Unknown words count as things. */
  readonly isthing: boolean;
}

export type Vocabulary = readonly VocabularyEntry[];

/** With a name at its end for what has none, if it has no such name. */
export function withOther(vocabulary: Vocabulary): Vocabulary {
  if (vocabulary.some(({ other }) => other)) return vocabulary;
  return [...vocabulary, { name: 'other', synonyms: ['other'], other: true, isthing: false }];
}

/**
 * The classifier of a vocabulary: text embeddings with which mask embeddings are compared.
 * `weights`: float32, rows × dim, already multiplied by exp(logit_scale); the last row is the background's.
 * `rowEntry[r]`: the vocabulary entry that row r (a synonym) stands for, −1 for the background.
 */
export interface Classifier {
  readonly dim: number;
  readonly weights: Float32Array;
  readonly rowEntry: Int32Array;
}

/** Scripts in which joiners between letters are spelling: all but ours. */
const JOINED = String.raw`[[\p{L}\p{M}]--[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}]]`;
/** What cannot be seen: controls, halves of characters, zero-width ones. Group 1: where they are part of what can. */
const INVISIBLE = new RegExp(
  String.raw`(\p{RGI_Emoji}|(?<=${JOINED})[\u200C\u200D](?=${JOINED}))|[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}]`,
  'gv',
);

/**
 * A name as it is kept: NFC, no controls and nothing of zero width but inside emoji and where a script is spelled with
 * joiners, blanks around cut and runs of blanks one. Empty when there is nothing to see.
 */
export function tidyName(text: string): string {
  const name = text
    .replace(/[\t-\r\x85]/g, ' ')
    .replace(INVISIBLE, '$1')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();
  return /[^\p{M}\s]/u.test(name) ? name : '';
}

/** Equal for names that are one: neither case nor the wish for a coloured emoji makes two of them. */
export function nameKey(name: string): string {
  return tidyName(name)
    .toLowerCase()
    .replace(/\uFE0F/g, '');
}

/** Letters of a name that a message has room for. */
const QUOTED = 40;

/** A name as messages show it. */
export function quoteName(name: string): string {
  const letters = [...name];
  return `"${letters.length > QUOTED ? `${letters.slice(0, QUOTED).join('')}…` : name}"`;
}
