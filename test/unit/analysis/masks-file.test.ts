import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMasksFile } from '../../../src/analysis/masks-file.ts';

const plain = {
  videos: [{ width: 2, height: 3, length: 2, frame_rate: 25 }],
  categories: [{ id: 7, name: 'car', isthing: true }],
  annotations: [
    { category_id: 7, track_id: 4, segmentations: [{ size: [3, 2], counts: '132' }, null], iscrowd: 0 },
  ],
};

/** The same with another mask in the first frame. */
const withMask = (mask: unknown) => ({
  ...plain,
  annotations: [{ ...plain.annotations[0], segmentations: [mask, null] }],
});

describe('masks files', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'truth-'));
    path = join(folder, 'truth.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are read plain and gzipped', async () => {
    await writeFile(path, JSON.stringify(plain));
    expect(await readMasksFile(path)).toEqual(plain);
    await writeFile(path, gzipSync(JSON.stringify(plain)));
    expect(await readMasksFile(path)).toEqual(plain);
  });

  it('may have run lengths as they are', async () => {
    await writeFile(path, JSON.stringify(withMask({ size: [3, 2], counts: [1, 3, 2] })));
    expect(await readMasksFile(path)).toEqual(plain);
  });

  it.each([
    [
      'polygons',
      withMask([[0, 0, 1, 0, 1, 1]]),
      /annotations\.0\.segmentations\.0: polygons are not underst/,
    ],
    ['another size', withMask({ size: [2, 3], counts: '132' }), /frame 0: annotations\.0 is 2×3, .* 3×2/],
    ['negative run lengths', withMask({ size: [3, 2], counts: [-1, 7] }), /annotations\.0\.segmentations\.0/],
    ['no run lengths', withMask({ size: [3, 2] }), /annotations\.0\.segmentations\.0\.counts/],
    [
      'a category nobody lists',
      { ...plain, categories: [] },
      /annotations\.0 is of category 7, .* not listed/,
    ],
    ['two videos', { ...plain, videos: [plain.videos[0], plain.videos[0]] }, /videos: it must be one video/],
    [
      'too few frames',
      { ...plain, videos: [{ ...plain.videos[0], length: 3 }] },
      /has 2 frames, the video 3/,
    ],
    ['no videos', [], /the whole: /],
  ])('are refused with %s', async (_, json, said) => {
    await writeFile(path, JSON.stringify(json));
    const error = await readMasksFile(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TRUTH_INVALID', message: expect.stringMatching(said) });
    expect(error).toMatchObject({ message: expect.stringMatching(/^\S*truth\.json: [^\n]+$/) });
  });

  it('are refused when they are no JSON, damaged, a folder or not there', async () => {
    await expect(readMasksFile(path)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    await expect(readMasksFile(join(path, 'x'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    await expect(readMasksFile(folder)).rejects.toMatchObject({ code: 'TRUTH_INVALID' });
    for (const bytes of [Buffer.from('{'), Buffer.of(0x1f, 0x8b, 1, 2, 3), gzipSync('{}').subarray(0, 12)]) {
      await writeFile(path, bytes);
      await expect(readMasksFile(path)).rejects.toMatchObject({
        code: 'TRUTH_INVALID',
        message: expect.stringContaining(`${path}: no JSON that can be read`),
      });
    }
    await writeFile(join(folder, 'file'), '');
    await expect(readMasksFile(join(folder, 'file', 'x'))).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  });
});
