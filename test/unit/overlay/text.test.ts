import { describe, expect, it } from 'vitest';
import { legendSprite, pillSprite } from '../../../src/overlay/labels.ts';
import { paletteOf, parseColours } from '../../../src/overlay/palette.ts';
import type { Picture } from '../../../src/overlay/picture.ts';
import { shorten, textPaths, textWidth } from '../../../src/overlay/text.ts';

const SPACE = { matrix: 'bt709', range: 'tv' } as const;
const drawn = (text: string) => textPaths(text, 0, 0, 10, '#fff');
const outlines = (text: string) => drawn(text).split('<path').length - 1;
const BOX = '\ue000';

describe('letters without an outline', () => {
  it('are one box each, as a reader counts them', () => {
    expect(outlines(BOX)).toBe(1);
    expect(drawn('日')).toBe(drawn(BOX));
    for (const one of ['👨‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇯🇵', '❤️', '한']) expect(drawn(one), one).toBe(drawn(BOX));
    expect(drawn('日本 車')).toBe(drawn(`${BOX}${BOX} ${BOX}`));
  });

  it('are drawn without the accent, or as the letters that they stand for', () => {
    expect(drawn('người')).toBe(drawn('nguoi'));
    expect(drawn('x\u0302')).toBe(drawn('x'));
    expect(drawn('ＣＡＲ №')).toBe(drawn('CAR No'));
    expect(drawn('e\u0301')).toBe(drawn('é'));
    expect(drawn('é')).not.toBe(drawn('e'));
  });
});

describe('a long text', () => {
  it('is cut between letters, with a mark', () => {
    expect(shorten('road', 16)).toBe('road');
    const short = shorten('x'.repeat(1000), 16);
    expect(short).toMatch(/^x{10,}…$/);
    expect(textWidth(short)).toBeLessThanOrEqual(16);
    expect(textWidth(`x${short}`)).toBeGreaterThan(16);
    expect(shorten('👨‍👩‍👧'.repeat(40), 8)).toMatch(/^(👨‍👩‍👧)+…$/u);
    expect(shorten('a b c', 1.6)).toBe('a…');
  });

  it('keeps the number behind it', () => {
    expect(shorten('a person on the left 12', 8)).toMatch(/^a per.*… 12$/);
    expect(shorten('anything', -3)).toBe('…');
  });
});

describe('labels', () => {
  const lit = ({ y }: Picture) => y.reduce((sum, value) => sum + Number(value > 180), 0);
  const line = (text: string) => ({ text, colour: 0x2f6bff });

  it('have room for any name', async () => {
    const size = 24;
    const long = await pillSprite(line('w'.repeat(1000)), size, SPACE);
    expect(long.width).toBeLessThan(size * 19);
    expect(lit(await pillSprite(line('日本語'), size, SPACE))).toBeGreaterThan(100);
    // Not markup.
    expect(lit(await pillSprite(line('<b>&"]]>'), size, SPACE))).toBeGreaterThan(100);
  });

  it('stay inside the legend, which counts those that it has no room for', async () => {
    const size = 12;
    const room = 300;
    const names = Array.from({ length: 500 }, (_, i) => line(`a rather long name ${'w'.repeat(i)}`));
    const legend = await legendSprite(names, size, room, SPACE);
    expect(legend.width).toBeLessThanOrEqual(room + 2);
    expect(legend.height).toBeLessThan(size * 15);
    const few = await legendSprite(names.slice(0, 2), size, room, SPACE);
    expect(few.height).toBeLessThan(legend.height / 2);
    const narrow = await legendSprite(names.slice(0, 3), size, 60, SPACE);
    expect(narrow.width).toBeLessThanOrEqual(60 + size);
  });
});

describe('colours', () => {
  const entries = (...names: string[]) =>
    names.map((name) => ({ name, synonyms: [name], other: false, isthing: true }));

  it('are given to names that mean something to JavaScript', () => {
    for (const colour of paletteOf(entries('constructor', '__proto__', 'toString')))
      expect(colour).toBeTypeOf('number');
  });

  it('are found for a name in any form', () => {
    const asked = parseColours('Cafe\u0301=#112233, ro\u200bad=#445566');
    expect(paletteOf(entries('CAF\u00c9', 'road'), asked)).toEqual([0x112233, 0x445566]);
  });

  it('of the last of thousands of names are their own, since none is unlike all others', () => {
    const names = Array.from({ length: 5000 }, (_, i) => `name ${i}`);
    const own = names.slice(-50).map((name) => paletteOf(entries(name))[0]);
    expect(paletteOf(entries(...names)).slice(-50)).toEqual(own);
  });
});
