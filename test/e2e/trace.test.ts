import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../src/rsan/no-telemetry.ts';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/rsan/checkpoint/open.ts';
import { writeSafetensors } from '../../src/rsan/checkpoint/safetensors.ts';
import { formulaFrames } from '../../src/rsan/formula-weights.ts';
import { golden, goldenTensors, worstDifference } from '../fixtures/golden.ts';

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-trace-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function sidestream(...args: string[]): { status: number | null; stderr: string; stdout: string } {
  const env = { ...process.env, SIDESTREAM_CACHE__DIRECTORY: join(folder, 'cache') };
  const { status, stderr, stdout } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', env });
  return { status, stderr, stdout };
}

describe('models trace', () => {
  it('writes what PyTorch computes from a checkpoint file', async () => {
    const [frames, out] = [join(folder, 'frames.safetensors'), join(folder, 'out.safetensors')];
    const bytes = () => formulaFrames('tiny-l14/100x180', 2, 100, 180);
    await writeSafetensors(frames, [{ name: 'frames', dtype: 'uint8', shape: [2, 100, 180, 3], bytes }]);
    const { status, stderr } = sidestream(
      ...['models', 'trace', golden('tiny-l14.pth'), '--architecture', golden('tiny-l14.architecture.json')],
      ...[
        '--frames',
        frames,
        '--classifier',
        golden('tiny-l14.text.safetensors'),
        '--share-queries',
        '-o',
        out,
      ],
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const expected = await goldenTensors('tiny-l14.2x100x180.safetensors');
    const traced = await openCheckpoint(out);
    for (const [name, { shape, data }] of expected) {
      expect(traced.info(name).shape, name).toEqual(shape);
      const bound = name.endsWith('embeddings') ? 1e-4 : 1e-3;
      expect(worstDifference(await traced.float32(name), data), name).toBeLessThan(bound);
    }
    await traced.close();
  });

  it('takes frames of odd sizes, and says what is wrong with wrong ones', async () => {
    const [frames, out] = [join(folder, 'frames.safetensors'), join(folder, 'out.safetensors')];
    await writeSafetensors(frames, [
      {
        name: 'frames',
        dtype: 'uint8',
        shape: [1, 72, 333, 3],
        bytes: () => formulaFrames('odd', 1, 72, 333),
      },
    ]);
    const tiny = ['models', 'trace', golden('tiny.pth'), '--architecture', golden('tiny.architecture.json')];
    expect(sidestream(...tiny, '--frames', frames, '-o', out).status).toBe(0);
    const traced = await openCheckpoint(out);
    expect(traced.info('mask_logits').shape).toEqual([1, 12, 6, 22]);
    expect(traced.info('clip_input').shape).toEqual([1, 3, 48, 176]);
    await traced.close();

    await writeSafetensors(frames, [
      { name: 'frames', dtype: 'float32', shape: [1, 2, 2, 3], bytes: () => new Uint8Array(48) },
    ]);
    const refused = sidestream(...tiny, '--frames', frames, '-o', out);
    expect(refused.status).toBe(65);
    expect(refused.stderr).toMatch(
      /^error CHECKPOINT_INVALID: .*frames must be uint8 N×h×w×3, not float32 \[1,2,2,3\]\n$/,
    );
  });
});

describe('models convert, verify and export', () => {
  it('make a pack that verifies, and graphs with their weights', async () => {
    const tokenizer = new URL('../../models/street-tiny/tokenizer.json', import.meta.url).pathname;
    const weights = new URL('../../models/street-tiny/weights.safetensors', import.meta.url).pathname;
    const card = new URL('../../models/street-tiny/pack.json', import.meta.url).pathname;
    const { architecture } = JSON.parse(readFileSync(card, 'utf8'));
    const file = join(folder, 'architecture.json');
    writeFileSync(file, JSON.stringify(architecture));
    const pack = join(folder, 'my-pack');
    const made = sidestream(
      'models',
      'convert',
      weights,
      '--tokenizer',
      tokenizer,
      '--architecture',
      file,
      '-o',
      pack,
    );
    expect(made.stderr).toBe('');
    expect(made.stdout.trim()).toBe(pack);
    expect(sidestream('models', 'verify', pack).status).toBe(0);

    const graphs = join(folder, 'graphs');
    const exported = sidestream('models', 'export', '--model', pack, '--size', '96x160', '-o', graphs);
    expect(exported.stdout.trim().split('\n')).toEqual(
      ['vision', 'decode', 'text'].map((name) => join(graphs, `${name}.onnx`)),
    );
    const session = await ort.InferenceSession.create(join(graphs, 'vision.onnx'));
    expect(session.inputNames).toEqual(['frames']);
    expect(session.outputNames).toContain('mask_embeddings');
    await session.release();

    // A damaged pack is found out.
    appendFileSync(join(pack, 'tokenizer.json'), ' ');
    const damaged = sidestream('models', 'verify', pack);
    expect(damaged.status).toBe(65);
    expect(damaged.stderr).toMatch(/error CHECKSUM_MISMATCH: .*tokenizer.json/);
  });
});
