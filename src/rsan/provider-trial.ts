import { SidestreamError } from '../core/errors.ts';
import { storeGraph } from './graph-store.ts';
import { Graph } from './onnx/graph.ts';
import * as ops from './onnx/ops.ts';
import { openRuntime, type Runtime } from './session.ts';
import type { Provider } from './session-messages.ts';

/** What a provider did on this machine, in place of what its files and devices promise. */
export interface Trial {
  readonly precision: TrialPrecision;
  /** 10⁹ operations a second of a few matrix products, handing them over included; 0: fewer than can be waited for. */
  readonly gflops: number;
}

export type TrialPrecision = 'fp32' | 'fp16';

export interface TrialRequest {
  readonly provider: Provider;
  /** The first that works is taken. */
  readonly precisions: readonly TrialPrecision[];
  /** Folder for the graphs. */
  readonly cache: string;
  /** False: it need only work. */
  readonly timed: boolean;
}

/** Sides of the matrices, and how many products follow each other: `TIMED` is more work than it takes to hand it over. */
const [SMALL, TIMED, PRODUCTS] = [64, 1024, 4];
const FLOP = 2 * TIMED ** 3 * PRODUCTS;
/** Timed runs, the first of which warms up; milliseconds after which there is no further one. */
const [RUNS, ENOUGH] = [4, 500];
/** Milliseconds that a driver may take to begin, and the timed runs. */
const [PATIENCE, SLOW] = [30_000, 3000];

/**
 * Runs something small on a provider: drivers may be missing, too old, without float16, or a program that plays a GPU. It
 * has a process of its own, which a driver may crash. Throws PROVIDER_UNAVAILABLE with the runtime's reason.
 */
export async function tryProvider({ provider, precisions, cache, timed }: TrialRequest): Promise<Trial> {
  let reason: unknown;
  for (const precision of precisions) {
    const graph = (side: number) =>
      storeGraph(trialGraph(side, precision), cache, 'trial', `trial-${side}-${precision}`);
    const small = await graph(SMALL);
    await using runtime = openRuntime({ provider, kind: 'process', lanes: 1, threads: 0, quiet: true });
    try {
      await within(PATIENCE, timeOf(runtime, small, SMALL));
    } catch (error) {
      reason = error;
      continue;
    }
    if (!timed) return { precision, gflops: 0 };
    const large = await graph(TIMED);
    const time = await within(SLOW, timeOf(runtime, large, TIMED)).catch(() => Number.POSITIVE_INFINITY);
    return { precision, gflops: FLOP / time / 1e6 };
  }
  const why = plain(reason);
  const how =
    provider === 'cuda' && /load/i.test(why) ? ' (CUDA is no part of the npm package: README, GPUs)' : '';
  throw new SidestreamError('PROVIDER_UNAVAILABLE', `${provider}: ${why}${how}`, { cause: reason });
}

/** Milliseconds of the fastest run of a trial's graph. Throws where it fails, or its results are wrong. */
async function timeOf(runtime: Runtime, path: string, side: number): Promise<number> {
  const session = await runtime.load(path);
  let [best, all] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < RUNS && (i < 2 || all < ENOUGH); i++) {
    const x = { dtype: 'float32' as const, data: new Float32Array(side).fill(1), shape: [1, side] };
    const begun = performance.now();
    const { y } = await session.run({ x });
    const time = performance.now() - begun;
    [best, all] = [Math.min(best, time), all + time];
    // Each value of a product is the sum of `side` times 1 / side, which float16 has exactly.
    if (!(y.data as Float32Array).every((value) => value === 1)) throw new Error('it computes wrong results');
  }
  return best;
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const give = () => reject(new Error(`it gives nothing within ${milliseconds / 1000} s`));
    timer = setTimeout(give, milliseconds);
  });
  work.catch(() => {}); // Where it is late, nobody waits for it.
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function trialGraph(side: number, precision: TrialPrecision): Graph {
  const float = precision === 'fp16' ? 'float16' : 'float32';
  const graph = new Graph({ float, products: 'float' });
  const weight = graph.constant(new Float32Array(side * side).fill(1 / side), [side, side], float);
  let y = ops.expand(ops.cast(graph.input('x', 'float32', [1, side]), float), [side, side]);
  for (let i = 0; i < PRODUCTS; i++) y = ops.matmul(y, weight);
  graph.output('y', ops.cast(ops.slice(y, 0, 0, 8), 'float32'));
  return graph;
}

/** What ONNX Runtime says, without the places of its code. */
function plain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const said = text.replace(/^.*?(?:was false\.|\[ONNXRuntimeError\] : \d+ : \w+ :|Status Message:)\s*/s, '');
  const [line] = said.replace(/^\w+\.cc:\d+ \w+ /, '').split('\n');
  return line.trim().slice(0, 300);
}
