import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { draw, readIds, readIndices } from '../../../../src/analysis/eval/png.ts';
import { type PngShape, png } from './png-writer.ts';

const SIZE = { width: 5, height: 2 } as const;
const PALETTE = Array.from({ length: 16 }, (_, i) => [i, 10 * i, 255 - i]);

describe('PNGs of numbers', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'png-'));
    path = join(folder, 'x.png');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (shape: Omit<PngShape, 'width' | 'height'>, samples: readonly number[]) =>
    writeFile(path, png({ ...SIZE, ...shape }, samples));
  const numbers = async (read: typeof readIds) => Array.from((await read(path, 0)).numbers);

  it.each([
    [1, [0, 1, 1, 0, 1, 1, 0, 0, 0, 1]],
    [2, [0, 1, 2, 3, 1, 3, 3, 0, 2, 1]],
    [4, [0, 15, 7, 8, 1, 9, 2, 12, 4, 3]],
    [8, [0, 255, 128, 7, 1, 2, 3, 4, 5, 200]],
    [16, [0, 65535, 256, 255, 1, 2, 3, 4, 300, 40000]],
  ] as const)('have grey values of %i bits as they are', async (depth, samples) => {
    await write({ depth, colour: 'grey' }, samples);
    expect(await numbers(readIndices)).toEqual(samples);
    expect(await numbers(readIds)).toEqual(samples);
  });

  it.each([2, 4, 8] as const)(
    'have the indices of palettes, not their colours, of %i bits',
    async (depth) => {
      const samples = [0, 1, 2, 3, 1, 3, 3, 0, 2, 1];
      await write({ depth, colour: 'palette', palette: PALETTE.slice(0, 4) }, samples);
      expect(await numbers(readIndices)).toEqual(samples);
      // As ids, they have the colours.
      expect(await numbers(readIds)).toEqual(samples.map((i) => i + 256 * 10 * i + 65536 * (255 - i)));
    },
  );

  it('have ids of three bytes in colours', async () => {
    const colours = Array.from({ length: 10 }, (_, i) => [i, 2 * i, 3 * i]);
    const ids = colours.map(([r, g, b]) => r + 256 * g + 65536 * b);
    await write({ depth: 8, colour: 'rgb' }, colours.flat());
    expect(await numbers(readIds)).toEqual(ids);
    await write(
      { depth: 8, colour: 'rgba' },
      colours.flatMap((colour) => [...colour, 99]),
    );
    expect(await numbers(readIds)).toEqual(ids);
    // Colours may come with a palette, which is advice only.
    await write({ depth: 8, colour: 'rgb', palette: PALETTE }, colours.flat());
    expect(await numbers(readIds)).toEqual(ids);
  });

  it('are drawn down the columns', async () => {
    await write({ depth: 8, colour: 'grey' }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]);
    const map = new Uint16Array(10);
    const asked: number[] = [];
    draw(await readIndices(path, 0), map, (number) => {
      asked.push(number);
      return number * 10;
    });
    expect([...map]).toEqual([10, 60, 20, 70, 30, 80, 40, 90, 50, 10]);
    expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  describe('are refused with file and frame', () => {
    const refused = async (read: typeof readIds, said: RegExp) => {
      const error = await read(path, 12).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'TRUTH_INVALID', message: expect.stringMatching(said) });
      expect(error).toMatchObject({ message: expect.stringMatching(/^\S*x\.png: frame 12: [^\n]+$/) });
    };

    it('when they are not there, or no PNG', async () => {
      await refused(readIndices, /does not exist/);
      await writeFile(path, 'P5 1 1 255');
      await refused(readIndices, /no PNG/);
    });

    it('when cut anywhere, or with any byte changed', async () => {
      const whole = png({ ...SIZE, depth: 8, colour: 'grey' }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      for (let length = 0; length < whole.length; length += 3) {
        await writeFile(path, whole.subarray(0, length));
        await refused(readIndices, /no PNG/);
      }
      for (let at = 0; at < whole.length; at++) {
        const changed = Buffer.from(whole);
        changed[at] ^= 0x40;
        await writeFile(path, changed);
        await refused(readIndices, /no PNG/);
      }
    });

    it('when their kind is another', async () => {
      await write({ depth: 8, colour: 'rgb' }, new Array(30).fill(0));
      await refused(readIndices, /it has colours/);
      await write({ depth: 16, colour: 'rgb' }, new Array(30).fill(0));
      await refused(readIds, /no panoptic PNG/);
      await write({ depth: 8, colour: 'palette', palette: PALETTE }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 16]);
      await refused(readIds, /colour 16 is not in its palette/);
      await write({ depth: 4, colour: 'grey', interlaced: true }, new Array(10).fill(0));
      await refused(readIndices, /interlaced/);
    });
  });
});
