import { describe, expect, it } from 'vitest';
import { createVocabulary } from '../../../../src/analysis/vocabulary.ts';
import { parseRules, rulesFrom } from '../../../../src/clips/rules/read-rules.ts';
import { checkWords, namesOf, withWordsOf, wordsOf } from '../../../../src/clips/rules/words.ts';
import { entry, WORDS } from './made.ts';

const rulesOf = (...conditions: object[]) =>
  rulesFrom({ rules: conditions.map((when, i) => ({ name: `rule ${i}`, when })) });

describe('words of rules', () => {
  it('are things where objects are meant, and stuff elsewhere', () => {
    const rules = rulesOf(
      {
        all: [
          { object: ['car', 'person with an umbrella'] },
          { not: { stuff: 'water|puddle', share: '> 5 %' } },
        ],
      },
      { stuff: ['car', 'mud'], share: '> 50 %' },
    );
    expect(wordsOf(rules)).toEqual({
      things: [['person with an umbrella'], ['car']],
      stuff: [['water', 'puddle'], ['mud']],
    });
  });

  it('are one name where they share a word', () => {
    const rules = rulesOf(
      { object: 'car|vehicle' },
      { object: ['bus', 'Vehicle|van'] },
      { stuff: 'van', share: '> 5 %' },
    );
    expect(wordsOf(rules)).toEqual({ things: [['bus'], ['car', 'vehicle', 'van']], stuff: [] });
  });

  it('are those alone that a vocabulary lacks', () => {
    const rules = rulesOf({ object: ['vehicle|lorry', 'dog'] }, { stuff: ['clouds', 'mud'], share: '> 5 %' });
    expect(wordsOf(rules, WORDS)).toEqual({ things: [['dog']], stuff: [['mud']] });
    const unasked = [{ ...entry('dog', true), other: true }];
    expect(wordsOf(rules, unasked).things).toContainEqual(['dog']);
  });

  it('go to a vocabulary that nobody has to ask for', () => {
    const rules = rulesOf({ object: ['tree', 'car', 'salt\\, pepper'] }, { stuff: 'lava', share: '> 5 %' });
    const words = withWordsOf(rules, {
      names: [['car', 'vehicle']],
      things: [],
      stuff: ['Lava'],
      expand: 'none' as const,
    });
    expect(words).toEqual({
      names: [['car', 'vehicle'], ['tree'], ['salt, pepper'], ['lava']],
      things: ['tree', 'salt, pepper'],
      stuff: ['Lava'],
      expand: 'none',
    });
    const vocabulary = createVocabulary(words.names, words);
    expect(vocabulary.map(({ name, isthing }) => [name, isthing])).toEqual([
      ['car', true],
      ['tree', true],
      ['salt, pepper', true],
      ['lava', false],
    ]);
    expect(wordsOf(rules, vocabulary)).toEqual({ things: [], stuff: [] });
  });

  it('are no objects where they are stuff, which is told with its place', () => {
    const text =
      'rules:\n  - name: a\n    when: { all: [{ object: person }, { object: [car, clouds|x] }] }\n';
    const { rules, where } = parseRules(text);
    const fault =
      '"clouds" is stuff, which has no objects: ask for its share with stuff, or count it among the things';
    expect(checkWords(rules!, WORDS, where)).toEqual([`3:55: ${fault}`]);
    expect(checkWords(rules!, WORDS)).toEqual([`rules.0.when.all.1.object.1: ${fault}`]);
    expect(checkWords(rules!, [entry('clouds', true)])).toEqual([]);
    expect(checkWords(rules!, [])).toEqual([]);
    expect(checkWords(rulesOf({ stuff: 'car', share: '> 5 %' }), WORDS)).toEqual([]);
  });

  it('are found in a vocabulary in any case, by any synonym', () => {
    expect(namesOf(['VEHICLE|tram', 'clouds'], WORDS)).toEqual([0, 3]);
    expect(namesOf(['tram'], WORDS)).toEqual([]);
  });
});
