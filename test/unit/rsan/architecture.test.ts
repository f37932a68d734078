import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  expectedTensors,
  parseArchitectureFile,
  readArchitecture,
  toArchitectureFile,
} from '../../../src/rsan/architecture.ts';
import { formulaWeights } from '../../../src/rsan/formula-weights.ts';
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

it('says what is wrong with a file', () => {
  expect(() => parseArchitectureFile('{', 'f.json')).toThrow(/f.json is not JSON/);
  expect(() => parseArchitectureFile('{"side": {"heads": "three"}}', 'f.json')).toThrow(/f.json: side.heads/);
});
