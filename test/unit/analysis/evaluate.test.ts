import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate, evaluationTable } from '../../../src/analysis/evaluate.ts';
import { type MasksFile, readMasksFile } from '../../../src/analysis/masks-file.ts';
import { masksOf } from '../../../src/core/mask.ts';

const NAMES = ['road', 'car', 'cat'];

/** A masks file from pictures of letters: r, c, x as NAMES, a dot for no annotation. */
function masksFile(frames: readonly (readonly string[])[], names = NAMES): MasksFile {
  const height = frames[0].length;
  const width = frames[0][0].length;
  const perFrame = frames.map((rows) =>
    masksOf({
      width,
      height,
      labels: Uint8Array.from([...rows.join('')], (letter) => 'rcx.'.indexOf(letter)),
    }),
  );
  return {
    videos: [{ width, height, length: frames.length }],
    categories: names.map((name, id) => ({ id, name })),
    annotations: names.map((_, id) => ({
      category_id: id,
      segmentations: perFrame.map((masks) => {
        const rle = masks.find(({ label }) => label === id)?.rle;
        return rle ? { size: [rle.size[0], rle.size[1]] as [number, number], counts: rle.counts } : null;
      }),
    })),
  };
}

describe('evaluation', () => {
  it('counts over all frames, without the pixels that have no truth', () => {
    const truth = masksFile([['rrcc'], ['rr..']]);
    const masks = masksFile([['rccc'], ['rrrr']], ['Road', 'CAR', 'cat']);
    const result = evaluate(masks, truth);
    expect(result.accuracy).toBeCloseTo(5 / 6);
    expect(result.names).toEqual([
      { name: 'road', iou: 3 / 4, pixels: 4 },
      { name: 'car', iou: 2 / 3, pixels: 2 },
    ]);
    expect(result.miou).toBeCloseTo((3 / 4 + 2 / 3) / 2);
  });

  it('takes strange names and pixels without a name as wrong', () => {
    const result = evaluate(masksFile([['x.rr']], ['road', 'car', 'zebra']), masksFile([['rrrr']]));
    expect(result.accuracy).toBe(0.5);
    expect(result.miou).toBe(0.5);
  });

  it('reads every other pixel of masks twice the size', () => {
    const result = evaluate(masksFile([['rxcx', 'xxxx', 'cxrx', 'xxxx']]), masksFile([['rc', 'cr']]));
    expect(result.accuracy).toBe(1);
  });

  it('asks for all frames of a window to be right where the truth stays', () => {
    const still = Array.from({ length: 9 }, () => ['rrcc']);
    const wrongOnce = still.map((rows, i) => (i === 8 ? ['rrrc'] : rows));
    const result = evaluate(masksFile(wrongOnce), masksFile(still));
    // Windows 0 to 7 and 1 to 8: all right, then three of four.
    expect(result.vc8).toBeCloseTo((1 + 3 / 4) / 2);
    expect(result.vc16).toBeNaN();
    expect(result.flicker).toBeCloseTo(1 / 32);
    // A pixel whose truth changes within every window is not asked for.
    const moving = still.map((rows, i) => (i === 4 ? ['rrrc'] : rows));
    expect(evaluate(masksFile(still), masksFile(moving)).vc8).toBe(1);
  });

  it('is whole for the truth itself', async () => {
    const truth = await readMasksFile('test/fixtures/toytown/watch.truth.json.gz');
    const result = evaluate(truth, truth);
    expect(result).toMatchObject({ frames: 144, miou: 1, accuracy: 1, vc8: 1, vc16: 1, flicker: 0 });
    expect(evaluationTable(result)).toMatch(/^mIoU\s+100\.0 %$/m);
  });

  it('refuses what does not fit or is no masks JSON', async () => {
    const one = masksFile([['r']]);
    const invalid = expect.objectContaining({ code: 'TRUTH_INVALID' });
    expect(() => evaluate(one, masksFile([['r'], ['r']]))).toThrow(invalid);
    const damaged = {
      ...one,
      annotations: [{ category_id: 0, segmentations: [{ size: [1, 1] as [number, number], counts: '5' }] }],
    };
    expect(() => evaluate(damaged, one)).toThrow(invalid);
    const folder = await mkdtemp(join(tmpdir(), 'truth-'));
    try {
      const path = join(folder, 'truth.json');
      await expect(readMasksFile(path)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
      for (const text of [
        '{',
        '[]',
        '{"videos":[]}',
        JSON.stringify({ ...one, videos: [{ width: 2, height: 1, length: 1 }] }),
      ]) {
        await writeFile(path, text);
        await expect(readMasksFile(path)).rejects.toMatchObject({ code: 'TRUTH_INVALID' });
      }
      await writeFile(path, Buffer.of(0x1f, 0x8b, 1, 2, 3));
      await expect(readMasksFile(path)).rejects.toMatchObject({ code: 'TRUTH_INVALID' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
