import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createVocabulary } from '../../../src/analysis/vocabulary.ts';
import { segmentKeys } from '../../../src/clips/recording/card.ts';
import type { Segments } from '../../../src/clips/recording/segments.ts';
import { createRuleEngine, type RuleEvent } from '../../../src/clips/rules/engine.ts';
import type { Rules } from '../../../src/clips/rules/rules.ts';
import { pts } from '../../../src/core/time.ts';
import { decode } from '../../../src/media/decode.ts';
import { modelSize } from '../../../src/media/geometry.ts';
import type { NutStream } from '../../../src/media/nut.ts';
import { probe } from '../../../src/media/probe.ts';
import { LIVE_TIME_BASE } from '../../../src/media/rtsp/clock.ts';
import { createChapter } from '../../../src/pipeline/live/chapter.ts';
import { createLiveNamer } from '../../../src/pipeline/live/namer.ts';
import { recordedHeader } from '../../../src/pipeline/live/recorded-header.ts';
import type { Seen } from '../../../src/pipeline/live.ts';
import { pointRegions } from '../../../src/pipeline/point-regions.ts';
import { sceneOf } from '../../../src/pipeline/scene.ts';
import type { ReadyModel } from '../../../src/ready-model.ts';
import { buildClassifier } from '../../../src/rsan/classifier.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { streamWords } from '../../../workers/live/words.ts';

/** A stretch of the toy town, seen and recorded as live, but for the time that it takes. */

export const STREAM = 'gate1';
export const TICKS = LIVE_TIME_BASE.den;
export const TOWN = 'test/fixtures/toytown/watch.mp4';
/** Frames a second; each n-th goes through the model; frames of a segment. */
export const [FPS, EVERY, SEGMENT] = [24, 2, 48];

export interface Recorded {
  /** Ticks of the first picture, and of the end of the last one. */
  readonly from: number;
  readonly to: number;
  /** What rules said live, each event as it was spoken of last. Seconds count from the first picture. */
  readonly events: readonly RuleEvent[];
  /** Frames that the model saw. */
  readonly seen: number;
}

/** `begin`: milliseconds since 1970. The index gets the segments, and the storage their analyses. */
export async function recordTown(
  folder: string,
  {
    ready,
    storage,
    segments,
    rules,
    words,
    begin,
  }: {
    readonly ready: ReadyModel;
    readonly storage: Storage;
    readonly segments: Segments;
    readonly rules: Rules;
    readonly words: Parameters<typeof streamWords>[0];
    readonly begin: number;
  },
): Promise<Recorded> {
  const { signal } = new AbortController();
  const { pack, model } = ready;
  const paths = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
  const asked = streamWords(words, rules, pack.manifest);
  const vocabulary = createVocabulary(asked.names, { ...asked, modelNames: pack.manifest.names ?? [] });
  const about = { model, tokenizer: pack.tokenizer, prompts: pack.manifest.prompts, cache: undefined };
  const classifier = await buildClassifier(vocabulary, about, signal);
  const namer = createLiveNamer({ vocabulary, classifier }, LIVE_TIME_BASE);
  const from = begin * 90;
  const timeOf = (index: number) => from + (index * TICKS) / FPS;
  const engine = createRuleEngine(rules, vocabulary, { source: STREAM });
  const events = new Map<string, RuleEvent>();
  const video = await probe(TOWN, paths, signal);
  const shortSide = 256;
  const size = modelSize(video.video, shortSide);
  const [none, fourcc] = [new Uint8Array(), new Uint8Array(Buffer.from('H264'))];
  const { width, height, sampleAspectRatio } = video.video;
  const stream: NutStream = {
    ...{ kind: 'video', fourcc, timeBase: LIVE_TIME_BASE, shift: 0, delay: 0, specific: none, rest: none },
    ...{ width, height, sampleAspectRatio },
  };

  let chapter: ReturnType<typeof createChapter> | undefined;
  let last: Seen | undefined;
  let [index, seen] = [0, 0];
  const options = { input: TOWN, probe: video, span: {}, deinterlace: false, ffmpegMajor: 5 };
  for await (const frame of decode(options, size, { paths, warn: () => {} }, signal)) {
    const time = timeOf(index);
    if (index % SEGMENT === 0) {
      await close(index);
      const by = { name: 'gate', identity: pack.identity, program: 'test', model, pack: pack.manifest };
      const header = recordedHeader({ ...by, shortSide, stream, begin: time });
      chapter = createChapter(join(folder, `${index}.analysis`), header, last);
    }
    chapter?.picture(time);
    if (index % EVERY === 0) {
      const regions = await pointRegions(frame, model, signal);
      const { naming, tracks, seeds } = namer.name({ index, pts: pts(time) }, regions);
      last = { pts: pts(time), regions, tracks, seeds, naming, vocabulary };
      chapter?.seen(last);
      const seconds = (time - from) / TICKS;
      for (const event of engine.push(sceneOf(naming, vocabulary, { seconds, size: naming })))
        events.set(event.id, event);
      seen++;
    }
    index++;
  }
  await close(index);
  for (const event of engine.open()) events.set(event.id, event);
  return {
    ...{ from, to: timeOf(index), seen },
    events: [...events.values()].sort((a, b) => a.began - b.began),
  };

  /** Keeps a segment that ends before the picture of that number. */
  async function close(end: number): Promise<void> {
    const file = await chapter?.finish(timeOf(end));
    if (!file) return;
    const first = timeOf(end - (end % SEGMENT || SEGMENT));
    const keys = segmentKeys(STREAM, first, 1);
    await copyFile(file.path, `${file.path}.kept`);
    await storage.putFile(keys.analysis, file.path, { move: true });
    const model = { name: ready.model.name, sum: pack.identity, dim: ready.model.architecture.clip.embed };
    segments.add(
      keys.card,
      {
        ...{ version: 1, stream: STREAM, token: 1, begin: first, end: timeOf(end), names: [], runs: null },
        ...{ missing: [], events: [] },
        video: { frames: SEGMENT, bytes: 1, codec: 'h264', ...size, audio: false },
        analysis: { bytes: (await stat(`${file.path}.kept`)).size, model },
      },
      0,
    );
  }
}
