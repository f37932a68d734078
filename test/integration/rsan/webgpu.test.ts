import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { formulaFrames } from '../../../src/rsan/formula-weights.ts';
import { storeGraph } from '../../../src/rsan/graph-store.ts';
import { tryProvider } from '../../../src/rsan/provider-trial.ts';
import { openRuntime } from '../../../src/rsan/session.ts';
import { VISION_OUTPUTS, visionGraph } from '../../../src/rsan/vision.ts';
import { formulaModel, goldenTensors, worstDifference } from '../../fixtures/golden.ts';

/** R-SAN on WebGPU, with the program that plays a GPU in Chromium: slow, but strict. It has no float16. */

const BROWSER = '/usr/lib/chromium';
const DRIVER = join(BROWSER, 'vk_swiftshader_icd.json');
const isThere = existsSync(DRIVER);
let cache: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'sidestream-webgpu-'));
  // Of the child processes that sessions lie in.
  vi.stubEnv('VK_ICD_FILENAMES', DRIVER);
  vi.stubEnv('VK_DRIVER_FILES', DRIVER);
  vi.stubEnv('LD_LIBRARY_PATH', BROWSER);
  vi.stubEnv('XDG_RUNTIME_DIR', cache);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

it.runIf(isThere)('is equal to PyTorch (where Chromium is installed)', async () => {
  const [name, batch, height, width] = ['tiny', 1, 128, 192] as const;
  const shape = { batch, height, width };
  const arithmetic = { float: 'float32', products: 'float', plain: true } as const;
  const graph = await visionGraph(await formulaModel(name), shape, arithmetic, VISION_OUTPUTS);
  const path = await storeGraph(graph, cache, 'webgpu', 'vision');
  const see = async (provider: 'cpu' | 'webgpu') => {
    await using runtime = openRuntime({ provider, kind: 'process', lanes: 1, threads: 1, quiet: true });
    const session = await runtime.load(path);
    const data = formulaFrames(`${name}/${height}x${width}`, batch, height, width);
    return await session.run({ frames: { dtype: 'uint8', data, shape: [batch, height, width, 3] } });
  };
  const [seen, onCpu] = [await see('webgpu'), await see('cpu')];
  const expected = await goldenTensors(`${name}.${batch}x${height}x${width}.safetensors`);
  for (const output of ['clip_input', 'queries', 'side_features', 'mask_logits', 'mask_embeddings'] as const)
    expect(
      worstDifference(seen[output].data as Float32Array, expected.get(output)!.data),
      output,
    ).toBeLessThan(1e-4);
  // Whole levels: a border may be rounded to the next one.
  const levels = seen.refined_masks.data as Uint8Array;
  const others = levels.filter((level, i) => level !== (onCpu.refined_masks.data as Uint8Array)[i]);
  expect(others.length / levels.length).toBeLessThan(0.001);
});

it.runIf(isThere)(
  'is tried before it is used, and not taken for fast (where Chromium is installed)',
  async () => {
    const trial = { provider: 'webgpu', precisions: ['fp16', 'fp32'], cache, timed: true } as const;
    const [webgpu, cpu] = await Promise.all([
      tryProvider(trial),
      tryProvider({ ...trial, provider: 'cpu', precisions: ['fp32'] }),
    ]);
    expect(webgpu.precision).toBe('fp32');
    expect(cpu.gflops).toBeGreaterThan(webgpu.gflops);
    await expect(tryProvider({ ...trial, precisions: ['fp16'] })).rejects.toThrow(
      /^webgpu: Program \w+ requires f16 but the device does not support it\.$/,
    );
  },
);

it('is not used where no driver works, and the reason is told', async () => {
  vi.stubEnv('VK_ICD_FILENAMES', join(cache, 'none.json'));
  vi.stubEnv('VK_DRIVER_FILES', join(cache, 'none.json'));
  const trial = tryProvider({ provider: 'webgpu', precisions: ['fp32'], cache, timed: false });
  await expect(trial).rejects.toMatchObject({
    code: 'PROVIDER_UNAVAILABLE',
    message: expect.stringMatching(/^webgpu: \S/),
  });
});

it('is not used where its libraries are missing, and the reason is told', async () => {
  const trial = tryProvider({ provider: 'cuda', precisions: ['fp32'], cache, timed: false });
  await expect(trial).rejects.toMatchObject({
    code: 'PROVIDER_UNAVAILABLE',
    message: expect.stringMatching(/^cuda: .*(Failed to load|cannot open) shared/),
  });
});
