import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeGraph } from '../../../src/rsan/graph-store.ts';
import { Graph } from '../../../src/rsan/onnx/graph.ts';
import * as ops from '../../../src/rsan/onnx/ops.ts';
import { openRuntime } from '../../../src/rsan/session.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidestream-session-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** y = x · W + 1 with W an external weight of 2s; large sides make it slow. */
function graph(side: number): Graph {
  const g = new Graph({ float: 'float32', products: 'float' });
  const x = g.input('x', 'float32', [side, side]);
  const weight = g.weight('two', 'float32', [side, side], async () => {
    return new Uint8Array(new Float32Array(side * side).fill(2).buffer);
  });
  let y = ops.matmul(x, weight);
  for (let i = 0; i < (side > 100 ? 8 : 0); i++) y = ops.matmul(y, weight);
  g.output('y', ops.add(y, g.constant([1], [1])));
  return g;
}

const feeds = (side: number) => ({
  x: { dtype: 'float32' as const, data: new Float32Array(side * side).fill(1), shape: [side, side] },
});
const cpu = { provider: 'cpu', threads: 1 } as const;

describe('graph store', () => {
  it('writes weights once for all graphs that name the same ones, and nothing twice', async () => {
    const first = await storeGraph(graph(4), folder, 'model', 'a');
    const again = await storeGraph(graph(4), folder, 'model', 'a');
    const other = await storeGraph(graph(4), folder, 'model', 'b');
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    const files = await readdir(folder);
    expect(files.filter((file) => file.endsWith('.weights'))).toHaveLength(1);
    expect(files.filter((file) => file.endsWith('.onnx'))).toHaveLength(2);
    expect(files).toHaveLength(3);
  });

  it('keeps the weights of different models apart', async () => {
    await storeGraph(graph(4), folder, 'model', 'a');
    await storeGraph(graph(4), folder, 'another', 'a');
    expect((await readdir(folder)).filter((file) => file.endsWith('.weights'))).toHaveLength(2);
  });

  it('leaves nothing when a weight cannot be made', async () => {
    const g = new Graph({ float: 'float32', products: 'float' });
    g.output(
      'y',
      g.weight('broken', 'float32', [2], () => Promise.reject(new Error('no such tensor'))),
    );
    await expect(storeGraph(g, folder, 'model', 'a')).rejects.toThrow('no such tensor');
    expect(await readdir(folder)).toEqual([]);
  });

  it('says which setting to change when the cache cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(storeGraph(graph(4), join(folder, 'file', 'cache'), 'model', 'a')).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringContaining('cache.directory'),
    });
  });
});

describe.each(['thread', 'process'] as const)('lanes as a %s', (kind) => {
  it('run graphs, more of them than there are lanes', async () => {
    await using runtime = openRuntime({ ...cpu, kind, lanes: 2 });
    const session = await runtime.load(await storeGraph(graph(4), folder, 'model', 'a'));
    const results = await Promise.all(Array.from({ length: 7 }, () => session.run(feeds(4))));
    for (const { y } of results) {
      expect(y.shape).toEqual([4, 4]);
      expect([...y.data]).toEqual(Array(16).fill(9));
    }
  });

  it('say what the runtime said of a graph that does not load', async () => {
    await using runtime = openRuntime({ ...cpu, kind, lanes: 1 });
    await expect(runtime.load(join(folder, 'absent.onnx'))).rejects.toMatchObject({
      code: 'INFERENCE_FAILED',
      message: expect.stringContaining('absent.onnx'),
    });
  });

  it('reject at once when aborted, waiting or running, and go on afterwards', async () => {
    await using runtime = openRuntime({ ...cpu, kind, lanes: 1 });
    const session = await runtime.load(await storeGraph(graph(512), folder, 'model', 'slow'));
    const abort = new AbortController();
    const running = session.run(feeds(512), abort.signal);
    const waiting = session.run(feeds(512), abort.signal);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect(waiting).rejects.toThrow('enough');
    await expect(session.run(feeds(512), abort.signal)).rejects.toThrow('enough');
    expect((await session.run(feeds(512))).y.shape).toEqual([512, 512]);
  });

  it('may have many runs that wait for one signal, which is no leak', async () => {
    await using runtime = openRuntime({ ...cpu, kind, lanes: 1 });
    const session = await runtime.load(await storeGraph(graph(4), folder, 'model', 'many'));
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    try {
      await Promise.all(Array.from({ length: 30 }, () => session.run(feeds(4), signal)));
    } finally {
      process.off('warning', warned);
    }
    expect([warnings, getEventListeners(signal, 'abort')]).toEqual([[], []]);
  });

  it('reject what is pending when they are closed, and may be closed twice', async () => {
    const runtime = openRuntime({ ...cpu, kind, lanes: 1 });
    const session = await runtime.load(await storeGraph(graph(512), folder, 'model', 'slow'));
    const pending = expect(session.run(feeds(512))).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await runtime[Symbol.asyncDispose]();
    await pending;
    await runtime[Symbol.asyncDispose]();
    await expect(session.run(feeds(512))).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

it('runs the model without reporting to anyone', async () => {
  await using runtime = openRuntime({ ...cpu, kind: 'process', lanes: 1 });
  await runtime.load(await storeGraph(graph(4), folder, 'model', 'a'));
  // The runtime's reporter leaves such a file behind as soon as its library is loaded.
  const traces = (await readdir(tmpdir())).filter((file) => file.startsWith('mat-debug-'));
  expect(traces.filter((file) => existsSync(`/proc/${file.replace(/\D/g, '')}`))).toEqual([]);
});
