import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldersOf } from '../src/config/folders.ts';
import { loadConfig } from '../src/config/load.ts';
import { pts } from '../src/core/time.ts';
import { formulaFrames } from '../src/rsan/formula-weights.ts';
import { type Model, type ModelSource, openModel, type SeenRegions } from '../src/rsan/model.ts';
import { findPack, openPack } from '../src/rsan/packs/pack.ts';
import type { Precision, Provider } from '../src/rsan/session-messages.ts';
import { fastest } from './measure.ts';
import { formulaModel } from './model.ts';

/**
 * npx tsx bench/gpu.ts [PROVIDER [FILTER]]: models on a GPU beside the same on this machine's CPU. Speeds by batch size, and
 * how far results are from those of float32 on the CPU. FILTER: a part of "street-tiny 432", "ViT-B/16 640"…
 */

interface Kind {
  readonly name: string;
  readonly open: () => Promise<ModelSource>;
  readonly height: number;
  readonly width: number;
}

const settings = await loadConfig({});
const pack = async () => openPack(await findPack('street-tiny', foldersOf(settings.config).packs));
const KINDS: readonly Kind[] = [
  { name: 'street-tiny', open: pack, height: 432, width: 768 },
  { name: 'street-tiny', open: pack, height: 1080, width: 1920 },
  { name: 'ViT-B/16', open: formulaModel, height: 640, width: 640 },
  { name: 'ViT-B/16', open: formulaModel, height: 640, width: 1137 },
];
/** Frames in one run. */
const BATCHES = [1, 4];

const [provider = 'webgpu', filter = ''] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'sidestream-gpu-'));
try {
  for (const kind of KINDS) {
    if (!`${kind.name} ${kind.height}`.includes(filter)) continue;
    const title = `${kind.name} ${kind.height}×${kind.width}`;
    const exact = await measure(kind, 'cpu', 'fp32', [1]);
    print(title, exact);
    for (const precision of ['fp32', 'fp16'] as const) {
      try {
        const found = await measure(kind, provider as Provider, precision, BATCHES);
        print(title, found, distance(found.seen, exact.seen));
      } catch (error) {
        console.log(
          `${title} | ${provider} ${precision} | ${error instanceof Error ? error.message : error}`,
        );
      }
    }
  }
} finally {
  await rm(folder, { recursive: true });
}

interface Measured {
  readonly on: string;
  /** Seconds to the first result. */
  readonly start: number;
  /** Milliseconds a frame, by frames in one run. */
  readonly times: readonly { readonly batch: number; readonly ms: number }[];
  /** Milliseconds a frame where several runs are asked for at once. */
  readonly streamed: number;
  readonly seen: SeenRegions;
}

async function measure(
  { open, height, width }: Kind,
  on: Provider,
  precision: Precision,
  batches: readonly number[],
): Promise<Measured> {
  const options = { provider: on, precision, threads: 0, cache: folder, maxSessions: 8 };
  const begun = performance.now();
  await using model = await openModel(await open(), options);
  const frame = () => ({
    index: 0,
    pts: pts(0),
    width,
    height,
    data: formulaFrames('gpu', 1, height, width),
  });
  const seen = await model.analyse(frame(), { refined: true });
  const start = (performance.now() - begun) / 1000;
  const runs = on === 'cpu' ? 3 : 10;
  const times: { batch: number; ms: number }[] = [];
  for (const batch of batches) {
    const frames = () => Array.from({ length: batch }, frame);
    const run = async (of = frames()) =>
      batch === 1 ? await model.analyse(of[0], { refined: true }) : await model.analyseTogether(of);
    await run();
    const made = Array.from({ length: runs }, frames);
    times.push({ batch, ms: (await fastest(runs, () => run(made.pop()))) / batch });
  }
  return { on: `${on} ${precision}`, start, times, streamed: await streamedTime(model, frame, runs), seen };
}

/** As a pipeline asks: one frame more than there are lanes is under way. */
async function streamedTime(
  model: Model,
  frame: () => Parameters<Model['analyse']>[0],
  runs: number,
): Promise<number> {
  const workers = model.lanes + 1;
  // Each lane's first run may still make something ready.
  await Promise.all(Array.from({ length: workers }, () => model.analyse(frame(), { refined: true })));
  const frames = Array.from({ length: workers * runs }, frame);
  const begun = performance.now();
  const next = async (): Promise<void> => {
    for (let one = frames.pop(); one; one = frames.pop()) await model.analyse(one, { refined: true });
  };
  await Promise.all(Array.from({ length: workers }, next));
  return (performance.now() - begun) / (workers * runs);
}

/** The largest distances, in units of max(1, |exact|), and of masks the share of places whose best region is another. */
function distance(seen: SeenRegions, exact: SeenRegions): string {
  const worst = (a: Float32Array, b: Float32Array) =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]) / Math.max(1, Math.abs(b[i]))), 0);
  const places = exact.maskLogits.length / exact.count;
  const best = ({ maskLogits, count }: SeenRegions, place: number) => {
    let region = 0;
    for (let i = 1; i < count; i++)
      if (maskLogits[i * places + place] > maskLogits[region * places + place]) region = i;
    return region;
  };
  let others = 0;
  for (let place = 0; place < places; place++) if (best(seen, place) !== best(exact, place)) others++;
  return [
    `masks ${worst(seen.maskLogits, exact.maskLogits).toExponential(1)}`,
    `embeddings ${worst(seen.embeddings, exact.embeddings).toExponential(1)}`,
    `${((100 * others) / places).toFixed(2)} % of places in another region`,
  ].join(', ');
}

function print(title: string, { on, start, times, streamed }: Measured, difference = ''): void {
  const speeds = times.map(({ batch, ms }) => `${batch}: ${ms.toFixed(1)}`).join('  ');
  const cores = on.startsWith('cpu') ? ` (${availableParallelism()} cores)` : '';
  console.log(
    `${title} | ${on}${cores} | first ${start.toFixed(1)} s | ms/frame by batch ${speeds} | streamed ${streamed.toFixed(1)} | ${difference}`,
  );
}
