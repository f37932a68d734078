import { describe, expect, it } from 'vitest';
import { type SourceName, suggestWords } from '../../../src/system/words.ts';

const name = (name: string, more: Partial<SourceName> = {}): SourceName => ({ name, synonyms: [], ...more });
const taught = [
  name('road', { synonyms: ['street', 'asphalt'], isthing: false }),
  name('building', { synonyms: ['wall', 'house'], isthing: false }),
  name('car', { synonyms: ['vehicle'], isthing: true }),
  name('wall', { isthing: false }),
];
const used = [
  name('police car', { synonyms: ['cruiser'] }),
  name('Street', {}),
  name('puddle', { isthing: false }),
];
const names = (q: string, limit = 100) => suggestWords(q, limit, { used, taught }).map((one) => one.name);
const find = (q: string) => suggestWords(q, 100, { used, taught }).find((one) => one.name === q);

describe('words that are suggested', () => {
  it('are those used last, then the model’s, where nothing has been written', () => {
    expect(names('', 7)).toEqual(['police car', 'Street', 'puddle', 'road', 'building', 'car', 'wall']);
    expect(names('  ', 1)).toEqual(['police car']);
    // Those of COCO-Stuff come behind.
    expect(names('', 8)[7]).toBe('person');
  });

  it('begin so, or have a word that does, or have it anywhere, or have a synonym like that', () => {
    expect(names('car')).toEqual([
      'car',
      'carrot',
      'cardboard',
      'carpet',
      // A word of it.
      'police car',
    ]);
    expect(names('wal')).toEqual([
      'wall',
      'wall-brick',
      'wall-concrete',
      'wall-other',
      'wall-panel',
      'wall-stone',
      'wall-tile',
      'wall-wood',
      'building',
    ]);
    expect(names('lic')).toEqual(['police car']);
    expect(names('brick')).toEqual(['wall-brick']);
    expect(names('cruis')).toEqual(['police car']);
    expect(names('nothing like that')).toEqual([]);
  });

  it('find a later word where an earlier place is inside of one', () => {
    expect(
      suggestWords('ar', 9, { used: [name('car artist'), name('arm')], taught: [] }).map((one) => one.name),
    ).toEqual(expect.arrayContaining(['arm', 'car artist']));
    const [first, second, third] = suggestWords('ar', 9, {
      used: [name('scarf'), name('car artist')],
      taught: [],
    });
    expect([first?.name, second?.name, third?.name]).toEqual(['car artist', 'scarf', 'car']);
  });

  it('come from the first source that has them, each once, whatever their case', () => {
    expect(names('STREET')).toEqual(['Street', 'road']);
    expect(find('Street')).toEqual({
      ...{ name: 'Street', source: 'used', isthing: false, taught: true, synonyms: [] },
    });
    expect(find('car')).toEqual({
      ...{ name: 'car', source: 'model', isthing: true, taught: true, synonyms: ['vehicle'] },
    });
    expect(find('zebra')).toEqual({
      ...{ name: 'zebra', source: 'coco-stuff', isthing: true, taught: false, synonyms: [] },
    });
    expect(find('sky-other')).toMatchObject({ source: 'coco-stuff', isthing: false });
  });

  it('are things where nobody knows better, and what was said of them otherwise', () => {
    expect(find('police car')).toMatchObject({ isthing: true, taught: false, synonyms: ['cruiser'] });
    expect(find('puddle')).toMatchObject({ isthing: false });
  });

  it('know a name before a synonym of another', () => {
    const list = suggestWords('wall', 1, { used: [name('wall')], taught });
    expect(list).toEqual([{ name: 'wall', source: 'used', isthing: false, taught: true, synonyms: [] }]);
  });

  it('take letters of any script, and signs as they are', () => {
    const others = [name('Straßenbahn'), name('кот'), name('C++ (book)'), name('猫')];
    const of = (q: string) => suggestWords(q, 9, { used: others, taught: [] }).map((one) => one.name);
    expect([of('straß'), of('КО'), of('c++ (b'), of('猫')]).toEqual([
      ['Straßenbahn'],
      ['кот'],
      ['C++ (book)'],
      ['猫'],
    ]);
  });
});
