import { nameKey, quoteName, type Vocabulary } from '../../core/vocabulary.ts';
import { partsOf } from './contradictions.ts';
import { synonymsOf } from './quantities.ts';
import type { Rules } from './rules.ts';
import type { Path } from './source.ts';

/** Names with their synonyms, the label first; no two share a word. */
export interface RuleWords {
  /** What is to be told apart. */
  readonly things: readonly (readonly string[])[];
  /** What is looked at as a share of the picture alone. */
  readonly stuff: readonly (readonly string[])[];
}

/** The names that rules are about, without those that a vocabulary has. It is for the caller to add them to it. */
export function wordsOf(rules: Rules, known: Vocabulary = []): RuleWords {
  const merged: { words: string[]; thing: boolean }[] = [];
  for (const { text, thing } of namesIn(rules)) {
    const words = synonymsOf(text);
    if (namesOf([text], known).length > 0) continue;
    const alike = merged.filter((one) => share(one.words, words));
    const all = [...alike.flatMap((one) => one.words), ...words];
    for (const one of alike) merged.splice(merged.indexOf(one), 1);
    merged.push({ words: distinct(all), thing: thing || alike.some((one) => one.thing) });
  }
  const of = (wanted: boolean) => merged.filter(({ thing }) => thing === wanted).map(({ words }) => words);
  return { things: of(true), stuff: of(false) };
}

/** The words of a stream, or of whoever names a video. */
interface Words {
  /** Names with their synonyms, the label first. */
  readonly names: readonly (readonly string[])[];
  /** What counts as things or as stuff, whatever lists say. */
  readonly things: readonly string[];
  readonly stuff: readonly string[];
}

/** Words to which those are added that rules need and they lack. What was said of things and stuff stays. */
export function withWordsOf<T extends Words>(rules: Rules, words: T): T {
  const { names, things, stuff } = words;
  const known = names.map((synonyms) => ({ name: synonyms[0], synonyms, other: false, isthing: true }));
  const more = wordsOf(rules, known);
  const said = new Set([...things, ...stuff].map(nameKey));
  const unsaid = (lists: readonly (readonly string[])[]) =>
    lists.flat().filter((word) => !said.has(nameKey(word)));
  return {
    ...words,
    names: [...names, ...more.things, ...more.stuff],
    things: [...things, ...unsaid(more.things)],
    stuff: [...stuff, ...unsaid(more.stuff)],
  };
}

/** What rules take for objects and the vocabulary for stuff. `where`: the place of a path, from reading the rules. */
export function checkWords(
  rules: Rules,
  vocabulary: Vocabulary,
  where: (path: Path) => string = (path) => path.join('.'),
): string[] {
  return namesIn(rules).flatMap(({ text, thing, path }) => {
    const names = namesOf([text], vocabulary);
    if (!thing || names.length === 0 || names.some((name) => vocabulary[name].isthing)) return [];
    const way = 'ask for its share with stuff, or count it among the things';
    return [`${where(path)}: ${quoteName(synonymsOf(text)[0])} is stuff, which has no objects: ${way}`];
  });
}

/** Indices of the names of a vocabulary that rules look for as objects: of all others, shares alone are asked for. */
export function objectsOf(rules: Rules, vocabulary: Vocabulary): ReadonlySet<number> {
  const objects = namesIn(rules).filter(({ thing }) => thing);
  return new Set(
    namesOf(
      objects.map(({ text }) => text),
      vocabulary,
    ),
  );
}

/** Indices of the names of a vocabulary that share a word with one of these; names that nobody asked for are none. */
export function namesOf(words: readonly string[], vocabulary: Vocabulary): number[] {
  const keys = new Set(words.flatMap(synonymsOf).map(nameKey));
  return vocabulary.flatMap(({ synonyms, other }, i) =>
    !other && synonyms.some((word) => keys.has(nameKey(word))) ? [i] : [],
  );
}

interface NameIn {
  readonly text: string;
  readonly thing: boolean;
  readonly path: Path;
}

const namesIn = ({ rules }: Rules): NameIn[] =>
  rules.flatMap(({ when }, i) =>
    partsOf(when, ['rules', i, 'when']).flatMap(({ condition, path }): NameIn[] => {
      const thing = 'object' in condition;
      const texts = thing ? condition.object : 'stuff' in condition ? condition.stuff : [];
      return texts.map((text, k) => ({ text, thing, path: [...path, thing ? 'object' : 'stuff', k] }));
    }),
  );

function share(one: readonly string[], other: readonly string[]): boolean {
  const keys = new Set(one.map(nameKey));
  return other.some((word) => keys.has(nameKey(word)));
}

const distinct = (words: readonly string[]): string[] =>
  [...new Map(words.toReversed().map((word) => [nameKey(word), word])).values()].reverse();
