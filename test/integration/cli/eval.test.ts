import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sidestream } from './command.ts';

const TRUTH = 'test/fixtures/toytown/drive.truth.json.gz';

describe('eval', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidestream-eval-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A car of 4 pixels and one of 1 of 20, two frames at 10 a second; the small one changes its track. */
  async function files() {
    const big = { size: [1, 20], counts: [0, 4, 16] };
    const small = { size: [1, 20], counts: [10, 1, 9] };
    const file = (annotations: object[]) =>
      JSON.stringify({
        videos: [{ width: 20, height: 1, length: 2, frame_rate: 10 }],
        categories: [{ id: 1, name: 'car', isthing: 1 }],
        annotations: annotations.map((one) => ({ category_id: 1, ...one })),
      });
    const truth = join(folder, 'truth.json');
    const masks = join(folder, 'masks.json');
    await writeFile(
      truth,
      file([
        { instance: 1, segmentations: [big, big] },
        { instance: 2, segmentations: [small, small] },
      ]),
    );
    await writeFile(
      masks,
      file([
        { track_id: 1, segmentations: [big, big] },
        { track_id: 2, segmentations: [small, null] },
        { track_id: 3, segmentations: [null, small] },
      ]),
    );
    return { truth, masks };
  }

  it('gives the truth itself full marks, in a table', async () => {
    const { status, stdout, stderr } = await sidestream(['eval', TRUTH, '--truth', TRUTH]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const label of [
      'mIoU',
      'pixel accuracy',
      'VC8',
      'VC16',
      'IDF1',
      'HOTA',
      'DetA',
      'AssA',
      'IoU car',
    ]) {
      expect(stdout).toMatch(new RegExp(`^${label} +100\\.0 %$`, 'm'));
    }
    expect(stdout).toMatch(/^objects +44$/m);
    expect(stdout).toMatch(/^object-seconds +94\.4$/m);
    expect(stdout).toMatch(/^ID switches +0$/m);
    expect(stdout).toMatch(/^ID switches per object-second +0\.0000$/m);
  });

  it('gives figures as JSON, over all objects or the larger ones', async () => {
    const { truth, masks } = await files();
    const score = async (...args: string[]) => {
      const { status, stdout } = await sidestream(['eval', masks, '--truth', truth, '--json', ...args]);
      expect(status).toBe(0);
      return JSON.parse(stdout);
    };
    expect(await score()).toMatchObject({
      ...{ frames: 2, miou: 1, accuracy: 1, vc8: null, vc16: null, flicker: 0 },
      names: [{ name: 'car', iou: 1, pixels: 10 }],
      objects: {
        count: 2,
        tracks: 3,
        objectSeconds: 0.4,
        idSwitches: 1,
        idf1: 0.75,
        idp: 0.75,
        idr: 0.75,
        deta: 1,
      },
    });
    expect((await score('--min-area', '0.1')).objects).toEqual({
      ...{ count: 1, tracks: 1, objectFrames: 2, objectSeconds: 0.2 },
      ...{ idSwitches: 0, idSwitchesPerObjectSecond: 0 },
      ...{ idf1: 1, idp: 1, idr: 1, hota: 1, deta: 1, assa: 1 },
    });
  });

  it('says in one line what is wrong with a truth', async () => {
    const { masks } = await files();
    const failing = async (...args: string[]) => {
      const { status, stdout, stderr } = await sidestream(['eval', masks, ...args]);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^error [A-Z_]+: [^\n]+\n$/);
      return `${status} ${stderr}`;
    };
    expect(await failing('--truth', join(folder, 'none.json'))).toMatch(
      /^66 error INPUT_NOT_FOUND: .*none\.json/,
    );
    expect(await failing('--truth', TRUTH)).toMatch(/^65 error TRUTH_INVALID: .* has 2 frames, .* 144/);
    const pngs = join(folder, 'pngs');
    await mkdir(pngs);
    await writeFile(join(pngs, 'names.txt'), 'car');
    await writeFile(join(pngs, '1.png'), 'none');
    expect(await failing('--truth', pngs)).toMatch(/^65 error TRUTH_INVALID: .*1\.png: frame 0: no PNG/);
    expect(await failing('--truth', pngs, '--truth-pngs', pngs)).toMatch(/^2 error USAGE: --truth-pngs/);
    expect(await failing('--truth', TRUTH, '--min-area', '2')).toMatch(/^2 error USAGE: .*--min-area/);
  });

  it('explains truths, and shows examples', async () => {
    const { stdout } = await sidestream(['eval', '--help']);
    for (const word of [
      'masks JSON',
      'panoptic JSON',
      'index PNGs',
      '--truth-pngs',
      '--min-area',
      'names.txt',
    ]) {
      expect(stdout).toContain(word);
    }
    expect(stdout).toMatch(
      /^ {2}sidestream eval masks\.json --truth drive\.truth\.json\.gz --min-area 0\.005/m,
    );
  });
});
