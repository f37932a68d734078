import { openAnalysis } from '../../analysis/file/reader.ts';
import { ptsToSeconds, type Rational } from '../../core/time.ts';
import type { Vocabulary } from '../../core/vocabulary.ts';
import { createLayouter, type Layouter } from '../../overlay/layout.ts';
import { buildClassifier } from '../../rsan/classifier.ts';
import { type Model, maskGeometry } from '../../rsan/model.ts';
import type { PackManifest } from '../../rsan/packs/pack.ts';
import type { Tokenizer } from '../../rsan/tokenizer.ts';
import { decideApart } from '../decide-apart.ts';
import { checkModel } from '../label.ts';
import { type NamedFrame, tellApart } from '../name.ts';
import { probeOf } from '../see.ts';
import { openMasks, openPanoptic, type ResultsRequest, vocabularyOf, type WordsRequest } from '../show.ts';
import { createNamedWriter, type NamedHead, type NamedWriter } from './named-file.ts';
import type { RenderChunk } from './plan.ts';

export interface NameRequest extends WordsRequest {
  readonly analysis: string;
  /** What the results call the video. */
  readonly name: string;
  /** Masks JSON; undefined where not wanted. */
  readonly masks: string | undefined;
  /** The panoptic file; undefined where not wanted. */
  readonly panoptic: string | undefined;
  readonly style: ResultsRequest['style'];
  /** What is painted of the video, in order, and where to put what each part of it takes; empty where nothing is. */
  readonly parts: readonly { readonly chunk: RenderChunk; readonly path: string }[];
}

export interface NameDeps {
  readonly model: Model;
  readonly pack: PackManifest;
  /** The pack's checksum. */
  readonly identity: string;
  readonly tokenizer: Tokenizer;
  readonly wordCache: string | undefined;
  readonly progress: (frames: number) => void;
}

export interface NameReport {
  readonly vocabulary: Vocabulary;
  readonly frames: number;
  /** Of each part that is painted: its own frames, and those that are encoded for it. */
  readonly parts: readonly { readonly own: number; readonly all: number }[];
}

/** analysis → names: the masks, the panoptic file, and for each part of the video what is to be painted over it. */
export async function nameForParts(
  request: NameRequest,
  deps: NameDeps,
  signal: AbortSignal,
): Promise<NameReport> {
  const { model, pack } = deps;
  await using analysis = await openAnalysis(request.analysis);
  checkModel(analysis, deps.identity);
  const { header } = analysis;
  const vocabulary = vocabularyOf(request, { maskVideo: undefined }, pack);
  const words = { model, tokenizer: deps.tokenizer, prompts: pack.prompts, cache: deps.wordCache };
  const classifier = await buildClassifier(vocabulary, words, signal);
  const geometry = maskGeometry(
    model.architecture,
    header.preprocessing.input.width,
    header.preprocessing.input.height,
  );
  const source = { ...probeOf(header), name: request.name };
  await using masks =
    request.masks === undefined
      ? undefined
      : await openMasks(request.masks, { source, vocabulary, geometry });
  await using panoptic =
    request.panoptic === undefined
      ? undefined
      : openPanoptic(request.panoptic, { source, vocabulary, geometry, style: request.style });
  const layout = createLayouter({ vocabulary, labels: request.style.labels });
  await using parts = openParts(
    request.parts,
    (points) => ({ vocabulary, geometry, points }),
    layout,
    header.time_base,
  );

  const decided = decideApart(
    { path: request.analysis, from: undefined, to: undefined, classifier, names: vocabulary.length },
    signal,
  );
  let frames = 0;
  for await (const frame of tellApart(decided, vocabulary, header.time_base)) {
    await masks?.write(frame);
    await panoptic?.write(frame);
    await parts.write(frame);
    deps.progress(++frames);
  }
  await masks?.finish();
  await panoptic?.finish();
  return { vocabulary, frames, parts: await parts.finish() };
}

/** Hands each frame to the parts that it is in: neighbours share some, because each begins before the other ends. */
function openParts(
  parts: NameRequest['parts'],
  headOf: (points: NamedHead['points']) => NamedHead,
  layout: Layouter,
  timeBase: Rational,
) {
  const counts = parts.map(() => ({ own: 0, all: 0 }));
  const open = new Map<number, NamedWriter>();
  let next = 0;
  return {
    async write(frame: NamedFrame): Promise<void> {
      const { index, pts, naming } = frame;
      if (naming.kind !== 'points') throw new TypeError('names of points were asked for');
      if (parts.length === 0) return;
      const { segments, pieces, width, height } = naming;
      const map = { width, height, labels: pieces };
      const spots = layout(map, segments, ptsToSeconds(pts, timeBase));
      const painted = { index, pts, segments, pieces, layout: spots };
      for (; next < parts.length && parts[next].chunk.from <= index; next++)
        open.set(next, await createNamedWriter(parts[next].path, headOf({ width, height })));
      for (const [i, writer] of open) {
        const { to = Infinity, end = Infinity } = parts[i].chunk;
        if (index >= end) {
          await writer.finish();
          open.delete(i);
          continue;
        }
        if (index < to) counts[i].own++;
        counts[i].all++;
        await writer.add(painted);
      }
    },
    async finish(): Promise<typeof counts> {
      for (const writer of open.values()) await writer.finish();
      open.clear();
      return counts;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const writer of open.values()) await writer[Symbol.asyncDispose]();
    },
  };
}
