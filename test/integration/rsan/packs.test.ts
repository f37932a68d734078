import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseArchitectureFile } from '../../../src/rsan/architecture.ts';
import { openCheckpoint } from '../../../src/rsan/checkpoint/open.ts';
import { openModel } from '../../../src/rsan/model.ts';
import { type ConvertOptions, convert } from '../../../src/rsan/packs/convert.ts';
import { fileSha256, loadPack, openPack, type Pack } from '../../../src/rsan/packs/pack.ts';
import { verifyPack } from '../../../src/rsan/packs/verify.ts';
import { golden } from '../../fixtures/golden.ts';

const STREET = new URL('../../../models/street-tiny/', import.meta.url).pathname;
const ARCHITECTURE = parseArchitectureFile(readFileSync(golden('tiny.architecture.json'), 'utf8'), 'tiny');
const CONTEXT = 16;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-convert-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** street-tiny's tokenizer of bytes, cut to `context` tokens. */
function tokenizer(context = CONTEXT, parts: object = {}): string {
  const json = JSON.parse(readFileSync(join(STREET, 'tokenizer.json'), 'utf8'));
  json.truncation.max_length = context;
  const path = join(folder, `bytes-${context}-${Object.keys(parts)}.json`);
  writeFileSync(path, JSON.stringify({ ...json, ...parts }));
  return path;
}

const convertTiny = (options: Partial<ConvertOptions> = {}): Promise<Pack> =>
  convert(golden('tiny.pth'), {
    tokenizer: tokenizer(),
    architecture: ARCHITECTURE,
    out: join(folder, 'packs', 'tiny'),
    ...options,
  });
const packs = () => (existsSync(join(folder, 'packs')) ? readdirSync(join(folder, 'packs')) : []);

describe('convert', () => {
  it('keeps every tensor to the bit, and says all that the pack is', async () => {
    const pack = await convertTiny({ manifest: { title: 'Tiny', short_side: 128 } });
    expect(packs()).toEqual(['tiny']);
    expect(pack).toMatchObject({ installed: true, directory: join(folder, 'packs', 'tiny') });
    expect(pack.manifest).toMatchObject({
      name: 'tiny',
      title: 'Tiny',
      short_side: 128,
      architecture: ARCHITECTURE,
    });
    for (const { name, bytes, sha256 } of pack.manifest.files) {
      expect(readFileSync(join(pack.directory, name)), name).toHaveLength(bytes);
      expect(await fileSha256(join(pack.directory, name)), name).toBe(sha256);
    }
    expect(readdirSync(pack.directory).sort()).toEqual(
      ['pack.json', ...pack.manifest.files.map(({ name }) => name)].sort(),
    );

    const before = await openCheckpoint(golden('tiny.pth'));
    const { weights, architecture, tokenizer: words } = await openPack(pack);
    const wanted = before.names.filter((name) => name !== 'ov_classifier.attn_mask');
    expect([...weights.names].sort()).toEqual([...wanted].sort());
    for (const name of wanted) {
      expect(weights.info(name), name).toEqual(before.info(name));
      expect(Buffer.compare(await weights.bytes(name), await before.bytes(name)), name).toBe(0);
    }
    expect([words.context, architecture.clip.text.context]).toEqual([CONTEXT, CONTEXT]);
    await before.close();
    await weights.close();
  });

  it('makes the same pack of its own weights', async () => {
    const first = await convertTiny();
    const again = await convert(join(first.directory, 'weights.safetensors'), {
      tokenizer: join(first.directory, 'tokenizer.json'),
      architecture: ARCHITECTURE,
      out: first.directory,
      force: true,
    });
    expect(again.manifest).toEqual(first.manifest);
    expect(packs()).toEqual(['tiny']);
  });

  it('replaces a pack where it is told to, and nothing else ever', async () => {
    const { directory } = await convertTiny();
    await expect(convertTiny()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    writeFileSync(join(directory, 'old.txt'), 'old');
    await convertTiny({ force: true });
    expect(existsSync(join(directory, 'old.txt'))).toBe(false);

    const photos = join(folder, 'photos');
    mkdirSync(photos);
    writeFileSync(join(photos, 'cat.jpg'), 'a cat');
    await expect(convertTiny({ force: true, out: photos })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      message: expect.stringContaining('is no model pack'),
    });
    expect(readFileSync(join(photos, 'cat.jpg'), 'utf8')).toBe('a cat');
  });

  it.each([
    ['My SAN (v2)', 'my-san-v2-'],
    ['_draft', 'draft'],
    ['модель', 'model'],
  ])('makes a name of the folder %s', async (out, name) => {
    expect((await convertTiny({ out: join(folder, 'packs', out) })).manifest.name).toBe(name);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a tokenizer of another length', () => convertTiny({ tokenizer: tokenizer(64) }), 'TOKENIZER_INVALID'],
    [
      'a tokenizer of more words than the model has',
      () => {
        const { model } = JSON.parse(readFileSync(join(STREET, 'tokenizer.json'), 'utf8'));
        const vocab = { ...model.vocab, more: 40_000 };
        return convertTiny({ tokenizer: tokenizer(CONTEXT, { model: { ...model, vocab } }) });
      },
      'TOKENIZER_INVALID',
    ],
    ['no tokenizer', () => convertTiny({ tokenizer: '/nowhere.json' }), 'TOKENIZER_INVALID'],
    [
      'an architecture that contradicts the tensors',
      () => convertTiny({ architecture: { ...ARCHITECTURE, side: { ...ARCHITECTURE.side, queries: 99 } } }),
      'MODEL_INVALID',
    ],
    ['no architecture where one is needed', () => convertTiny({ architecture: {} }), 'MODEL_INVALID'],
    [
      'a checkpoint that is cut off',
      async () => {
        const cut = join(folder, 'cut.pth');
        await cp(golden('tiny.pth'), cut);
        truncateSync(cut, 400_000);
        return await convert(cut, {
          tokenizer: tokenizer(),
          architecture: ARCHITECTURE,
          out: join(folder, 'packs', 'tiny'),
        });
      },
      'CHECKPOINT_INVALID',
    ],
    ['a card that is not there', () => convertTiny({ card: '/nowhere.md' }), 'ENOENT'],
  ])('leaves nothing behind when it is given %s', async (_, work, code) => {
    await expect(work()).rejects.toMatchObject({ code });
    expect(packs()).toEqual([]);
  });
});

describe('verifyPack', () => {
  const check = async (pack: Pack, selfTest = async () => 'it ran') => {
    const { checks } = await verifyPack(pack, { selfTest });
    return { checks, failed: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
  };

  it('finds nothing wrong with street-tiny, which runs', async () => {
    const pack = await loadPack(STREET);
    const { checks, failed } = await check(pack, async () => {
      const options = {
        provider: 'cpu',
        precision: 'fp32',
        threads: 1,
        cache: folder,
        maxSessions: 1,
      } as const;
      await using model = await openModel(await openPack(pack), options);
      const frame = new Uint8Array(96 * 96 * 3).map((_, i) => (i * 37) % 256);
      const shape = { batch: 1, height: 96, width: 96 };
      const { embeddings } = await model
        .decode(await model.see(frame, shape, ['queries', 'side_features', 'clip_memory']), shape)
        .then((outputs) => ({ embeddings: outputs.mask_embeddings.data }));
      if (!(embeddings instanceof Float32Array)) throw new Error('no embeddings');
      return `${embeddings.length} finite numbers: ${embeddings.every(Number.isFinite)}`;
    });
    expect(failed).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual([
      ...pack.manifest.files.map(({ name }) => name),
      'architecture and tokenizer',
      'self-test',
    ]);
    expect(checks.at(-1)?.detail).toMatch(/^[1-9]\d* finite numbers: true$/);
  });

  it('names every file that is missing, longer or changed', async () => {
    const pack = await convertTiny();
    const weights = join(pack.directory, 'weights.safetensors');
    const changed = readFileSync(weights);
    changed[changed.length - 1] ^= 1;
    writeFileSync(weights, changed);
    writeFileSync(join(pack.directory, 'MODEL_CARD.md'), 'another card');
    const { checks, failed } = await check(pack);
    expect(failed).toEqual(['weights.safetensors', 'MODEL_CARD.md']);
    expect(checks[0].detail).toMatch(/^its sha256 is [0-9a-f]{64} in place of [0-9a-f]{64}$/);
    expect(checks.at(2)?.detail).toMatch(/^12 bytes in place of \d+$/);
    await rm(weights);
    expect((await check(pack)).failed).toContain('weights.safetensors');
    expect((await check(pack)).failed).toContain('architecture and tokenizer');
  });

  it('says what does not fit', async () => {
    const pack = await convertTiny();
    const other = { ...pack, manifest: { ...pack.manifest, architecture: { side: { queries: 99 } } } };
    const { checks, failed } = await check(other);
    expect(failed).toEqual(['architecture and tokenizer']);
    expect(checks.find(({ ok }) => !ok)?.detail).toMatch(/queries = 99|heads do not divide/);
  });

  it('tells of a self-test that failed, and passes an interruption on', async () => {
    const pack = await convertTiny();
    const { checks, failed } = await check(pack, () => Promise.reject(new Error('NaN everywhere')));
    expect(failed).toEqual(['self-test']);
    expect(checks.at(-1)?.detail).toBe('NaN everywhere');
    const stop = Object.assign(new Error('interrupted'), { name: 'AbortError' });
    await expect(check(pack, () => Promise.reject(stop))).rejects.toBe(stop);
  });
});
