/** One name to look for, with its synonyms. */
export interface VocabularyEntry {
  /** What is shown and written to files: the first of the synonyms. */
  readonly name: string;
  /** Every word or phrase that counts as this name, the label first. Never empty. */
  readonly synonyms: readonly string[];
  /** True for names added by expansion, which are shown as "other". */
  readonly other: boolean;
  /** Things are countable (car), stuff is not (sky). Unknown words count as things. */
  readonly isthing: boolean;
}

export type Vocabulary = readonly VocabularyEntry[];

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
