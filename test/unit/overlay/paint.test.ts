import { describe, expect, it } from 'vitest';
import { distance, fromOklch, mix, toYuv } from '../../../src/overlay/colour.ts';
import { inksOf, paintLabels } from '../../../src/overlay/paint.ts';
import { paletteOf, parseColours } from '../../../src/overlay/palette.ts';
import { blit, createPicture } from '../../../src/overlay/picture.ts';

const entry = (name: string, other = false) => ({ name, synonyms: [name], other, isthing: true });
const BT709 = { matrix: 'bt709', range: 'tv' } as const;

describe('colour', () => {
  it('becomes the numbers of each standard', () => {
    expect(toYuv(0xffffff, BT709)).toEqual([235, 128, 128]);
    expect(toYuv(0x000000, { matrix: 'bt601', range: 'pc' })).toEqual([0, 128, 128]);
    // The bars of SMPTE: red in BT.601 and in BT.709.
    expect(toYuv(0xff0000, { matrix: 'bt601', range: 'tv' })).toEqual([81, 90, 240]);
    expect(toYuv(0xff0000, BT709)).toEqual([63, 102, 240]);
    expect(toYuv(0x0000ff, { matrix: 'bt2020', range: 'pc' })).toEqual([15, 255, 118]);
  });

  it('mixes, and draws hues', () => {
    expect(mix(0x000000, 0xffffff, 0.5)).toBe(0x808080);
    expect(mix(0x102030, 0xffffff, 0)).toBe(0x102030);
    expect(distance(fromOklch(1, 0, 0), 0xffffff)).toBeLessThan(5);
  });
});

describe('palette', () => {
  it('gives what is asked for, what is expected, and one colour apart from the others', () => {
    const names = ['sky', 'car', 'gizmo', 'gadget', 'widget', 'thing', 'doodad', 'whatsit'];
    const palette = paletteOf(
      names.map((name) => entry(name)),
      new Map([['car', 0x123456]]),
    );
    expect(palette[1]).toBe(0x123456);
    expect(palette[0]).toBe(0x8ecbf2);
    for (const [i, one] of palette.entries()) {
      for (const other of palette.slice(i + 1)) expect(distance(one, other)).toBeGreaterThan(60);
    }
    expect(paletteOf([entry('gizmo')])).toEqual(paletteOf([entry('GIZMO')]));
  });

  it('reads --colors', () => {
    expect(parseColours('Traffic  Light=#FF8800, car=09f,')).toEqual(
      new Map([
        ['traffic light', 0xff8800],
        ['car', 0x0099ff],
      ]),
    );
    for (const bad of ['car', 'car=red', '=#ffffff', 'car=#12345']) {
      expect(() => parseColours(bad)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
  });
});

describe('paint', () => {
  const colours = [0xff0000, undefined, 0x0000ff];
  const style = { opacity: 0.5, outline: 1 };
  const inks = inksOf(colours, style, BT709);
  const paint = (width: number, rows: string[], outline = 1) => {
    const labels = Uint8Array.from([...rows.join('')], (letter) => 'abc'.indexOf(letter));
    const picture = createPicture(width, rows.length);
    picture.data.fill(77);
    paintLabels(picture, { width, height: rows.length, labels }, inks, outline);
    return picture;
  };

  it('fills a region, and not the names that nobody asked for', () => {
    const picture = paint(8, Array(6).fill('aaaabbbb'), 0);
    const [y, u, v] = toYuv(0xff0000, BT709);
    expect([picture.y[0], picture.u[0], picture.v[0], picture.a[0]]).toEqual([y, u, v, 128]);
    expect([picture.a[4], picture.a[7]]).toEqual([0, 0]);
    // The clear pixel and chroma sample beside carry the region's colour.
    expect([picture.y[4], picture.u[2], picture.v[2]]).toEqual([y, u, v]);
  });

  it('draws the outline inside, on both sides of a border', () => {
    const picture = paint(8, Array(4).fill('aaaacccc'));
    const row = [...picture.a.subarray(8, 16)];
    expect(row).toEqual([128, 128, 128, 230, 230, 128, 128, 128]);
    const thick = inksOf(colours, { opacity: 0.5, outline: 2 }, BT709);
    const wide = createPicture(8, 4);
    const labels = Uint8Array.from([...'aaaacccc'.repeat(4)], (letter) => 'abc'.indexOf(letter));
    paintLabels(wide, { width: 8, height: 4, labels }, thick, 2);
    expect([...wide.a.subarray(8, 16)]).toEqual([128, 128, 230, 230, 230, 230, 128, 128]);
  });

  it('takes the chroma of a border block from its visible pixels alone', () => {
    const picture = paint(6, ['abbbbb', 'bbbbbb', 'bbbbbb', 'bbbbbb'], 0);
    const [, u, v] = toYuv(0xff0000, BT709);
    expect([picture.u[0], picture.v[0]]).toEqual([u, v]);
  });

  it('finds every border pixel as the plain rule does', () => {
    const rows = ['aaaaaacc', 'aaaaaacc', 'aabaaaac', 'aaaaaaaa', 'acaaaaaa', 'aaaaaaab'];
    const picture = paint(8, rows);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 8; x++) {
        const here = rows[y][x];
        const around = [rows[y][x - 1], rows[y][x + 1], rows[y - 1]?.[x], rows[y + 1]?.[x]];
        const border = around.some((other) => other !== undefined && other !== here);
        const expected = here === 'b' ? 0 : border ? 230 : 128;
        expect(`${x},${y}: ${picture.a[y * 8 + x]}`).toBe(`${x},${y}: ${expected}`);
      }
    }
  });

  it('refuses sizes that do not fit', () => {
    expect(() => createPicture(3, 4)).toThrow(RangeError);
    expect(() =>
      paintLabels(createPicture(4, 4), { width: 2, height: 2, labels: new Uint8Array(4) }, inks, 1),
    ).toThrow(RangeError);
  });
});

describe('blit', () => {
  it('lays one picture over another, by alpha', () => {
    const bottom = createPicture(4, 4);
    bottom.y.fill(100);
    bottom.a.fill(255);
    bottom.u.fill(128);
    const top = createPicture(2, 2);
    top.y.fill(200);
    top.u.fill(28);
    top.a.fill(128);
    blit(bottom, top, 2, 2);
    expect(bottom.y[0]).toBe(100);
    expect(bottom.y[10]).toBe(150);
    expect(bottom.a[10]).toBe(255);
    expect(bottom.u[3]).toBe(78);
    blit(bottom, top, 2, 2, 0);
    expect(bottom.y[10]).toBe(150);
  });

  it('shows the top alone over a clear bottom, and cuts what juts out', () => {
    const bottom = createPicture(4, 4);
    const top = createPicture(4, 4);
    top.y.fill(200);
    top.u.fill(90);
    top.a.fill(100);
    blit(bottom, top, -2, 2);
    expect([...bottom.y]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 200, 200, 0, 0, 200, 200, 0, 0]);
    expect([...bottom.a.subarray(8, 12)]).toEqual([100, 100, 0, 0]);
    expect([...bottom.u]).toEqual([0, 0, 90, 0]);
  });
});
