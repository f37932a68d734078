import { SidestreamError } from '../core/errors.ts';
import { splitUnescaped, unescaped } from '../core/escapes.ts';
import { nameKey, quoteName, tidyName, type Vocabulary, type VocabularyEntry } from '../core/vocabulary.ts';
import { COCO_STUFF, COCO_THINGS } from './coco-stuff.ts';

/** Where pixels go that are none of the names asked for. */
export type Expansion = 'coco-stuff' | 'model' | 'none';

/** A name as a model pack knows it. */
export interface KnownName {
  readonly name: string;
  readonly synonyms: readonly string[];
  readonly isthing: boolean;
}

export interface VocabularyOptions {
  readonly expand: Expansion;
  /** The names that the model was taught: what `expand: 'model'` adds, and who is a thing. */
  readonly modelNames?: readonly KnownName[];
  /** Names to count as stuff or as things whatever the lists say. */
  readonly stuff?: readonly string[];
  readonly things?: readonly string[];
}

/** Names that labels of 16 bits can tell apart, with room for the objects of a frame. */
const MOST_NAMES = 50_000;
/** What a pixel of an index video can number beside 0 for other. */
const MOST_INDEXED = 255;

/**
 * Parses `road, car|vehicle, person`: commas between names, `|` between the synonyms of one, the first of which is
 * the label; `\,`, `\|` and `\\` stand for themselves. Names are as `tidyName` has them, empty ones are skipped, equal
 * ones merged. Returns lists of synonyms. Throws USAGE when two names share a word or nothing is left.
 */
export function parseVocabulary(text: string): string[][] {
  return readNames(splitUnescaped(text, ','), 'the vocabulary');
}

/**
 * Parses a vocabulary file: one name a line, `|` between synonyms, `#` at the start or behind a blank starts a comment,
 * `\#` does not. Throws USAGE.
 */
export function parseVocabularyFile(text: string, path: string): string[][] {
  if (/[\0\uFFFD]/.test(text)) {
    throw new SidestreamError('USAGE', `${path} is not text in UTF-8: save it as UTF-8`);
  }
  const lines = text.split(/\r\n?|\n/);
  return readNames(
    lines.map((line) => line.replace(/(^\uFEFF?|\s)#.*$/, '')),
    path,
  );
}

/**
 * The names to look for: those asked for, then those of the expansion that were not asked for, flagged `other`.
 * An added name is left out when it, a synonym of it or its head word was asked for: "person" stands for "pedestrian",
 * "wall" for "wall-brick", "sky" for "sky-other", which would otherwise take its pixels away.
 * With nothing asked for (an empty list) the expansion itself is what is looked for.
 * `names`: tidied and merged as by `parseVocabulary`, wherever they come from. Throws USAGE.
 */
export function createVocabulary(
  names: readonly (readonly string[])[],
  options: VocabularyOptions,
): Vocabulary {
  const known = options.modelNames ?? [];
  const isthing = thingness(known, options);
  const wanted = names.length > 0 ? mergeNames(names, 'the vocabulary') : [];
  const asked = new Set(wanted.flat().map(nameKey));
  const own = wanted.map((synonyms) => entry(synonyms, false, isthing(synonyms)));
  const added: VocabularyEntry[] = [];
  for (const words of expansion(options.expand, known)) {
    if (words.some((word) => asked.has(nameKey(word)) || asked.has(nameKey(word.split('-')[0])))) continue;
    // The name alone: synonyms would only win it pixels from the names that were asked for.
    added.push(entry([words[0]], wanted.length > 0, isthing(words)));
  }
  const vocabulary = [...own, ...added];
  if (vocabulary.length === 0) {
    throw new SidestreamError('USAGE', 'no names to look for: give --vocabulary "road, car, person"');
  }
  if (vocabulary.length > MOST_NAMES) {
    const many = `${vocabulary.length} names are too many`;
    throw new SidestreamError('USAGE', `${many}: at most ${MOST_NAMES} can be told apart`);
  }
  return vocabulary;
}

/** Throws USAGE when an index video, whose pixels are bytes, cannot number the names that were asked for. */
export function checkIndexable(vocabulary: Vocabulary): void {
  const asked = vocabulary.filter(({ other }) => !other).length;
  if (asked <= MOST_INDEXED) return;
  throw new SidestreamError(
    'USAGE',
    `--mask-video has room for ${MOST_INDEXED} names, not for ${asked}: use --masks, or fewer names`,
  );
}

function expansion(expand: Expansion, known: readonly KnownName[]): readonly (readonly string[])[] {
  if (expand === 'coco-stuff') return [...COCO_THINGS, ...COCO_STUFF].map((name) => [name]);
  if (expand === 'none') return [];
  if (known.length === 0) {
    throw new SidestreamError(
      'USAGE',
      'this model pack has no names of its own: use --expand coco-stuff or none',
    );
  }
  return known.map(({ name, synonyms }) => [name, ...synonyms]);
}

/**
 * Tells things from stuff by any of a name's words: first as the user says, then as the lists have it. Unknown words
 * count as things. Throws USAGE when a word is said to be both.
 */
function thingness(known: readonly KnownName[], options: VocabularyOptions) {
  const listed = new Map<string, boolean>();
  for (const name of COCO_STUFF) {
    listed.set(name, false);
    listed.set(name.split('-')[0], false);
  }
  for (const name of COCO_THINGS) listed.set(name, true);
  for (const { name, synonyms, isthing } of known) {
    for (const word of [name, ...synonyms]) listed.set(nameKey(word), isthing);
  }
  const said = new Map((options.stuff ?? []).map((word) => [nameKey(word), false]));
  for (const word of options.things ?? []) {
    if (said.has(nameKey(word)))
      throw new SidestreamError('USAGE', `${quoteName(word)} is in --things and in --stuff: keep one`);
    said.set(nameKey(word), true);
  }
  return (synonyms: readonly string[]): boolean => {
    for (const table of [said, listed]) {
      for (const word of synonyms) {
        const found = table.get(nameKey(word));
        if (found !== undefined) return found;
      }
    }
    return true;
  };
}

function entry(synonyms: readonly string[], other: boolean, isthing: boolean): VocabularyEntry {
  return { name: synonyms[0], synonyms, other, isthing };
}

function readNames(parts: readonly string[], where: string): string[][] {
  return mergeNames(
    parts.map((part) => splitUnescaped(part, '|').map(unescaped)),
    where,
  );
}

/**
 * Names with the same label are one name, with the synonyms of all; a word is taken once. Throws USAGE when a word
 * stands for two names, since no one could tell which is meant, or when nothing is left.
 */
function mergeNames(names: readonly (readonly string[])[], where: string): string[][] {
  const merged = new Map<string, Map<string, string>>();
  for (const synonyms of names) {
    const words = synonyms.map(tidyName).filter((word) => word !== '');
    if (words.length === 0) continue;
    const label = nameKey(words[0]);
    const known = merged.get(label) ?? new Map<string, string>();
    merged.set(label, known);
    for (const word of words) if (!known.has(nameKey(word))) known.set(nameKey(word), word);
  }
  const result = [...merged.values()].map((words) => [...words.values()]);
  if (result.length === 0) throw new SidestreamError('USAGE', `${where} has no names`);
  const labels = new Map<string, string>();
  for (const words of result) {
    for (const word of words) {
      const other = labels.get(nameKey(word));
      if (other !== undefined) {
        const both = `both ${quoteName(other)} and ${quoteName(words[0])}`;
        throw new SidestreamError('USAGE', `${quoteName(word)} stands for ${both} in ${where}: keep one`);
      }
      labels.set(nameKey(word), words[0]);
    }
  }
  return result;
}
