/** The sets of words that were used last, newest first. They are kept in this browser alone. */

const NAME = 'sidestream.words';
const MOST = 5;

type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

export function usedWords(shelf: Shelf = localStorage): readonly (readonly string[])[] {
  try {
    const kept: unknown = JSON.parse(shelf.getItem(NAME) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isSet).slice(0, MOST) : [];
  } catch {
    return []; // Somebody else wrote it.
  }
}

export function rememberWords(words: readonly string[], shelf: Shelf = localStorage): void {
  if (words.length === 0) return;
  const same = (other: readonly string[]) => other.join('\n') === words.join('\n');
  const sets = [words, ...usedWords(shelf).filter((other) => !same(other))].slice(0, MOST);
  shelf.setItem(NAME, JSON.stringify(sets));
}

const isSet = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string');
