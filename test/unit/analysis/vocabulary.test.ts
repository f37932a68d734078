import { describe, expect, it } from 'vitest';
import { COCO_STUFF, COCO_THINGS } from '../../../src/analysis/coco-stuff.ts';
import { createVocabulary, parseVocabulary, parseVocabularyFile } from '../../../src/analysis/vocabulary.ts';

const usage = expect.objectContaining({ code: 'USAGE' });

describe('vocabulary', () => {
  it('reads names, synonyms and escapes', () => {
    expect(parseVocabulary(' road,car | vehicle|  sports   car , , a\\,b, c\\|d ')).toEqual([
      ['road'],
      ['car', 'vehicle', 'sports car'],
      ['a,b'],
      ['c|d'],
    ]);
  });

  it('refuses a word that comes twice and a vocabulary without words', () => {
    expect(() => parseVocabulary('car, bus, Car')).toThrow(usage);
    expect(() => parseVocabulary('car, bus|car')).toThrow(usage);
    expect(() => parseVocabulary(' , |')).toThrow(usage);
  });

  it('reads files with comments', () => {
    const text = '\uFEFF# streets\r\nroad\r\n\r\ncar|vehicle # moving\nC#\nred, blue\n';
    expect(parseVocabularyFile(text, 'names.txt')).toEqual([
      ['road'],
      ['car', 'vehicle'],
      ['C#'],
      ['red, blue'],
    ]);
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
