import type { Config } from '../config/load.ts';
import { SidestreamError } from '../core/errors.ts';
import { newJobId, wordsOf } from '../jobs/describe.ts';
import { type AskDeps, ask } from '../queue/asking.ts';
import { answered } from '../queue/connection.ts';
import type { StreamRecords } from '../streams/records.ts';
import type { EventPreview, Gap, RulePreviews, RulePreviewView } from './clips.ts';
import { type PreviewAnswer, type PreviewQuestion, previewAnswerSchema } from './preview.ts';
import { isoOf, segmentKeys, TICKS, ticksOf } from './recording/card.ts';
import type { Holdings } from './recording/holdings.ts';
import { timeOf } from './request.ts';

/** What rules would have made of what is recorded of a stream. */

export interface PreviewDeps extends AskDeps {
  readonly config: Config;
  readonly streams: Pick<StreamRecords, 'get'>;
  readonly holdings: Pick<Holdings, 'parts' | 'gaps' | 'knownUntil'>;
}

const HOUR = 3_600_000;
/** Milliseconds of recordings at most; those in which a worker must have begun; and to get ready and answer. */
const [MOST, BEGIN, AROUND] = [24 * HOUR, 10_000, 30_000];
/**
 * Ticks before the span in which things are named and followed already, as they would have been: what is seen first has
 * fewer looks behind it.
 */
const BEFORE = 10 * TICKS;
/** Why nothing more was seen, and what live says of events then. */
const STOPS: Readonly<Record<string, string>> = {
  PAUSED: 'the stream was paused',
  STOPPED: 'the stream was stopped',
};

export function createPreviews(deps: PreviewDeps): RulePreviews {
  const { config, streams, holdings, queues } = deps;

  return {
    async preview(stream, { rules, vocabulary, ...span }, { id: submitter }, signal) {
      const begun = performance.now();
      const known = streams.get(stream)?.description;
      if (!known) throw new SidestreamError('STREAM_NOT_FOUND', `there is no stream ${stream}`);
      const now = Date.now();
      const [first, last] = [timeOf(span.from, now), timeOf(span.to, now)];
      if (!(first < last)) throw new SidestreamError('USAGE', 'from: must be before to');
      if (last - first > MOST)
        throw new SidestreamError(
          'USAGE',
          `from: rules are tried on ${MOST / HOUR} h at most: take a later one`,
        );
      await answered(queues.ping());
      const [from, to] = [ticksOf(first), ticksOf(last)];
      const { names, ...kinds } = known.words;
      const parts = partsIn(stream, Math.max(0, from - BEFORE), to);
      const gaps = holdings.gaps(stream, from, to);
      const question: PreviewQuestion = {
        stream,
        rules,
        model: known.model,
        words: wordsOf({ ...kinds, vocabulary: vocabulary ?? names }, config),
        ...{ from, to, known: Math.min(to, Math.max(from, holdings.knownUntil(stream))) },
        seconds: config.clips.preview_seconds,
        parts,
        stops: gaps.flatMap(({ from: at, reason }) => (STOPS[reason] ? [{ at, why: STOPS[reason] }] : [])),
      };
      const asking = { kind: 'previews', key: newJobId(), question, submitter, begin: BEGIN } as const;
      const most = config.clips.preview_seconds * 1000 + AROUND;
      const answer = previewAnswerSchema.parse(
        JSON.parse(String(await ask({ ...asking, most }, deps, signal))),
      );
      return viewOf(answer, question, gaps, Math.round(performance.now() - begun));
    },
  };

  function partsIn(stream: string, from: number, to: number): PreviewQuestion['parts'] {
    return holdings.parts(stream, from, to).flatMap((part) => {
      const { begin, end, token, model } = part.segment;
      const [first, last] = [Math.max(part.from, from), Math.min(part.to, to)];
      if (first >= last) return [];
      const { analysis: key } = segmentKeys(stream, begin, token);
      // Times of pictures are not whole ticks: those of a whole segment are all meant.
      const cut = { after: first > begin ? first : null, before: last < end ? last : null };
      return [{ from: first, to: last, ...cut, analysis: model === null ? null : { key, model } }];
    });
  }
}

function viewOf(
  { events, unseen, until }: PreviewAnswer,
  { from, to, parts }: PreviewQuestion,
  gaps: ReturnType<Holdings['gaps']>,
  took: number,
): RulePreviewView {
  const end = until ?? to;
  const within = <T extends { readonly from: number; readonly to: number }>(spans: readonly T[]) =>
    spans
      .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, end) }))
      .filter((span) => span.from < span.to);
  const all = [...within(gaps), ...within(unseen)].sort((a, b) => a.from - b.from);
  const recorded = within(parts).reduce((sum, part) => sum + (part.to - part.from), 0);
  return {
    events: events.map(eventOf),
    ...{ from: isoOf(from), to: isoOf(to), until: isoOf(end) },
    seconds_recorded: Math.round((recorded / TICKS) * 1000) / 1000,
    gaps: all.map((gap): Gap => ({ from: isoOf(gap.from), to: isoOf(gap.to), reason: gap.reason })),
    took_ms: took,
    truncated: until !== null,
  };
}

function eventOf({
  rule,
  began,
  ended,
  names,
  tracks,
  best,
  why,
}: PreviewAnswer['events'][number]): EventPreview {
  const iso = (time: number) => new Date(time).toISOString();
  const { time, track, score, share, box } = best;
  return {
    rule,
    began_at: iso(began),
    ended_at: ended === undefined ? undefined : iso(ended),
    names,
    tracks,
    best: { time: iso(time), track, score, share, box },
    why,
  };
}
