import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameRegions } from '../../../src/analysis/name.ts';
import { createLabeler } from '../../../src/analysis/pixels.ts';
import { pts } from '../../../src/core/time.ts';
import { trace } from '../../../src/pipeline/trace.ts';
import { buildClassifier } from '../../../src/rsan/classifier.ts';
import { formulaFrames } from '../../../src/rsan/formula-weights.ts';
import { type ModelOptions, openModel } from '../../../src/rsan/model.ts';
import { loadPack, openPack } from '../../../src/rsan/packs/pack.ts';
import { openTokenizer } from '../../../src/rsan/tokenizer.ts';
import { formulaModel, golden, goldenTensors, worstDifference } from '../../fixtures/golden.ts';

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'sidestream-golden-'));
});
afterAll(async () => {
  await rm(cache, { recursive: true });
});
const options = (): ModelOptions => ({
  provider: 'cpu',
  precision: 'fp32',
  threads: 2,
  cache,
  maxSessions: 4,
});

/** Mask and class logits within 1e-3 of max(1, |x|), embeddings within 1e-4. */
const bound = (tensor: string) => (tensor.endsWith('embeddings') ? 1e-4 : 1e-3);

describe.each([
  ['tiny', 1, 128, 192],
  ['tiny', 2, 100, 180],
  ['tiny', 2, 128, 128],
  ['tiny-l14', 1, 128, 192],
  ['tiny-l14', 2, 100, 180],
  ['tiny-l14', 2, 128, 128],
] as const)('%s with %i frames of %i × %i', (name, count, height, width) => {
  it('is equal to PyTorch in every intermediate, with queries of each frame and with shared ones', async () => {
    await using model = await openModel(await formulaModel(name), options());
    const text = await goldenTensors(`${name}.text.safetensors`);
    const classifier = text.get('classifier')!;
    const traced = await trace(
      model,
      {
        frames: formulaFrames(`${name}/${height}x${width}`, count, height, width),
        count,
        height,
        width,
        classifier: { weights: classifier.data, rows: classifier.shape[0] },
        shareQueries: true,
      },
      new AbortController().signal,
    );
    const expected = await goldenTensors(`${name}.${count}x${height}x${width}.safetensors`);
    expect(traced.map((tensor) => tensor.name).sort()).toEqual([...expected.keys()].sort());
    for (const { name: tensor, shape, data } of traced) {
      expect(shape, tensor).toEqual(expected.get(tensor)!.shape);
      expect(worstDifference(data, expected.get(tensor)!.data), tensor).toBeLessThan(bound(tensor));
    }
  });
});

it.each(['tiny', 'tiny-l14'] as const)('%s embeds texts as PyTorch does', async (name) => {
  await using model = await openModel(await formulaModel(name), options());
  const text = await goldenTensors(`${name}.text.safetensors`);
  const { shape, data } = text.get('text.tokens')!;
  const tokens = Array.from({ length: shape[0] }, (_, row) =>
    Int32Array.from(data.subarray(row * shape[1], (row + 1) * shape[1])),
  );
  expect(worstDifference(await model.embedTexts(tokens), text.get('text.embeddings')!.data)).toBeLessThan(
    1e-5,
  );
});

it('names the same pixels as PyTorch at the size of ViT-B/16', { timeout: 120_000 }, async () => {
  const source = await formulaModel('vit-b-16');
  await using model = await openModel(source, options());
  const tokenizer = await openTokenizer(
    new URL('../../../models/clip-tokenizer.json', import.meta.url).pathname,
  );
  const { manifest } = await loadPack(new URL('../../../models/san-vit-b-16', import.meta.url).pathname);
  const names = 'person,car,traffic light,dog,grass,sky,water bottle,t-shirt,zebra crossing,background'.split(
    ',',
  );
  const expected = await goldenTensors('vit-b-16.1x640x640.safetensors');
  const expectedClassifier = (await goldenTensors('vit-b-16.text.safetensors')).get('classifier')!;

  const vocabulary = names.map((word) => ({ name: word, synonyms: [word], other: false, isthing: true }));
  const deps = { model, tokenizer, prompts: manifest.prompts, cache: undefined };
  const classifier = await buildClassifier(vocabulary, deps);
  expect(worstDifference(classifier.weights, expectedClassifier.data)).toBeLessThan(1e-3);

  const data = formulaFrames('vit-b-16/640x640', 1, 640, 640);
  const regions = await model.analyse(
    { index: 0, pts: pts(0), width: 640, height: 640, data },
    { refined: false },
  );
  expect(worstDifference(regions.queries, expected.get('queries')!.data)).toBeLessThan(1e-3);
  expect(worstDifference(regions.maskLogits, expected.get('mask_logits')!.data)).toBeLessThan(1e-3);
  expect(worstDifference(regions.embeddings, expected.get('mask_embeddings')!.data)).toBeLessThan(1e-4);

  const { labels } = createLabeler(regions.geometry).label(
    regions.maskLogits,
    nameRegions(regions, classifier, names.length),
    regions.count,
  );
  const argmax = expected.get('argmax')!.data;
  const equal = Array.from(labels).filter((label, i) => label === argmax[i]).length;
  expect(equal / argmax.length).toBeGreaterThanOrEqual(0.999);
});

it.each([0, 72])('street-tiny sees frame %i of the drive as PyTorch does', async (frame) => {
  const expected = await goldenTensors(`street-tiny.drive-${frame}.safetensors`);
  const pack = await openPack(
    await loadPack(new URL('../../../models/street-tiny', import.meta.url).pathname),
  );
  await using model = await openModel(pack, options());
  const names = 'sky,building,pole,road,pavement,tree,traffic sign,fence,car,pedestrian,cyclist,grass'.split(
    ',',
  );
  const vocabulary = names.map((word) => ({ name: word, synonyms: [word], other: false, isthing: true }));
  const deps = { model, tokenizer: pack.tokenizer, prompts: pack.manifest.prompts, cache: undefined };
  const classifier = await buildClassifier(vocabulary, deps);
  expect(worstDifference(classifier.weights, expected.get('classifier')!.data)).toBeLessThan(1e-4);

  const data = Uint8Array.from(expected.get('frames')!.data);
  const regions = await model.analyse(
    { index: 0, pts: pts(0), width: 640, height: 360, data },
    { refined: false },
  );
  expect(worstDifference(regions.maskLogits, expected.get('mask_logits')!.data)).toBeLessThan(1e-3);
  expect(worstDifference(regions.embeddings, expected.get('mask_embeddings')!.data)).toBeLessThan(1e-4);
  const { labels } = createLabeler(regions.geometry).label(
    regions.maskLogits,
    nameRegions(regions, classifier, names.length),
    regions.count,
  );
  const argmax = expected.get('argmax')!.data;
  const equal = Array.from(labels).filter((label, i) => label === argmax[i]).length;
  expect(equal / argmax.length).toBeGreaterThan(0.9999);
});

it("gives CLIP's token ids", async () => {
  const tokenizer = await openTokenizer(
    new URL('../../../models/clip-tokenizer.json', import.meta.url).pathname,
  );
  const cases: { text: string; ids: number[] }[] = JSON.parse(
    await readFile(golden('clip-tokens.json'), 'utf8'),
  );
  for (const { text, ids } of cases) expect([...tokenizer.encode(text)], text).toEqual(ids);
});
