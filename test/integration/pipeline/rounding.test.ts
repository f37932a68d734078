import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMasksFile } from '../../../src/analysis/masks-file.ts';
import { mixturesOf } from '../../../src/analysis/mixtures.ts';
import { createVocabulary } from '../../../src/analysis/vocabulary.ts';
import { settingsOf } from '../../../src/cli/options.ts';
import { projectFolder } from '../../../src/config/folders.ts';
import type { AnalysedFrame, Frame } from '../../../src/core/frame.ts';
import { decodeCounts, fillMask } from '../../../src/core/mask.ts';
import { decode } from '../../../src/media/decode.ts';
import { decideNames } from '../../../src/pipeline/decide.ts';
import { associated, openSource, regionsOf, seenSize } from '../../../src/pipeline/see.ts';
import { createStopwatch } from '../../../src/pipeline/stopwatch.ts';
import { type ReadyModel, readyModel } from '../../../src/ready-model.ts';
import { buildClassifier } from '../../../src/rsan/classifier.ts';

const { signal } = new AbortController();
const PATHS = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const TOWN = join(projectFolder, 'test/fixtures/toytown');
const FRAMES = 72;

let ready: ReadyModel;
beforeAll(async () => {
  ready = await readyModel(await settingsOf({}), () => {});
});
afterAll(() => ready[Symbol.asyncDispose]());

/** Names of the truth at the lattice's points, frame by frame; 0 where there is none, else the name's place plus one. */
async function truthAt(path: string, width: number, height: number, step: number, frame: Frame) {
  const truth = await readMasksFile(path);
  const [video] = truth.videos;
  const places = new Map(truth.categories.map(({ id }, place) => [id, place + 1]));
  const picture = new Uint8Array(video.width * video.height);
  return (index: number): Uint8Array => {
    picture.fill(0);
    for (const { category_id, segmentations } of truth.annotations) {
      const mask = segmentations[index];
      if (mask) fillMask(decodeCounts(mask.counts), places.get(category_id)!, picture);
    }
    return Uint8Array.from({ length: width * height }, (_, point) => {
      const x = Math.floor(((((point % width) + 0.5) * step) / frame.width) * video.width);
      const y = Math.floor(((Math.floor(point / width) + 0.5) * step * video.height) / frame.height);
      // Masks go down the columns. Points beside the picture have no truth.
      return x < video.width && y < video.height ? picture[x * video.height + y] : 0;
    });
  };
}

/** Mean IoU over the names that the truth shows. */
function miouOf(counts: Float64Array, names: number): number {
  const ious: number[] = [];
  for (let name = 0; name < names; name++) {
    let [shown, said] = [0, 0];
    for (let other = 0; other < names; other++) {
      shown += counts[name * names + other];
      said += counts[other * names + name];
    }
    const both = counts[name * names + name];
    if (shown > 0) ious.push(both / (shown + said - both));
  }
  return ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
}

it('costs less than 0.2 points of mIoU: what is kept of a frame is as good as what was seen', async () => {
  const { model, pack } = ready;
  const clip = join(TOWN, 'watch.mp4');
  const request = { input: clip, shortSide: undefined, every: 1, span: {}, deinterlace: false };
  const source = await openSource(request, PATHS, signal);
  const timeBase = source.probe.video.timeBase;
  const size = seenSize(source.probe, request, pack.manifest);
  const frames: Frame[] = [];
  for await (const frame of decode(source.reading, size, { paths: PATHS, warn: () => {} }, signal)) {
    if (frames.length < FRAMES) frames.push(frame);
  }
  async function* copies(): AsyncGenerator<Frame> {
    for (const frame of frames) yield { ...frame, data: frame.data.slice() };
  }

  const { categories } = await readMasksFile(join(TOWN, 'watch.truth.json.gz'));
  const vocabulary = createVocabulary(
    categories.map(({ name }) => [name]),
    { expand: 'none' },
  );
  const words = { model, tokenizer: pack.tokenizer, prompts: pack.manifest.prompts, cache: undefined };
  const classifier = await buildClassifier(vocabulary, words);
  const names = vocabulary.length;

  /** Every frame by its own embeddings, as the model gave them. */
  async function* exact(): AsyncGenerator<AnalysedFrame> {
    for await (const frame of copies()) {
      const { index, pts } = frame;
      const { refined, count, embeddings } = await model.analyse(frame, { refined: true }, signal);
      const { levels, width, height } = refined!;
      const ids = Int32Array.from({ length: count }, (_, region) => region + 1);
      const tracks = { ids, embeddings, shares: new Float32Array(count) };
      const points = mixturesOf(levels, width, height, count);
      yield { index, pts, analysed: true, tracks, points, seeds: new Int32Array(0) };
    }
  }
  const watch = createStopwatch(['decode', 'analyse', 'associate']);
  const regions = regionsOf(copies(), { every: 1, association: 'online' }, model, watch, signal);
  const kept = associated(regions, 'online', timeBase, { decoded: 0, tracks: 0 }, watch);

  const score = async (film: AsyncIterable<AnalysedFrame>) => {
    const counts = new Float64Array(names * names);
    let truth: ((index: number) => Uint8Array) | undefined;
    for await (const { frame, labels } of decideNames(film, classifier, names, timeBase)) {
      const { width, height } = frame.points;
      truth ??= await truthAt(join(TOWN, 'watch.truth.json.gz'), width, height, 4, frames[0]);
      for (const [point, name] of truth(frame.index).entries())
        if (name > 0) counts[(name - 1) * names + labels[point]]++;
    }
    return miouOf(counts, names);
  };
  const [before, after] = [await score(exact()), await score(kept)];
  expect(before).toBeGreaterThan(0.55);
  expect(Math.abs(before - after)).toBeLessThan(0.002);
}, 120_000);
