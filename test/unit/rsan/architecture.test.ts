import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseArchitectureFile, toArchitectureFile } from '../../../src/rsan/architecture.ts';
import { openCheckpoint } from '../../../src/rsan/checkpoint/open.ts';
import { formulaWeights } from '../../../src/rsan/formula-weights.ts';
import { expectedTensors, readArchitecture } from '../../../src/rsan/read-architecture.ts';
import { type GoldenModel, golden, goldenShapes } from '../../fixtures/golden.ts';

const fileOf = async (model: GoldenModel) =>
  JSON.parse(await readFile(golden(`${model}.architecture.json`), 'utf8'));

describe.each(['tiny', 'tiny-l14', 'vit-b-16', 'vit-l-14'] as const)('%s', (model) => {
  it('is read off its tensors; the public ones without a file', async () => {
    const shapes = await goldenShapes(model);
    const file = await fileOf(model);
    const given = model.startsWith('vit') ? undefined : parseArchitectureFile(JSON.stringify(file), model);
    const architecture = readArchitecture(formulaWeights(shapes), given);
    expect(toArchitectureFile(architecture)).toEqual(file);
    const names = [...shapes.keys()].filter((name) => name !== 'ov_classifier.attn_mask');
    expect([...expectedTensors(architecture).keys()].sort()).toEqual(names.sort());
  });
});

it('names the tensor that is missing or of another shape', async () => {
  const shapes = await goldenShapes('vit-b-16');
  const without = new Map(shapes);
  without.delete('clip_rec_head.ln_post.bias');
  expect(() => readArchitecture(formulaWeights(without))).toThrow(
    /no tensor clip_rec_head.ln_post.bias \[768\]/,
  );
  const odd = new Map(shapes).set('side_adapter_network.vit_model.blocks.3.norm1.weight', [239]);
  expect(() => readArchitecture(formulaWeights(odd))).toThrow(
    /blocks.3.norm1.weight is \[239\] where .* \[240\]/,
  );
  expect(() => readArchitecture(formulaWeights(new Map([['x', [1]]])))).toThrow(/no R-SAN checkpoint/);
});

it('names the figure that file and tensors tell differently', async () => {
  const weights = formulaWeights(await goldenShapes('tiny'));
  const file = await fileOf('tiny');
  file.side.queries = 13;
  expect(() => readArchitecture(weights, parseArchitectureFile(JSON.stringify(file), 'f'))).toThrow(
    /side.queries = 13; the tensors say 12/,
  );
  file.side.queries = 12;
  file.side.heads = 5;
  expect(() => readArchitecture(weights, parseArchitectureFile(JSON.stringify(file), 'f'))).toThrow(
    /5 heads do not divide/,
  );
});

it('wants a CLIP feature for every fusion layer', async () => {
  const weights = formulaWeights(await goldenShapes('tiny'));
  const file = await fileOf('tiny');
  const read = (fusion: object) => () =>
    readArchitecture(
      weights,
      parseArchitectureFile(JSON.stringify({ ...file, side: { ...file.side, fusion } }), 'f'),
    );
  const all = Object.keys(file.side.fusion).length;
  expect(read({ 0: 0 })).toThrow(`side.fusion has 1 entries; the tensors have fusion layers for ${all}`);
  expect(read({ ...file.side.fusion, 1: 99 })).toThrow(/CLIP feature 99 after side block 1 is beyond/);
  expect(read({ ...file.side.fusion, 77: 0 })).toThrow(/beyond the model|fusion layers for/);
});

describe('tensors that no model has', () => {
  const changed = async (name: string, shape: readonly number[]) => {
    const shapes = await goldenShapes('vit-b-16');
    return formulaWeights(new Map<string, readonly number[]>(shapes).set(name, shape));
  };
  it.each([
    ['of other axes', 'clip_visual_extractor.conv1.weight', [768], /conv1.weight is \[768\] where 4 axes/],
    [
      'a scalar',
      'clip_visual_extractor.positional_embedding',
      [],
      /positional_embedding is \[\] where 2 axes/,
    ],
    ['without queries', 'side_adapter_network.query_embed', [1, 0, 240], /side.queries/],
    [
      'without a width',
      'side_adapter_network.vit_model.patch_embed.proj.weight',
      [0, 3, 16, 16],
      /side.width/,
    ],
    [
      'that are no square',
      'clip_visual_extractor.positional_embedding',
      [200, 768],
      /199 patches.* no square/,
    ],
    [
      'that need the size',
      'side_adapter_network.vit_model.pos_embed',
      [1, 1601, 240],
      /give side.image_size/,
    ],
    ['of a billion layers', 'clip_rec_head.resblocks.999999999.ln_1.bias', [768], /too few tensors/],
    [
      'with a gap in the layers',
      'clip_rec_head.resblocks.5.ln_1.bias',
      [768],
      /no tensor clip_rec_head.resblocks/,
    ],
  ])('are refused: %s', async (_, name, shape, message) => {
    const weights = await changed(name, shape);
    expect(() => readArchitecture(weights)).toThrow(message);
    expect(() => readArchitecture(weights)).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
  });

  it('are nobody’s business where they have no number', async () => {
    const weights = await changed('clip_visual_extractor.resblocks.scale', [1]);
    const { vision } = readArchitecture(weights).clip;
    expect(vision).toMatchObject({ split: 9, layers: 12 });
  });
});

it('reads the grid of street-tiny, which is no square', async () => {
  const { architecture } = JSON.parse(
    await readFile(new URL('../../../models/street-tiny/pack.json', import.meta.url), 'utf8'),
  );
  const [height, width] = architecture.side.image_size;
  expect(height).not.toBe(width);
  const weights = await openCheckpoint(
    new URL('../../../models/street-tiny/weights.safetensors', import.meta.url).pathname,
  );
  try {
    const file = parseArchitectureFile(JSON.stringify(architecture), 'street-tiny');
    expect(toArchitectureFile(readArchitecture(weights, file))).toEqual(architecture);
    // The same number of cells, otherwise arranged, is what the tensors cannot tell; another number is.
    const other = { side: { ...file.side, image_size: [height, height] as [number, number] } };
    expect(() => readArchitecture(weights, other)).toThrow(/pos_embed is/);
  } finally {
    await weights.close();
  }
});

it('says what is wrong with a file', () => {
  expect(() => parseArchitectureFile('{', 'f.json')).toThrow(/f.json is not JSON/);
  expect(() => parseArchitectureFile('{"side": {"heads": "three"}}', 'f.json')).toThrow(/f.json: side.heads/);
});
