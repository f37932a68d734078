import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { masksScenes } from '../../../../src/analysis/eval/masks-scenes.ts';
import { openTruth } from '../../../../src/analysis/eval/truth.ts';
import { evaluate } from '../../../../src/analysis/evaluate.ts';
import { CARS, masksFile, TRACKS } from './pictures.ts';
import { type PngShape, png } from './png-writer.ts';

/** Roads r, cars a and b, pixels without truth; a crowd of cars x. */
const FRAMES = [
  ['rraa', 'rra.', 'bbxx'],
  ['raar', 'raa.', 'bbxx'],
  ['aarr', 'aar.', 'bbbx'],
];
const LETTERS = { ...CARS, r: { name: 'road' }, x: { name: 'car', instance: 9, iscrowd: 1 } };
/** What the masks make of it: one switch, something missed, something wrong. */
const GUESSES = [
  ['rr11', 'rr1r', '22.3'],
  ['r11r', 'r11r', '22..'],
  ['44rr', '44rr', '22r.'],
];
const masks = () => {
  const file = masksFile(GUESSES, { ...TRACKS, r: { name: 'road', track_id: 9 } }, { frame_rate: 2 });
  return masksScenes('masks.json', file, 'masks');
};

const SHAPE = { width: 4, height: 3, depth: 8, colour: 'grey' } as const satisfies PngShape;
const letters = (frame: readonly string[]) => [...frame.join('')];

describe('truths', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'truth-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (name: string, content: string | Uint8Array | object) => {
    const path = join(folder, name);
    await mkdir(join(path, '..'), { recursive: true });
    const bytes =
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
    await writeFile(path, bytes);
    return path;
  };
  const score = async (path: string, pngs?: string) => evaluate(masks(), await openTruth(path, pngs));

  /** The figures of the equal masks JSON, and a check that they are not all the same. */
  async function wanted(isthing = 1) {
    const file = masksFile(FRAMES, LETTERS);
    const categories = file.categories.map((one) => ({ ...one, isthing: one.isthing && isthing }));
    const result = await score(await write('equal.json', { ...file, categories }));
    expect(result.miou).toBeGreaterThan(0.5);
    expect(result.accuracy).toBeLessThan(1);
    if (isthing) expect(result.objects).toMatchObject({ count: 2, idSwitches: 1, objectSeconds: 3 });
    return result;
  }

  describe('as masks JSON', () => {
    it('are the same plain and gzipped', async () => {
      const bytes = gzipSync(JSON.stringify(masksFile(FRAMES, LETTERS)));
      expect(await score(await write('truth.json.gz', bytes))).toEqual(await wanted());
    });

    it('are refused when they are something else', async () => {
      await expect(openTruth(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
      for (const other of [[], { annotations: [] }, 'null']) {
        await expect(openTruth(await write('other.json', other))).rejects.toMatchObject({
          code: 'TRUTH_INVALID',
          message: expect.stringMatching(/other\.json: neither masks JSON .* nor COCO's panoptic JSON$/),
        });
      }
      const path = await write('truth.json', masksFile(FRAMES, LETTERS));
      await expect(openTruth(path, folder)).rejects.toMatchObject({ code: 'USAGE' });
    });
  });

  describe('as panoptic JSON', () => {
    /** Ids that need all three bytes. */
    const IDS: Readonly<Record<string, number>> = { r: 7, a: 300, b: 70_000, x: 65_536 };
    const categories = [
      { id: 10, name: 'road', isthing: 0 },
      { id: 20, name: 'car', isthing: 1 },
    ];
    const annotations = FRAMES.map((frame, i) => ({
      image_id: 100 - i,
      file_name: `${100 - i}.png`,
      segments_info: [...new Set(letters(frame))]
        .filter((letter) => letter !== '.')
        .map((letter) => ({
          id: IDS[letter],
          category_id: letter === 'r' ? 10 : 20,
          iscrowd: Number(letter === 'x'),
        })),
    }));
    const images = FRAMES.map((_, i) => ({ id: 100 - i, width: 4, height: 3, file_name: `${100 - i}.jpg` }));
    // Not in order: `images` has it.
    const panoptic = { images, annotations: annotations.toReversed(), categories };

    const writePngs = async (where: string, shape: PngShape = { ...SHAPE, colour: 'rgb' }) => {
      for (const [i, frame] of FRAMES.entries()) {
        const ids = letters(frame).map((letter) => IDS[letter] ?? 0);
        const samples = ids.flatMap((id) => [id & 255, (id >> 8) & 255, id >> 16]);
        await write(join(where, `${100 - i}.png`), png(shape, samples));
      }
    };

    it('are the same as the equal masks JSON', async () => {
      await writePngs('truth');
      expect(await score(await write('truth.json', panoptic))).toEqual(await wanted());
      expect(await score(await write('truth.json.gz', gzipSync(JSON.stringify(panoptic))))).toEqual(
        await wanted(),
      );
      const path = await write('elsewhere.json', panoptic);
      expect(await score(path, join(folder, 'truth'))).toEqual(await wanted());
    });

    it('may tell what is a thing with the segments', async () => {
      await writePngs('truth');
      const silent = {
        ...panoptic,
        categories: categories.map(({ id, name }) => ({ id, name })),
        annotations: annotations.map((one) => ({
          ...one,
          segments_info: one.segments_info.map((segment) => ({
            ...segment,
            isthing: segment.category_id === 20,
          })),
        })),
      };
      expect(await score(await write('truth.json', silent))).toEqual(await wanted());
      // Where categories say it, it holds.
      const firm = { ...silent, categories: categories.map((one) => ({ ...one, isthing: 0 })) };
      expect(await score(await write('truth.json', firm))).toEqual(await wanted(0));
    });

    it('are refused with file and frame when something is amiss', async () => {
      await expect(score(await write('truth.json', panoptic))).rejects.toMatchObject({
        code: 'INPUT_NOT_FOUND',
        message: expect.stringContaining('--truth-pngs'),
      });
      await writePngs('truth');
      const refused = async (json: object, said: RegExp) =>
        expect(await score(await write('truth.json', json)).catch((thrown: unknown) => thrown)).toMatchObject(
          {
            code: 'TRUTH_INVALID',
            message: expect.stringMatching(said),
          },
        );
      const second = (change: object) => ({
        ...panoptic,
        annotations: annotations.map((one, i) => (i === 1 ? { ...one, ...change } : one)),
      });
      await refused(second({ image_id: 1 }), /truth\.json: frame 1: image 99 has no annotation/);
      await refused(second({ file_name: 'gone.png' }), /gone\.png: frame 1: the file does not exist/);
      await refused(
        second({ segments_info: [] }),
        /99\.png: frame 1: id 7 is not in the segments_info of .*truth\.json/,
      );
      await refused(
        { ...panoptic, categories: [categories[1]] },
        /truth\.json: frame 0: segment 7 is of category 10/,
      );
      await refused({ ...panoptic, images: [] }, /truth\.json: images: /);
      await refused({ ...panoptic, images: images.slice(1) }, /masks\.json has 3 frames, .*truth\.json 2:/);
      await write('truth/99.png', png({ ...SHAPE, width: 3 }, new Array(9).fill(0)));
      await refused(panoptic, /99\.png: frame 1: 3×3 pixels, frame 0 has 4×3/);
    });
  });

  describe('as index PNGs', () => {
    const VALUES: Readonly<Record<string, number>> = { r: 1, a: 2, b: 2, x: 2, '.': 255 };
    const CATEGORIES = [
      { id: 1, name: 'road', isthing: 0 },
      { id: 2, name: 'car', isthing: 1 },
    ];
    /** Frames 9, 10 and 11 by number. */
    const writePngs = async (values: (letter: string) => number, shape: Partial<PngShape> = {}) => {
      for (const [i, frame] of FRAMES.entries()) {
        await write(`truth/f${i + 9}.png`, png({ ...SHAPE, ...shape }, letters(frame).map(values)));
      }
      return join(folder, 'truth');
    };
    const palette = Array.from({ length: 256 }, (_, i) => [255 - i, i, 0]);

    it('are the same as the equal masks JSON, but that things are not told apart', async () => {
      const path = await writePngs((letter) => VALUES[letter]);
      await write('truth/._f9.png', 'notes of a file manager');
      await write('truth/categories.json', CATEGORIES);
      expect(await score(path)).toEqual(await wanted(0));
      await writePngs((letter) => VALUES[letter], { colour: 'palette', palette });
      expect(await score(path)).toEqual(await wanted(0));
    });

    it.each(['names.txt', 'classes.txt'])('have their names in %s, the first for value 0', async (list) => {
      const path = await writePngs((letter) => VALUES[letter]);
      await write(`truth/${list}`, '\uFEFF\r\nroad\r\n car\r\n\r\n');
      expect(await score(path)).toEqual(await wanted(0));
      // An empty line ignores its value.
      await writePngs((letter) => (letter === '.' ? 0 : VALUES[letter]));
      expect(await score(path)).toEqual(await wanted(0));
      await write(`truth/${list}`, 'nobody\nroad\ncar');
      expect((await score(path)).accuracy).toBeLessThan((await wanted(0)).accuracy);
    });

    it('may have 16 bits, and a name for 255', async () => {
      const path = await writePngs((letter) => (letter === '.' ? 65535 : VALUES[letter] + 254), {
        depth: 16,
      });
      await write('truth/categories.json', [
        { id: 255, name: 'road' },
        { id: 256, name: 'car' },
      ]);
      expect(await score(path)).toEqual(await wanted(0));
    });

    it('are refused with file and frame when something is amiss', async () => {
      const path = join(folder, 'truth');
      const refused = async (said: RegExp) =>
        expect(await score(path).catch((thrown: unknown) => thrown)).toMatchObject({
          code: 'TRUTH_INVALID',
          message: expect.stringMatching(said),
        });
      await mkdir(path);
      await refused(/truth: there is no PNG in this folder/);
      await writePngs((letter) => VALUES[letter]);
      await refused(/truth: what do the values stand for\? There is no categories\.json/);
      await write('truth/names.txt', 'nobody\nroad\n\n\n\n');
      await refused(/f9\.png: frame 0: value 2 has no name in names\.txt/);
      await write('truth/categories.json', [{ id: 'road' }]);
      await refused(/categories\.json: 0\.id: /);
      await write('truth/categories.json', '[');
      await refused(/categories\.json: no JSON/);
      await write('truth/categories.json', [CATEGORIES[0]]);
      await refused(/f9\.png: frame 0: value 2 has no name in categories\.json/);
      await write('truth/categories.json', CATEGORIES);
      await write('truth/f11.png', png({ ...SHAPE, height: 2 }, new Array(8).fill(1)));
      await refused(/f11\.png: frame 2: 4×2 pixels, frame 0 has 4×3/);
      await write('truth/f11.png', 'no picture');
      await refused(/f11\.png: frame 2: no PNG that can be read/);
      await rm(join(path, 'f11.png'));
      await refused(/masks\.json has 3 frames, .*truth 2:/);
      await expect(openTruth(path, folder)).rejects.toMatchObject({ code: 'USAGE' });
    });
  });
});
