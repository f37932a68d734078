import { availableParallelism } from 'node:os';
import { SidestreamError } from '../core/errors.ts';
import type { Frame, FrameRegions, MaskGeometry } from '../core/frame.ts';
import type { Architecture } from './architecture.ts';
import type { Weights } from './checkpoint/weights.ts';
import { storeGraph } from './graph-store.ts';
import { type Arithmetic, elements, type Graph } from './onnx/graph.ts';
import type { Normalisation } from './patch-embed.ts';
import { chooseProvider } from './providers.ts';
import { refinedSize } from './refine.ts';
import { openRuntime, type Runtime, type Session } from './session.ts';
import type { Precision, Provider, Tensors } from './session-messages.ts';
import { textGraph } from './text.ts';
import { decodeGraph, type VisionOutput, visionGraph, visionSides } from './vision.ts';

/** A checkpoint with what it takes to run it. */
export interface ModelSource {
  readonly name: string;
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly normalisation: Normalisation;
  /** A checksum that stands for the weights, under which built graphs are cached. */
  readonly identity: string;
  /** What `auto` precision means on a CPU. */
  readonly cpuPrecision: Precision;
}

export interface ModelOptions {
  readonly provider: Provider | 'auto';
  /** `auto`: fp16 on GPUs that have it, on CPUs what the pack says. */
  readonly precision: Precision | 'auto';
  /** CPU threads for inference in all; 0: as many as there are cores. */
  readonly threads: number;
  /** Folder for built graphs. */
  readonly cache: string;
  /** Input shapes whose sessions are kept; the least recently used one goes first. */
  readonly maxSessions: number;
  /** Told of every part of the model that is loaded into memory: `vision`, `decode`, `text`… and the seconds it took. */
  readonly loaded?: (part: string, seconds: number) => void;
}

export function arithmeticOf(precision: Precision): Arithmetic {
  return {
    float: precision === 'fp16' ? 'float16' : 'float32',
    products: precision === 'int8' ? 'int8' : 'float',
  };
}

export interface SeenRegions extends FrameRegions {
  /** See refineMasks: uint8, 4 × height/2 × width/2 × Q. */
  readonly refined?: { readonly levels: Uint8Array; readonly width: number; readonly height: number };
}

/** R-SAN, ready to run. Sessions are made when a shape is first seen. Disposable. */
export interface Model extends AsyncDisposable {
  readonly name: string;
  readonly architecture: Architecture;
  readonly provider: Provider;
  readonly precision: Precision;
  /** Why better providers than the chosen one are not used; empty if there are none. */
  readonly passedOver: readonly string[];
  /** Runs that can go on at the same time. */
  readonly lanes: number;
  /** One frame's regions; `refined`: also masks whose borders follow the picture. The frame's data is handed over. */
  analyse(frame: Frame, options: { refined: boolean }, signal?: AbortSignal): Promise<SeenRegions>;
  /** The same of several frames of one size, refined, in one run. */
  analyseTogether(frames: readonly Frame[], signal?: AbortSignal): Promise<SeenRegions[]>;
  /** The outputs asked for, for `batch` frames of one size; frames: N × h × w × 3 bytes, handed over. */
  see(
    frames: Uint8Array<ArrayBuffer>,
    shape: { batch: number; height: number; width: number },
    outputs: readonly VisionOutput[],
    signal?: AbortSignal,
  ): Promise<Tensors>;
  /**
   * mask_logits and mask_embeddings for given queries, side_features and clip_memory of frames of one size; where the
   * frames are given too, also refined_masks. All are handed over.
   */
  decode(
    features: Tensors,
    shape: { batch: number; height: number; width: number },
    signal?: AbortSignal,
  ): Promise<Tensors>;
  /** Token ids, each of the model's context length, to unit embeddings, N × D. */
  embedTexts(tokens: readonly Int32Array[], signal?: AbortSignal): Promise<Float32Array>;
  /** exp(logit_scale) and the unit background embedding, D. */
  readonly classifierParts: () => Promise<{ scale: number; background: Float32Array }>;
}

/** Above this many bytes of weights, one copy in all, in a process that can be killed in the middle of a run. */
const HEAVY_BYTES = 200e6;

export async function openModel(source: ModelSource, options: ModelOptions): Promise<Model> {
  const { provider, precision, passedOver } = await chooseProvider({
    ...options,
    cpuPrecision: source.cpuPrecision,
  });
  const arithmetic: Arithmetic = { ...arithmeticOf(precision), plain: provider === 'webgpu' };
  // Words are embedded once and kept: there is nothing to gain from less exact ones.
  const textArithmetic: Arithmetic = { ...arithmetic, products: 'float' };
  const runtime = openRuntime(laneOptions(source.weights, provider, options.threads));
  const sessions = new SessionCache(runtime, options, source.identity);
  const { architecture } = source;

  const see: Model['see'] = async (frames, shape, outputs, signal) => {
    const key = `vision-${precision}-${shape.batch}x${shape.height}x${shape.width}-${outputs.join('+')}`;
    const session = await sessions.get(key, () => visionGraph(source, shape, arithmetic, outputs));
    const dims = [shape.batch, shape.height, shape.width, 3];
    return await session.run({ frames: { dtype: 'uint8', data: frames, shape: dims } }, signal);
  };

  return {
    name: source.name,
    architecture,
    provider,
    precision,
    passedOver,
    lanes: runtime.lanes,
    see,
    async analyse(frame, { refined }, signal) {
      const { width, height } = frame;
      const wanted = refined ? [...REGION_OUTPUTS, 'refined_masks' as const] : REGION_OUTPUTS;
      const outputs = await see(frame.data, { batch: 1, height, width }, wanted, signal);
      const levels = outputs.refined_masks?.data;
      return {
        ...(levels instanceof Uint8Array ? { refined: { levels, ...refinedSize(width, height) } } : {}),
        index: frame.index,
        pts: frame.pts,
        count: architecture.side.queries,
        geometry: maskGeometry(architecture, width, height),
        maskLogits: floats(outputs, 'mask_logits'),
        embeddings: floats(outputs, 'mask_embeddings'),
        queries: floats(outputs, 'queries'),
      };
    },
    async analyseTogether(frames, signal) {
      const [{ width, height }] = frames;
      const batch = frames.length;
      const data = new Uint8Array(batch * width * height * 3);
      for (const [i, frame] of frames.entries()) data.set(frame.data, i * width * height * 3);
      const wanted = [...REGION_OUTPUTS, 'refined_masks' as const];
      const outputs = await see(data, { batch, height, width }, wanted, signal);
      const levels = outputs.refined_masks?.data as Uint8Array;
      const part = <T extends Float32Array | Uint8Array>(all: T, i: number) =>
        all.slice((i * all.length) / batch, ((i + 1) * all.length) / batch) as T;
      return frames.map(({ index, pts }, i) => ({
        refined: { levels: part(levels, i), ...refinedSize(width, height) },
        index,
        pts,
        count: architecture.side.queries,
        geometry: maskGeometry(architecture, width, height),
        maskLogits: part(floats(outputs, 'mask_logits'), i),
        embeddings: part(floats(outputs, 'mask_embeddings'), i),
        queries: part(floats(outputs, 'queries'), i),
      }));
    },
    async decode(features, shape, signal) {
      const refined = features.frames !== undefined;
      const key = `decode-${precision}-${shape.batch}x${shape.height}x${shape.width}${refined ? '-refined' : ''}`;
      const session = await sessions.get(key, () => decodeGraph(source, shape, arithmetic, refined));
      return await session.run(features, signal);
    },
    async embedTexts(tokens, signal) {
      const { embed } = architecture.clip;
      const result = new Float32Array(tokens.length * embed);
      const starts = Array.from({ length: Math.ceil(tokens.length / TEXT_BATCH) }, (_, i) => i * TEXT_BATCH);
      const run = async (start: number) => {
        const texts = tokens.slice(start, start + TEXT_BATCH);
        const { length, feeds } = textFeeds(texts, architecture.clip.text.context);
        const key = `text-${precision}-${TEXT_BATCH}x${length}`;
        const shape = { batch: TEXT_BATCH, length };
        const session = await sessions.get(key, () => textGraph(source, shape, textArithmetic));
        const embeddings = floats(await session.run(feeds, signal), 'embeddings');
        result.set(embeddings.subarray(0, texts.length * embed), start * embed);
      };
      // Several at once: each would else wait for a frame that was asked for meanwhile.
      for (let i = 0; i < starts.length; i += TEXT_RUNS)
        await Promise.all(starts.slice(i, i + TEXT_RUNS).map(run));
      return result;
    },
    async classifierParts() {
      const scale = Math.exp((await source.weights.float32('ov_classifier.logit_scale'))[0]);
      const background = await source.weights.float32('ov_classifier.bg_embed');
      const length = Math.hypot(...background);
      return { scale, background: background.map((value) => value / length) };
    },
    async [Symbol.asyncDispose]() {
      await runtime[Symbol.asyncDispose]();
      await source.weights.close();
    },
  };
}

const REGION_OUTPUTS = ['queries', 'mask_logits', 'mask_embeddings'] as const;

/** Texts in one run of the text tower: a name's prompts. */
const TEXT_BATCH = 14;
/** Runs that are asked for together. */
const TEXT_RUNS = 64;
/** Lengths that texts are cut to, so that few sessions serve all. */
const LENGTH_STEP = 8;

/**
 * Feeds of the text graph. The attention is causal, so nothing behind a text's end token can matter: the batch is cut
 * behind its longest text. The end token is the one with the largest id, as in CLIP.
 */
function textFeeds(texts: readonly Int32Array[], context: number): { length: number; feeds: Tensors } {
  const ends = texts.map((ids) => ids.indexOf(ids.reduce((a, b) => Math.max(a, b))));
  const longest = Math.max(...ends) + 1;
  const length = Math.min(Math.ceil(longest / LENGTH_STEP) * LENGTH_STEP, context);
  const tokens = new BigInt64Array(TEXT_BATCH * length);
  const marks = new Float32Array(TEXT_BATCH * length);
  texts.forEach((ids, row) => {
    for (let i = 0; i < length; i++) tokens[row * length + i] = BigInt(ids[i]);
    marks[row * length + ends[row]] = 1;
  });
  return {
    length,
    feeds: {
      tokens: { dtype: 'int64', data: tokens, shape: [TEXT_BATCH, length] },
      ends: { dtype: 'float32', data: marks, shape: [TEXT_BATCH, 1, length] },
    },
  };
}

/** How the mask grid of `architecture` lies over frames of this size. */
export function maskGeometry(architecture: Architecture, width: number, height: number): MaskGeometry {
  const { padded, grid } = visionSides(architecture, height, width);
  return {
    gridWidth: grid[1],
    gridHeight: grid[0],
    paddedWidth: padded[1],
    paddedHeight: padded[0],
    width,
    height,
  };
}

/** A float output by name. */
export function floats(outputs: Tensors, name: string): Float32Array<ArrayBuffer> {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array))
    throw new SidestreamError('INFERENCE_FAILED', `the graph gave no ${name}`);
  return data;
}

/** Cores that one operator of a small model can still use well. */
const CORES_PER_LANE = 4;
/** With WebGPU one frame is handed over, and another taken back, while a third is seen: more do not make it faster. */
const WEBGPU_LANES = 2;

function laneOptions(weights: Weights, provider: Provider, threads: number) {
  const bytes = weights.names.reduce((sum, name) => sum + 4 * elements(weights.info(name).shape), 0);
  const cores = threads || availableParallelism();
  const heavy = bytes > HEAVY_BYTES;
  const most = provider === 'webgpu' ? WEBGPU_LANES : provider === 'cpu' && !heavy ? cores : 1;
  const kind = provider === 'webgpu' || heavy ? ('process' as const) : ('thread' as const);
  const lanes = Math.max(1, Math.min(most, Math.floor(cores / CORES_PER_LANE)));
  return { provider, kind, lanes, threads: Math.max(1, Math.floor(cores / lanes)) };
}

/** Sessions by graph, the least recently used released first. */
class SessionCache {
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #runtime: Runtime;
  readonly #options: ModelOptions;
  readonly #identity: string;

  constructor(runtime: Runtime, options: ModelOptions, identity: string) {
    this.#runtime = runtime;
    this.#options = options;
    this.#identity = identity;
  }

  get(key: string, build: () => Promise<Graph> | Graph): Promise<Session> {
    const known = this.#sessions.get(key);
    const session = known ?? this.#open(key, build);
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    // One that could not be made is tried again when it is asked for again.
    if (!known) session.catch(() => this.#sessions.delete(key));
    this.#evict();
    return session;
  }

  async #open(key: string, build: () => Promise<Graph> | Graph): Promise<Session> {
    const begun = performance.now();
    const path = await storeGraph(await build(), this.#options.cache, this.#identity, key);
    const session = await this.#runtime.load(path);
    this.#options.loaded?.(key.split('-')[0], (performance.now() - begun) / 1000);
    return session;
  }

  #evict(): void {
    for (const [key, session] of this.#sessions) {
      if (this.#sessions.size <= this.#options.maxSessions) return;
      this.#sessions.delete(key);
      session.then((old) => old[Symbol.asyncDispose]()).catch(() => {}); // It was never made, or its lane is gone.
    }
  }
}
