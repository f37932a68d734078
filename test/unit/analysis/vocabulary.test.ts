import { describe, expect, it } from 'vitest';
import { COCO_STUFF, COCO_THINGS } from '../../../src/analysis/coco-stuff.ts';
import {
  checkIndexable,
  createVocabulary,
  parseVocabulary,
  parseVocabularyFile,
} from '../../../src/analysis/vocabulary.ts';

const usage = expect.objectContaining({ code: 'USAGE' });
const saying = (...words: string[]) =>
  expect.objectContaining({
    code: 'USAGE',
    message: expect.stringMatching(new RegExp(words.map((word) => `(?=.*${word})`).join(''))),
  });
const many = (count: number) => Array.from({ length: count }, (_, i) => [`name ${i}`]);

describe('vocabulary', () => {
  it('reads names, synonyms and escapes', () => {
    expect(parseVocabulary(' road,car | vehicle|  sports   car , , a\\,b, c\\|d ')).toEqual([
      ['road'],
      ['car', 'vehicle', 'sports car'],
      ['a,b'],
      ['c|d'],
    ]);
  });

  it('merges equal names, with their synonyms', () => {
    expect(parseVocabulary('road, car, Road')).toEqual([['road'], ['car']]);
    expect(parseVocabulary('car|auto|CAR, bus, car|vehicle|auto')).toEqual([
      ['car', 'auto', 'vehicle'],
      ['bus'],
    ]);
    expect(parseVocabulary('caf\u00e9, cafe\u0301, ca\u200bf\u00e9')).toEqual([['caf\u00e9']]);
    expect(parseVocabularyFile('road\nroad\nROAD', 'f')).toEqual([['road']]);
  });

  it('refuses a word for two names, and says which', () => {
    expect(() => parseVocabulary('car, bus|car')).toThrow(saying('"car"', '"bus"'));
    expect(() => parseVocabulary('bus|van, truck|Van')).toThrow(saying('"Van"', '"bus"', '"truck"'));
    expect(() => parseVocabulary('a|b, b|a')).toThrow(usage);
    expect(() => parseVocabularyFile('bus|van\nvan', 'names.txt')).toThrow(saying('"van"', 'names\\.txt'));
    expect(() => createVocabulary([['bus', 'van'], ['van']], { expand: 'none' })).toThrow(usage);
  });

  it('skips names with nothing to see, and refuses when none is left', () => {
    expect(parseVocabulary(', road, \u200b, |, car|\u0000| ,')).toEqual([['road'], ['car']]);
    for (const text of ['', ' , |', '\u200b,\ufeff', '\u0301']) {
      expect(() => parseVocabulary(text), JSON.stringify(text)).toThrow(usage);
    }
    expect(() => createVocabulary([['\u200b'], []], { expand: 'coco-stuff' })).toThrow(usage);
  });

  it('takes names in any script and as emoji', () => {
    expect(parseVocabulary('道路, السيارة|машина, 👨‍👩‍👧, ❤️')).toEqual([
      ['道路'],
      ['السيارة', 'машина'],
      ['👨‍👩‍👧'],
      ['❤️'],
    ]);
  });

  it('reads files with comments', () => {
    const text = '\uFEFF# streets\r\nroad\r\n\r\ncar|vehicle # moving\nC#\nred, blue\n';
    expect(parseVocabularyFile(text, 'names.txt')).toEqual([
      ['road'],
      ['car', 'vehicle'],
      ['C#'],
      ['red, blue'],
    ]);
    expect(parseVocabularyFile('a\rb\n\\#1 sign\n#️⃣\n', 'f')).toEqual([['a'], ['b'], ['#1 sign']]);
  });

  it('refuses files in other encodings', () => {
    const utf16 = Buffer.from('\ufeffroad\n', 'utf16le').toString('utf8');
    const latin1 = Buffer.from('stra\u00dfe\n', 'latin1').toString('utf8');
    for (const text of [utf16, latin1]) {
      expect(() => parseVocabularyFile(text, 'names.txt')).toThrow(saying('names\\.txt', 'UTF-8'));
    }
  });

  it('holds the 171 names of COCO-Stuff', () => {
    expect([COCO_THINGS.length, COCO_STUFF.length]).toEqual([80, 91]);
    expect(new Set([...COCO_THINGS, ...COCO_STUFF]).size).toBe(171);
    expect(COCO_THINGS.at(-1)).toBe('toothbrush');
    expect(COCO_STUFF).toContain('wall-brick');
  });

  it('adds the names nobody asked for, not those that would steal', () => {
    const vocabulary = createVocabulary([['Sky'], ['vehicle', 'CAR'], ['wall']], { expand: 'coco-stuff' });
    expect(vocabulary.slice(0, 3).map(({ name, other, isthing }) => ({ name, other, isthing }))).toEqual([
      { name: 'Sky', other: false, isthing: false },
      { name: 'vehicle', other: false, isthing: true },
      { name: 'wall', other: false, isthing: false },
    ]);
    const added = vocabulary.slice(3);
    // car, sky-other and seven kinds of wall are gone.
    expect(added.length).toBe(171 - 9);
    expect(added.every(({ other }) => other)).toBe(true);
    expect(added.find(({ name }) => name === 'grass')?.isthing).toBe(false);
  });

  it('adds all 171 of COCO-Stuff where none was asked for, 80 things and 91 stuff', () => {
    const added = createVocabulary([['gizmo']], { expand: 'coco-stuff' }).slice(1);
    expect(added.length).toBe(171);
    expect(added.every(({ other, synonyms }) => other && synonyms.length === 1)).toBe(true);
    expect(added.filter(({ isthing }) => isthing).length).toBe(80);
  });

  it('leaves out what is asked for in another case or as a synonym, not what is only like it', () => {
    const words = (...names: string[][]) =>
      new Set(
        createVocabulary(names, { expand: 'coco-stuff' })
          .filter(({ other }) => other)
          .map(({ name }) => name),
      );
    expect(words(['vehicle', 'TRUCK']).has('truck')).toBe(false);
    expect(words(['Traffic  Light']).has('traffic light')).toBe(false);
    expect(words(['cars']).has('car')).toBe(true);
    expect(words(['brick wall']).has('wall-brick')).toBe(true);
    expect(words(['dog']).has('hot dog')).toBe(true);
  });

  it('believes the user before the lists, for any of the synonyms', () => {
    const isthing = (names: string[][], options: { things?: string[]; stuff?: string[] }) =>
      createVocabulary(names, { expand: 'none', ...options }).map((entry) => entry.isthing);
    expect(isthing([['sky', 'gizmo'], ['sea']], { things: ['GIZMO'] })).toEqual([true, false]);
    expect(isthing([['car'], ['cafe\u0301']], { stuff: ['Car', 'caf\u00e9'] })).toEqual([false, false]);
    expect(() => isthing([['car']], { things: ['car'], stuff: ['Car'] })).toThrow(saying('"car"'));
  });

  it('has room for thousands of names, not for more than labels can tell apart', () => {
    const text = many(5000).join(',');
    expect(parseVocabulary(text).length).toBe(5000);
    expect(createVocabulary(many(5000), { expand: 'coco-stuff' }).length).toBe(5171);
    expect(createVocabulary(many(50_000), { expand: 'none' }).length).toBe(50_000);
    expect(() => createVocabulary(many(50_000), { expand: 'coco-stuff' })).toThrow(saying('50171', '50000'));
  });

  it('says before the work that bytes cannot number the names', () => {
    const vocabulary = (count: number) => createVocabulary(many(count), { expand: 'coco-stuff' });
    expect(() => checkIndexable(vocabulary(255))).not.toThrow();
    expect(() => checkIndexable(vocabulary(256))).toThrow(saying('--mask-video', '255', '256'));
  });

  it("takes a model's names, and is told what is a thing", () => {
    const modelNames = [
      { name: 'road', synonyms: ['street'], isthing: false },
      { name: 'pedestrian', synonyms: ['person'], isthing: true },
      { name: 'hair', synonyms: [], isthing: false },
    ];
    const options = { expand: 'model', modelNames, things: ['Cloud'], stuff: ['car'] } as const;
    const vocabulary = createVocabulary([['person'], ['cloud'], ['car'], ['gizmo']], options);
    expect(vocabulary.map(({ name, other, isthing }) => [name, other, isthing])).toEqual([
      ['person', false, true],
      ['cloud', false, true],
      ['car', false, false],
      ['gizmo', false, true],
      ['road', true, false],
      ['hair', true, false],
    ]);
    expect(vocabulary[4].synonyms).toEqual(['road']);
    expect(() => createVocabulary([['car']], { expand: 'model' })).toThrow(usage);
  });

  it('looks for the expansion itself when nothing is asked for', () => {
    const vocabulary = createVocabulary([], { expand: 'coco-stuff' });
    expect(vocabulary.length).toBe(171);
    expect(vocabulary.some(({ other }) => other)).toBe(false);
    expect(() => createVocabulary([], { expand: 'none' })).toThrow(usage);
  });
});
