import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { childrenOf } from '../../../bench/installation.ts';
import { parseVocabulary } from '../../../src/analysis/vocabulary.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { INSIDE } from '../../../src/core/frame.ts';
import type { OutputsRequest } from '../../../src/media/live/outputs.ts';
import { type LiveStream, openLiveStream } from '../../../src/pipeline/live/open.ts';
import type { Policy } from '../../../src/pipeline/live/schedule.ts';
import type { Shown } from '../../../src/pipeline/live/shown.ts';
import { type ReadyModel, readyModel } from '../../../src/ready-model.ts';
import { buildClassifier } from '../../../src/rsan/classifier.ts';
import { type Model, maskGeometry } from '../../../src/rsan/model.ts';
import { refinedSize } from '../../../src/rsan/refine.ts';
import { readNumber } from '../../fixtures/live/numbered.ts';

/** Live streams of test cameras, in this process. */

export const settings = await loadConfig({});
export const openReady = (): Promise<ReadyModel> => readyModel(settings, () => {});

export interface Station extends AsyncDisposable {
  readonly stream: LiveStream;
  readonly shown: readonly Shown[];
  readonly states: readonly string[];
  readonly troubles: readonly string[];
  readonly outputs: readonly string[];
  /** Processes of ours whose arguments have this in them. */
  children(what: string): Promise<number[]>;
}

export interface StationOptions {
  readonly url: string;
  readonly ready: ReadyModel;
  readonly model?: Model;
  readonly words?: string;
  readonly policy?: Policy;
  readonly audio?: boolean;
  readonly outputs?: Partial<OutputsRequest>;
  readonly colours?: ReadonlyMap<string, number>;
  readonly backlog?: number;
  readonly shortSide?: number;
  readonly memory?: Uint8Array;
}

export const wordsOf = (text: string) => ({
  names: parseVocabulary(text),
  expand: 'none' as const,
  things: [],
  stuff: [],
});

export async function startStation(options: StationOptions): Promise<Station> {
  const { ready, model = ready.model, words = 'road, car, person, tree, sky' } = options;
  const [shown, states, troubles, outputs]: [Shown[], string[], string[], string[]] = [[], [], [], []];
  const before = new Set(await childrenOf(process.pid));
  const stop = new AbortController();
  const stream = await openLiveStream(
    {
      address: { url: options.url, transport: 'tcp', track: 0, audio: options.audio ?? false },
      watch: { firstFrame: 5000, stall: 1500 },
      words: wordsOf(words),
      policy: options.policy ?? 'latest',
      between: 'hold',
      // More frames are seen of small pictures, which is what tests wait for.
      shortSide: options.shortSide ?? 224,
      encoder: { encoder: undefined, crf: 20, preset: 'ultrafast', keySeconds: 1 },
      style: {
        opacity: 0.5,
        outline: 0,
        labels: 'none',
        colourBy: 'name',
        ...(options.colours ? { colours: options.colours } : {}),
      },
      paintSide: 640,
      backlog: options.backlog ?? 2000,
      outputs: { hls: undefined, rtsp: undefined, ...options.outputs },
      memory: options.memory,
    },
    {
      paths: settings.config.ffmpeg,
      model,
      pack: ready.pack.manifest,
      tokenizer: ready.pack.tokenizer,
      wordCache: undefined,
      state: (state, reason) => states.push(reason ? `${state}: ${reason.message}` : state),
      trouble: (about, error) => troubles.push(`${about}: ${error.message}`),
      output: (name, reason) => outputs.push(`${name}: ${reason ?? 'goes on'}`),
    },
    stop.signal,
  );
  stream.watch((frame) => shown.push(frame));
  const running = stream.run(stop.signal).catch((error) => {
    if (!stop.signal.aborted) troubles.push(String(error));
  });
  return {
    stream,
    shown,
    states,
    troubles,
    outputs,
    async children(what) {
      const found = [];
      for (const pid of await childrenOf(process.pid)) {
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (!before.has(pid) && command.replaceAll('\0', ' ').includes(what)) found.push(pid);
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await running;
      await stream[Symbol.asyncDispose]();
    },
  };
}

/** Names and colours that a frame's number is painted in: that modulo 5. */
export const PAINTS = [
  ['alpha', 0xff0000],
  ['bravo', 0x00ff00],
  ['charlie', 0x0000ff],
  ['delta', 0xffff00],
  ['echo', 0xff00ff],
] as const;

/** A model that sees all of a frame as one region, and calls it by the number that is burnt into it. */
export async function readingModel(ready: ReadyModel, milliseconds = 0): Promise<Model> {
  const { model, pack } = ready;
  const vocabulary = PAINTS.map(([name]) => ({ name, synonyms: [name], other: false, isthing: false }));
  const { weights, dim } = await buildClassifier(vocabulary, {
    model,
    tokenizer: pack.tokenizer,
    prompts: pack.manifest.prompts,
    cache: undefined,
  });
  const count = model.architecture.side.queries;
  const analyse: Model['analyse'] = async ({ index, pts, width, height, data }) => {
    const gray = new Uint8Array(width * height);
    for (let i = 0; i < gray.length; i++) gray[i] = data[3 * i + 1];
    const number = readNumber(gray, width, height) ?? 0;
    if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
    const size = refinedSize(width, height);
    const levels = new Uint8Array(size.width * size.height * count);
    for (let i = number % PAINTS.length; i < levels.length; i += count) levels[i] = INSIDE;
    const embeddings = new Float32Array(count * dim);
    for (let region = 0; region < count; region++) {
      const row = weights.subarray((region % PAINTS.length) * dim, ((region % PAINTS.length) + 1) * dim);
      const length = Math.hypot(...row);
      embeddings.set(
        row.map((value) => value / length),
        region * dim,
      );
    }
    const geometry = maskGeometry(model.architecture, width, height);
    const maskLogits = new Float32Array(count * geometry.gridWidth * geometry.gridHeight);
    const queries = new Float32Array(count * model.architecture.side.width).fill(1);
    return { refined: { levels, ...size }, index, pts, count, geometry, maskLogits, embeddings, queries };
  };
  return { ...model, analyse };
}

/** The number that is burnt into a picture, and the one (modulo 5) that is painted over it. */
export async function readPicture(
  jpeg: Uint8Array,
): Promise<{ number: number | undefined; painted: number }> {
  const picture = sharp(jpeg);
  const gray = await picture.clone().grayscale().raw().toBuffer({ resolveWithObject: true });
  const number = readNumber(new Uint8Array(gray.data), gray.info.width, gray.info.height);
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(info.height * 0.9) * info.width + Math.floor(info.width / 2)) * info.channels;
  const seen = [...data.subarray(at, at + 3)];
  const apart = (colour: number) =>
    [16, 8, 0].reduce((sum, shift, i) => sum + Math.abs(seen[i] - ((colour >> shift) & 255) / 2 - 64), 0);
  const order = PAINTS.map(([, colour], i) => ({ i, apart: apart(colour) })).sort(
    (a, b) => a.apart - b.apart,
  );
  return { number, painted: order[0].i };
}
