import { createVocabulary } from '../src/analysis/vocabulary.ts';
import { type PreviewAnswer, type PreviewQuestion, previewQuestionSchema } from '../src/clips/preview.ts';
import { TICKS, TICKS_A_MS } from '../src/clips/recording/card.ts';
import type { RuleEvent } from '../src/clips/rules/engine.ts';
import { createReplay } from '../src/clips/rules/replay.ts';
import { objectsOf } from '../src/clips/rules/words.ts';
import { asSidestreamError } from '../src/core/errors.ts';
import { pts } from '../src/core/time.ts';
import { createReplayer } from '../src/pipeline/replay.ts';
import { type ReplaySource, replayApart } from '../src/pipeline/replay-apart.ts';
import { giveAnswer } from '../src/queue/asking.ts';
import type { Payload } from '../src/queue/queues.ts';
import { buildClassifier } from '../src/rsan/classifier.ts';
import type { Storage } from '../src/storage/storage.ts';
import type { WorkerDeps } from './deps.ts';
import { streamWords } from './live/words.ts';

/** Work on `previews`: rules over what was recorded, while somebody waits for the events. */

/** Events in one answer, at most. */
const MOST_EVENTS = 5000;

export async function previewWork(
  { key }: Payload<'previews'>,
  { storage, models }: Pick<WorkerDeps, 'storage' | 'models'>,
  signal: AbortSignal,
): Promise<void> {
  await giveAnswer('previews', key, storage, signal, async (asked, stop) => {
    const begun = performance.now();
    const question = previewQuestionSchema.parse(asked);
    using lent = await models.lend(question.model);
    const { model, pack, wordCache } = lent.ready;
    const { manifest, tokenizer, identity } = pack;
    const words = streamWords(question.words, question.rules, manifest);
    const vocabulary = createVocabulary(words.names, { ...words, modelNames: manifest.names ?? [] });
    const about = { model, tokenizer, prompts: manifest.prompts, cache: wordCache };
    const classifier = await buildClassifier(vocabulary, about, stop);
    const late = () => performance.now() - begun > question.seconds * 1000;
    return await preview(question, { vocabulary, classifier, identity, storage, late }, stop);
  });
}

interface PreviewDeps {
  readonly vocabulary: ReturnType<typeof createVocabulary>;
  readonly classifier: Awaited<ReturnType<typeof buildClassifier>>;
  /** Of the model that the words were compared with. */
  readonly identity: string;
  readonly storage: Storage;
  /** Whether what was found so far is to be given. */
  readonly late: () => boolean;
}

/** A part that is looked at. */
interface Source extends ReplaySource {
  readonly part: PreviewQuestion['parts'][number];
}

async function preview(
  { stream, rules, from, known, parts, stops }: PreviewQuestion,
  { vocabulary, classifier, identity, storage, late }: PreviewDeps,
  signal: AbortSignal,
): Promise<PreviewAnswer> {
  const secondsOf = (ticks: number) => (ticks - from) / TICKS;
  const timeOf = (seconds: number) => Math.round(from / TICKS_A_MS + seconds * 1000);
  const objects = objectsOf(rules, vocabulary);
  const sceneOf = createReplayer(vocabulary, objects);
  const replay = createReplay(rules, vocabulary, { source: stream, utc: timeOf });
  const unseen: PreviewAnswer['unseen'] = [];
  const left = [...stops];

  /** Events end where live they would have ended. */
  function stopBefore(ticks: number): void {
    while (left.length > 0 && left[0].at <= ticks) {
      const [{ at, why }] = left.splice(0, 1);
      replay.stop(secondsOf(at), why);
    }
  }

  async function* sources(): AsyncGenerator<Source> {
    for (const part of parts) {
      const miss = (reason: PreviewAnswer['unseen'][number]['reason']) =>
        unseen.push({ from: part.from, to: part.to, reason });
      if (part.analysis?.model !== identity) {
        miss('NOT_ANALYSED');
        continue;
      }
      const file = await storage.borrow(part.analysis.key, signal).catch(ifGone);
      if (file === undefined) miss('UNREADABLE');
      else {
        const [after, before] = [part.after, part.before].map((at) => (at === null ? undefined : pts(at)));
        yield {
          ...{ part, path: file.path, from: after, to: before },
          [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
        };
      }
    }
  }

  const request = { classifier, names: vocabulary.length, objects: objects.size > 0 };
  let until: number | null = null;
  let last = from;
  reading: for await (const { source, frames, error } of replayApart(sources(), request, signal)) {
    for (const frame of frames) {
      stopBefore(frame.pts);
      const scene = sceneOf(frame, secondsOf(frame.pts));
      if (frame.pts >= from) replay.push(scene);
      last = Math.max(frame.pts, from);
      if (!late() && replay.count < MOST_EVENTS) continue;
      until = Math.ceil(last);
      break reading;
    }
    if (error) unseen.push({ ...missedOf(source.part, last), reason: 'UNREADABLE' });
  }
  if (until === null) {
    stopBefore(known);
    replay.passed(secondsOf(known));
  }
  return { events: replay.events().map((event) => eventOf(event, timeOf)), unseen, until };
}

/** What is left of a part behind the last frame that was looked at. */
const missedOf = ({ from, to }: PreviewQuestion['parts'][number], last: number) => ({
  from: Math.min(to, Math.max(from, Math.ceil(last))),
  to,
});

function eventOf(
  { type, rule, began, ended, names, tracks, best, why }: RuleEvent,
  timeOf: (seconds: number) => number,
): PreviewAnswer['events'][number] {
  const { seconds, track, score, share, box } = best;
  const [left, top, right, bottom] = box ?? [];
  return {
    rule,
    began: timeOf(began),
    ...(type === 'close' && ended !== undefined && { ended: timeOf(ended) }),
    names: [...names],
    tracks: [...tracks],
    best: {
      time: timeOf(seconds),
      ...(track !== undefined && { track }),
      ...{ score, share },
      ...(box && { box: [left, top, right, bottom] as [number, number, number, number] }),
    },
    ...(why !== undefined && { why }),
  };
}

function ifGone(error: unknown): undefined {
  if (asSidestreamError(error).code !== 'OBJECT_NOT_FOUND') throw error;
}
