import { describe, expect, it } from 'vitest';
import { masksScenes } from '../../../src/analysis/eval/masks-scenes.ts';
import { evaluationTable } from '../../../src/analysis/eval/table.ts';
import { evaluate as evaluateScenes } from '../../../src/analysis/evaluate.ts';
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

const evaluate = (masks: MasksFile, truth: MasksFile) =>
  evaluateScenes(masksScenes('masks.json', masks, 'masks'), masksScenes('truth.json', truth, 'truth'));

describe('evaluation', () => {
  it('counts over all frames, without the pixels that have no truth', async () => {
    const truth = masksFile([['rrcc'], ['rr..']]);
    const masks = masksFile([['rccc'], ['rrrr']], ['Road', 'CAR', 'cat']);
    const result = await evaluate(masks, truth);
    expect(result.accuracy).toBeCloseTo(5 / 6);
    expect(result.names).toEqual([
      { name: 'road', iou: 3 / 4, pixels: 4 },
      { name: 'car', iou: 2 / 3, pixels: 2 },
    ]);
    expect(result.miou).toBeCloseTo((3 / 4 + 2 / 3) / 2);
  });

  it('takes strange names and pixels without a name as wrong', async () => {
    const result = await evaluate(masksFile([['x.rr']], ['road', 'car', 'zebra']), masksFile([['rrrr']]));
    expect(result.accuracy).toBe(0.5);
    expect(result.miou).toBe(0.5);
  });

  it('reads every other pixel of masks twice the size', async () => {
    const result = await evaluate(masksFile([['rxcx', 'xxxx', 'cxrx', 'xxxx']]), masksFile([['rc', 'cr']]));
    expect(result.accuracy).toBe(1);
  });

  it('asks for all frames of a window to be right where the truth stays', async () => {
    const still = Array.from({ length: 9 }, () => ['rrcc']);
    const wrongOnce = still.map((rows, i) => (i === 8 ? ['rrrc'] : rows));
    const result = await evaluate(masksFile(wrongOnce), masksFile(still));
    // Windows 0 to 7 and 1 to 8: all right, then three of four.
    expect(result.vc8).toBeCloseTo((1 + 3 / 4) / 2);
    expect(result.vc16).toBeNaN();
    expect(result.flicker).toBeCloseTo(1 / 32);
    // A pixel whose truth changes within every window is not asked for.
    const moving = still.map((rows, i) => (i === 4 ? ['rrrc'] : rows));
    expect((await evaluate(masksFile(still), masksFile(moving))).vc8).toBe(1);
  });

  it('takes the mean over windows that have pixels whose truth stays, gaps in the truth among them', async () => {
    // Two pixels; the truth of the second is unknown in frame 8, so that windows 1 to 8 and 2 to 9 ask for the first alone.
    const truth = Array.from({ length: 10 }, (_, i) => [i === 8 ? 'r.' : 'rc']);
    const masks = truth.map((_, i) => [i === 0 ? 'cc' : i === 9 ? 'rr' : 'rc']);
    // The first is wrong in frame 0 only: 1/2, then 1/1 and 1/1; what is wrong in frame 9 is not asked for.
    expect((await evaluate(masksFile(masks), masksFile(truth))).vc8).toBeCloseTo((1 / 2 + 1 + 1) / 3, 12);
    // No pixel stays for 8 frames anywhere: there is nothing to count.
    const restless = Array.from({ length: 10 }, (_, i) => [i % 2 === 0 ? 'rc' : 'cr']);
    expect((await evaluate(masksFile(restless), masksFile(restless))).vc8).toBeNaN();
  });

  it('asks nothing of pixels that have no truth for long', async () => {
    const truth = Array.from({ length: 8 }, () => ['rc..']);
    const masks = truth.map((_, i) => [i % 2 === 0 ? 'rrrc' : 'rrcr']);
    expect(await evaluate(masksFile(masks), masksFile(truth))).toMatchObject({ vc8: 0.5, flicker: 0 });
  });

  it('asks that names are right, not that they stay', async () => {
    const truth = Array.from({ length: 16 }, () => ['rrcc']);
    const steadilyWrong = truth.map(() => ['rrrr']);
    const result = await evaluate(masksFile(steadilyWrong), masksFile(truth));
    expect(result).toMatchObject({ vc8: 0.5, vc16: 0.5, flicker: 0 });
  });

  it('says null in JSON, and a dash in the table, where there was nothing to count', async () => {
    const result = await evaluate(masksFile([['rr']]), masksFile([['rr']]));
    const json = JSON.parse(JSON.stringify(result));
    expect(json).toMatchObject({ miou: 1, vc8: null, vc16: null, flicker: null, frames: 1 });
    // Its names are no things.
    expect(Object.keys(json.objects)).toEqual([
      ...['count', 'tracks', 'objectFrames', 'objectSeconds', 'idSwitches', 'idSwitchesPerObjectSecond'],
      ...['idf1', 'idp', 'idr', 'hota', 'deta', 'assa'],
    ]);
    expect(Object.values(json.objects).filter((figure) => figure !== null)).toEqual([]);
    const table = evaluationTable(result);
    for (const label of ['VC8', 'objects', 'object-seconds', 'ID switches', 'IDF1', 'IDP', 'HOTA', 'AssA']) {
      expect(table).toMatch(new RegExp(`^${label} +-$`, 'm'));
    }
  });

  it('is whole for the truth itself', async () => {
    const truth = await readMasksFile('test/fixtures/toytown/watch.truth.json.gz');
    const result = await evaluate(truth, truth);
    expect(result).toMatchObject({ frames: 144, miou: 1, accuracy: 1, vc8: 1, vc16: 1, flicker: 0 });
    expect(result.objects).toMatchObject({ count: 18, tracks: 18, idSwitches: 0 });
    for (const key of ['idf1', 'idp', 'idr', 'hota', 'deta', 'assa'] as const) {
      expect(result.objects[key]).toBeCloseTo(1, 12);
    }
    expect(evaluationTable(result)).toMatch(/^mIoU +100\.0 %$/m);
    expect(evaluationTable(result)).toMatch(/^HOTA +100\.0 %$/m);
  });

  it('refuses what is not of one video, and damaged masks with file and frame', async () => {
    const one = masksFile([['r']]);
    await expect(evaluate(one, masksFile([['r'], ['r']]))).rejects.toMatchObject({
      code: 'TRUTH_INVALID',
      message: 'masks.json has 1 frames, truth.json 2: they must be of the same video',
    });
    const damaged = {
      ...one,
      annotations: [{ category_id: 0, segmentations: [{ size: [1, 1] as [number, number], counts: '5' }] }],
    };
    await expect(evaluate(damaged, one)).rejects.toMatchObject({
      code: 'TRUTH_INVALID',
      message: 'masks.json: frame 0: run lengths make 5 pixels, not 1',
    });
    await expect(evaluate(one, damaged)).rejects.toMatchObject({
      code: 'TRUTH_INVALID',
      message: 'truth.json: frame 0: run lengths make 5 pixels, not 1',
    });
  });
});
