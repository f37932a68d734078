import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSha256, findPack, listPacks, loadPack, WEIGHTS } from '../../../../src/rsan/packs/pack.ts';

const MODELS = new URL('../../../../models/', import.meta.url).pathname;
const { manifest: MANIFEST } = await loadPack(join(MODELS, 'street-tiny'));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-packs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Writes a pack.json, of a pack with or without weights, and gives the folder of packs that it is in. */
function put(where: string, name: string, parts: object = {}, within = name): string {
  mkdirSync(join(folder, where, within), { recursive: true });
  const manifest = { ...MANIFEST, name, ...parts };
  writeFileSync(join(folder, where, within, 'pack.json'), JSON.stringify(manifest));
  return join(folder, where);
}
const none = { files: [] };

describe('listPacks', () => {
  it('prefers the pack that is here to the entry of the same name, and the first of equals', async () => {
    const entries = put('entries', 'san', none);
    const fetched = put('fetched', 'san');
    const more = put('more', 'san');
    for (const folders of [
      [entries, fetched],
      [fetched, entries],
      [entries, fetched, more],
    ]) {
      const packs = await listPacks(folders);
      expect(packs).toHaveLength(1);
      expect(packs[0]).toMatchObject({ installed: true, directory: join(fetched, 'san') });
    }
    expect((await listPacks([more, fetched]))[0].directory).toBe(join(more, 'san'));
  });

  it('knows a pack by its name, whatever its folder is called', async () => {
    const packs = await listPacks([put('packs', 'san', {}, 'some-folder')]);
    expect(packs.map(({ manifest }) => manifest.name)).toEqual(['san']);
  });

  it('passes over files, folders of other things, drafts, and places that are not there', async () => {
    const packs = put('packs', 'san');
    put('packs', 'draft', {}, '.draft.7.partial');
    mkdirSync(join(packs, 'photos'));
    writeFileSync(join(packs, 'clip-tokenizer.json'), '{}');
    const found = await listPacks([join(folder, 'absent'), join(packs, 'clip-tokenizer.json'), packs]);
    expect(found.map(({ manifest }) => manifest.name)).toEqual(['san']);
  });

  it('has street-tiny here and the public models to fetch', async () => {
    const packs = await listPacks([MODELS]);
    expect(packs.map(({ manifest, installed }) => [manifest.name, installed])).toEqual([
      ['san-vit-b-16', false],
      ['san-vit-large-14', false],
      ['street-tiny', true],
    ]);
    for (const { manifest } of packs.slice(0, 2)) expect(manifest.source.url).toMatch(/^https:.*\.pth$/);
  });
});

describe('findPack', () => {
  it('finds a pack by name or by folder', async () => {
    const packs = put('packs', 'san', {}, 'f');
    expect((await findPack('san', [packs])).directory).toBe(join(packs, 'f'));
    expect((await findPack(join(packs, 'f'), [])).manifest.name).toBe('san');
  });

  it('says which packs there are', async () => {
    const packs = put('packs', 'san');
    put('packs', 'other');
    await expect(findPack('sam', [packs])).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: 'there is no model sam; known are other, san',
    });
    await expect(findPack('sam', [])).rejects.toThrow('known are none');
    await expect(findPack(join(packs, 'sam'), [packs])).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });

  it('says what to run for one that has yet to be fetched', async () => {
    const packs = put('packs', 'san', none, 'f');
    for (const name of ['san', join(packs, 'f')]) {
      await expect(findPack(name, [packs])).rejects.toMatchObject({
        code: 'MODEL_MISSING',
        message: `the weights of ${name} are not here: run sidestream models fetch san`,
      });
    }
  });
});

describe('a pack.json that is wrong', () => {
  it.each<[string, object, RegExp]>([
    ['in its name', { name: '../up' }, /pack\.json: name: /],
    ['in a mean', { preprocessing: { ...MANIFEST.preprocessing, mean: [1, 2] } }, /preprocessing\.mean/],
    ['in a prompt', { prompts: ['a photo'] }, /prompts\.0: /],
    ['without prompts', { prompts: [] }, /prompts: /],
    ['with a tokenizer elsewhere', { tokenizer: '../../../etc/passwd' }, /tokenizer: /],
    ['with a file elsewhere', { files: [{ ...MANIFEST.files[0], name: '../x' }] }, /files\.0\.name/],
    ['with half a sum', { source: { ...MANIFEST.source, sha256: 'abc' } }, /source\.sha256/],
    ['with a side of 7 pixels', { short_side: 7 }, /short_side/],
    ['with a precision of no kind', { cpu_precision: 'int3' }, /cpu_precision/],
  ])('is said to be: %s', async (_, parts, message) => {
    const packs = put('packs', 'san', parts);
    await expect(loadPack(join(packs, 'san'))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('is said to be no JSON', async () => {
    const packs = put('packs', 'san');
    writeFileSync(join(packs, 'san', 'pack.json'), '{"name":');
    await expect(listPacks([packs])).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: `${join(packs, 'san', 'pack.json')} is not JSON`,
    });
  });
});

it('sums files as sha256sum does', async () => {
  const path = join(folder, WEIGHTS);
  writeFileSync(path, 'abc');
  expect(await fileSha256(path)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
