import { SidestreamError } from '../core/errors.ts';
import type { Vocabulary, VocabularyEntry } from '../core/vocabulary.ts';
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

/**
 * Parses `road, car|vehicle, person`: commas between names, `|` between the synonyms of one, the first of which is
 * the label. Blanks around are cut and runs of blanks are one; `\,` and `\|` stand for themselves.
 * Returns lists of synonyms. Throws USAGE when a word comes twice or nothing is left.
 */
export function parseVocabulary(text: string): string[][] {
  return checked(splitUnescaped(text, ','), 'the vocabulary');
}

/** Parses a vocabulary file: one name a line, `|` between synonyms, `#` starts a comment. Throws USAGE. */
export function parseVocabularyFile(text: string, path: string): string[][] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return checked(
    lines.map((line) => line.replace(/(^|\s)#.*$/, '')),
    path,
  );
}

/**
 * The names to look for: those asked for, then those of the expansion that were not asked for, flagged `other`.
 * An added name is left out when it, a synonym of it or its head word was asked for: "person" stands for "pedestrian",
 * "wall" for "wall-brick", "sky" for "sky-other", which would otherwise take its pixels away.
 * With nothing asked for (an empty list) the expansion itself is what is looked for.
 */
export function createVocabulary(
  names: readonly (readonly string[])[],
  options: VocabularyOptions,
): Vocabulary {
  const known = options.modelNames ?? [];
  const isthing = thingness(known, options);
  const asked = new Set(names.flat().map(key));
  const own = names.map((synonyms) => entry(synonyms, false, isthing(synonyms)));
  const added: VocabularyEntry[] = [];
  for (const words of expansion(options.expand, known)) {
    if (words.some((word) => asked.has(key(word)) || asked.has(key(word.split('-')[0])))) continue;
    // The name alone: its synonyms would only give it more weight than the names asked for have.
    added.push(entry([words[0]], names.length > 0, isthing(words)));
  }
  const vocabulary = [...own, ...added];
  if (vocabulary.length === 0) {
    throw new SidestreamError('USAGE', 'no names to look for: give --vocabulary "road, car, person"');
  }
  return vocabulary;
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

/** Tells things from stuff by any of a name's words. Unknown words count as things. */
function thingness(known: readonly KnownName[], options: VocabularyOptions) {
  const table = new Map<string, boolean>();
  for (const name of COCO_STUFF) {
    table.set(name, false);
    table.set(name.split('-')[0], false);
  }
  for (const name of COCO_THINGS) table.set(name, true);
  for (const { name, synonyms, isthing } of known) {
    for (const word of [name, ...synonyms]) table.set(key(word), isthing);
  }
  for (const word of options.stuff ?? []) table.set(key(word), false);
  for (const word of options.things ?? []) table.set(key(word), true);
  return (synonyms: readonly string[]): boolean => {
    for (const word of synonyms) {
      const found = table.get(key(word));
      if (found !== undefined) return found;
    }
    return true;
  };
}

function entry(synonyms: readonly string[], other: boolean, isthing: boolean): VocabularyEntry {
  return { name: synonyms[0], synonyms, other, isthing };
}

function checked(parts: readonly string[], where: string): string[][] {
  const seen = new Set<string>();
  const names: string[][] = [];
  for (const part of parts) {
    const synonyms = splitUnescaped(part, '|')
      .map((word) =>
        word
          .replace(/\\([,|\\])/g, '$1')
          .trim()
          .replace(/\s+/g, ' '),
      )
      .filter((word) => word !== '');
    for (const word of synonyms) {
      if (seen.has(key(word))) {
        throw new SidestreamError('USAGE', `"${word}" comes twice in ${where}: keep one`);
      }
      seen.add(key(word));
    }
    if (synonyms.length > 0) names.push(synonyms);
  }
  if (names.length === 0) throw new SidestreamError('USAGE', `${where} has no names`);
  return names;
}

/** Splits at a separator that no backslash precedes; the backslashes stay. */
function splitUnescaped(text: string, separator: string): string[] {
  const parts = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) parts[parts.length - 1] += text[i] + text[++i];
    else if (text[i] === separator) parts.push('');
    else parts[parts.length - 1] += text[i];
  }
  return parts;
}

function key(word: string): string {
  return word.toLowerCase();
}
