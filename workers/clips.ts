import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createVocabulary } from '../src/analysis/vocabulary.ts';
import {
  type ClipDescription,
  type Cut,
  clipKeys,
  readClip,
  segmentListSchema,
} from '../src/clips/description.ts';
import { TICKS } from '../src/clips/recording/card.ts';
import { askedWordsSchema, encodeNames, encodeQuery, wordKeys } from '../src/clips/words.ts';
import { asSidestreamError } from '../src/core/errors.ts';
import { cutClip } from '../src/media/cut/cut-clip.ts';
import { preview } from '../src/media/preview.ts';
import { thumbnail } from '../src/media/thumbnail.ts';
import { writeClipAnalysis } from '../src/pipeline/clip-analysis.ts';
import { label } from '../src/pipeline/label.ts';
import { queryOf } from '../src/pipeline/search.ts';
import type { Payload } from '../src/queue/queues.ts';
import { buildClassifier } from '../src/rsan/classifier.ts';
import type { WorkerDeps } from './deps.ts';
import { paintingOf } from './painting.ts';

/** Work on `clips`: what is made of recordings. Every step may be done twice: its last file says that it is done. */

const THUMBNAIL_HEIGHT = 360;
/** Pictures a second of previews, and their seconds at most. */
const [PREVIEW_FPS, PREVIEW_SECONDS] = [4, 6];

export async function clipWork(
  payload: Payload<'clips'>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  if (payload.step === 'cut') await cut(payload.clip, deps, signal);
  else if (payload.step === 'paint') await paint(payload.clip, deps, signal);
  else if (payload.step === 'words') await embed(payload.key, deps, signal);
  else await picture(payload, deps, signal);
}

/** Pictures and sound of a clip, its analysis, a thumbnail and a preview. */
async function cut(id: string, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const { storage, config } = deps;
  const keys = clipKeys(id);
  if (await storage.stat(keys.cut)) return;
  const description = await readClip(id, storage);
  const list = segmentListSchema.parse(JSON.parse(String(await storage.read(keys.segments))));
  await using folder = await deps.scratch.folder();
  const at = (name: string) => join(folder.path, name);
  await using lent = new Borrowed();
  const borrow = async (key: string) => {
    // What retention, or a fault of the disk, has taken is a gap.
    const file = await storage.borrow(key, signal).catch(ifGone);
    return file ? lent.add(file).path : at('gone');
  };
  const segments = [];
  for (const { begin, end, video } of list) segments.push({ begin, end, path: await borrow(video) });
  const video = at('video.mp4');
  const { from, to, tolerance, audio, gap_seconds: gapSeconds } = description;
  const made = await cutClip(
    { segments, from, to, output: video, tolerance, audio, gapSeconds, encoder: encoderOf(description) },
    { paths: config.ffmpeg },
    signal,
  );
  const analyses: string[] = [];
  for (const { analysis } of list) if (analysis !== null) analyses.push(await borrow(analysis));
  const analysis = at('file.analysis');
  const seen = await writeClipAnalysis(
    {
      analyses: analyses.filter((path) => path !== at('gone')),
      video,
      pieces: made.pieces,
      output: analysis,
    },
    { paths: config.ffmpeg },
    signal,
  );
  await thumbnail(
    video,
    at('thumbnail.jpg'),
    { seconds: secondsOf(description.moment, made), height: THUMBNAIL_HEIGHT },
    config.ffmpeg,
    signal,
  );
  const { duration } = made;
  await preview(
    video,
    at('preview.webp'),
    { width: description.preview_width, fps: PREVIEW_FPS, seconds: Math.min(PREVIEW_SECONDS, duration) },
    config.ffmpeg,
    signal,
  );
  const files: Files = {
    video: [keys.video, video],
    thumbnail: [keys.thumbnail, at('thumbnail.jpg')],
    preview: [keys.preview, at('preview.webp')],
    ...(seen ? { analysis: [keys.analysis, analysis] } : {}),
  };
  const { frames, encoded, first, last, gaps, pieces } = made;
  const result: Cut = {
    frames,
    encoded,
    first,
    last,
    duration,
    gaps: [...gaps],
    pieces: [...pieces],
    files: await keep(files, deps, signal),
  };
  await storage.put(keys.cut, JSON.stringify(result), signal);
}

/** Names painted over a clip, and its masks. */
async function paint(id: string, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const { storage, config } = deps;
  const keys = clipKeys(id);
  if (await storage.stat(keys.painted)) return;
  const description = await readClip(id, storage);
  await using folder = await deps.scratch.folder();
  const at = (name: string) => join(folder.path, name);
  await using video = await storage.borrow(keys.video, signal);
  await using analysis = await storage.borrow(keys.analysis, signal);
  using lent = await deps.models.lend(description.model);
  const { model, pack, wordCache } = lent.ready;
  await label(
    {
      ...{ analysis: analysis.path, video: video.path, span: {}, ...description.words },
      ...{
        output: at('overlay.mp4'),
        masks: at('masks.json'),
        maskVideo: undefined,
        report: undefined,
        force: true,
      },
      ...paintingOf(description),
    },
    {
      paths: config.ffmpeg,
      model,
      pack: pack.manifest,
      identity: pack.identity,
      tokenizer: pack.tokenizer,
      wordCache,
      progress: () => {},
    },
    signal,
  );
  const files: Files = { overlay: [keys.overlay, at('overlay.mp4')], masks: [keys.masks, at('masks.json')] };
  await storage.put(keys.painted, JSON.stringify({ files: await keep(files, deps, signal) }), signal);
}

/** Embeds words that are searched for, for those who have no model. */
async function embed(key: string, deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  const { storage } = deps;
  const keys = wordKeys(key);
  if (await storage.stat(keys.answer)) return;
  const asked = askedWordsSchema.parse(JSON.parse(String(await storage.read(keys.question, signal))));
  using lent = await deps.models.lend(asked.model);
  const { model, pack, wordCache } = lent.ready;
  const { manifest, identity, tokenizer } = pack;
  const about = { model, tokenizer, prompts: manifest.prompts, cache: wordCache };
  const { expand } = asked;
  if (asked.kind === 'query') {
    const query = await queryOf(asked.words, expand, { ...about, pack: manifest }, signal);
    await storage.put(keys.answer, encodeQuery({ ...query, model: identity }), signal);
  } else {
    const vocabulary = createVocabulary(asked.names, { expand, modelNames: manifest.names ?? [] });
    const classifier = await buildClassifier(vocabulary, about, signal);
    const labels = vocabulary.map(({ name, other }) => (other ? null : name));
    await storage.put(keys.answer, encodeNames({ model: identity, classifier, labels }), signal);
  }
}

/** One picture of a segment. */
async function picture(
  { key, video, seconds }: Extract<Payload<'clips'>, { step: 'picture' }>,
  deps: WorkerDeps,
  signal: AbortSignal,
): Promise<void> {
  const { storage, config } = deps;
  if (await storage.stat(key)) return;
  await using source = await storage.borrow(video, signal);
  await using folder = await deps.scratch.folder();
  const file = join(folder.path, 'picture.jpg');
  await thumbnail(source.path, file, { seconds, height: THUMBNAIL_HEIGHT }, config.ffmpeg, signal);
  await storage.putFile(key, file, { move: true }, signal);
}

type Files = Readonly<Record<string, readonly [key: string, path: string]>>;

/** Puts files into the storage; what they are goes into the file that says that they are there. */
async function keep(files: Files, { storage }: WorkerDeps, signal: AbortSignal): Promise<Cut['files']> {
  const kept: Cut['files'] = {};
  for (const [name, [key, path]] of Object.entries(files)) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash, { signal });
    kept[name] = { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
    await storage.putFile(key, path, { move: true }, signal);
  }
  return kept;
}

const encoderOf = ({ encoder: { encoder, crf, preset } }: ClipDescription) => ({
  ...(encoder === null ? {} : { encoder }),
  crf,
  preset,
});

/** Where in the clip a moment is; its middle where none is asked for. */
function secondsOf(
  moment: number | null,
  { pieces, duration }: { pieces: readonly { from: number; to: number; at: number }[]; duration: number },
): number {
  const piece = moment === null ? undefined : pieces.find(({ from, to }) => moment >= from && moment < to);
  return piece && moment !== null ? (piece.at + moment - piece.from) / TICKS : duration / 2;
}

function ifGone(error: unknown): undefined {
  if (asSidestreamError(error).code !== 'OBJECT_NOT_FOUND') throw error;
}

/** What is given back together. */
class Borrowed implements AsyncDisposable {
  readonly #lent: AsyncDisposable[] = [];

  add<T extends AsyncDisposable>(one: T): T {
    this.#lent.push(one);
    return one;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#lent) await one[Symbol.asyncDispose]();
  }
}
